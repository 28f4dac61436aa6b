"""Files for storage: object name, media type and bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

CONTENT_TYPES: Mapping[str, str] = {
    "json": "application/json",
    "vc": "application/vc",
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
}
"""The formats of a certificate's files, and their media types."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file of a certificate.

    Attributes:
        name: the object name, such as ``<tag>/<id>.<format>``.
        content_type: the media type.
        parts: the content, in order. Most of it is static content of a template, which all certificates of the
            template share. To join the parts for each certificate would take longer than to fill the template.
    """

    name: str
    content_type: str
    parts: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        """The content of the file, joined."""
        return b"".join(self.parts)

    @property
    def size(self) -> int:
        """The size of the content in bytes."""
        return sum(map(len, self.parts))


def build_json_artefact(name: str, body: Mapping[str, Any]) -> Artefact:
    """Return a document as a JSON file."""
    return Artefact(name, CONTENT_TYPES["json"], (orjson.dumps(body),))
