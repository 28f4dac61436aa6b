"""Messages too large for a dead letter: the parts to store, what the letter keeps, and the way back.

A part is named by the SHA-256 digest of its bytes. All dead letters of one event share the part that they have in
common; each keeps its own user, template or recipient, and small members, so that a person can read it.
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

_OWN_BYTES = 1024
"""Of a letter's own members that are kept in it; larger ones are a part of their own."""
_SHOWN_BYTES = 1024
"""Of the other members that a letter keeps: so much of the event, and as much of its ``edata``."""
_SHOWN_MEMBERS = 64
"""How many members are considered for that: an event may have a million."""
_HEAD_CHARACTERS = 200
"""Of a message that is no event, for the person who looks at the letter."""

Fetch = Callable[[str], bytes]
"""Reads a stored part by its name; raises Rejected if it cannot be had."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message that is stored instead of being sent.

    Attributes:
        name: digest of the body, and a suffix: ``.json`` for an event, ``.bin`` for any other message.
        head: the beginning of a message that is no event, as text.
    """

    name: str
    body: bytes
    head: str = ""

    def reference(self, not_stored: str = "") -> dict[str, Any]:
        """What stands for the part in a dead letter.

        Args:
            not_stored: the reason, if the part could not be stored.
        """
        reference: dict[str, Any] = {"name": self.name, "bytes": len(self.body)}
        if self.head:
            reference["head"] = self.head
        if not_stored:
            reference["notStored"] = not_stored
        return reference


@dataclass(frozen=True, slots=True)
class CutMessage:
    """A message as a dead letter keeps it.

    Attributes:
        kept: members of the event that stay in the letter; its own members come before those of the same names.
        parts: what is stored: layers of the event, each of which adds to those before; or one message of bytes.
    """

    kept: JsonObject
    parts: tuple[Part, ...]


def cut_bytes(message: bytes) -> CutMessage:
    """Cut a message that is no event: all of it is stored."""
    # A character has four bytes at most; what is no UTF-8 is replaced.
    head = message[: 4 * _HEAD_CHARACTERS].decode("utf-8", "replace")[:_HEAD_CHARACTERS]
    return CutMessage({}, (_part(message, _BYTES, head),))


def cut_event(event: JsonObject, own: Iterable[str] = ()) -> CutMessage:
    """Cut an event.

    Args:
        event: a JSON object.
        own: members of ``edata`` that only this letter has; all the rest is common to the letters of the event.
    """
    edata = event.get("edata")
    if not isinstance(edata, Mapping):
        return CutMessage(_small(event), (_part(orjson.dumps(event), _EVENT),))
    mine = {name: edata[name] for name in own if name in edata}
    # None keeps the place of a member, so that the restored event has its members in their order.
    parts = [_part(orjson.dumps({**event, "edata": {**edata, **dict.fromkeys(mine)}}), _EVENT)]
    layer = orjson.dumps({"edata": mine})
    if len(layer) > _OWN_BYTES:
        parts.append(_part(layer, _EVENT))
        mine = {}
    return CutMessage({**_small(event), "edata": {**_small(edata), **mine}}, tuple(parts))


def restore(kept: JsonObject, references: Any, fetch: Fetch) -> bytes:
    """The message that was cut, byte for byte.

    Raises:
        Rejected: ``not-a-dead-letter`` for references that are none, ``large-message-damaged`` for a part whose
            digest is not its name, and what ``fetch`` raises.
    """
    names = _names(references)
    bodies = [_intact(name, fetch(name)) for name in names]
    if names[0].endswith(_BYTES):
        return bodies[0]
    event: dict[str, Any] = {}
    for layer in (*map(parse_object, bodies), kept):
        event = _with_layer(event, layer)
    return orjson.dumps(event)


def _part(body: bytes, suffix: str, head: str = "") -> Part:
    return Part(hashlib.sha256(body).hexdigest() + suffix, body, head)


def _small(members: JsonObject) -> dict[str, Any]:
    """The first members that fit into :data:`_SHOWN_BYTES` together."""
    small, left = {}, _SHOWN_BYTES
    for name, value in islice(members.items(), _SHOWN_MEMBERS):
        size = len(orjson.dumps({name: value}))
        if size <= left:
            small[name] = value
            left -= size
    return small


def _names(references: Any) -> Sequence[str]:
    """The names in references, each checked: it becomes part of a path."""
    entries = references if isinstance(references, list) else []
    names = [one.get("name") if isinstance(one, Mapping) else None for one in entries]
    if not names or not all(isinstance(name, str) and _NAME.fullmatch(name) for name in names):
        raise Rejected(
            ErrorCode.NOT_A_DEAD_LETTER,
            "this line is not a dead letter: failInfo.large names no stored parts",
        )
    return [str(name) for name in names]


def _intact(name: str, body: bytes) -> bytes:
    if hashlib.sha256(body).hexdigest() != name.partition(".")[0]:
        raise Rejected(
            ErrorCode.LARGE_MESSAGE_DAMAGED, f"the stored part {name} is damaged: its digest is another"
        )
    return body


def _with_layer(event: JsonObject, layer: JsonObject) -> dict[str, Any]:
    """An event with the members of a layer added; those of ``edata`` to its own."""
    merged = {**event, **layer}
    edata, more = event.get("edata"), layer.get("edata")
    if isinstance(edata, Mapping) and isinstance(more, Mapping):
        merged["edata"] = {**edata, **more}
    return merged
