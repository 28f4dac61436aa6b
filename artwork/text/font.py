"""Loaded fonts: glyphs as outlines or colour images, in a position on the variation axes and a synthetic style."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import uharfbuzz

from certbeam.artwork.text.color_glyphs import has_color_glyphs, load_color_glyph
from certbeam.artwork.text.outline import UNITS_PER_EM, GlyphImage, Outline

_MAX_OUTLINES = 10_000  # of a font: more than any script but Han needs, and a few megabytes
# Em by which synthetic bold widens a letter: in Chromium (Skia's kStdFakeBoldInterpValues) from 36 pixels on.
_EMBOLDENING = 1 / 32
_SLANT = 0.25  # of synthetic italic, as Chromium (Skia's SK_Scalar1 / 4)
# Characters without a glyph of their own (Default_Ignorable_Code_Point): HarfBuzz hides them if a font lacks them.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)


@dataclass(frozen=True)
class FontSettings:
    """How a face is drawn.

    Attributes:
        variations: axis tag and position of each variation axis that is set.
        is_emboldened: True for synthetic bold.
        is_slanted: True for synthetic italic.
    """

    variations: tuple[tuple[str, float], ...] = ()
    is_emboldened: bool = False
    is_slanted: bool = False


class Font:
    """Face with its settings, and a cache of its outlines.

    Attributes:
        harfbuzz: the font for HarfBuzz, scaled to UNITS_PER_EM.
        has_images: True if it has glyphs in colour, which are drawn as images.
    """

    def __init__(self, face: uharfbuzz.Face, settings: FontSettings) -> None:
        """Prepare a face for shaping and drawing.

        Args:
            face: the face of a font file.
            settings: its variations and synthetic style.
        """
        self.harfbuzz = uharfbuzz.Font(face)
        self.harfbuzz.scale = (UNITS_PER_EM, UNITS_PER_EM)
        self.has_images = has_color_glyphs(face)
        self._rise = self._slant = 0.0
        self._variations = dict(settings.variations)
        if settings.variations:
            self.harfbuzz.set_variations(self._variations)
        if settings.is_emboldened:
            self.harfbuzz.synthetic_bold = (_EMBOLDENING, _EMBOLDENING, True)  # in place: the advances stay
            # HarfBuzz keeps the lower edge of a letter in place; Chromium widens it on all sides.
            self._rise = -_EMBOLDENING / 2 * UNITS_PER_EM
        if settings.is_slanted:
            self.harfbuzz.synthetic_slant = self._slant = _SLANT
        self._outlines: dict[int, Outline] = {}

    @cached_property
    def space_advance(self) -> int:
        """The width of a space in outline units; -1 if the font has none."""
        space = self.harfbuzz.get_nominal_glyph(ord(" "))
        return self.harfbuzz.get_glyph_h_advance(space) if space else -1

    def covers(self, text: str) -> bool:
        """Return True if the font has glyphs for each character, for its decomposition, or for the composed text."""
        if self._has_glyphs(text):
            return True
        visible = _IGNORABLE.sub("", text)
        return bool(visible) and (
            self._has_glyphs(visible)
            or self._has_glyphs(unicodedata.normalize("NFC", visible))
            or all(self._has_glyphs(unicodedata.normalize("NFD", character)) for character in visible)
        )

    def _has_glyphs(self, text: str) -> bool:
        nominal_glyph = self.harfbuzz.get_nominal_glyph
        return all(nominal_glyph(ord(character)) for character in text)

    def load_outline(self, glyph: int) -> Outline:
        """Return the outline of a glyph id."""
        outline = self._outlines.get(glyph)
        if outline is None:
            if len(self._outlines) >= _MAX_OUTLINES:
                self._outlines.clear()
            outline = self._outlines[glyph] = Outline(self.harfbuzz, glyph, self._rise)
            if self.has_images:
                outline.image = self._load_image(glyph)
        return outline

    def _load_image(self, glyph: int) -> GlyphImage | None:
        plain = uharfbuzz.Font(
            self.harfbuzz.face
        )  # without a synthetic style, which would change the extents
        plain.scale = self.harfbuzz.scale
        plain.set_variations(self._variations)
        return load_color_glyph(plain, glyph, self._slant)


def read_axes(face: uharfbuzz.Face) -> Mapping[str, tuple[float, float]]:
    """Return the smallest and the largest position on each variation axis of a face."""
    return (
        {axis.tag: (axis.min_value, axis.max_value) for axis in face.axis_infos} if face.has_var_data else {}
    )
