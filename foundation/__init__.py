"""Error codes, errors, UUIDs and values of JSON, used by all layers.

Code that knows certificates, Beam, files or the network does not belong here. The package imports nothing else of
certbeam.
"""
