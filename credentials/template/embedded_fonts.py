"""The fonts that a template brings along in its style sheets, to set its texts in."""

import io
from collections.abc import Iterable
from typing import Any

import tinycss2
import uharfbuzz
from fontTools.ttLib import TTFont, TTLibError
from lxml import etree

from certbeam.credentials.template.data_uris import DataUrls
from certbeam.credentials.template.tree import SVG
from certbeam.credentials.text.fonts import Font

_STYLE = f"{{{SVG}}}style"
_WEIGHTS = {"normal": 400, "bold": 700}

FontKey = tuple[str, int, bool]


def embedded_fonts(root: etree._Element, urls: DataUrls) -> dict[FontKey, Font]:
    """The fonts of a template's ``@font-face`` rules, by family in lower case, weight and slant.

    A font that cannot be read is left out: its texts are set as if it were not there.

    Args:
        root: the template's root element.
        urls: the ``data:`` URLs of its style sheets.
    """
    fonts: dict[FontKey, Font] = {}
    for sheet in root.iter(_STYLE):
        for rule in _font_faces(sheet.text or ""):
            face = _declared(rule)
            content = _content(face.get("src", []), urls)
            font = None if content is None else _font(content)
            if font is not None:
                fonts[_key(face)] = font
    return fonts


def remove_font_faces(root: etree._Element) -> None:
    """Take the ``@font-face`` rules out of the style sheets: what is drawn as outlines needs no font."""
    for sheet in root.iter(_STYLE):
        for rule in _font_faces(sheet.text or ""):
            sheet.text = (sheet.text or "").replace(rule.serialize(), "")


def _font_faces(css: str) -> Iterable[Any]:
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return [rule for rule in rules if rule.type == "at-rule" and rule.lower_at_keyword == "font-face"]


def _declared(rule: Any) -> dict[str, list[Any]]:
    declarations = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    return {item.lower_name: item.value for item in declarations if item.type == "declaration"}


def _key(face: dict[str, list[Any]]) -> FontKey:
    family = tinycss2.serialize(face.get("font-family", [])).strip(" '\"").lower()
    weight = tinycss2.serialize(face.get("font-weight", [])).strip()
    slant = tinycss2.serialize(face.get("font-style", [])).strip()
    return (
        family,
        int(weight) if weight.isdigit() else _WEIGHTS.get(weight, 400),
        slant in ("italic", "oblique"),
    )


def _content(source: list[Any], urls: DataUrls) -> bytes | None:
    """The bytes of the first embedded font of an ``src`` descriptor."""
    addresses = (value.value for value in source if value.type == "url")
    return next(filter(None, map(urls.content, addresses)), None)


def _font(content: bytes) -> Font | None:
    if content[:4] in (b"wOFF", b"wOF2"):
        try:
            font = TTFont(io.BytesIO(content), recalcTimestamp=False)
            font.flavor = None
            plain = io.BytesIO()
            font.save(plain)
        except (TTLibError, ImportError, ValueError, KeyError, AssertionError):  # WOFF 2 needs brotli
            return None
        content = plain.getvalue()
    face = uharfbuzz.Face(uharfbuzz.Blob(content))
    return Font(uharfbuzz.Blob(content)) if face.glyph_count else None
