"""Thin Beam transforms of the stages, one module each."""
