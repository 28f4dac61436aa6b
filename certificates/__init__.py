"""Certificates made from certificate requests: their files and their registry entries.

The package combines ``certbeam.issuing``, ``certbeam.badges`` and ``certbeam.artwork``. It may not import Beam or
``certbeam.io``, and may not access files or the network: callers pass functions that load templates and images.
"""
