"""Flex-template specifications of the pipelines, and the checks of a launch.

The specifications follow from the flags. Their format is Dataflow's: an image, the SDK's language, and metadata with a
description of every parameter.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

import certbeam
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.port_table import LEARNING
from certbeam.pipelines.config.flags import EXAMPLES, SUMMARIES, Flag, flags_of

NAME_PREFIX = "certbeam-"
IMAGE = f"certbeam-dataflow:{certbeam.__version__}"
"""The image that ``make dataflow-image`` builds. Put the address of your registry before it."""

# Regular expressions of values, by the metavar of their flag.
_PATTERNS: Mapping[str, str] = {
    "N": r"[1-9][0-9]*",
    "LIST": r"[^,\s]+(,[^,\s]+)*",
    "URI": r"\S+",
    "URL": r"\S+",
    "PATH": r"\S+",
    "FILE": r".+",
    "JAR": r"\S+",
    "FORMAT": r"json|text",
    "HOST:PORT": r"\S+:[0-9]+",
    "NETWORK": r"[0-9A-Fa-f:./;]+",
    "ZONE": r"[A-Za-z0-9_+/-]+",
}
_NEXT_PAIR = re.compile(r",(?=[A-Za-z_]\w*=)")
_TYPES: Mapping[str, str] = {"N": "NUMBER"}
# How labels write some words of flag names.
_LABEL_WORDS: Mapping[str, str] = {LEARNING.flag: "learning platform", "url": "URL", "mb": "megabytes"}


def flex_template(pipeline: str) -> dict[str, Any]:
    """Return the flex-template specification of a pipeline."""
    return {
        "image": IMAGE,
        "sdkInfo": {"language": "PYTHON"},
        "metadata": {
            "name": NAME_PREFIX + pipeline,
            "description": SUMMARIES[pipeline],
            "parameters": [_parameter(flag) for flag in flags_of(pipeline)],
        },
    }


def read_template(file: Path) -> tuple[str, list[dict[str, Any]]]:
    """Read a specification from a file.

    Returns:
        The pipeline that it launches, and its parameters.

    Raises:
        Rejected: ``template-spec``, if the file is not a specification of one of certbeam's pipelines.
    """
    try:
        metadata = orjson.loads(file.read_bytes())["metadata"]
        name, parameters = metadata["name"], list(metadata["parameters"])
        names = [parameter["name"] for parameter in parameters]
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Rejected(
            ErrorCode.TEMPLATE_SPEC, f"{file} is not a flex-template specification: {error!r}"
        ) from error
    pipeline = name.removeprefix(NAME_PREFIX)
    if pipeline not in SUMMARIES or len(set(names)) != len(names):
        raise Rejected(
            ErrorCode.TEMPLATE_SPEC, f"{file} is not a specification of one of certbeam's pipelines"
        )
    return pipeline, parameters


def check_parameters(given: Mapping[str, str], parameters: Sequence[Mapping[str, Any]]) -> list[str]:
    """Find the errors for which Dataflow would refuse the parameters of a launch.

    Args:
        given: the parameters of the launch, by name.
        parameters: the parameters of the specification.

    Returns:
        One message for each error.
    """
    known = {parameter["name"]: parameter for parameter in parameters}
    faults = [f"{name}: unrecognized parameter{_hint(name, known)}" for name in given if name not in known]
    for name, parameter in known.items():
        if name not in given:
            if not parameter.get("isOptional"):
                faults.append(f"{name}: missing required parameter: {parameter['helpText']}")
            continue
        patterns = parameter.get("regexes", ())
        faults += [
            f"{name}: {given[name]!r} does not match {pattern}"
            for pattern in patterns
            if not re.fullmatch(pattern, given[name])
        ]
    return faults


def split_parameters(text: str) -> dict[str, str]:
    """Parse ``name=value,name=value``. A comma is part of the value unless a name and ``=`` follow.

    Raises:
        Rejected: ``parameters``, if the text does not begin with a name and ``=``.
    """
    pairs = [pair.partition("=") for pair in _NEXT_PAIR.split(text)]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise Rejected(ErrorCode.PARAMETERS, f"{text!r} does not have the form name=value")
    return {name: value for name, _, value in pairs}


def _hint(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _parameter(flag: Flag) -> dict[str, Any]:
    parameter: dict[str, Any] = {
        "name": flag.name,
        "label": _label(flag.name),
        "helpText": flag.help,
        "isOptional": not flag.required,
        "regexes": [_PATTERNS[flag.metavar]],
        "paramType": _TYPES.get(flag.metavar, "TEXT"),
        "groupName": flag.group,
    }
    # The examples folder is a path of this machine. The machine that runs the launch has another one, or none.
    if flag.default is not None and flag.default != EXAMPLES:
        parameter["defaultValue"] = flag.default
    return parameter


def _label(name: str) -> str:
    words = " ".join(_LABEL_WORDS.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]
