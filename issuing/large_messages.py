"""Cut messages that are too large for a dead letter into parts to store, and restore them.

The name of a part is the SHA-256 digest of its bytes. All dead letters of one event share the part that they have in
common. Each letter keeps its own user, template or recipient, and small members, so that people can read it.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject, parse_object

_NAME = re.compile(r"[0-9a-f]{64}\.(?:json|bin)")
_EVENT, _BYTES = ".json", ".bin"

_MAX_OWN_BYTES = 1024
"""Maximum size of the letter's own members that it keeps; larger ones become a part."""
_MAX_KEPT_BYTES = 1024
"""Maximum size of the other members that a letter keeps, for the event and for its ``edata`` each."""
_MAX_KEPT_MEMBERS = 64
"""Number of members that may be kept: an event may have a million."""
_HEAD_CHARACTERS = 200
"""Length of the beginning of a message that is not an event, for people who look at the letter."""

FetchPart = Callable[[str], bytes]
"""Function that reads a stored part by its name, and raises Rejected if it cannot be read."""


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a message that is stored and not sent.

    Attributes:
        name: digest of the body, and a suffix: ``.json`` for an event, ``.bin`` for any other message.
        head: the beginning of a message that is not an event, as text.
    """

    name: str
    body: bytes
    head: str = ""

    def make_reference(self, not_stored: str = "") -> dict[str, Any]:
        """Make the reference to the part in a dead letter.

        Args:
            not_stored: the reason why the part could not be stored; ``""`` if it is stored.
        """
        reference: dict[str, Any] = {"name": self.name, "bytes": len(self.body)}
        if self.head:
            reference["head"] = self.head
        if not_stored:
            reference["notStored"] = not_stored
        return reference


@dataclass(frozen=True, slots=True)
class CutMessage:
    """Message that is cut for a dead letter.

    Attributes:
        kept: members of the event that stay in the letter. They take precedence over those in parts.
        parts: parts to store: layers of the event, each of which adds members to those before; or all bytes of a
            message that is not an event.
    """

    kept: JsonObject
    parts: tuple[Part, ...]


def cut_bytes(message: bytes) -> CutMessage:
    """Cut a message that is not an event: all of it is stored."""
    # A character has at most four bytes; bytes that are not UTF-8 are replaced.
    head = message[: 4 * _HEAD_CHARACTERS].decode("utf-8", "replace")[:_HEAD_CHARACTERS]
    return CutMessage({}, (_make_part(message, _BYTES, head),))


def cut_event(event: JsonObject, own: Iterable[str] = ()) -> CutMessage:
    """Cut an event.

    Args:
        event: a JSON object.
        own: members of ``edata`` that only this letter has; the letters of the event share all others.
    """
    edata = event.get("edata")
    if not isinstance(edata, Mapping):
        return CutMessage(_find_small_members(event), (_make_part(orjson.dumps(event), _EVENT),))
    own_members = {name: edata[name] for name in own if name in edata}
    # None keeps the position of a member, so that the restored event has its members in the same order.
    parts = [_make_part(orjson.dumps({**event, "edata": {**edata, **dict.fromkeys(own_members)}}), _EVENT)]
    layer = orjson.dumps({"edata": own_members})
    if len(layer) > _MAX_OWN_BYTES:
        parts.append(_make_part(layer, _EVENT))
        own_members = {}
    return CutMessage(
        {**_find_small_members(event), "edata": {**_find_small_members(edata), **own_members}}, tuple(parts)
    )


def refuse_fetch(name: str) -> bytes:
    """Refuse to read a stored part, if no store is configured.

    Raises:
        Rejected: ``large-message-missing``, always.
    """
    raise Rejected(
        ErrorCode.LARGE_MESSAGE_MISSING, f"the stored part {name} is needed: give --large_messages"
    )


def restore_message(kept: JsonObject, references: Any, fetch: FetchPart) -> bytes:
    """Restore a message that was cut, byte for byte.

    Args:
        kept: the members of the event in the letter.
        references: ``failInfo.large`` of the letter.
        fetch: reads stored parts.

    Raises:
        Rejected: ``not-a-dead-letter`` for invalid references, ``large-message-damaged`` for a part whose digest is
            not its name, and the errors of ``fetch``.
    """
    names = _read_names(references)
    bodies = [_check_digest(name, fetch(name)) for name in names]
    if names[0].endswith(_BYTES):
        return bodies[0]
    event: dict[str, Any] = {}
    for layer in (*map(parse_object, bodies), kept):
        event = _add_layer(event, layer)
    return orjson.dumps(event)


def _make_part(body: bytes, suffix: str, head: str = "") -> Part:
    return Part(hashlib.sha256(body).hexdigest() + suffix, body, head)


def _find_small_members(members: JsonObject) -> dict[str, Any]:
    """Return the first members that fit into :data:`_MAX_KEPT_BYTES` together."""
    small, left = {}, _MAX_KEPT_BYTES
    for name, value in islice(members.items(), _MAX_KEPT_MEMBERS):
        size = len(orjson.dumps({name: value}))
        if size <= left:
            small[name] = value
            left -= size
    return small


def _read_names(references: Any) -> Sequence[str]:
    """Return the names in references. Each is checked, since it becomes part of a path."""
    entries = references if isinstance(references, list) else []
    names = [entry.get("name") if isinstance(entry, Mapping) else None for entry in entries]
    if not names or not all(isinstance(name, str) and _NAME.fullmatch(name) for name in names):
        raise Rejected(
            ErrorCode.NOT_A_DEAD_LETTER,
            "this line is not a dead letter: failInfo.large has no names of stored parts",
        )
    return [str(name) for name in names]


def _check_digest(name: str, body: bytes) -> bytes:
    if hashlib.sha256(body).hexdigest() != name.partition(".")[0]:
        raise Rejected(
            ErrorCode.LARGE_MESSAGE_DAMAGED,
            f"the stored part {name} is damaged: its content has another digest",
        )
    return body


def _add_layer(event: JsonObject, layer: JsonObject) -> dict[str, Any]:
    """Return an event with the members of a layer added, and those of its ``edata`` to the event's ``edata``."""
    merged = {**event, **layer}
    edata, added = event.get("edata"), layer.get("edata")
    if isinstance(edata, Mapping) and isinstance(added, Mapping):
        merged["edata"] = {**edata, **added}
    return merged
