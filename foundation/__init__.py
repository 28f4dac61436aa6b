"""Errors and JSON values that every layer uses; imports nothing else of certbeam."""
