"""Describe the faces that can be chosen: their names and styles, without loading their glyphs."""

import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import uharfbuzz

from certbeam.artwork.text.color_glyphs import has_color_glyphs
from certbeam.artwork.text.font import Font, FontSettings, read_axes

Range = tuple[float, float]
"""Smallest and largest value."""

OpenFace = Callable[[], uharfbuzz.Face]
"""Function that opens the face of a font file. It is called when a character first needs the face."""

NORMAL_WEIGHT = 400.0
BOLD_WEIGHT = 700.0
BOLD_THRESHOLD = 600.0
NORMAL_STRETCH = 100.0
"""Value of ``font-stretch: normal``, in per cent."""

STRETCHES = {
    "ultra-condensed": 50.0,
    "extra-condensed": 62.5,
    "condensed": 75.0,
    "semi-condensed": 87.5,
    "normal": 100.0,
    "semi-expanded": 112.5,
    "expanded": 125.0,
    "extra-expanded": 150.0,
    "ultra-expanded": 200.0,
}
"""Keywords of ``font-stretch`` (CSS Fonts 4 §2.3), in per cent, from the narrowest to the widest."""

_DEFAULT_SETTINGS = FontSettings()
_FAMILY_NAMES = frozenset({1, 16, 21})  # name ids of OpenType's name table
_FULL_NAMES = frozenset({4, 6})
# font-stretch for each width class of the OS/2 table (OpenType specification, usWidthClass)
_WIDTH_CLASSES = dict(enumerate(STRETCHES.values(), 1))
_ITALIC_SELECTION = 0x201  # italic or oblique, in fsSelection of the OS/2 table
_ITALIC_STYLE = 0x02  # in macStyle of the head table
_BOLD_STYLE = 0x01


@dataclass(frozen=True, eq=False)
class FontFace:
    """Face of a font file.

    Attributes:
        families: its family names, also those that include a style, such as ``Noto Sans Light``.
        full_names: its full name and its PostScript name.
        weight: the CSS weights that it can draw.
        stretch: the values of ``font-stretch`` that it can draw, in per cent.
        is_italic: True if it is italic or oblique.
        has_bold_glyphs: True if the glyphs are bold, whatever its declared weight.
        has_italic_glyphs: True if the glyphs are italic, whatever its declared style.
        axes: the range of each variation axis.
        has_color: True if it has glyphs in colour.
        unicode_range: the first and last code points of the ranges for which it may be used; None for any character.
        is_embedded: True if a template has the face, or names it, in an ``@font-face`` rule.
        open_face: opens it.
    """

    families: tuple[str, ...]
    open_face: OpenFace
    full_names: tuple[str, ...] = ()
    weight: Range = (NORMAL_WEIGHT, NORMAL_WEIGHT)
    stretch: Range = (NORMAL_STRETCH, NORMAL_STRETCH)
    is_italic: bool = False
    has_bold_glyphs: bool = False
    has_italic_glyphs: bool = False
    axes: Mapping[str, Range] = field(default_factory=dict)
    has_color: bool = False
    unicode_range: tuple[tuple[int, int], ...] | None = None
    is_embedded: bool = False
    _fonts: dict[FontSettings, Font] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def load(self, settings: FontSettings = _DEFAULT_SETTINGS) -> Font:
        """Return the font of this face with the given settings; it is loaded once."""
        with self._lock:
            font = self._fonts.get(settings)
            if font is None:
                font = self._fonts[settings] = Font(self.open_face(), settings)
            return font

    def may_draw(self, text: str) -> bool:
        """Return True if the face's ``unicode-range`` has all characters of a text."""
        return self.unicode_range is None or all(
            any(first <= ord(character) <= last for first, last in self.unicode_range) for character in text
        )

    def covers(self, text: str) -> bool:
        """Return True if the face may draw a text and has glyphs for it; see :meth:`Font.covers`."""
        return self.may_draw(text) and self.load().covers(text)


def describe_face(face: uharfbuzz.Face, open_face: OpenFace) -> FontFace:
    """Return the description of a face, which is read from its tables.

    Args:
        face: the face.
        open_face: opens the same face again.
    """
    families, full_names = _read_names(face)
    axes = read_axes(face)
    weight, stretch, is_italic = _read_style(face)
    return FontFace(
        families=families,
        full_names=full_names,
        weight=axes.get("wght", (weight, weight)),
        stretch=axes.get("wdth", (stretch, stretch)),
        is_italic=is_italic,
        has_bold_glyphs=weight >= BOLD_THRESHOLD,
        has_italic_glyphs=is_italic,
        axes=axes,
        has_color=has_color_glyphs(face),
        open_face=open_face,
    )


def _read_names(face: uharfbuzz.Face) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the family names, and the full and PostScript names, in all languages."""
    families: dict[str, None] = {}
    full_names: dict[str, None] = {}
    for entry in face.list_names():
        names = families if entry.name_id in _FAMILY_NAMES else full_names
        if names is families or entry.name_id in _FULL_NAMES:
            name = face.get_name(entry.name_id, entry.language)
            if name:
                names[name] = None
    return tuple(families), tuple(full_names)


def _read_style(face: uharfbuzz.Face) -> tuple[float, float, bool]:
    """Return weight, stretch and True for italic; from the head table if there is no OS/2 table."""
    table = bytes(face.reference_table("OS/2").data or b"")
    if len(table) >= 64:
        weight, width = struct.unpack_from(">HH", table, 4)
        (selection,) = struct.unpack_from(">H", table, 62)
        return (
            _normal_weight(weight),
            _WIDTH_CLASSES.get(width, NORMAL_STRETCH),
            bool(selection & _ITALIC_SELECTION),
        )
    head = bytes(face.reference_table("head").data or b"")
    style = struct.unpack_from(">H", head, 44)[0] if len(head) >= 46 else 0
    return (
        BOLD_WEIGHT if style & _BOLD_STYLE else NORMAL_WEIGHT,
        NORMAL_STRETCH,
        bool(style & _ITALIC_STYLE),
    )


def _normal_weight(weight: int) -> float:
    """Return a weight class as a CSS weight; some old fonts count from 1 to 9."""
    return float(weight * 100 if 1 <= weight <= 9 else weight or NORMAL_WEIGHT)
