"""The flags of the pipelines. The command line, the config file and the launch specifications follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import certbeam
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.io.port import ENRICH, GENERATE, ISSUE, PIPELINES, Port
from certbeam.io.port_table import (
    ASSERTION_SIGNER,
    AUDIT,
    COURSES,
    DEAD_LETTERS,
    INPUT,
    LARGE_MESSAGES,
    LEARNING,
    NOTICES,
    NOTICES_SINK,
    OUTCOMES,
    REGISTRY,
    REQUESTS,
    SIGNER,
    STATUS_LISTS,
    STORAGE,
    TEMPLATES,
    USERS,
)
from certbeam.io.uri.address import FlagError


def examples_folder(package: Path) -> str | None:
    """Return the examples folder of a source checkout, or None for an installation without one.

    Args:
        package: the folder that the package is imported from.
    """
    folder = package / "examples"
    return str(folder) if folder.is_dir() else None


EXAMPLES = examples_folder(Path(certbeam.__file__).parent)

LARGE_MESSAGES_FOLDER = "out/large_messages"
"""The default of all pipelines and of a replay. Objects are named by their content, and certbeam removes none."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag of the pipelines.

    Attributes:
        name: the name without dashes.
        default: None if the flag is required, or if another flag's value is used instead.
        group: the heading of the help text that lists it.
        pipelines: the pipelines that read it.
        repeated: True if it may be given more than once; its value is a tuple.
        required: True if the pipelines need a value. Without a default, the flag must be given.
    """

    name: str
    metavar: str
    help: str
    group: str
    default: str | None = None
    pipelines: tuple[str, ...] = PIPELINES
    repeated: bool = False
    required: bool = False


_INPUT = "Input"
_OUTPUT = "Output"
_CONTENT = "Content of certificates"
_EXECUTION = "Execution"
_MAKING = (ISSUE, GENERATE)
"""The pipelines that make certificates."""
_ENRICHING = (ISSUE, ENRICH)
"""The pipelines that determine who has earned a certificate."""

SUMMARIES: Mapping[str, str] = {
    ISSUE: "Read issue-certificate events, and issue each earned certificate in one job.",
    ENRICH: "Read issue-certificate events, and write a generate-certificate event for each earned certificate.",
    GENERATE: "Read generate-certificate events, and make, store, register and record each certificate.",
}
"""Summaries of the pipelines, for help texts and launch specifications."""


def _port_flag(
    port: Port[Any],
    group: str,
    *,
    default: str | None = None,
    note: str = "",
    also: str = "",
    required: bool = False,
) -> Flag:
    """Return the flag of a port, whose help lists the addresses of the port's adapters.

    Args:
        port: a row of the port table.
        group: the heading of the help text.
        default: the default address.
        note: a sentence after the addresses.
        also: other values than addresses, before the addresses.
        required: True if the pipelines cannot run without a value.
    """
    about = port.about[:1].upper() + port.about[1:]
    text = f"{about}: {also}{port.forms}." + (f" {note}" if note else "")
    return Flag(port.flag, "URI", text, group, default, port.pipelines, required=required)


_EMPTIED = "A folder is emptied before the run."

FLAGS: tuple[Flag, ...] = (
    _port_flag(INPUT, _INPUT, required=True),
    _port_flag(LEARNING, _INPUT, default="sqlite:certbeam.db"),
    _port_flag(USERS, _INPUT, note="Default: the value of --lms."),
    _port_flag(COURSES, _INPUT, note="Default: the value of --lms."),
    Flag(
        TEMPLATES.flag,
        "URL",
        f"Allowed origin of templates and pictures: {TEMPLATES.forms}. Nothing else is fetched. Repeatable."
        " Default: the examples folder of a source checkout. An installed wheel has no examples, so it requires the"
        " flag.",
        _INPUT,
        default=EXAMPLES,
        repeated=True,
        required=True,
    ),
    Flag(
        "template_networks",
        "NETWORK",
        "Non-public network that hosts of --template_allow may resolve to, such as 10.20.0.0/16. Repeatable."
        " Default: none.",
        _INPUT,
        repeated=True,
    ),
    Flag(
        "template_base",
        "URL",
        "Base URL of relative template URLs. It also replaces CLOUD_BASE_PATH in template URLs."
        " Default: the first --template_allow.",
        _INPUT,
    ),
    _port_flag(STORAGE, _OUTPUT, default="out/certs"),
    _port_flag(REGISTRY, _OUTPUT, default="sqlite:certbeam.db"),
    _port_flag(REQUESTS, _OUTPUT, default="out/{pipeline}/requests", note=_EMPTIED),
    _port_flag(OUTCOMES, _OUTPUT, default="out/{pipeline}/outcomes", note=_EMPTIED),
    _port_flag(DEAD_LETTERS, _OUTPUT, default="out/{pipeline}/dead_letters", note=_EMPTIED),
    _port_flag(
        LARGE_MESSAGES,
        _OUTPUT,
        default=LARGE_MESSAGES_FOLDER,
        note="It must not be publicly readable.",
    ),
    _port_flag(AUDIT, _OUTPUT, default="out/{pipeline}/audit", note=_EMPTIED),
    _port_flag(NOTICES, _OUTPUT, default="none", also=f"none, {NOTICES_SINK.forms}, or "),
    Flag(
        "base_url",
        "URL",
        "URL under which the storage is served. The ids of assertions are URLs under it.",
        _CONTENT,
        "https://certs.example.org/certs",
    ),
    Flag(
        "verify_url",
        "URL",
        "Text of the QR code. {base_url}, {tag} and {id} are replaced by the certificate's values.",
        _CONTENT,
        "{base_url}/{tag}/{id}",
        _MAKING,
    ),
    Flag(
        "access_code_key",
        "FILE",
        "File with the secret of the access codes, at least 16 bytes. Every worker needs the file. Without a secret,"
        " anybody who knows a certificate's id can compute its access code. Default: the secret in --keys.",
        _CONTENT,
        pipelines=_MAKING,
    ),
    Flag(
        "formats",
        "LIST",
        "Formats of a certificate's files, separated by commas: json, vc, svg, png, pdf. vc is the signed credential,"
        " which is then embedded in svg and png, too. Default: json,vc,svg with a key set in --keys, otherwise"
        " json,svg.",
        _CONTENT,
        pipelines=_MAKING,
    ),
    Flag(
        SIGNER.flag,
        "URI",
        f"The issuer's keys: {SIGNER.forms}, or {ASSERTION_SIGNER.forms}. The enc-service signs assertions only: add"
        " ?key_set=FILE to sign credentials, too. Default: nothing is signed.",
        _CONTENT,
        pipelines=SIGNER.pipelines,
    ),
    Flag(
        "proofs",
        "LIST",
        "Cryptosuites of a credential's proofs, separated by commas: eddsa-rdfc-2022, which is required, and"
        " eddsa-jcs-2022.",
        _CONTENT,
        "eddsa-rdfc-2022",
        _MAKING,
    ),
    _port_flag(STATUS_LISTS, _OUTPUT, note="Default: the value of --registry."),
    Flag("timezone", "ZONE", "IANA time zone used to derive the issue date.", _CONTENT, "UTC", _ENRICHING),
    Flag(
        "assessed_types",
        "LIST",
        "Content types whose scores count, separated by commas.",
        _CONTENT,
        "SelfAssess",
        _ENRICHING,
    ),
    Flag("batch_size", "N", "Maximum number of claims that a stage processes together.", _EXECUTION, "100"),
    Flag(
        "max_message_bytes",
        "N",
        "Maximum size of a message to a sink in bytes, key included: at most the topics' max.message.bytes minus 1024."
        " A larger message is shortened, stored in --large_messages, or refused.",
        _EXECUTION,
        str(MAX_MESSAGE_BYTES),
    ),
    Flag(
        "template_cache_mb",
        "N",
        "Megabytes of compiled templates that a worker caches.",
        _EXECUTION,
        "256",
        _MAKING,
    ),
    Flag(
        "template_seconds",
        "N",
        "Seconds after which a worker checks whether a cached template has changed.",
        _EXECUTION,
        "300",
        _MAKING,
    ),
    Flag(
        "max_num_records",
        "N",
        "Maximum number of messages to read from a topic. Default: no limit, and the job is a streaming job.",
        _EXECUTION,
    ),
    Flag(
        "max_read_time",
        "N",
        "Maximum time to read from a topic, in seconds. Default: no limit, and the job is a streaming job.",
        _EXECUTION,
    ),
    Flag(
        "expansion_service",
        "JAR",
        "Beam's expansion service, which topics need: a .jar file, made by 'make jars', or HOST:PORT."
        " Default: Beam downloads it.",
        _EXECUTION,
    ),
    Flag(
        "max_inflight",
        "N",
        "Maximum number of events that a streaming job on Flink has in flight.",
        _EXECUTION,
        "2000",
    ),
    Flag("log_format", "FORMAT", "Format of log lines: text or json.", _EXECUTION, "text"),
    Flag(
        "java_worker",
        "HOST:PORT",
        "Address at which a Flink task manager finds the pool of Java workers, which run Kafka's transforms."
        " Default: localhost:50001.",
        _EXECUTION,
    ),
)


def flags_of(pipeline: str) -> tuple[Flag, ...]:
    """Return the flags that a pipeline reads, with its name instead of ``{pipeline}`` in their defaults."""
    return tuple(
        replace(flag, default=flag.default and flag.default.replace("{pipeline}", pipeline))
        for flag in FLAGS
        if pipeline in flag.pipelines
    )


def find_flag(name: str) -> Flag:
    """Return a flag by its name, for commands that share it with the pipelines."""
    return next(flag for flag in FLAGS if flag.name == name)


def complete(pipeline: str, given: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of every flag of a pipeline: the given one, else that of the config file, else the default.

    Raises:
        FlagError: if the config file names an unknown flag, a required flag is missing, or a value is empty.
    """
    known = {flag.name for flag in FLAGS}
    for name, value in config.items():
        if name not in known:
            raise FlagError(
                "config", name, f"no flag has this name: correct it, or remove it and its value {value!r}"
            )
    values = {}
    for flag in flags_of(pipeline):
        choices = (given.get(flag.name), _from_config(flag, config), _default(flag))
        value = next(
            (choice for choice in choices if choice not in (None, ())), () if flag.repeated else None
        )
        if flag.required and not value:
            raise FlagError(
                flag.name, "", f"the flag is required: add --{flag.name} {flag.metavar}. {flag.help}"
            )
        if value is not None and "" in (value if flag.repeated else [value]):
            raise FlagError(
                flag.name, "", "the value is empty: give a value, or remove the flag to use its default"
            )
        values[flag.name] = value
    return values


def _from_config(flag: Flag, config: Mapping[str, Any]) -> Any:
    value = config.get(flag.name)
    if value is None:
        return None
    if flag.repeated:
        return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)


def _default(flag: Flag) -> Any:
    if flag.repeated:
        return (flag.default,) if flag.default else ()
    return flag.default
