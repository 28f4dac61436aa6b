"""The pipelines, their flags, and the command line."""
