"""Resolve a template's CSS once into presentation attributes that every viewer and engine draws alike."""
