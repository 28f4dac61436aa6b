"""Compare values that are printed, stored or compared later with the golden files."""

import pytest

from certbeam.tests.golden.files import MESSAGE, cases_of, readable, topics_of_files
from certbeam.tests.golden.topics import INPUTS, TOPICS, committed_fonts

CASES = [(topic, case) for topic in TOPICS for case in cases_of(topic)]


@pytest.fixture(scope="module", autouse=True)
def fonts():
    with committed_fonts():
        yield


def test_each_topic_has_one_file():
    assert topics_of_files() == {*TOPICS, *INPUTS}


@pytest.mark.parametrize(("topic", "case"), CASES, ids=lambda value: value.replace(" ", "-"))
def test_the_value_is_unchanged(topic: str, case: str):
    given = cases_of(topic)[case]
    derived = TOPICS[topic](given["input"])
    assert readable(derived) == readable(given["expected"]), MESSAGE.format(topic=topic, case=case)
