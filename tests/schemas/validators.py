"""Validators of the JSON Schemas that certbeam ships."""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson
from jsonschema import Draft202012Validator, FormatChecker

FOLDER = files("certbeam") / "schemas"
SUFFIX = ".schema.json"


def schema_names() -> list[str]:
    """Return the names of all schemas."""
    return sorted(file.name.removesuffix(SUFFIX) for file in FOLDER.iterdir())


def schema(name: str) -> dict[str, Any]:
    """Return the schema with a name."""
    found: dict[str, Any] = orjson.loads((FOLDER / f"{name}{SUFFIX}").read_bytes())
    return found


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name), format_checker=FormatChecker())


def faults(name: str, message: Any) -> list[str]:
    """Return the reasons why a message does not match a schema."""
    return [f"{error.json_path}: {error.message}" for error in _validator(name).iter_errors(message)]
