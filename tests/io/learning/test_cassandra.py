"""Compare-and-set of the learner's list in Cassandra, with lost responses."""

from datetime import datetime

import cassandra
import pytest

from certbeam.io.clients.cassandra import Consistency
from certbeam.io.learning.cassandra_learning import CassandraLearning
from certbeam.io.protocols import IssuedChange
from certbeam.issuing.learning_records import BatchKey, EnrolmentKey
from certbeam.tests.io.cassandra import Session
from certbeam.tests.support import BATCH, COURSE, utc

KEY = EnrolmentKey("u-1", COURSE, BATCH)
OLD, NEW, THEIRS = {"identifier": "old"}, {"identifier": "new"}, {"identifier": "theirs"}
CHANGE = IssuedChange(KEY, (OLD,), (OLD, NEW))
APPLIED, LOST = [{"[applied]": True}], cassandra.OperationTimedOut()


def refused(*entries):
    return [{"[applied]": False, "issued_certificates": list(entries)}]


def read(*entries):
    return [{"issued_certificates": list(entries)}]


def replace(change, *answers):
    session = Session(*answers)
    return CassandraLearning(session).replace_issued([change]), session.made


def test_an_unchanged_list_is_replaced():
    made, statements = replace(CHANGE, APPLIED)
    assert made == [True]
    (update,) = statements
    assert update.query.endswith(" IF issued_certificates = ?")
    assert update.parameters == ([OLD, NEW], "u-1", COURSE, BATCH, [OLD])


def test_a_list_changed_by_others_is_not_replaced():
    assert replace(CHANGE, refused(OLD, THEIRS))[0] == [False]


def test_a_missing_enrolment_is_not_created():
    made, statements = replace(IssuedChange(KEY, (), (NEW,)), [])
    assert made == [False]
    assert [statement.query.split()[0] for statement in statements] == ["SELECT"]
    assert replace(IssuedChange(KEY, (), (NEW,)), read(), APPLIED)[0] == [True]


@pytest.mark.parametrize(
    ("then", "result", "statements"),
    [
        ([read(OLD, NEW)], True, 2),
        ([read(OLD, NEW, THEIRS)], True, 2),
        ([read(OLD), APPLIED], True, 3),
        ([read(OLD), refused(OLD, NEW)], True, 3),
        ([read(OLD), refused(OLD, THEIRS)], False, 3),
        ([read(OLD, THEIRS)], False, 2),
        ([[]], False, 2),
        ([LOST, read(OLD, NEW)], True, 3),
    ],
)
def test_after_a_lost_response_the_list_is_read_before_a_retry(then, result, statements):
    made, all_made = replace(CHANGE, LOST, *then)
    assert made == [result]
    assert len(all_made) == statements
    assert (all_made[1].query.split()[0], all_made[1].consistency) == ("SELECT", Consistency.LOCAL_SERIAL)


def test_without_a_lost_response_a_rejected_change_counts_as_not_made():
    assert replace(CHANGE, refused(OLD, NEW))[0] == [False]


def test_scores_are_read_by_the_context_of_the_batch():
    session = Session([{"agg": {"score:a": 1}, "aggregates": None, "agg_last_updated": None}])
    found = CassandraLearning(session).scores([KEY])
    assert found[KEY].points == {"score:a": 1}
    assert session.made[0].parameters == (COURSE, "u-1", f"cb:{BATCH}")


def test_times_are_aware_and_null_collections_are_empty():
    moment = datetime(2026, 3, 31, 20, 15)
    session = Session([{"completedon": moment, "issued_certificates": None}], [{"cert_templates": None}])
    learning = CassandraLearning(session)
    enrolment = learning.enrolments([KEY])[KEY]
    assert (enrolment.completed_on, enrolment.issued) == (utc(2026, 3, 31, 20, 15), ())
    assert learning.batch_templates([BatchKey(COURSE, BATCH)]) == {BatchKey(COURSE, BATCH): {}}
