"""Replace the ``data:`` URIs of style sheets while these are parsed, because fonts are long and slow to parse."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from lxml import etree

from certbeam.artwork.svg.tree import SVG

_STYLE = f"{{{SVG}}}style"
_DATA_URL = re.compile(
    r"url\(\s*(['\"]?)(data:(?:[\w.+-]+/[\w.+-]+)?(?:;[\w.=+-]+)*,[A-Za-z0-9+/=%\s_.~-]*)\1\s*\)",
    re.IGNORECASE,
)
_ALLOWED = re.compile(
    r"data:(?:(?:image|font)/|application/(?:(?:x-)?font|vnd\.ms-(?:fontobject|opentype)|x-(?:truetype|opentype)))",
    re.IGNORECASE,
)
# The first bytes of a font in base64, whatever its media type: drawing programs write many.
_FONT_CONTENT = re.compile(r"data:[^,]*;base64,\s*(?:AAEAAA|T1RUT|dHJ1Z|dHRjZ|d09GR|d09GM)")
_REFERENCE = re.compile(r"#data-url-(\d+)\b")


class DataUris:
    """Data URIs of a template's style sheets, each replaced by a local reference.

    Creating an instance replaces the URIs of images and fonts in all <style> elements.
    """

    def __init__(self, root: etree._Element) -> None:
        self._uris: list[str] = []
        for sheet in root.iter(_STYLE):
            sheet.text = _DATA_URL.sub(self._replace, sheet.text or "")

    def _replace(self, match: re.Match[str]) -> str:
        if not (_ALLOWED.match(match[2]) or _FONT_CONTENT.match(match[2])):
            return match[0]
        self._uris.append(match[2])
        return f"url(#data-url-{len(self._uris) - 1})"

    def restore(self, root: etree._Element) -> None:
        """Replace the references that are still in the style sheets by their URIs."""
        for sheet in root.iter(_STYLE):
            sheet.text = _REFERENCE.sub(lambda match: self._look_up(match[0]), sheet.text or "")

    def decode(self, reference: str) -> bytes | None:
        """Return the content of the URI behind a reference; None if there is no such URI, or it is invalid."""
        media_type, _, data = self._look_up(reference).partition(",")
        if not media_type.startswith("data:"):
            return None
        content = unquote_to_bytes(data)
        if not media_type.endswith(";base64"):
            return content
        try:
            return base64.b64decode(re.sub(rb"\s+", b"", content))
        except binascii.Error:
            return None

    def _look_up(self, reference: str) -> str:
        """Return the URI behind a reference, or the reference itself if it is unknown."""
        match = _REFERENCE.fullmatch(reference)
        return self._uris[int(match[1])] if match and int(match[1]) < len(self._uris) else reference
