"""The learning platform's records in the Cassandra tables of production (``docs/contracts.md``, "Tables")."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from certbeam.foundation.json_values import JsonObject
from certbeam.io.clients.cassandra import CassandraSession, Consistency, open_session
from certbeam.io.learning.aggregates import parse_scores
from certbeam.io.learning.tables import USER_ENROLMENTS
from certbeam.io.protocols import IssuedChange
from certbeam.io.uri.address import Address
from certbeam.issuing.learning_records import BatchKey, Enrolment, EnrolmentKey, IssuedEntry, Scores

_BATCH = "SELECT cert_templates FROM course_batch WHERE courseid = ? AND batchid = ?"
_ENROLMENT = (
    f"SELECT {', '.join(USER_ENROLMENTS.columns)} FROM user_enrolments"  # noqa: S608 - our own column names
    " WHERE userid = ? AND courseid = ? AND batchid = ?"
)
_SCORES = (
    "SELECT agg, aggregates, agg_last_updated FROM user_activity_agg"
    " WHERE activity_type = 'Course' AND activity_id = ? AND user_id = ? AND context_id = ?"
)
_ISSUED = "SELECT issued_certificates FROM user_enrolments WHERE userid = ? AND courseid = ? AND batchid = ?"
_REPLACE = (
    "UPDATE user_enrolments SET issued_certificates = ? WHERE userid = ? AND courseid = ? AND batchid = ?"
    " IF issued_certificates = ?"
)
_QUERIES = (_BATCH, _ENROLMENT, _SCORES, _ISSUED, _REPLACE)


def open_cassandra_learning(address: Address) -> "CassandraLearning":
    """Open the learning records in the keyspace of an address.

    Raises:
        FlagError: if the address is wrong, or a table is missing.
        Unavailable: if no node answers.
    """
    return CassandraLearning(open_session(address, _QUERIES))


class CassandraLearning:
    """:class:`~certbeam.io.protocols.LearningRecords` in a keyspace such as ``sunbird_courses``."""

    def __init__(self, session: CassandraSession) -> None:
        self._session = session

    def batch_templates(self, keys: Collection[BatchKey]) -> Mapping[BatchKey, Mapping[str, JsonObject]]:
        """See :class:`~certbeam.io.protocols.LearningRecords`."""
        rows = self._session.find(_BATCH, {key: key for key in keys})
        return {key: _plain(row["cert_templates"]) or {} for key, row in rows.items()}

    def enrolments(self, keys: Collection[EnrolmentKey]) -> Mapping[EnrolmentKey, Enrolment]:
        """See :class:`~certbeam.io.protocols.LearningRecords`."""
        rows = self._session.find(_ENROLMENT, {key: key for key in keys})
        return {key: Enrolment(_plain(row)) for key, row in rows.items()}

    def scores(self, keys: Collection[EnrolmentKey]) -> Mapping[EnrolmentKey, Scores]:
        """See :class:`~certbeam.io.protocols.LearningRecords`."""
        parameters = {key: (key.course_id, key.user_id, f"cb:{key.batch_id}") for key in keys}
        rows = self._session.find(_SCORES, parameters)
        return {
            key: parse_scores(row["agg"], row["aggregates"], _plain(row["agg_last_updated"]))
            for key, row in rows.items()
        }

    def replace_issued(self, changes: Sequence[IssuedChange]) -> list[bool]:
        """See :class:`~certbeam.io.protocols.LearningRecords`. Each change is one conditional update."""
        # "IF issued_certificates = null" would create the row of a missing enrolment.
        existing = self._session.find(
            _ISSUED, {change.key: change.key for change in changes if not change.before}
        )
        is_possible = [bool(change.before) or change.key in existing for change in changes]
        updates = [_Update(change) for change, possible in zip(changes, is_possible, strict=True) if possible]
        results = iter(self._session.retry(updates, self._attempt))
        return [possible and next(results) for possible in is_possible]

    def close(self) -> None:
        """Close the session."""
        self._session.close()

    def _attempt(self, updates: Sequence["_Update"]) -> list[bool | Exception | None]:
        """Attempt updates once, and return the result of each."""
        doubtful = [update for update in updates if update.in_doubt]
        # A serial read completes a conditional update that is in flight, so that its result is final.
        read = self._session.prepare(_ISSUED, Consistency.LOCAL_SERIAL)
        answers = self._session.attempt([read.bind(update.change.key) for update in doubtful])
        for update, answer in zip(doubtful, answers, strict=True):
            update.check_read(answer)
        pending = [update for update in updates if update.result is None]
        replace = self._session.prepare(_REPLACE)
        answers = self._session.attempt([replace.bind(update.parameters) for update in pending])
        for update, answer in zip(pending, answers, strict=True):
            update.check_update(answer)
        return [update.result for update in updates]


@dataclass
class _Update:
    """A conditional update of a learner's list.

    Attributes:
        result: True if it was applied, False if not; None while it can be attempted; the transient error while the
            result is unknown.
        in_doubt: True if an attempt without an answer may have been applied.
    """

    change: IssuedChange
    result: bool | Exception | None = None
    in_doubt: bool = False

    @property
    def parameters(self) -> tuple[Any, ...]:
        """Return the parameters of the statement."""
        return (list(self.change.after), *self.change.key, list(self.change.before))

    def check_read(self, answer: list[Any] | Exception) -> None:
        """Set the result from the list that was read after an attempt without an answer."""
        if isinstance(answer, Exception):
            self.result = answer
            return
        current = _parse_entries(answer[0]) if answer else ()
        if self._is_applied_to(current):
            self.result = True
        else:
            self.result = None if current == self.change.before else False

    def check_update(self, answer: list[Any] | Exception) -> None:
        """Set the result from the answer to an attempt. If it was not applied, the answer has the current list."""
        if isinstance(answer, Exception):
            self.result, self.in_doubt = answer, True
        else:
            (row,) = answer
            self.result = bool(row["[applied]"]) or (
                self.in_doubt and self._is_applied_to(_parse_entries(row))
            )

    def _is_applied_to(self, current: Sequence[IssuedEntry]) -> bool:
        """Return True if a list has the change. Certificate ids are unique, so no other writer adds its entries."""
        new = [entry for entry in self.change.after if entry not in self.change.before]
        return tuple(current) == self.change.after or (bool(new) and all(entry in current for entry in new))


def _parse_entries(row: Mapping[str, Any]) -> tuple[IssuedEntry, ...]:
    return tuple(dict(entry) for entry in row.get("issued_certificates") or ())


def _plain(value: Any) -> Any:
    """Convert a value of the driver: times get the time zone UTC, and maps become dictionaries."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=timezone.utc)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
