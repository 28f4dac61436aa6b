"""Parse the attributes and CSS properties that position and style text."""

import re

from certbeam.artwork.svg.cascade import Style
from certbeam.artwork.svg.font_features import parse_features
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.text import Anchor, Orientation, TextStyle
from certbeam.artwork.text.font_face import NORMAL_STRETCH, STRETCHES

_ANCHORS = {"start": Anchor.START, "middle": Anchor.MIDDLE, "end": Anchor.END}
# How far a baseline-shift moves the baseline down, in em of the parent (CSS Inline 3, baseline-shift).
_BASELINE_SHIFTS = {"baseline": 0.0, "super": -1 / 3, "sub": 1 / 5}
_GLYPH_ORIENTATIONS = {"0": "upright", "90": "sideways"}  # SVG 1.1 §10.7.3
_WEIGHTS = {"normal": 400, "bold": 700, "lighter": 300, "bolder": 700}
_RELATIVE_LENGTH = re.compile(r"\s*([+-]?[\d.]+)\s*(%|em)\s*")
_DEFAULT_FONT_SIZE = 16.0  # pixels, CSS's medium


class UnsupportedTextError(Exception):
    """A text has a feature that cannot be converted to outlines.

    The message is a verb phrase whose subject is the text, such as "is vertical".
    """


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
        parse_features(style),
        _parse_stretch(style.get("font-stretch", "normal")),
    )


def parse_direction(style: Style) -> bool | None:
    """Return True if a style's text runs from right to left; None if it has the direction of its first letter."""
    return None if style.get("unicode-bidi") == "plaintext" else style.get("direction") == "rtl"


def parse_anchor(style: Style) -> Anchor | None:
    """Return the ``text-anchor`` of a style, for text from left to right; None if it is invalid."""
    return _ANCHORS.get(style.get("text-anchor", "start"))


def keeps_white_space(style: Style) -> bool:
    """Return True if the ``white-space`` of a style keeps sequences of spaces."""
    return style.get("white-space", "normal").startswith("pre")


def parse_baseline(style: Style) -> str:
    """Return the name of the baseline that is placed at y: ``alignment-baseline``, or else ``dominant-baseline``."""
    alignment = style.get("alignment-baseline", "auto")
    return style.get("dominant-baseline", "auto") if alignment in ("auto", "baseline") else alignment


def parse_orientation(style: Style) -> Orientation:
    """Return the orientation of a style's letters."""
    mode = style.get("writing-mode", "horizontal-tb")
    if not mode.startswith(("vertical", "tb", "sideways")):
        return Orientation.HORIZONTAL
    if mode.startswith("sideways"):
        return Orientation.SIDEWAYS
    declared = style.get("text-orientation") or _GLYPH_ORIENTATIONS.get(
        style.get("glyph-orientation-vertical", "").removesuffix("deg"), "mixed"
    )
    return {"upright": Orientation.UPRIGHT, "sideways": Orientation.SIDEWAYS}.get(declared, Orientation.MIXED)


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
    if relative is None:
        return parse_length(spacing) or 0.0
    return float(relative[1]) * em / (100 if relative[2] == "%" else 1)


def _parse_font(style: Style) -> tuple[tuple[str, ...], int, bool]:
    """Return families, weight and True for italic."""
    families = (family.strip(" '\"") for family in style.get("font-family", "").split(","))
    font_weight = style.get("font-weight", "normal")
    weight = int(font_weight) if font_weight.isdigit() else _WEIGHTS.get(font_weight, 400)
    return tuple(filter(None, families)), weight, style.get("font-style", "normal") != "normal"


def _parse_stretch(stretch: str) -> float:
    """Return a ``font-stretch`` in per cent; 100 if it is invalid."""
    if stretch.endswith("%"):
        stretch = stretch.removesuffix("%")
        return float(stretch) if stretch.replace(".", "", 1).isdigit() else NORMAL_STRETCH
    return STRETCHES.get(stretch, NORMAL_STRETCH)
