"""Read values of JSON objects whose members may be missing or have any type."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected

JsonObject = Mapping[str, Any]

MAX_DEPTH = 200
"""Maximum levels of nesting in an event: orjson reads more than 1,000 levels, but writes at most 254."""

MAX_TEXT = 1024
"""Maximum length of an id in an event and of a text in an outcome, in characters; real ids have fewer than 100."""


def parse_object(value: bytes) -> dict[str, Any]:
    """Parse a JSON object in UTF-8, with or without a byte order mark.

    Raises:
        Rejected: ``not-json``, also if the values are nested more than :data:`MAX_DEPTH` levels deep; or
            ``not-an-object``.
    """
    try:
        parsed = orjson.loads(value.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Rejected(
            ErrorCode.NOT_JSON, f"the event is not JSON: {error.msg} at byte {error.pos}"
        ) from error
    if not isinstance(parsed, dict):
        raise Rejected(
            ErrorCode.NOT_AN_OBJECT, f"the event is a JSON {_describe_type(parsed)}, not an object"
        )
    if value.count(b"{") + value.count(b"[") > MAX_DEPTH and _is_deeper_than(parsed, MAX_DEPTH):
        raise Rejected(ErrorCode.NOT_JSON, f"the event is nested more than {MAX_DEPTH} levels deep")
    return parsed


def read_object(parent: JsonObject, name: str) -> JsonObject:
    """Return the object that is a member; an empty object if the member is missing or has another type."""
    value = parent.get(name)
    return value if isinstance(value, Mapping) else {}


def read_string(parent: JsonObject, *names: str) -> str:
    """Return the first member that is a non-blank text or an integer, as trimmed text; ``""`` by default."""
    for name in names:
        value = parent.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def read_id(entry: Any) -> str:
    """Return an entry of a list as an id: a text or an integer; ``""`` if it is neither."""
    return read_string({"": entry}, "")


def check_id_length(identifier: str | None, *, at: str) -> None:
    """Check that an id is short enough for keys, rows and messages.

    Args:
        identifier: the id; None and ``""`` are accepted.
        at: the path of the member that holds it, for the reason.

    Raises:
        Rejected: ``id-too-long``.
    """
    if identifier and len(identifier) > MAX_TEXT:
        raise Rejected(
            ErrorCode.ID_TOO_LONG,
            f"{at} has {len(identifier):,} characters: use at most {MAX_TEXT:,} for an id",
        )


def read_required_string(parent: JsonObject, name: str, *, at: str) -> str:
    """Return a member that must be a non-blank text or an integer.

    Args:
        parent: the object that has the member.
        name: the member's name.
        at: the path of ``parent``, for the reason.

    Raises:
        Rejected: ``field-missing``; the reason names the member.
    """
    return require_string(read_string(parent, name), at=f"{at}.{name}")


def require_string(value: str, *, at: str) -> str:
    """Return a text unless it is empty.

    Args:
        value: the text.
        at: the path of the member that holds it, for the reason.

    Raises:
        Rejected: ``field-missing``; the reason names the member.
    """
    if not value:
        raise Rejected(ErrorCode.FIELD_MISSING, f"{at} is missing or blank")
    return value


def read_flag(parent: JsonObject, *names: str) -> bool:
    """Return True if one of the members is JSON's ``true``, or the text "true" in any case."""
    return any(str(parent.get(name)).lower() == "true" for name in names)


def read_epoch_millis(parent: JsonObject, name: str) -> int | None:
    """Return a member that is a time in milliseconds since 1970; None if it is not."""
    value = parent.get(name)
    # The bound is the end of the year 9999, the last one that datetime can represent.
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 253_402_300_800_000:
        return value
    return None


def parse_field(raw: Any, *, name: str, kind: type) -> Any:
    """Parse a member of a batch's template, which is JSON in a text column or parsed already.

    Args:
        raw: the value of the member.
        name: the member's name, for the reason.
        kind: the required type, ``dict`` or ``list``.

    Returns:
        The parsed value; an empty one for None and for a blank text.

    Raises:
        Rejected: ``template-field`` if the value is not JSON or has another type.
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
            ErrorCode.TEMPLATE_FIELD,
            f"the batch template's {name} is a {_describe_type(value)}, not {expected}",
        )
    return value


def _is_deeper_than(value: Any, levels: int) -> bool:
    level = [value]
    for _ in range(levels + 1):
        level = [child for parent in level for child in _find_children(parent)]
    return bool(level)


def _find_children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _describe_type(value: Any) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")
