"""Issue-certificate events: who asks for whose certificates (topic ``{env}.issue.certificate.request``)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import (
    JsonObject,
    check_length,
    epoch_millis,
    flag,
    identifier,
    parse_object,
    section,
    text,
)
from certbeam.issuing.claim import Claim, with_edata
from certbeam.issuing.record import Record

ACTION = "issue-certificate"


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """One request to issue the certificates of a batch to some of its learners.

    Attributes:
        payload: the event as read.
        ets: when the event was made, milliseconds since 1970; None where the event does not say.
        user_ids: each once, in the event's order; ``""`` stands for entries that are no user id.
        template_id: only this template's certificates, where a narrowed event says so.
        one_of_many: whether the event as read names more users than these.
    """

    payload: JsonObject
    source: Mapping[str, Any]
    mid: str | None
    ets: int | None
    batch_id: str
    course_id: str
    user_ids: tuple[str, ...]
    reissue: bool
    template_id: str | None
    one_of_many: bool = False

    def for_user(self, user_id: str) -> "IssueEvent":
        """The event as if it had named this user only; ``""``: the entries that are no user id, as they stand."""
        named = [user_id] if user_id else _nobodies(self.payload["edata"]["userIds"])
        payload = with_edata(self.payload, userIds=named)
        return replace(
            self, payload=payload, user_ids=(user_id,), one_of_many=self.one_of_many or len(self.user_ids) > 1
        )

    def claim(self) -> Claim:
        """The claim of this event's only user, before the batch's templates are known."""
        (user_id,) = self.user_ids
        return Claim(
            "issue",
            self.payload,
            self.source,
            self.mid,
            self.batch_id,
            self.course_id,
            user_id or None,
            self.template_id,
            self.one_of_many,
        )


def parse_issue_event(record: Record) -> IssueEvent:
    """The issue event in a message, in the seed's spelling or the deployed one.

    Raises:
        Rejected: with the reason why this is no issue event.
    """
    payload = parse_object(record.value)
    edata = section(payload, "edata")
    action = text(edata, "action")
    if action.lower() != ACTION:
        found = f"is {action!r}" if action else "is missing"
        raise Rejected(ErrorCode.OTHER_ACTION, f"edata.action {found}; this pipeline reads {ACTION!r} events")
    event = IssueEvent(
        payload=payload,
        source=record.source,
        mid=text(payload, "mid") or None,
        ets=epoch_millis(payload, "ets"),
        batch_id=text(edata, "batchId", "batchID"),
        course_id=text(edata, "courseId", "courseID"),
        user_ids=_user_ids(edata.get("userIds")),
        reissue=flag(edata, "reIssue", "resIssue"),
        template_id=_template_id(edata.get("templateId")),
    )
    _check(event)
    return event


def _check(event: IssueEvent) -> None:
    if not event.batch_id:
        raise Rejected(ErrorCode.NO_BATCH, "edata.batchId is missing or blank")
    if not event.course_id:
        raise Rejected(ErrorCode.NO_COURSE, "edata.courseId is missing or blank")
    if not any(event.user_ids):
        raise Rejected(ErrorCode.NO_USER, "edata.userIds names no user")
    check_length(event.mid, at="mid")
    check_length(event.batch_id, at="edata.batchId")
    check_length(event.course_id, at="edata.courseId")
    check_length(event.template_id, at="edata.templateId")
    if event.reissue and not event.mid:
        raise Rejected(
            ErrorCode.NO_MID, "a re-issue needs the event's mid: without it a replay looks like a new request"
        )


def _template_id(value: Any) -> str | None:
    """As it stands, for it is compared with the batch's keys letter for letter."""
    return value if isinstance(value, str) and value else None


def _user_ids(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(identifier, _entries(value))))


def _nobodies(value: Any) -> list[Any]:
    """The entries of ``userIds`` that are no user id."""
    return [entry for entry in _entries(value) if not identifier(entry)]


def _entries(value: Any) -> list[Any]:
    """One that stands alone counts, too."""
    return value if isinstance(value, list) else [value]
