"""The flags of the pipelines: one list, from which the command line, the config file and launches are made."""

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
"""The same for all pipelines, so that a replay finds it. Objects are named by their content; none is ever removed."""


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


_WHERE_FROM = "Input"
_WHERE_TO = "Output"
_WHAT = "Content of certificates"
_HOW = "Execution"
_MAKES = (ISSUE, GENERATE)
_FINDS = (ISSUE, ENRICH)


def _port_flag(
    port: Port[Any],
    group: str,
    *,
    default: str | None = None,
    note: str = "",
    also: str = "",
    required: bool = False,
) -> Flag:
    """Return the flag of a port: its help lists the addresses of the port's adapters.

    Args:
        port: a row of the port table.
        group: the heading of the help text.
        default: the default address.
        note: a sentence that follows the addresses.
        also: values that are not addresses of an adapter, before those that are.
        required: True if the pipelines cannot run without it.
    """
    about = port.about[:1].upper() + port.about[1:]
    text = f"{about}: {also}{port.forms}." + (f" {note}" if note else "")
    return Flag(port.flag, "URI", text, group, default, port.pipelines, required=required)


_EMPTIED = "A folder is emptied first."

FLAGS: tuple[Flag, ...] = (
    _port_flag(INPUT, _WHERE_FROM, required=True),
    _port_flag(LEARNING, _WHERE_FROM, default="sqlite:certbeam.db"),
    _port_flag(USERS, _WHERE_FROM, note="Default: the value of --lms."),
    _port_flag(COURSES, _WHERE_FROM, note="Default: the value of --lms."),
    Flag(
        TEMPLATES.flag,
        "URL",
        f"Allowed origin of templates and pictures: {TEMPLATES.forms}. Nothing else is fetched. Repeatable."
        " Default: the examples folder of a source checkout. An installed wheel has none: the flag is required.",
        _WHERE_FROM,
        default=EXAMPLES,
        repeated=True,
        required=True,
    ),
    Flag(
        "template_networks",
        "NETWORK",
        "A private network, such as 10.20.0.0/16, that the hosts of --template_allow may be in. Repeatable."
        " Default: none.",
        _WHERE_FROM,
        repeated=True,
    ),
    Flag(
        "template_base",
        "URL",
        "Base URL of relative template URLs, and the value of CLOUD_BASE_PATH in template URLs."
        " Default: the first --template_allow.",
        _WHERE_FROM,
    ),
    _port_flag(STORAGE, _WHERE_TO, default="out/certs"),
    _port_flag(REGISTRY, _WHERE_TO, default="sqlite:certbeam.db"),
    _port_flag(REQUESTS, _WHERE_TO, default="out/{pipeline}/requests", note=_EMPTIED),
    _port_flag(OUTCOMES, _WHERE_TO, default="out/{pipeline}/outcomes", note=_EMPTIED),
    _port_flag(DEAD_LETTERS, _WHERE_TO, default="out/{pipeline}/dead_letters", note=_EMPTIED),
    _port_flag(
        LARGE_MESSAGES,
        _WHERE_TO,
        default=LARGE_MESSAGES_FOLDER,
        note="The public must not be able to read it.",
    ),
    _port_flag(AUDIT, _WHERE_TO, default="out/{pipeline}/audit", note=_EMPTIED),
    _port_flag(NOTICES, _WHERE_TO, default="none", also=f"none, {NOTICES_SINK.forms}, or "),
    Flag(
        "base_url",
        "URL",
        "URL under which the storage is served. The ids of assertions are URLs under it.",
        _WHAT,
        "https://certs.example.org/certs",
    ),
    Flag(
        "verify_url",
        "URL",
        "Text of the QR code. {base_url}, {tag} and {id} are replaced.",
        _WHAT,
        "{base_url}/{tag}/{id}",
        _MAKES,
    ),
    Flag(
        "access_code_key",
        "FILE",
        "File with the secret of the access codes, at least 16 bytes; it must exist on the workers, too."
        " Default: the secret in --keys. Without either, anybody who knows a certificate's id can compute its code.",
        _WHAT,
        pipelines=_MAKES,
    ),
    Flag(
        "formats",
        "LIST",
        "Files to make, separated by commas: json, vc, svg, png, pdf. vc is the signed credential; svg and png"
        " then carry it, too. Default: json,vc,svg with --keys, otherwise json,svg.",
        _WHAT,
        pipelines=_MAKES,
    ),
    Flag(
        SIGNER.flag,
        "URI",
        f"The issuer's keys: {SIGNER.forms}, or {ASSERTION_SIGNER.forms}, which signs assertions; add"
        " ?key_set=FILE to it to sign credentials, too. Default: nothing is signed.",
        _WHAT,
        pipelines=SIGNER.pipelines,
    ),
    Flag(
        "proofs",
        "LIST",
        "Cryptosuites of a credential's proofs, separated by commas: eddsa-rdfc-2022, and optionally"
        " eddsa-jcs-2022.",
        _WHAT,
        "eddsa-rdfc-2022",
        _MAKES,
    ),
    _port_flag(STATUS_LISTS, _WHERE_TO, note="Default: the value of --registry."),
    Flag("timezone", "ZONE", "IANA time zone used to derive the issue date.", _WHAT, "UTC", _FINDS),
    Flag(
        "assessed_types",
        "LIST",
        "Content types whose scores count, separated by commas.",
        _WHAT,
        "SelfAssess",
        _FINDS,
    ),
    Flag(
        "batch_size", "N", "Number of claims that are looked up, stored and registered together.", _HOW, "100"
    ),
    Flag(
        "max_message_bytes",
        "N",
        "Maximum size of a message to any sink in bytes, key included: at most the topics' max.message.bytes, less"
        " 1024. A larger message is cut, stored in --large_messages or refused.",
        _HOW,
        str(MAX_MESSAGE_BYTES),
    ),
    Flag(
        "template_cache_mb", "N", "Megabytes of compiled templates that a worker caches.", _HOW, "256", _MAKES
    ),
    Flag(
        "template_seconds",
        "N",
        "Seconds that a template is used before its source is asked for a newer version.",
        _HOW,
        "300",
        _MAKES,
    ),
    Flag(
        "max_num_records",
        "N",
        "Number of messages to read from a topic. Default: no limit; the pipeline streams.",
        _HOW,
    ),
    Flag(
        "max_read_time",
        "N",
        "Seconds to read from a topic. Default: no limit; the pipeline streams.",
        _HOW,
    ),
    Flag(
        "expansion_service",
        "JAR",
        "Beam's expansion service for Kafka: a .jar file (made by 'make jars') or HOST:PORT."
        " Default: Beam downloads it.",
        _HOW,
    ),
    Flag(
        "max_inflight",
        "N",
        "Number of events that a streaming job on Flink processes at once.",
        _HOW,
        "2000",
    ),
    Flag("log_format", "FORMAT", "Format of log lines: text or json.", _HOW, "text"),
    Flag(
        "java_worker",
        "HOST:PORT",
        "Pool of Java workers that runs Kafka's transforms on a Flink cluster, as a task manager reaches it."
        " Default: localhost:50001.",
        _HOW,
    ),
)


def flags_of(pipeline: str) -> tuple[Flag, ...]:
    """The flags that a pipeline reads; ``{pipeline}`` in a default is its name."""
    return tuple(
        replace(flag, default=flag.default and flag.default.replace("{pipeline}", pipeline))
        for flag in FLAGS
        if pipeline in flag.pipelines
    )


def complete(pipeline: str, given: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every flag of a pipeline: as given, else from the config file, else its default.

    Raises:
        FlagError: for a name in the config file that is no flag, or a required flag that is missing.
    """
    known = {flag.name for flag in FLAGS}
    for name, value in config.items():
        if name not in known:
            raise FlagError("config", name, f"there is no such flag; its value {value!r} would be lost")
    values = {}
    for flag in flags_of(pipeline):
        choices = (given.get(flag.name), _from_config(flag, config), _default(flag))
        value = next(
            (choice for choice in choices if choice not in (None, ())), () if flag.repeated else None
        )
        if flag.required and not value:
            raise FlagError(flag.name, "", f"it is needed: add --{flag.name} {flag.metavar}. {flag.help}")
        if value is not None and "" in (value if flag.repeated else [value]):
            raise FlagError(flag.name, "", "an empty value says nothing; leave the flag out for its default")
        values[flag.name] = value
    return values


def _from_config(flag: Flag, config: Mapping[str, Any]) -> Any:
    value = config.get(flag.name)
    if value is None:
        return None
    if flag.repeated:
        return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)
    if isinstance(value, list):
        return ",".join(str(one) for one in value)
    return str(value)


def _default(flag: Flag) -> Any:
    if flag.repeated:
        return (flag.default,) if flag.default else ()
    return flag.default
