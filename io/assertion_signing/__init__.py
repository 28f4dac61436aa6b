"""Services that sign assertions with keys of their own."""
