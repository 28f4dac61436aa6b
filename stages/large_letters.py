"""Make the messages of large dead letters, whose parts are stored."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from certbeam.foundation.errors import Rejected
from certbeam.io.protocols import Message
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.issuing.large_messages import CutMessage
from certbeam.stages.failure import to_rejection
from certbeam.stages.worker import Worker

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LargeLetter:
    """The message of a large dead letter.

    Attributes:
        kind: the kind of message, for counters. ``cut``: its parts are stored. ``whole``: its parts could not be
            stored, so that it has all members. ``not-stored``: its parts could not be stored, and the whole letter is
            too large for a message. Then only the source of the event has the rest.
    """

    message: Message
    kind: Literal["cut", "whole", "not-stored"]


def make_large_letters(letters: Sequence[DeadLetter], worker: Worker) -> list[LargeLetter]:
    """Cut dead letters, store their parts, and return the messages in order."""
    cut_messages = [letter.cut() for letter in letters]
    errors = _store(cut_messages, worker)
    bound = worker.settings.max_message_bytes
    return [
        _make_large_letter(letter, cut, errors, bound)
        for letter, cut in zip(letters, cut_messages, strict=True)
    ]


def _store(cut_messages: Sequence[CutMessage], worker: Worker) -> dict[str, Rejected]:
    """Store the parts of messages and return errors by name. An error never fails the bundle."""
    parts = [part for cut in cut_messages for part in cut.parts]
    try:
        errors = worker.large_messages.put(parts)
    except Exception as error:
        errors = dict.fromkeys((part.name for part in parts), to_rejection("Report", error))
    if errors:
        name, first = next(iter(errors.items()))
        logger.error("%d large messages cannot be stored, such as %s: %s", len(errors), name, first.reason)
    return errors


def _make_large_letter(
    letter: DeadLetter, cut: CutMessage, errors: Mapping[str, Rejected], bound: int
) -> LargeLetter:
    key = letter.key.encode()
    reasons = {part.name: errors[part.name].reason for part in cut.parts if part.name in errors}
    if reasons and len(key) + len(whole := letter.serialise()) <= bound:
        return LargeLetter((key, whole), "whole")
    return LargeLetter((key, letter.serialise_cut(cut, reasons)), "not-stored" if reasons else "cut")
