"""Results of verification checks, and the checks that Open Badges 2.0 and 3.0 have in common."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from certbeam.badges.timestamps import parse_timestamp
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import parse_object

Fetch = Callable[[str], bytes]
"""Return the document at a URL. It may raise any exception."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one verification check.

    Attributes:
        name: what was checked, for example ``signature``, ``issuer's key``, ``validity``, ``revocation``, ``terms``
            or ``form``.
        detail: the finding or the error, as a sentence for the user.
    """

    name: str
    passed: bool
    detail: str


class CheckFailed(Exception):
    """A verification check that failed; the message says why."""


def read_document(text: bytes) -> dict[str, Any]:
    """Parse a JSON object.

    Raises:
        CheckFailed: if the text is not a JSON object, or if an object in it has two members of the same name.
    """
    try:
        document = parse_object(text)
        json.loads(text, object_pairs_hook=_check_unique_names)
    except Rejected as error:
        # parse_object is written for events: its messages have "the event" as their subject.
        raise CheckFailed(error.reason.replace("the event", "it")) from error
    return document


def _check_unique_names(members: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in members]
    if len(set(names)) < len(names):
        raise CheckFailed("an object has two members of the same name: parsers differ in which one they keep")


def run_check(name: str, check: Callable[[], str]) -> CheckResult:
    """Run a check and return its result; an exception means that the check failed.

    Args:
        name: the name of the check.
        check: returns the finding, or raises an exception whose message says what is wrong.
    """
    try:
        return CheckResult(name, passed=True, detail=check())
    except Exception as error:
        # Documents come from anyone. If a check cannot be completed, for any reason, the document is not verified.
        return CheckResult(name, passed=False, detail=str(error) or type(error).__name__)


def check_validity(document: Mapping[str, Any], start: str, end: str) -> str:
    """Check that the current time is within a document's validity period.

    Args:
        document: an assertion or a credential.
        start: the name of the member with the start of the period. The member may be absent.
        end: the name of the member with the end of the period. The member may be absent.

    Raises:
        CheckFailed: if the period has not started, or if it is over.
    """
    now = datetime.now(timezone.utc)
    starts_at, ends_at = (
        parse_timestamp(document[name]) if name in document else None for name in (start, end)
    )
    if starts_at and starts_at > now:
        raise CheckFailed(f"it is not valid before {document[start]}")
    if ends_at and ends_at < now:
        raise CheckFailed(f"it expired on {document[end]}")
    return f"it is valid until {document[end]}" if ends_at else "it is valid and does not expire"
