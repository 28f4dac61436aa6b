"""Port addresses: URIs in flags, their options and secrets."""
