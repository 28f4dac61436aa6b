"""The contract of Courses, which every embedded adapter keeps."""

import pytest

from certbeam.io.learning.sqlite_learning import SqliteLearning
from certbeam.tests.support import Platform, course_row, opener

ADAPTERS = {"sqlite": lambda folder, rows: SqliteLearning(Platform(folder).load({"courses": rows}).database)}


@pytest.fixture(params=ADAPTERS.values(), ids=list(ADAPTERS))
def open_courses(request, tmp_path):
    """Opens the adapter over some courses and contents."""
    yield from opener(lambda *rows: request.param(tmp_path, list(rows)))


class TestCourses:
    def test_the_courses_and_contents_that_exist_are_found(self, open_courses):
        courses = open_courses(course_row("do_1"), course_row("do_2", name="Quiz", contentType="SelfAssess"))
        found = courses.records({"do_1", "do_2", "do_3"})
        assert set(found) == {"do_1", "do_2"}
        assert found["do_1"]["name"] == "Soil & Water"
        assert found["do_2"]["contentType"] == "SelfAssess"

    def test_no_keys_have_no_results(self, open_courses):
        assert open_courses().records(set()) == {}
