"""Tools for template authors: lint, preview and sample values."""
