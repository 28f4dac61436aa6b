"""Claims: the unit of account, one for each event, user and template."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from certbeam.foundation.json_values import JsonObject

Job = Literal["issue", "generate"]


@dataclass(frozen=True, slots=True)
class Claim:
    """Claim of one user to the certificate of one template, made by one event.

    Attributes:
        job: the job that reads the event's topic.
        event: the event, narrowed to this user. Claims are sent between machines, and the events of large batches
            name thousands of users.
        source: as in :class:`~certbeam.issuing.record.Record`.
        mid: id of the issue event; None if it has none.
        user_id: None if the entry of the event is not a user id.
        template_id: None until the batch's templates are known, unless the event names one.
        shares_event: True if the event makes other claims too.
        ets: time of the event in milliseconds since 1970; None if it has none.
        is_reissue: True if the event requests a new certificate for a learner who has one.
    """

    job: Job
    event: JsonObject
    source: Mapping[str, Any]
    mid: str | None
    batch_id: str
    course_id: str
    user_id: str | None
    template_id: str | None = None
    shares_event: bool = False
    ets: int | None = None
    is_reissue: bool = False

    @property
    def claim(self) -> "Claim":
        """Return the claim itself, as other elements between stages return theirs."""
        return self

    def narrow_to_template(self, template_id: str, *, shares_event: bool = False) -> "Claim":
        """Return this claim to the certificate of one template.

        Args:
            template_id: the template.
            shares_event: True if there are claims to other templates of the batch.
        """
        return replace(self, template_id=template_id, shares_event=self.shares_event or shares_event)

    def narrow_event(self) -> JsonObject:
        """Return the event narrowed to the claim's template too, so that its replay affects no other claim."""
        if self.job == "generate" or self.template_id is None:
            return self.event
        return replace_edata(self.event, templateId=self.template_id)


def replace_edata(event: JsonObject, **members: Any) -> JsonObject:
    """Return a copy of an event with some members of its ``edata`` replaced or added."""
    return {**event, "edata": {**event["edata"], **members}}
