"""Load the fonts that a template embeds in its style sheets (CSS Fonts 4 §4, ``@font-face``)."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import tinycss2
from lxml import etree

from certbeam.artwork.errors import Finding
from certbeam.artwork.svg.data_uris import DataUris
from certbeam.artwork.svg.tree import SVG, get_line
from certbeam.artwork.text.font_face import NORMAL_STRETCH, NORMAL_WEIGHT, STRETCHES, FontFace, Range
from certbeam.artwork.text.font_file import MAX_FONT_SIZE, FontFileError, decompress_font, open_font
from certbeam.artwork.text.font_index import FaceIndex

_STYLE = f"{{{SVG}}}style"
_WEIGHTS = {"normal": 400.0, "bold": 700.0}
_SLANTED = re.compile(r"italic|oblique(?!\s+0(?:deg)?\b)", re.IGNORECASE)
_UNSUPPORTED_FORMATS = re.compile(r"svg|embedded-opentype", re.IGNORECASE)
_CODE_POINTS = re.compile(r"U\+([0-9A-F]{0,6})(\?{0,5})(?:-([0-9A-F]{1,6}))?", re.IGNORECASE)
_MAX_CODE_POINT = 0x10FFFF
MAX_FONTS_SIZE = 2 * MAX_FONT_SIZE
"""Largest size of all fonts of a template without compression, in bytes."""

_Descriptors = Mapping[str, list[Any]]


@dataclass
class _SourceLoader:
    """Loader of the fonts of one template.

    Attributes:
        data_uris: the ``data:`` URIs of its style sheets.
        installed: the installed faces, for ``local()``.
        max_size: bound of the next font without compression, in bytes.
    """

    data_uris: DataUris
    installed: FaceIndex
    max_size: int

    def load(self, source: list[Any]) -> FontFace | None:
        """Return the face of the first usable entry of a ``src`` descriptor; None if there is none.

        Raises:
            FontFileError: an entry is a file that cannot be used, and no other one can.
        """
        failure: FontFileError | None = None
        for entry in _split_entries(source):
            try:
                face = self._load_entry(entry)
            except FontFileError as error:
                failure = error
                continue
            if face is not None:
                return face
        if failure is not None:
            raise failure
        return None

    def _load_entry(self, entry: Sequence[Any]) -> FontFace | None:
        if _UNSUPPORTED_FORMATS.search(_find_function(entry, "format") or ""):
            return None
        name = _find_function(entry, "local")
        if name is not None:
            return self.installed.find_face(name)
        reference = _find_function(entry, "url")
        content = None if reference is None else self.data_uris.decode(reference)
        if content is None:
            return None
        font = decompress_font(content, min(self.max_size, MAX_FONT_SIZE))
        self.max_size -= len(font)
        return open_font(font)


def load_embedded_fonts(
    root: etree._Element, data_uris: DataUris, installed: FaceIndex, findings: list[Finding]
) -> list[FontFace]:
    """Return the faces of a template's ``@font-face`` rules.

    A font that cannot be read adds a finding, and its text uses another font.

    Args:
        root: the template's root element.
        data_uris: the ``data:`` URIs of its style sheets.
        installed: the installed faces, for ``local()``.
        findings: receives the findings.
    """
    faces: list[FontFace] = []
    loader = _SourceLoader(data_uris, installed, MAX_FONTS_SIZE)
    for sheet in root.iter(_STYLE):
        for rule in _find_font_faces(sheet.text or ""):
            descriptors = _parse_descriptors(rule)
            family = _serialize(descriptors, "font-family").strip(" '\"")
            if not family:
                continue
            try:
                face = loader.load(descriptors.get("src", []))
            except FontFileError as error:
                message = f"the embedded font {family!r} cannot be used, because {error}: embed it again"
                findings.append(Finding("font-damaged", _rule_line(sheet, rule), message))
                continue
            if face is not None:
                faces.append(_apply_descriptors(face, family, descriptors))
    return faces


def remove_font_faces(root: etree._Element) -> None:
    """Remove the ``@font-face`` rules from a template whose texts are all converted to outlines."""
    for sheet in root.iter(_STYLE):
        for rule in _find_font_faces(sheet.text or ""):
            sheet.text = (sheet.text or "").replace(rule.serialize(), "")


def _find_font_faces(css: str) -> Iterable[Any]:
    rules = tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)
    return [rule for rule in rules if rule.type == "at-rule" and rule.lower_at_keyword == "font-face"]


def _rule_line(sheet: etree._Element, rule: Any) -> int:
    return get_line(sheet) + int(rule.source_line) - 1


def _parse_descriptors(rule: Any) -> _Descriptors:
    declarations = tinycss2.parse_blocks_contents(
        rule.content or [], skip_comments=True, skip_whitespace=True
    )
    return {item.lower_name: item.value for item in declarations if item.type == "declaration"}


def _serialize(descriptors: _Descriptors, name: str) -> str:
    return str(tinycss2.serialize(descriptors.get(name, []))).strip()


def _split_entries(values: list[Any]) -> Iterator[list[Any]]:
    """Yield the entries of a list that is separated by commas."""
    entry: list[Any] = []
    for value in values:
        if value == ",":
            yield entry
            entry = []
        else:
            entry.append(value)
    yield entry


def _find_function(entry: Sequence[Any], name: str) -> str | None:
    """Return the argument of a function such as ``local()`` or ``url()`` in an entry; None if it is absent."""
    for value in entry:
        if name == "url" and value.type == "url":
            return str(value.value)
        if value.type == "function" and value.lower_name == name:
            return str(tinycss2.serialize(value.arguments)).strip(" '\"")
    return None


def _apply_descriptors(face: FontFace, family: str, descriptors: _Descriptors) -> FontFace:
    """Return a face with the family and the style that its rule declares."""
    return replace(
        face,
        families=(family,),
        full_names=(),
        weight=_parse_range(_serialize(descriptors, "font-weight"), _WEIGHTS, NORMAL_WEIGHT)
        or face.axes.get("wght", (NORMAL_WEIGHT, NORMAL_WEIGHT)),
        stretch=_parse_range(_serialize(descriptors, "font-stretch"), STRETCHES, NORMAL_STRETCH)
        or face.axes.get("wdth", (NORMAL_STRETCH, NORMAL_STRETCH)),
        is_italic=bool(_SLANTED.match(_serialize(descriptors, "font-style"))),
        unicode_range=_parse_unicode_range(_serialize(descriptors, "unicode-range")),
        is_embedded=True,
    )


def _parse_range(text: str, keywords: Mapping[str, float], default: float) -> Range | None:
    """Return the range of a descriptor; None if it is absent or ``auto``, the default if it is invalid."""
    if text in ("", "auto"):
        return None
    try:
        values = [
            keywords[word] if word in keywords else float(word.removesuffix("%")) for word in text.split()
        ]
    except ValueError:
        values = [default]
    return min(values), max(values)


def _parse_unicode_range(text: str) -> tuple[tuple[int, int], ...] | None:
    """Return the first and last code points of a ``unicode-range``; None if it is absent or invalid."""
    ranges = []
    for item in text.split(",") if text else ():
        match = _CODE_POINTS.fullmatch(item.strip())
        if match is None:
            return None
        digits, wildcards, last = match.groups()
        first = int((digits + wildcards.replace("?", "0")) or "0", 16)
        end = int(last, 16) if last else int((digits + wildcards.replace("?", "F")) or "0", 16)
        ranges.append((first, min(end, _MAX_CODE_POINT)))
    return tuple(ranges) or None
