"""Flex-template specifications of the pipelines, made from their flags, and the checks a launch makes by them.

The format is Dataflow's: an image, the SDK's language, and metadata with a description of every parameter.
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
from certbeam.io.port import ENRICH, GENERATE, ISSUE
from certbeam.io.port_table import LEARNING
from certbeam.pipelines.config.flags import EXAMPLES, Flag, flags_of

NAME_PREFIX = "certbeam-"
IMAGE = f"certbeam-dataflow:{certbeam.__version__}"
"""What `make dataflow-image` makes; a registry's address is put before it when it is pushed."""

SUMMARIES: Mapping[str, str] = {
    ISSUE: "Reads issue-certificate events and issues every certificate that is earned.",
    ENRICH: "Reads issue-certificate events and writes a generate-certificate event for each one earned.",
    GENERATE: "Reads generate-certificate events and makes, stores, registers and records their certificates.",
}

# What the values of a flag look like, by the word that stands for them in the help.
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
# Words of flag names that are not written as other words are.
_SPELT: Mapping[str, str] = {LEARNING.flag: "learning platform", "url": "URL", "mb": "megabytes"}


def flex_template(pipeline: str) -> dict[str, Any]:
    """The flex-template specification of one pipeline."""
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
    """The pipeline that a specification launches, and its parameters.

    Raises:
        Rejected: ``template-spec``, when the file is no such specification.
    """
    try:
        metadata = orjson.loads(file.read_bytes())["metadata"]
        name, parameters = metadata["name"], list(metadata["parameters"])
        names = [parameter["name"] for parameter in parameters]
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Rejected(
            ErrorCode.TEMPLATE_SPEC, f"{file} is no flex-template specification: {error!r}"
        ) from error
    pipeline = name.removeprefix(NAME_PREFIX)
    if pipeline not in SUMMARIES or len(set(names)) != len(names):
        raise Rejected(
            ErrorCode.TEMPLATE_SPEC, f"{file} is not a specification of one of certbeam's pipelines"
        )
    return pipeline, parameters


def check_parameters(given: Mapping[str, str], parameters: Sequence[Mapping[str, Any]]) -> list[str]:
    """What Dataflow would refuse of the parameters of a launch, each fault in one sentence."""
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
    """Read ``name=value,name=value``; a comma belongs to the value unless a name and ``=`` follow it.

    Raises:
        Rejected: ``parameters``, when the text does not begin with a name and ``=``.
    """
    pairs = [pair.partition("=") for pair in _NEXT_PAIR.split(text)]
    for name, equals, _ in pairs:
        if not (name and equals):
            raise Rejected(ErrorCode.PARAMETERS, f"{text!r} must have the form name=value")
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
    # The examples folder is a path of this machine; the machine that runs the template has another, or none.
    if flag.default is not None and flag.default != EXAMPLES:
        parameter["defaultValue"] = flag.default
    return parameter


def _label(name: str) -> str:
    words = " ".join(_SPELT.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]
