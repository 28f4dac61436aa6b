"""The unit of account: one (event, user, template), what became of it, and its way back when it failed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from certbeam.foundation.json_values import JsonObject

Job = Literal["issue", "generate"]


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
    """

    job: Job
    event: JsonObject
    source: Mapping[str, Any]
    mid: str | None
    batch_id: str
    course_id: str
    user_id: str | None
    template_id: str | None = None

    def for_template(self, template_id: str) -> "Claim":
        """The same claim, to the certificate of one template."""
        return replace(self, template_id=template_id)

    def narrowed_event(self) -> JsonObject:
        """The event as if it had named this template only, too, so that its replay touches no other."""
        if self.job == "generate" or self.template_id is None:
            return self.event
        return with_edata(self.event, templateId=self.template_id)


def with_edata(event: JsonObject, **changed: Any) -> JsonObject:
    """An event with some fields of its ``edata`` set."""
    return {**event, "edata": {**event["edata"], **changed}}
