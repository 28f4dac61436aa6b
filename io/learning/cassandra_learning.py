"""The learning platform's records in Cassandra, in the tables of production (contracts §2.1 to §2.3)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from certbeam.foundation.json_values import JsonObject
from certbeam.io.clients.cassandra import CassandraSession, Consistency, open_session
from certbeam.io.learning.aggregates import scores_of
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
    """The learning records in the keyspace of an address.

    Raises:
        FlagError: when the address is wrong, or the keyspace lacks a table.
        Unavailable: when no node answers.
    """
    return CassandraLearning(open_session(address, _QUERIES))


class CassandraLearning:
    """:class:`~certbeam.io.protocols.LearningRecords` in a keyspace such as ``sunbird_courses``."""

    def __init__(self, session: CassandraSession) -> None:
        self._session = session

    def batch_templates(self, keys: Collection[BatchKey]) -> Mapping[BatchKey, Mapping[str, JsonObject]]:
        """See :class:`~certbeam.io.protocols.LearningRecords`."""
        found = self._session.find(_BATCH, {key: key for key in keys})
        return {key: _plain(row["cert_templates"]) or {} for key, row in found.items()}

    def enrolments(self, keys: Collection[EnrolmentKey]) -> Mapping[EnrolmentKey, Enrolment]:
        """See :class:`~certbeam.io.protocols.LearningRecords`."""
        found = self._session.find(_ENROLMENT, {key: key for key in keys})
        return {key: Enrolment(_plain(row)) for key, row in found.items()}

    def scores(self, keys: Collection[EnrolmentKey]) -> Mapping[EnrolmentKey, Scores]:
        """See :class:`~certbeam.io.protocols.LearningRecords`."""
        rows = {key: (key.course_id, key.user_id, f"cb:{key.batch_id}") for key in keys}
        found = self._session.find(_SCORES, rows)
        return {
            key: scores_of(row["agg"], row["aggregates"], _plain(row["agg_last_updated"]))
            for key, row in found.items()
        }

    def replace_issued(self, changes: Sequence[IssuedChange]) -> list[bool]:
        """See :class:`~certbeam.io.protocols.LearningRecords`; each change is one conditional update."""
        # "IF issued_certificates = null" would make the row of an enrolment that is not there.
        there = self._session.find(
            _ISSUED, {change.key: change.key for change in changes if not change.before}
        )
        possible = [bool(change.before) or change.key in there for change in changes]
        attempts = [_Attempt(change) for change, may in zip(changes, possible, strict=True) if may]
        made = iter(self._session.persist(attempts, self._attempt))
        return [may and next(made) for may in possible]

    def close(self) -> None:
        """Close the session."""
        self._session.close()

    def _attempt(self, attempts: Sequence["_Attempt"]) -> list[bool | Exception | None]:
        """Whether each change was made, or why that is not known yet."""
        doubtful = [one for one in attempts if one.in_doubt]
        # A serial read first ends what is still under way, so that its answer holds.
        read = self._session.prepare(_ISSUED, Consistency.LOCAL_SERIAL)
        answers = self._session.attempt([read.bind(one.change.key) for one in doubtful])
        for one, answer in zip(doubtful, answers, strict=True):
            one.see(answer)
        possible = [one for one in attempts if one.result is None]
        replace = self._session.prepare(_REPLACE)
        answers = self._session.attempt([replace.bind(one.parameters) for one in possible])
        for one, answer in zip(possible, answers, strict=True):
            one.hear(answer)
        return [one.result for one in attempts]


@dataclass
class _Attempt:
    """A change that is being made.

    Attributes:
        result: whether it was made; None while it may be tried, the error while that is not known.
        in_doubt: whether an update may have been made without our hearing of it.
    """

    change: IssuedChange
    result: bool | Exception | None = None
    in_doubt: bool = False

    @property
    def parameters(self) -> tuple[Any, ...]:
        """Of the conditional update."""
        return (list(self.change.after), *self.change.key, list(self.change.before))

    def see(self, answer: list[Any] | Exception) -> None:
        """Learn from the list as it was read after an update without an answer."""
        if isinstance(answer, Exception):
            self.result = answer
            return
        current = _entries(answer[0]) if answer else ()
        if self._is_in(current):
            self.result = True
        else:
            self.result = None if current == self.change.before else False

    def hear(self, answer: list[Any] | Exception) -> None:
        """Learn from the answer to an update; one that is refused holds the list as it is."""
        if isinstance(answer, Exception):
            self.result, self.in_doubt = answer, True
        else:
            (row,) = answer
            self.result = bool(row["[applied]"]) or (self.in_doubt and self._is_in(_entries(row)))

    def _is_in(self, current: Sequence[IssuedEntry]) -> bool:
        """Whether the change was made: certificate ids are unique, so nobody else adds the same entries."""
        new = [entry for entry in self.change.after if entry not in self.change.before]
        return tuple(current) == self.change.after or (bool(new) and all(entry in current for entry in new))


def _entries(row: Mapping[str, Any]) -> tuple[IssuedEntry, ...]:
    return tuple(dict(entry) for entry in row.get("issued_certificates") or ())


def _plain(value: Any) -> Any:
    """The driver's values as the domain reads them: times are aware, maps are dicts."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=timezone.utc)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value
