"""Parse issue events, of the topic ``{env}.issue.certificate.request`` (docs/contracts.md, "Issue event")."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import (
    JsonObject,
    check_id_length,
    parse_object,
    read_epoch_millis,
    read_flag,
    read_id,
    read_object,
    read_string,
)
from certbeam.issuing.claim import Claim, replace_edata
from certbeam.issuing.record import Record

ACTION = "issue-certificate"


@dataclass(frozen=True, slots=True)
class IssueEvent:
    """Request to issue the certificates of a batch to some of its learners.

    Attributes:
        payload: the event as read.
        source: as in :class:`~certbeam.issuing.record.Record`.
        mid: id of the event; None if it has none.
        ets: time of the event in milliseconds since 1970; None if it has none.
        user_ids: each id once, in the event's order; one ``""`` for all entries that are not a user id.
        reissue: True if new certificates are issued to learners who have one.
        template_id: the only template to issue; None for all templates of the batch.
        shares_event: True if the event as read has other users too.
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
    shares_event: bool = False

    def narrow_to_user(self, user_id: str) -> "IssueEvent":
        """Return the event narrowed to one user.

        Args:
            user_id: one of :attr:`user_ids`; ``""`` for the entries that are not a user id.
        """
        entries = [user_id] if user_id else _find_invalid_entries(self.payload["edata"]["userIds"])
        payload = replace_edata(self.payload, userIds=entries)
        return replace(
            self,
            payload=payload,
            user_ids=(user_id,),
            shares_event=self.shares_event or len(self.user_ids) > 1,
        )

    def make_claim(self) -> Claim:
        """Make the claim of the only user of a narrowed event; its template is not known yet."""
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
            self.shares_event,
        )


def parse_issue_event(record: Record) -> IssueEvent:
    """Parse an issue event, in the spelling of Sunbird's source or that of its deployments.

    Raises:
        Rejected: the message is not an issue event.
    """
    payload = parse_object(record.value)
    edata = read_object(payload, "edata")
    action = read_string(edata, "action")
    if action.lower() != ACTION:
        problem = f"is {action!r}" if action else "is missing"
        raise Rejected(
            ErrorCode.OTHER_ACTION, f"edata.action {problem}: write only {ACTION!r} events to this topic"
        )
    event = IssueEvent(
        payload=payload,
        source=record.source,
        mid=read_string(payload, "mid") or None,
        ets=read_epoch_millis(payload, "ets"),
        batch_id=read_string(edata, "batchId", "batchID"),
        course_id=read_string(edata, "courseId", "courseID"),
        user_ids=_read_user_ids(edata.get("userIds")),
        reissue=read_flag(edata, "reIssue", "resIssue"),
        template_id=_read_template_id(edata.get("templateId")),
    )
    _check(event)
    return event


def _check(event: IssueEvent) -> None:
    if not event.batch_id:
        raise Rejected(ErrorCode.NO_BATCH, "edata.batchId is missing or blank")
    if not event.course_id:
        raise Rejected(ErrorCode.NO_COURSE, "edata.courseId is missing or blank")
    if not any(event.user_ids):
        raise Rejected(ErrorCode.NO_USER, "edata.userIds has no user id: add at least one")
    check_id_length(event.mid, at="mid")
    check_id_length(event.batch_id, at="edata.batchId")
    check_id_length(event.course_id, at="edata.courseId")
    check_id_length(event.template_id, at="edata.templateId")
    if event.reissue and not event.mid:
        raise Rejected(
            ErrorCode.NO_MID,
            "the event requests a re-issue and has no mid: set one, which distinguishes a new request from a replay",
        )


def _read_template_id(value: Any) -> str | None:
    """Return the template's id unchanged, since it is compared with the keys of the batch."""
    return value if isinstance(value, str) and value else None


def _read_user_ids(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(read_id, _to_list(value))))


def _find_invalid_entries(value: Any) -> list[Any]:
    """Return the entries of ``userIds`` that are not a user id."""
    return [entry for entry in _to_list(value) if not read_id(entry)]


def _to_list(value: Any) -> list[Any]:
    """Return a list as it is, and any other value as a list of one entry."""
    return value if isinstance(value, list) else [value]
