"""Events, learning records, eligibility, certificate requests, outcomes and dead letters.

Functions here compute values from values. Code that uses Beam, the network, files or the clock does not belong here.
The package imports only ``foundation`` of certbeam.
"""
