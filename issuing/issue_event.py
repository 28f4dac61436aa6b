"""Parse issue events, of the topic ``{env}.issue.certificate.request`` (docs/contracts.md, "Issue event")."""

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


def parse_issue_event(record: Record) -> list[Claim]:
    """Parse an issue event to the claim of each of its users, in order.

    The event may have the spelling of Sunbird's source or that of its deployments. All entries of ``userIds`` that are
    not a user id have one claim together, without a user id.

    Raises:
        Rejected: the message is not an issue event.
    """
    payload = parse_object(record.value)
    edata = read_object(payload, "edata")
    _check_action(read_string(edata, "action"))
    mid = read_string(payload, "mid") or None
    ets = read_epoch_millis(payload, "ets")
    batch_id = read_string(edata, "batchId", "batchID")
    course_id = read_string(edata, "courseId", "courseID")
    template_id = _read_template_id(edata.get("templateId"))
    is_reissue = read_flag(edata, "reIssue", "resIssue")
    user_ids = _read_user_ids(edata.get("userIds"))
    _check_ids(mid, batch_id, course_id, template_id, user_ids)
    if is_reissue and not mid:
        raise Rejected(
            ErrorCode.NO_MID,
            "the event requests a re-issue and has no mid: set one, which distinguishes a new request from a replay",
        )
    return [
        Claim(
            "issue",
            _narrow_to_user(payload, user_id),
            record.source,
            mid,
            batch_id,
            course_id,
            user_id or None,
            template_id,
            shares_event=len(user_ids) > 1,
            ets=ets,
            is_reissue=is_reissue,
        )
        for user_id in user_ids
    ]


def _check_action(action: str) -> None:
    if action.lower() != ACTION:
        problem = f"is {action!r}" if action else "is missing"
        raise Rejected(
            ErrorCode.OTHER_ACTION, f"edata.action {problem}: write only {ACTION!r} events to this topic"
        )


def _check_ids(
    mid: str | None, batch_id: str, course_id: str, template_id: str | None, user_ids: tuple[str, ...]
) -> None:
    if not batch_id:
        raise Rejected(ErrorCode.NO_BATCH, "edata.batchId is missing or blank")
    if not course_id:
        raise Rejected(ErrorCode.NO_COURSE, "edata.courseId is missing or blank")
    if not any(user_ids):
        raise Rejected(ErrorCode.NO_USER, "edata.userIds has no user id: add at least one")
    check_id_length(mid, at="mid")
    check_id_length(batch_id, at="edata.batchId")
    check_id_length(course_id, at="edata.courseId")
    check_id_length(template_id, at="edata.templateId")


def _narrow_to_user(payload: JsonObject, user_id: str) -> JsonObject:
    """Return the event with one user id; for ``""``, with the entries that are not a user id."""
    entries = [user_id] if user_id else _find_invalid_entries(payload["edata"]["userIds"])
    return replace_edata(payload, userIds=entries)


def _read_template_id(value: Any) -> str | None:
    """Return the template's id unchanged, since it is compared with the keys of the batch."""
    return value if isinstance(value, str) and value else None


def _read_user_ids(value: Any) -> tuple[str, ...]:
    """Return each id once, in the event's order; one ``""`` for all entries that are not a user id."""
    return tuple(dict.fromkeys(map(read_id, _to_list(value))))


def _find_invalid_entries(value: Any) -> list[Any]:
    """Return the entries of ``userIds`` that are not a user id."""
    return [entry for entry in _to_list(value) if not read_id(entry)]


def _to_list(value: Any) -> list[Any]:
    """Return a list as it is, and any other value as a list of one entry."""
    return value if isinstance(value, list) else [value]
