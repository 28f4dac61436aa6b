"""Golden files: values that are printed, stored or compared later, each with the input it is derived from.

A file holds one topic: ``{"about": …, "cases": {NAME: {"input": …, "expected": …}}}``. Values are compared as JSON
text, so the order of members counts. JSON documents are held as JSON values; their stored bytes are the compact form.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parent
MESSAGE = (
    "{topic}, {case}: this value is printed, stored or compared later. Changing it is breaking: add a line under"
    " 'Breaking' in CHANGELOG.md and run `python -m certbeam.tests.golden.write`"
)


def topics_of_files() -> set[str]:
    """Return the topics that have a file."""
    return {file.stem for file in FOLDER.glob("*.json")}


def read_topic(topic: str) -> dict[str, Any]:
    """Return the content of the file of a topic."""
    content: dict[str, Any] = orjson.loads((FOLDER / f"{topic}.json").read_bytes())
    return content


def cases_of(topic: str) -> Mapping[str, Any]:
    """Return the cases of a topic, by name."""
    cases: Mapping[str, Any] = read_topic(topic)["cases"]
    return cases


def write_topic(topic: str, content: Mapping[str, Any]) -> None:
    """Write a topic's file."""
    text = json.dumps(content, ensure_ascii=False, indent=2)
    (FOLDER / f"{topic}.json").write_text(f"{text}\n", encoding="utf-8")


def readable(value: Any) -> str:
    """Return a value as indented JSON text, for readable differences."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def as_json(body: bytes) -> Any:
    """Parse JSON bytes; asserts that they are in compact form."""
    value = orjson.loads(body)
    assert orjson.dumps(value) == body, "stored JSON is not in its compact form"
    return value
