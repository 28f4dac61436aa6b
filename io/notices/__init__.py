"""Telling learners of their certificates."""
