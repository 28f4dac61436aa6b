"""The unit of account: one (event, user, template), what became of it, and its way back when it failed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import MAX_TEXT, JsonObject

Job = Literal["issue", "generate"]


SMALL_LETTER = 4096
"""Bytes. A larger dead letter is cut if its event makes several, so that they do not multiply the event."""

_LONG_LINE = 4096
"""Bytes of an outcome line beyond which its texts are cut: production's lines have about 300."""

_OWN: Mapping[Job, tuple[str, ...]] = {"issue": ("userIds", "templateId"), "generate": ("data",)}
"""The members of ``edata`` in which the narrowed events of one event differ."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One user's claim to one template's certificate, made by one event.

    Attributes:
        job: which topic the event belongs on.
        event: the event as if it had named this user only: claims travel between machines, and one that carried
            all its event's users along would cost as much as all of them.
        source: as in :class:`Record`.
        mid: the id of the issue event.
        template_id: None as long as the batch's templates are not known.
        one_of_many: whether the event makes more claims than this one.
    """

    job: Job
    event: JsonObject
    source: Mapping[str, Any]
    mid: str | None
    batch_id: str
    course_id: str
    user_id: str | None
    template_id: str | None = None
    one_of_many: bool = False

    def for_template(self, template_id: str, *, one_of_many: bool = False) -> "Claim":
        """The same claim, to the certificate of one template, or of one of many."""
        return replace(self, template_id=template_id, one_of_many=self.one_of_many or one_of_many)

    def narrowed_event(self) -> JsonObject:
        """The event as if it had named this template only, too, so that its replay touches no other."""
        if self.job == "generate" or self.template_id is None:
            return self.event
        return with_edata(self.event, templateId=self.template_id)


def with_edata(event: JsonObject, **changed: Any) -> JsonObject:
    """An event with some fields of its ``edata`` set."""
    return {**event, "edata": {**event["edata"], **changed}}


def nothing_stored(name: str) -> bytes:
    """Read a stored part where there is no store.

    Raises:
        Rejected: ``large-message-missing``, always.
    """
    raise Rejected(
        ErrorCode.LARGE_MESSAGE_MISSING, f"the stored part {name} is needed: give --large_messages"
    )


def _truncated(fields: JsonObject) -> JsonObject:
    """Fields with long texts cut, and the names of those."""
    long = [name for name, value in fields.items() if isinstance(value, str) and len(value) > MAX_TEXT]
    cut = {name: fields[name][: MAX_TEXT - 1] + "…" for name in long}
    return {**fields, **cut, "truncated": long} if long else fields
