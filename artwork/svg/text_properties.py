"""Parse the attributes and CSS properties that position and style text."""

import re

from lxml import etree

from certbeam.artwork.svg.cascade import Style
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.text import Anchor, TextStyle

_ANCHORS = {"start": Anchor.START, "middle": Anchor.MIDDLE, "end": Anchor.END}
# How far the alphabetic baseline is below each dominant-baseline, in em; close to the values of most fonts.
_DOMINANT_BASELINES = {
    "middle": 0.27,
    "central": 0.35,
    "hanging": 0.72,
    "text-before-edge": 0.95,
    "text-after-edge": -0.2,
}
# How far a baseline-shift moves the baseline down, in em of the parent (CSS Inline 3, baseline-shift).
_BASELINE_SHIFTS = {"baseline": 0.0, "super": -1 / 3, "sub": 1 / 5}
_WEIGHTS = {"normal": 400, "bold": 700, "lighter": 300, "bolder": 700}
_POSTSCRIPT_STYLE = re.compile(
    r"-(?P<weight>Thin|Light|Medium|Semi-?Bold|Bold|Black)?-?(?P<slant>Italic|Oblique|It)?$"
)
_POSTSCRIPT_WEIGHTS = {"thin": 100, "light": 300, "medium": 500, "semibold": 600, "bold": 700, "black": 900}

_UNSUPPORTED_FONT_SIZE = re.compile(r"v[wh]|vmin|vmax|ex|ch|calc|var")
_RELATIVE_LENGTH = re.compile(r"\s*([+-]?[\d.]+)\s*(%|em)\s*")
_DEFAULT_FONT_SIZE = 16.0  # pixels, CSS's medium


class UnsupportedTextError(Exception):
    """A text has a feature that cannot be converted to outlines.

    The message is a verb phrase whose subject is the text, such as "is vertical".
    """


def check_supported(element: etree._Element, style: Style) -> None:
    """Check that the text of an element can be converted to outlines.

    Args:
        element: a <text>, <tspan>, <textPath> or <a>.
        style: its computed style.

    Raises:
        UnsupportedTextError: a property or attribute is not supported.
    """
    if "textLength" in element.attrib:
        raise UnsupportedTextError("has a textLength")
    if _UNSUPPORTED_FONT_SIZE.search(style.get("font-size", "")):
        raise UnsupportedTextError(f"has the font size {style['font-size'][:60]}")
    if style.get("writing-mode", "horizontal-tb") not in ("horizontal-tb", "lr", "lr-tb"):
        raise UnsupportedTextError("is vertical")
    if style.get("text-decoration", "none") != "none":
        raise UnsupportedTextError("has a text-decoration")
    if style.get("font-variant", "normal") != "normal":
        raise UnsupportedTextError("has a font-variant")


def parse_coordinates(attribute: str | None, reference_length: float, em: float) -> tuple[float, ...]:
    """Parse a list of coordinates.

    Args:
        attribute: the value of the attribute; None if it is absent.
        reference_length: the length that percentages refer to, in user units.
        em: the font size in user units.

    Returns:
        The coordinates in user units.

    Raises:
        UnsupportedTextError: one of them is not a length.
    """
    coordinates = re.split(r"[\s,]+", (attribute or "").strip())
    return tuple(_parse_coordinate(text, reference_length, em) for text in coordinates if text)


def parse_first_coordinate(attribute: str | None, reference_length: float, em: float) -> float:
    """Return the first coordinate of a list, or 0 if the list is empty; see :func:`parse_coordinates`."""
    return next(iter(parse_coordinates(attribute, reference_length, em)), 0.0)


def _parse_coordinate(text: str, reference_length: float, em: float) -> float:
    relative = _RELATIVE_LENGTH.fullmatch(text)
    if relative:
        return float(relative[1]) * (reference_length / 100 if relative[2] == "%" else em)
    length = parse_length(text)
    if length is None:
        raise UnsupportedTextError(f"has the coordinate {text[:60]!r}, which is not a length")
    return length


def parse_font_size(style: Style) -> float:
    """Return the font size of a computed style in user units; CSS's default if it is not an absolute length."""
    return parse_length(style.get("font-size")) or _DEFAULT_FONT_SIZE


def parse_text_style(style: Style) -> TextStyle:
    """Convert a computed style to the style of a text span."""
    size = parse_font_size(style)
    families, weight, is_italic = _parse_font(style)
    return TextStyle(
        size,
        families,
        weight,
        is_italic,
        _parse_spacing(style.get("letter-spacing", ""), size),
        _parse_spacing(style.get("word-spacing", ""), size),
    )


def parse_direction(style: Style) -> bool | None:
    """Return True if a style declares right-to-left text, False for left-to-right, None if it declares neither."""
    return {"rtl": True, "ltr": False}.get(style.get("direction", ""))


def parse_anchor(style: Style) -> Anchor | None:
    """Return the ``text-anchor`` of a style, for text from left to right; None if it is invalid."""
    return _ANCHORS.get(style.get("text-anchor", "start"))


def keeps_white_space(style: Style) -> bool:
    """Return True if the ``white-space`` of a style keeps sequences of spaces."""
    return style.get("white-space", "normal").startswith("pre")


def parse_dominant_baseline(style: Style) -> float:
    """Return how far the alphabetic baseline is below the ``dominant-baseline`` of a style, in user units."""
    return _DOMINANT_BASELINES.get(style.get("dominant-baseline", ""), 0.0) * parse_font_size(style)


def parse_baseline_shift(style: Style, em: float) -> float:
    """Return how far the ``baseline-shift`` of a style moves the baseline down, in user units.

    Args:
        style: the computed style.
        em: the font size of the parent element, in user units.

    Raises:
        UnsupportedTextError: the shift is not a length.
    """
    shift = style.get("baseline-shift", "baseline")
    if shift in _BASELINE_SHIFTS:
        return _BASELINE_SHIFTS[shift] * em
    return -parse_first_coordinate(shift, em, em)


def _parse_spacing(spacing: str, em: float) -> float:
    relative = _RELATIVE_LENGTH.fullmatch(spacing)
    return float(relative[1]) * em if relative and relative[2] == "em" else parse_length(spacing) or 0.0


def _parse_font(style: Style) -> tuple[tuple[str, ...], int, bool]:
    """Return families, weight and True for italic; a PostScript name such as NotoSans-Bold sets all three."""
    declared = [family.strip(" '\"") for family in style.get("font-family", "").split(",")]
    font_weight = style.get("font-weight", "normal")
    is_italic = style.get("font-style", "normal") != "normal"
    weight = int(font_weight) if font_weight.isdigit() else _WEIGHTS.get(font_weight, 400)
    match = _POSTSCRIPT_STYLE.search(declared[0])
    if match is None or not (match["weight"] or match["slant"]):
        return tuple(filter(None, declared)), weight, is_italic
    if match["weight"] and font_weight == "normal":
        weight = _POSTSCRIPT_WEIGHTS[match["weight"].lower().replace("-", "")]
    families = (declared[0][: match.start()], *declared[1:])
    return tuple(filter(None, families)), weight, is_italic or bool(match["slant"])
