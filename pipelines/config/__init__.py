"""Flags, the config file, and the settings of a job made from them."""
