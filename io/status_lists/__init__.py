"""The status list indexes of certificates."""
