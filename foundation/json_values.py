"""Reading values out of JSON objects whose shape nobody guarantees."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected

JsonObject = Mapping[str, Any]

MAX_DEPTH = 200
"""Levels of nesting in an event: orjson reads more than 1,000 of them, but writes no more than 254."""

MAX_TEXT = 1024
"""Characters of an id in an event, and of a text in an outcome line; ids in production have fewer than 100."""


def parse_object(value: bytes) -> dict[str, Any]:
    """The JSON object in ``value`` (UTF-8, a byte order mark is tolerated).

    Raises:
        Rejected: ``not-json`` (nested beyond :data:`MAX_DEPTH`, too) or ``not-an-object``.
    """
    try:
        parsed = orjson.loads(value.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Rejected(
            ErrorCode.NOT_JSON, f"the event is not JSON: {error.msg} at byte {error.pos}"
        ) from error
    if not isinstance(parsed, dict):
        raise Rejected(ErrorCode.NOT_AN_OBJECT, f"the event is a JSON {_json_type(parsed)}, not an object")
    if value.count(b"{") + value.count(b"[") > MAX_DEPTH and _is_deeper(parsed, MAX_DEPTH):
        raise Rejected(ErrorCode.NOT_JSON, f"the event is nested more than {MAX_DEPTH} levels deep")
    return parsed


def section(parent: JsonObject, name: str) -> JsonObject:
    """The object under ``name``; an empty one where there is none or something else stands there."""
    found = parent.get(name)
    return found if isinstance(found, Mapping) else {}


def text(parent: JsonObject, *names: str) -> str:
    """The first non-blank text (or integer, as text) under one of ``names``, trimmed; else ``""``."""
    for name in names:
        found = parent.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        if isinstance(found, str) and found.strip():
            return found.strip()
    return ""


def identifier(entry: Any) -> str:
    """A list's entry as an id: text or an integer; ``""`` where it is neither."""
    return text({"": entry}, "")


def check_length(identifier: str | None, *, at: str) -> None:
    """Refuse an id that is too long for keys, rows and messages.

    Args:
        identifier: None or "" if there is none, which is no matter here.
        at: the field that holds it, for the reason.

    Raises:
        Rejected: ``id-too-long``.
    """
    if identifier and len(identifier) > MAX_TEXT:
        raise Rejected(
            ErrorCode.ID_TOO_LONG,
            f"{at} has {len(identifier):,} characters: use at most {MAX_TEXT:,} for an id",
        )


def required_text(parent: JsonObject, name: str, *, at: str) -> str:
    """The non-blank text under ``name``; ``at`` is where ``parent`` stands, for the reason.

    Raises:
        Rejected: ``field-missing``, naming the field.
    """
    found = text(parent, name)
    if not found:
        raise Rejected(ErrorCode.FIELD_MISSING, f"{at}.{name} is missing or blank")
    return found


def flag(parent: JsonObject, *names: str) -> bool:
    """Whether one of ``names`` holds true: JSON ``true``, or the text in any case."""
    return any(str(parent.get(name)).lower() == "true" for name in names)


def epoch_millis(parent: JsonObject, name: str) -> int | None:
    """The moment under ``name`` in milliseconds since 1970, where it is one; else None."""
    found = parent.get(name)
    # The bound is the year 9999, the last that dates can be written for.
    if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 253_402_300_800_000:
        return found
    return None


def parse_field(raw: Any, *, name: str, kind: type) -> Any:
    """JSON held as text in a column, or already parsed; None and blank stand for an empty ``kind``.

    Raises:
        Rejected: ``template-field``, when it is not JSON or not a ``kind`` (``dict`` or ``list``).
    """
    value = raw
    if isinstance(raw, str):
        if not raw.strip():
            return kind()
        try:
            value = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise Rejected(
                ErrorCode.TEMPLATE_FIELD, f"the batch template's {name} is not JSON: {error.msg}"
            ) from error
    if value is None:
        return kind()
    if not isinstance(value, Mapping if kind is dict else Sequence) or isinstance(value, str):
        expected = "an object" if kind is dict else "a list"
        raise Rejected(
            ErrorCode.TEMPLATE_FIELD, f"the batch template's {name} is a {_json_type(value)}, not {expected}"
        )
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    level = [value]
    for _ in range(levels + 1):
        level = [child for parent in level for child in _children(parent)]
    return bool(level)


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _json_type(value: Any) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")
