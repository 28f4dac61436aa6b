"""``docs/outputs.md``: its examples are what certbeam writes."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from certbeam.issuing.dead_letter import restore_original_message
from certbeam.tests.docs.markdown import DOCS, examples, json_examples
from certbeam.tests.pipelines.conftest import Installation
from certbeam.tests.schemas.validators import SUFFIX, faults, schema, schema_names

PAGE = DOCS / "outputs.md"
SECTIONS = {
    "Outcomes": "outcome",
    "Dead letters": "dead-letter",
    "Large messages": "dead-letter",
    "Audit events": "audit-event",
    "Notices": "notice",
}
"""The schemas of the examples, by their section."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Runs of ``enrich`` and ``issue`` over the events of the demo."""
    installation = Installation(tmp_path_factory.mktemp("demo"))
    installation.run("enrich")
    installation.run("issue")
    return installation


def written(runs: Installation, sink: str) -> list[Any]:
    lines = [line for pipeline in ("enrich", "issue") for line in runs.lines(sink, pipeline)]
    return [comparable(line) for line in lines]


def comparable(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message without reasons, whose wording may change, and without folders."""
    message = {name: value for name, value in message.items() if name != "reason"}
    if "failInfo" in message:
        info = {name: value for name, value in message["failInfo"].items() if name != "error"}
        source = info["source"]
        if "file" in source:
            info["source"] = {**source, "file": Path(source["file"]).name}
        message["failInfo"] = info
    return message


def test_every_section_with_examples_has_a_schema():
    assert {one.heading for one in examples(PAGE) if one.language.startswith("json")} == set(SECTIONS)


@pytest.mark.parametrize(("heading", "name"), SECTIONS.items())
def test_every_example_matches_its_schema(heading: str, name: str):
    found = json_examples(PAGE, heading)
    assert found
    assert [faults(name, one) for one in found] == [[]] * len(found)


def test_the_examples_have_an_outcome_of_every_verdict():
    verdicts = [one["outcome"] for one in json_examples(PAGE, "Outcomes")]
    assert sorted(verdicts) == sorted(schema("outcome")["properties"]["outcome"]["enum"])


@pytest.mark.parametrize(
    ("heading", "sink"),
    [("Outcomes", "outcomes"), ("Dead letters", "dead_letters"), ("Audit events", "audit")],
)
def test_the_demo_writes_every_example(runs: Installation, heading: str, sink: str):
    lines = written(runs, sink)
    for example in json_examples(PAGE, heading):
        assert comparable(example) in lines


def test_the_dead_letters_can_be_replayed():
    letters = [orjson.dumps(one) for one in json_examples(PAGE, "Dead letters")]
    assert [restore_original_message(one)[:1] for one in letters] == [b"{", b"{"]


@pytest.mark.parametrize("name", schema_names())
def test_every_schema_and_its_members_are_on_the_page(name: str):
    text = PAGE.read_text(encoding="utf-8")
    assert f"`{name}{SUFFIX}`" in text
    if name != "generate-event":
        for member in schema(name)["properties"]:
            assert f"`{member}" in text, member


def test_the_example_code_runs():
    (code,) = (one.text for one in examples(PAGE) if one.language == "python")
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - the page's own words
    assert names["schema"] == schema("outcome")
