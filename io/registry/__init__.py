"""The register of all certificates."""
