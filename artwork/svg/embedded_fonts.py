"""Load the fonts that a template embeds in its style sheets."""

import io
from collections.abc import Iterable
from typing import Any

import tinycss2
import uharfbuzz
from fontTools.ttLib import TTFont, TTLibError
from lxml import etree

from certbeam.artwork.svg.data_uris import DataUris
from certbeam.artwork.svg.tree import SVG
from certbeam.artwork.text.fonts import Font

_STYLE = f"{{{SVG}}}style"
_WEIGHTS = {"normal": 400, "bold": 700}

FontKey = tuple[str, int, bool]
"""Family in lower case, weight, and True if the font is italic."""


def load_embedded_fonts(root: etree._Element, data_uris: DataUris) -> dict[FontKey, Font]:
    """Load the fonts of a template's ``@font-face`` rules.

    A font that cannot be read is ignored, so that its text uses another font.

    Args:
        root: the template's root element.
        data_uris: the ``data:`` URIs of its style sheets.
    """
    fonts: dict[FontKey, Font] = {}
    for sheet in root.iter(_STYLE):
        for rule in _find_font_faces(sheet.text or ""):
            descriptors = _parse_descriptors(rule)
            content = _find_content(descriptors.get("src", []), data_uris)
            font = None if content is None else _load_font(content)
            if font is not None:
                fonts[_build_key(descriptors)] = font
    return fonts


def remove_font_faces(root: etree._Element) -> None:
    """Remove the ``@font-face`` rules from a template whose texts are all converted to outlines."""
    for sheet in root.iter(_STYLE):
        for rule in _find_font_faces(sheet.text or ""):
            sheet.text = (sheet.text or "").replace(rule.serialize(), "")


def _find_font_faces(css: str) -> Iterable[Any]:
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return [rule for rule in rules if rule.type == "at-rule" and rule.lower_at_keyword == "font-face"]


def _parse_descriptors(rule: Any) -> dict[str, list[Any]]:
    declarations = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    return {item.lower_name: item.value for item in declarations if item.type == "declaration"}


def _build_key(descriptors: dict[str, list[Any]]) -> FontKey:
    family = tinycss2.serialize(descriptors.get("font-family", [])).strip(" '\"").lower()
    weight = tinycss2.serialize(descriptors.get("font-weight", [])).strip()
    slant = tinycss2.serialize(descriptors.get("font-style", [])).strip()
    return (
        family,
        int(weight) if weight.isdigit() else _WEIGHTS.get(weight, 400),
        slant in ("italic", "oblique"),
    )


def _find_content(source: list[Any], data_uris: DataUris) -> bytes | None:
    """Return the bytes of the first embedded font of a ``src`` descriptor."""
    urls = (value.value for value in source if value.type == "url")
    return next(filter(None, map(data_uris.decode, urls)), None)


def _load_font(content: bytes) -> Font | None:
    if content[:4] in (b"wOFF", b"wOF2"):
        try:
            font = TTFont(io.BytesIO(content), recalcTimestamp=False)
            font.flavor = None
            uncompressed = io.BytesIO()
            font.save(uncompressed)
        except (TTLibError, ImportError, ValueError, KeyError, AssertionError):  # WOFF 2 needs brotli
            return None
        content = uncompressed.getvalue()
    face = uharfbuzz.Face(uharfbuzz.Blob(content))
    return Font(uharfbuzz.Blob(content)) if face.glyph_count else None
