"""Convert CSS lengths to pixels."""

import re

# https://www.w3.org/TR/css-values-3/#absolute-lengths
_PIXELS = {"": 1, "px": 1, "pt": 4 / 3, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6}
_PIXELS["rem"] = 16  # the initial font size, which a template's root element is assumed to keep
_LENGTH = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z]*)\s*", re.IGNORECASE)
_MAX_LENGTH = 1e6  # pixels; larger than any page


def parse_length(length: str | None) -> float | None:
    """Convert a CSS length to pixels.

    Returns:
        None if the length is absent, relative to something else, out of range or invalid.
    """
    match = _LENGTH.fullmatch(length or "")
    unit = None if match is None else _PIXELS.get(match[2].lower())
    if match is None or unit is None:
        return None
    number = float(match[1]) * unit
    return number if abs(number) <= _MAX_LENGTH else None
