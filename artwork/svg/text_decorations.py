"""Parse the CSS properties of text decorations (CSS Text Decoration 4)."""

from collections.abc import Iterator

from certbeam.artwork.svg.cascade import Style
from certbeam.artwork.svg.text_properties import parse_coordinates, parse_font_size
from certbeam.artwork.text import Decoration

_LINES = ("underline", "overline", "line-through")
_PATTERNS = ("solid", "double", "dotted", "dashed", "wavy")
_DEFAULT_THICKNESS = 0.1  # em, as in Chromium
_FONT_THICKNESS = 0.05  # em, of most fonts


def parse_decorations(style: Style, pixel: float) -> Iterator[Decoration]:
    """Yield the lines that an element declares.

    Args:
        style: the declared style of the element; decorations are not inherited.
        pixel: size of a pixel in user units.

    Raises:
        UnsupportedTextError: the thickness is not a length.
    """
    shorthand = style.get("text-decoration", "").split()
    lines = style.get("text-decoration-line", "").split() or shorthand
    patterns = style.get("text-decoration-style", "").split() or shorthand
    pattern = next((word for word in patterns if word in _PATTERNS), "solid")
    skips_ink = style.get("text-decoration-skip-ink", "auto") != "none"
    for line in _LINES:
        if line in lines:
            yield Decoration(line, _parse_thickness(style), pattern, skips_ink, pixel=pixel)


def parse_decoration_color(style: Style) -> str | None:
    """Return the declared colour of an element's decorations; None for the paint of its text."""
    color = style.get("text-decoration-color", "")
    return None if color in ("", "currentcolor", "currentColor") else color


def _parse_thickness(style: Style) -> float:
    em = parse_font_size(style)
    thickness = style.get("text-decoration-thickness", "auto")
    if thickness == "from-font":
        return _FONT_THICKNESS * em
    return next(iter(parse_coordinates(thickness.replace("auto", ""), em, em)), _DEFAULT_THICKNESS * em)
