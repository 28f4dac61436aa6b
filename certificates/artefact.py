"""Files as they are stored: name, media type and bytes."""

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
"""The formats that a certificate can be made in, with their media types."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """One file of a certificate.

    Attributes:
        name: the object's name below the storage's root: ``<tag>/<id>.<format>``.
        parts: what the file holds, one after another. Most of it is a template's and shared by all its
            certificates: joining it for each would take longer than all that is done to fill it.
    """

    name: str
    content_type: str
    parts: tuple[bytes, ...]

    @property
    def body(self) -> bytes:
        """The whole file."""
        return b"".join(self.parts)

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return sum(map(len, self.parts))


def build_json_artefact(name: str, body: Mapping[str, Any]) -> Artefact:
    """A document as a file."""
    return Artefact(name, CONTENT_TYPES["json"], (orjson.dumps(body),))
