"""Which certificate has which place on the status lists."""
