"""Percent-encoding of whole documents, at the speed of copying."""

import codecs

# Neither JSON, HTML, CSS nor a URI takes what is left for its own; the percent sign comes first.
_REPLACED = ["%", *(chr(code) for code in range(0x20)), *" \"#&'<>[\\]^`{|}\x7f"]
_BYTES = [f"%{byte:02X}" for byte in range(256)]


def percent_encode(text: str) -> bytes:
    """Text in ASCII that can stand in a ``data:`` URI inside of JSON, HTML or CSS.

    Replacing one character after another is many times faster than urllib.parse.quote, which looks at each.
    """
    for character in _REPLACED:
        if character in text:
            text = text.replace(character, f"%{ord(character):02X}")
    return text.encode("ascii", "certbeam-percent")


def _encode_others(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    others = error.object[error.start : error.end].encode()
    return "".join(map(_BYTES.__getitem__, others)), error.end


codecs.register_error("certbeam-percent", _encode_others)
