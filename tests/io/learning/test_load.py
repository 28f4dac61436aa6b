"""Loads of learning records: all rows or none, and the message of each error."""

import sqlite3

import orjson
import pytest

from certbeam.io.learning.load import LoadError, load_records
from certbeam.tests.support import (
    BATCH,
    COURSE,
    batch_row,
    course_row,
    enrolment_row,
    scores_row,
    small_platform,
    user_row,
    whole,
)


@pytest.fixture
def load(tmp_path):
    def load(document):
        source = tmp_path / "lms.json"
        source.write_bytes(document if isinstance(document, bytes) else orjson.dumps(document))
        return load_records(source, tmp_path / "lms.db")

    return load


@pytest.fixture
def rows(tmp_path):
    def rows(table):
        connection = sqlite3.connect(tmp_path / "lms.db")
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]  # noqa: S608 - a test's own

    return rows


def refusal(load, document):
    with pytest.raises(LoadError) as error:
        load(document)
    return str(error.value)


def test_rows_are_counted_by_table(load):
    tables = {**small_platform("u-1", "u-2"), "user_activity_agg": [scores_row(agg={"score:do_1": 1})]}
    assert load(tables) == {
        "course_batch": 1,
        "user_enrolments": 2,
        "users": 2,
        "courses": 2,
        "user_activity_agg": 1,
    }


def test_every_table_is_optional(load, rows):
    assert load({}) == {}
    assert rows("users") == []


def test_names_of_columns_may_have_any_case(load, rows):
    load(
        {
            "user_enrolments": [
                {"userId": "u-1", "courseId": COURSE, "BATCHID": BATCH, "completedOn": "2026-03-31"}
            ]
        }
    )
    (row,) = rows("user_enrolments")
    assert (row["userid"], row["batchid"]) == ("u-1", BATCH)
    assert row["completedon"] == "2026-03-31T00:00:00.000Z"


def test_times_are_stored_in_utc(load, rows):
    load({"user_enrolments": [enrolment_row(completedon="2026-04-01T01:45:30.123456+05:30")]})
    assert rows("user_enrolments")[0]["completedon"] == "2026-03-31T20:15:30.123Z"


def test_template_fields_written_as_json_are_stored_as_text(load, rows):
    load({"course_batch": [batch_row()]})
    template = orjson.loads(rows("course_batch")[0]["cert_templates"])["tpl-1"]
    assert template["criteria"] == '{"enrollment":{"status":2}}'
    assert all(isinstance(value, str) for value in template.values())


def test_users_and_courses_are_stored_as_whole_records(load, rows):
    load({"users": [user_row("u-1", extra=1)], "courses": [course_row("do_9"), {"id": "do_8", "name": "x"}]})
    assert orjson.loads(rows("users")[0]["record"]) == user_row("u-1", extra=1)
    assert {row["identifier"] for row in rows("courses")} == {"do_9", "do_8"}


def test_a_row_loaded_again_is_updated(load, rows):
    load({"user_enrolments": [enrolment_row(status=1)], "users": [user_row(firstName="Old")]})
    load({"user_enrolments": [enrolment_row(status=2)], "users": [user_row(firstName="New")]})
    assert [row["status"] for row in rows("user_enrolments")] == [2]
    assert [orjson.loads(row["record"])["firstName"] for row in rows("users")] == ["New"]


def test_columns_that_a_row_does_not_name_are_not_changed(load, rows):
    load({"user_enrolments": [enrolment_row(issued_certificates=[{"name": "x"}], progress=3)]})
    load({"user_enrolments": [enrolment_row(progress=4)]})
    (row,) = rows("user_enrolments")
    assert (row["issued_certificates"], row["progress"]) == ('[{"name":"x"}]', 4)


def test_a_null_column_is_cleared(load, rows):
    load({"user_enrolments": [enrolment_row(progress=3)]})
    load({"user_enrolments": [enrolment_row(progress=None)]})
    assert rows("user_enrolments")[0]["progress"] is None


def test_a_wrong_row_prevents_the_load_of_all_rows(load, rows):
    load({"users": [user_row("u-1")]})
    refusal(load, {"users": [user_row("u-2")], "courses": [course_row(), {"name": "no id"}]})
    assert [row["id"] for row in rows("users")] == ["u-1"]
    assert rows("courses") == []


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"user_enrolments": [7]}, "user_enrolments row 1 is not an object"),
        (
            {"user_enrolments": [enrolment_row(), {"userid": "u"}]},
            "user_enrolments row 2: courseid must be given: it is part of the key",
        ),
        ({"users": [{"firstName": "A"}]}, "users row 1: id must be given: it is part of the key"),
        (
            {"courses": [{"identifier": ""}]},
            "courses row 1: identifier must be given: it is part of the key",
        ),
        ({"user_enrolments": [enrolment_row(grade=1)]}, "user_enrolments row 1: there is no column 'grade'"),
        (
            {"user_enrolments": [enrolment_row(status="2")]},
            "user_enrolments row 1: status: '2' is not an int",
        ),
        (
            {"user_enrolments": [enrolment_row(status=True)]},
            "user_enrolments row 1: status: True is not an int",
        ),
        (
            {"user_enrolments": [enrolment_row(active="yes")]},
            "user_enrolments row 1: active: 'yes' is not a boolean",
        ),
        ({"user_enrolments": [enrolment_row(addedby=7)]}, "user_enrolments row 1: addedby: 7 is not a text"),
        (
            {"user_enrolments": [enrolment_row(completedon="yesterday")]},
            "user_enrolments row 1: completedon: 'yesterday' is not a time like 2026-03-31T10:15:00Z",
        ),
        (
            {"user_enrolments": [enrolment_row(completedon=1)]},
            "user_enrolments row 1: completedon: 1 is not a time like 2026-03-31T10:15:00Z",
        ),
        (
            {"user_enrolments": [enrolment_row(issued_certificates=[{"name": 7}])]},
            "user_enrolments row 1: issued_certificates: must be a list of objects whose values are text",
        ),
        (
            {"course_batch": [{**batch_row(), "cert_templates": ["t"]}]},
            "course_batch row 1: cert_templates: must map template ids to objects",
        ),
        (
            {"course_batch": [{**batch_row(), "cert_templates": {"t": "x"}}]},
            "course_batch row 1: cert_templates: must map template ids to objects",
        ),
        (
            {"user_activity_agg": [scores_row(agg={"score:do_1": "5"})]},
            "user_activity_agg row 1: agg: must map keys such as score:do_1 to numbers",
        ),
        (
            {"user_activity_agg": [scores_row(aggregates={"score:do_1": True})]},
            "user_activity_agg row 1: aggregates: must map keys such as score:do_1 to numbers",
        ),
        (
            {"user_activity_agg": [scores_row(agg_last_updated=["now"])]},
            "user_activity_agg row 1: agg_last_updated: must map keys such as score:do_1 to times",
        ),
        (
            {"user_activity_agg": [scores_row(agg_last_updated={"score:do_1": "now"})]},
            "user_activity_agg row 1: agg_last_updated: 'now' is not a time like 2026-03-31T10:15:00Z",
        ),
    ],
)
def test_an_error_has_the_table_the_row_and_the_column(load, tables, message):
    assert refusal(load, tables) == message


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"{", "is not JSON"),
        (b"[]", "must contain an object of tables"),
        (b'{"users": {}}', "each a list of rows"),
        (b'{"user": []}', "'user' is not a table; known: course_batch, user_enrolments"),
    ],
)
def test_a_file_of_another_form_is_refused(load, document, message):
    assert message in refusal(load, document)


def test_an_error_of_a_row_has_no_further_text(load):
    with pytest.raises(LoadError, match=whole("users row 1 is not an object")):
        load({"users": [None]})
