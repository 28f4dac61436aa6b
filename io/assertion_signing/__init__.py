"""Services that sign assertions with their own keys."""
