"""Checks of the source, and generators of pages, for which there is no library."""
