"""Golden files: values that are printed, stored or compared later, each beside the input that it is derived from.

A file holds one topic: ``{"about": …, "cases": {NAME: {"input": …, "expected": …}}}``. Values are compared as JSON
text, so that the order of members counts. What is stored as JSON is held as JSON: its bytes are those of its compact
form.
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
    """The topics that have a file."""
    return {file.stem for file in FOLDER.glob("*.json")}


def read_topic(topic: str) -> dict[str, Any]:
    """The content of a topic's file."""
    content: dict[str, Any] = orjson.loads((FOLDER / f"{topic}.json").read_bytes())
    return content


def cases_of(topic: str) -> Mapping[str, Any]:
    """The cases of a topic, by name."""
    cases: Mapping[str, Any] = read_topic(topic)["cases"]
    return cases


def write_topic(topic: str, content: Mapping[str, Any]) -> None:
    """Write a topic's file."""
    text = json.dumps(content, ensure_ascii=False, indent=2)
    (FOLDER / f"{topic}.json").write_text(f"{text}\n", encoding="utf-8")


def readable(value: Any) -> str:
    """A value as JSON text on many lines, in which a difference is easy to see."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def as_json(body: bytes) -> Any:
    """The value in JSON bytes that are in the compact form, as everything stored is."""
    value = orjson.loads(body)
    assert orjson.dumps(value) == body, "stored JSON is not in its compact form"
    return value
