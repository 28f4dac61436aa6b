"""Notices to learners about their certificates."""
