"""The ``data:`` URLs of style sheets, put aside while the sheets are parsed: fonts are long, and not CSS."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from lxml import etree

from certbeam.credentials.template.tree import SVG

_STYLE = f"{{{SVG}}}style"
_DATA_URL = re.compile(
    r"url\(\s*(['\"]?)(data:(?:image|font|application)/[\w.+-]+(?:;[\w.=+-]+)*,[A-Za-z0-9+/=%\s_.~-]*)\1\s*\)"
)
_ALLOWED = re.compile(r"data:(?:(?:image|font)/|application/(?:x-)?font)")
_PLACEHOLDER = re.compile(r"#data-url-(\d+)\b")


class DataUrls:
    """The URLs that were put aside, with a local reference in the place of each."""

    def __init__(self, root: etree._Element) -> None:
        """Put those of images and fonts in all <style> elements aside."""
        self._urls: list[str] = []
        for sheet in root.iter(_STYLE):
            sheet.text = _DATA_URL.sub(self._put_aside, sheet.text or "")

    def _put_aside(self, match: re.Match[str]) -> str:
        if not _ALLOWED.match(match[2]):
            return match[0]
        self._urls.append(match[2])
        return f"url(#data-url-{len(self._urls) - 1})"

    def restore(self, root: etree._Element) -> None:
        """Put those back whose references are still there."""
        for sheet in root.iter(_STYLE):
            sheet.text = _PLACEHOLDER.sub(lambda match: self._url(match[0]), sheet.text or "")

    def content(self, reference: str) -> bytes | None:
        """The bytes behind a reference; None if it is none, or what it holds is broken."""
        kind, _, data = self._url(reference).partition(",")
        if not kind.startswith("data:"):
            return None
        content = unquote_to_bytes(data)
        if not kind.endswith(";base64"):
            return content
        try:
            return base64.b64decode(re.sub(rb"\s+", b"", content))
        except binascii.Error:
            return None

    def _url(self, reference: str) -> str:
        match = _PLACEHOLDER.fullmatch(reference)
        return self._urls[int(match[1])] if match and int(match[1]) < len(self._urls) else reference
