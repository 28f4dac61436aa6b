"""Write the basic types of PDF files (ISO 32000-1 §7.3)."""

import datetime
import re
import zlib
from collections.abc import Mapping

from certbeam.artwork.geometry import Matrix

_COMPRESSION_LEVEL = 1  # several times as fast as the default level, and the result is little larger
_SPECIAL = re.compile(r"[()\\]")
_ESCAPED = r"\\\g<0>"


def write_text_string(text: str) -> str:
    """Return a text string, which can have any character."""
    if text.isascii() and text.isprintable():
        return f"({_SPECIAL.sub(_ESCAPED, text)})"
    return f"<feff{text.encode('utf-16-be').hex()}>"


def write_name(name: str) -> str:
    """Return a name, with ``#`` escapes for all characters but letters and digits."""
    return "/" + re.sub(r"[^A-Za-z0-9]", lambda match: f"#{ord(match[0]):02X}", name)


def write_date(date: datetime.datetime) -> str:
    """Return a date in UTC."""
    return date.astimezone(datetime.timezone.utc).strftime("(D:%Y%m%d%H%M%SZ)")


def write_stream(content: bytes, entries: str = "") -> bytes:
    """Return a compressed stream object.

    Args:
        content: the bytes of the stream.
        entries: further entries of its dictionary.
    """
    data = zlib.compress(content, _COMPRESSION_LEVEL)
    return b"<<%b/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (entries.encode(), len(data), data)


def write_references(objects: Mapping[str, int]) -> bytes:
    """Return a dictionary of references, from name to object number."""
    return f"<<{''.join(f'{name} {number} 0 R' for name, number in objects.items())}>>".encode()


def write_matrix(matrix: Matrix) -> str:
    """Return the six operands of the ``cm`` and ``Tm`` operators."""
    numbers = (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
    return " ".join([f"{number:.8f}".rstrip("0").rstrip(".") if number else "0" for number in numbers])
