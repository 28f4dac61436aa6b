"""Addresses of ports: URIs in flags, their options and secrets."""
