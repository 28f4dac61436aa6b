"""Verification checks: their results, and what Open Badges 2.0 and 3.0 have in common."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import parse_object

Fetch = Callable[[str], bytes]
"""What stands at a URL; it raises whatever it likes where it cannot say."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked into.

    Attributes:
        name: what it was: ``signature``, ``issuer's key``, ``validity``, ``revocation``, ``terms`` or ``form``.
        detail: what was found, in words.
    """

    name: str
    passed: bool
    detail: str


class Failed(Exception):
    """A check that does not hold, and why."""


def read_document(text: bytes) -> dict[str, Any]:
    """The JSON object in ``text``.

    Raises:
        Failed: when it is none, or a member is given twice.
    """
    try:
        document = parse_object(text)
        json.loads(text, object_pairs_hook=_once)
    except Rejected as error:
        raise Failed(error.reason.replace("the event", "it")) from error
    return document


def _once(members: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        raise Failed("a member is given twice: readers differ in which of them they take")


def check(name: str, run: Callable[[], str]) -> Check:
    """A check that ``run`` makes: it returns what it found, or raises what is wrong."""
    try:
        return Check(name, passed=True, detail=run())
    except Exception as error:
        # The document is anybody's: whatever goes wrong with it, it does not verify.
        return Check(name, passed=False, detail=str(error) or type(error).__name__)


def check_validity(document: Mapping[str, Any], begins: str, ends: str) -> str:
    """Whether now is between the moments under two members of a document, as far as it has them.

    Raises:
        Failed: when it is not.
    """
    now = datetime.now(timezone.utc)
    begin, end = (_moment(document[name]) if name in document else None for name in (begins, ends))
    if begin and begin > now:
        raise Failed(f"it is not valid yet, but from {document[begins]} on")
    if end and end < now:
        raise Failed(f"it has expired on {document[ends]}")
    return f"it is valid until {document[ends]}" if end else "it is valid, without an end"


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
