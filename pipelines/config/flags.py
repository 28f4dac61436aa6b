"""The flags of the pipelines: one list, from which the command line, the config file and launches are made."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import certbeam
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.io.uri.address import FlagError


def examples_folder(package: Path) -> str | None:
    """Return the examples folder of a source checkout, or None for an installation without one.

    Args:
        package: the folder that the package is imported from.
    """
    folder = package / "examples"
    return str(folder) if folder.is_dir() else None


EXAMPLES = examples_folder(Path(certbeam.__file__).parent)

ISSUE, ENRICH, GENERATE = "issue", "enrich", "generate"
PIPELINES = (ISSUE, ENRICH, GENERATE)

LARGE_MESSAGES_FOLDER = "out/large_messages"
"""Of all pipelines, so that a replay finds it: objects are named by their content, and none is ever emptied."""


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag of the pipelines.

    Attributes:
        name: without dashes.
        default: None where the flag must be given, or where another flag's value stands in.
        group: the heading it is listed under.
        pipelines: those that read it.
        repeated: whether it may be given more than once; the values are a tuple.
        required: whether the pipelines need a value; without a default, it must be given.
    """

    name: str
    metavar: str
    help: str
    group: str
    default: str | None = None
    pipelines: tuple[str, ...] = PIPELINES
    repeated: bool = False
    required: bool = False


_WHERE_FROM = "Where things come from"
_WHERE_TO = "Where things go"
_WHAT = "What certificates say"
_HOW = "How it runs"
_MAKES = (ISSUE, GENERATE)
_FINDS = (ISSUE, ENRICH)

FLAGS: tuple[Flag, ...] = (
    Flag(
        "input",
        "URI",
        "Events to read: path or glob of JSON lines (.gz too), here or on gs:// or s3://, or "
        "kafka://BROKER[,BROKER]/TOPIC?group=G.",
        _WHERE_FROM,
        required=True,
    ),
    Flag(
        "lms",
        "URI",
        "The learning platform's batches, enrolments and scores: sqlite:FILE, or cassandra://HOST/KEYSPACE.",
        _WHERE_FROM,
        default="sqlite:certbeam.db",
    ),
    Flag(
        "users",
        "URI",
        "The users: as --lms, which is the default, or http(s)://HOST of the user API.",
        _WHERE_FROM,
    ),
    Flag(
        "courses",
        "URI",
        "The courses and contents: as --lms, which is the default, http(s)://HOST of the content API, or"
        " redis://HOST?api=http://HOST.",
        _WHERE_FROM,
        pipelines=_FINDS,
    ),
    Flag(
        "template_allow",
        "URL",
        "URL prefix or folder that templates and pictures may be fetched from, and nowhere else; repeatable."
        " Default: the examples folder of a source checkout. An installed wheel has none: the flag is required.",
        _WHERE_FROM,
        default=EXAMPLES,
        repeated=True,
        required=True,
    ),
    Flag(
        "template_networks",
        "NETWORK",
        "A network such as 10.20.0.0/16 whose addresses the host names in --template_allow may have though it is"
        " not public; repeatable. None by default.",
        _WHERE_FROM,
        repeated=True,
    ),
    Flag(
        "template_base",
        "URL",
        "What relative template URLs start from, and what CLOUD_BASE_PATH in them stands for."
        " Default: the first --template_allow.",
        _WHERE_FROM,
    ),
    Flag(
        "storage",
        "URI",
        "Where the files of certificates go: a folder, gs://BUCKET/PREFIX, s3://BUCKET/PREFIX or az://CONTAINER/PREFIX.",
        _WHERE_TO,
        "out/certs",
        _MAKES,
    ),
    Flag(
        "registry",
        "URI",
        "The certificate registry: sqlite:FILE, cassandra://HOST/KEYSPACE, certreg+http(s)://HOST or rc+http(s)://HOST.",
        _WHERE_TO,
        "sqlite:certbeam.db",
        _MAKES,
    ),
    Flag(
        "requests_output",
        "URI",
        "Where generate-certificate events go: a folder of JSON lines, emptied first, or kafka://BROKER/TOPIC.",
        _WHERE_TO,
        "out/{pipeline}/requests",
        (ENRICH,),
    ),
    Flag(
        "outcomes",
        "URI",
        "One line for each event, user and template: a folder of JSON lines, emptied first, or kafka://BROKER/TOPIC.",
        _WHERE_TO,
        "out/{pipeline}/outcomes",
    ),
    Flag(
        "dead_letters",
        "URI",
        "What could not be processed, ready for 'certbeam replay': a folder of JSON lines, emptied first, or kafka://BROKER/TOPIC.",
        _WHERE_TO,
        "out/{pipeline}/dead_letters",
    ),
    Flag(
        "large_messages",
        "URI",
        "Where events are kept that are too large for a dead letter; the public must not read it: a folder,"
        " gs://BUCKET/PREFIX, s3://BUCKET/PREFIX or az://CONTAINER/PREFIX.",
        _WHERE_TO,
        LARGE_MESSAGES_FOLDER,
    ),
    Flag(
        "audit",
        "URI",
        "Audit events of issued certificates: a folder of JSON lines, emptied first, or kafka://BROKER/TOPIC.",
        _WHERE_TO,
        "out/{pipeline}/audit",
        _MAKES,
    ),
    Flag(
        "notify",
        "URI",
        "How learners are told: none, http(s)://HOST of the notification and feed APIs, or kafka://BROKER/TOPIC.",
        _WHERE_TO,
        "none",
        _MAKES,
    ),
    Flag(
        "base_url",
        "URL",
        "Where the storage is served; the ids of assertions are URLs under it.",
        _WHAT,
        "https://certs.example.org/certs",
    ),
    Flag(
        "verify_url",
        "URL",
        "What the QR code says; {base_url}, {tag} and {id} are filled in.",
        _WHAT,
        "{base_url}/{tag}/{id}",
        _MAKES,
    ),
    Flag(
        "access_code_key",
        "FILE",
        "File, on the workers too, that holds the secret of the access codes, 16 bytes or more. Default: the one in"
        " --keys. Without either, whoever knows a certificate's id can compute its code.",
        _WHAT,
        pipelines=_MAKES,
    ),
    Flag(
        "formats",
        "LIST",
        "Files to make, separated by commas, of json, vc, svg, png, pdf; vc is the signed credential, which svg and"
        " png then carry, too. Default: json,vc,svg with --keys, else json,svg.",
        _WHAT,
        pipelines=_MAKES,
    ),
    Flag(
        "keys",
        "URI",
        "The issuer's keys: a JWK set file, made by 'certbeam keys new', or enc+http(s)://HOST of the enc-service,"
        " which signs assertions; with ?key_set=FILE credentials are signed, too. Without them, nothing is signed.",
        _WHAT,
        pipelines=_MAKES,
    ),
    Flag(
        "proofs",
        "LIST",
        "Proofs of a credential, separated by commas: eddsa-rdfc-2022, and eddsa-jcs-2022 beside it.",
        _WHAT,
        "eddsa-rdfc-2022",
        _MAKES,
    ),
    Flag(
        "status_slots",
        "URI",
        "Which certificate has which place on the status lists: sqlite:FILE or cassandra://HOST/KEYSPACE."
        " Default: as --registry.",
        _WHERE_TO,
        pipelines=_MAKES,
    ),
    Flag("timezone", "ZONE", "IANA time zone in which the day of completion is told.", _WHAT, "UTC", _FINDS),
    Flag(
        "assessed_types",
        "LIST",
        "Content types whose scores count, separated by commas.",
        _WHAT,
        "SelfAssess",
        _FINDS,
    ),
    Flag(
        "batch_size",
        "N",
        "How many claims are looked up, stored and registered together.",
        _HOW,
        "100",
    ),
    Flag(
        "max_message_bytes",
        "N",
        "Bytes that a message for any sink may have, its key counted: at most the topics' max.message.bytes, less 1024."
        " What is larger is cut, stored in --large_messages or refused.",
        _HOW,
        str(MAX_MESSAGE_BYTES),
    ),
    Flag(
        "template_cache_mb", "N", "Megabytes of compiled templates that a worker keeps.", _HOW, "256", _MAKES
    ),
    Flag(
        "template_seconds",
        "N",
        "How long a template is used before it is asked whether it changed.",
        _HOW,
        "300",
        _MAKES,
    ),
    Flag(
        "max_num_records",
        "N",
        "How many messages of a topic are read; without an end, the pipeline streams.",
        _HOW,
    ),
    Flag(
        "max_read_time", "N", "How many seconds a topic is read; without an end, the pipeline streams.", _HOW
    ),
    Flag(
        "expansion_service",
        "JAR",
        "Beam's expansion service for Kafka: a .jar file ('make jars' makes one) or HOST:PORT."
        " Default: the one that Beam downloads.",
        _HOW,
    ),
    Flag(
        "max_inflight",
        "N",
        "How many events a streaming job on Flink takes in before it has finished with them.",
        _HOW,
        "2000",
    ),
    Flag("log_format", "FORMAT", "Lines of the log: text for people, or json.", _HOW, "text"),
    Flag(
        "java_worker",
        "HOST:PORT",
        "The pool of Java workers that runs Kafka's transforms on a Flink cluster, as a task manager sees it."
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
        value = next((one for one in choices if one not in (None, ())), None)
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
