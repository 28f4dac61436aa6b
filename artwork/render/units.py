"""Define the output sizes and units that the renderers share."""

CSS_DPI = 96
"""CSS pixels in an inch."""

POINTS_PER_PIXEL = 0.75
"""PDF points in a CSS pixel."""

DEFAULT_PNG_WIDTH = 1600
"""Default width of a PNG image, in pixels."""
