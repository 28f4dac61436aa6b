"""Open Badges and their cryptography: assertions, credentials, keys, status lists, baking and verification.

The modules build, sign and verify documents in memory. They may use ``certbeam.foundation`` and cryptographic
libraries. They may not import Beam, issue events or artwork, and may not access files or the network: callers pass
functions that sign or fetch.
"""
