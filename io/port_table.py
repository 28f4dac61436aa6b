"""The table of ports: every flag that takes an address, with its adapters.

Flags, help texts, the worker, the checks before a job is submitted, Dataflow's refusals and the flex-template metadata
follow from it. ``python -m certbeam.tools.adapter_reference`` writes the table in docs/adapters.md from it. A new
adapter is one module, one row here and its test.
"""

from typing import Any

from certbeam.io.port import ENRICH, GENERATE, ISSUE, PIPELINES, Adapter, Port
from certbeam.io.protocols import (
    AssertionSigner,
    Courses,
    LearningRecords,
    Notifier,
    Registry,
    Signer,
    StatusLists,
    Storage,
    TemplateSource,
    Users,
)
from certbeam.io.storage.concurrent_upload import private
from certbeam.io.templates.allow_list import FLAG as TEMPLATE_ALLOW

_FIND = (ISSUE, ENRICH)
_MAKE = (ISSUE, GENERATE)

_SQLITE = "sqlite:FILE"
_CASSANDRA = "cassandra://HOST/KEYSPACE"
_TOPIC = "kafka://BROKER[,BROKER]/TOPIC"


def _sqlite(opener: str) -> Adapter:
    return Adapter(("sqlite",), _SQLITE, f"certbeam.io.{opener}", is_local=True, on_dataflow=False)


def _cassandra(opener: str) -> Adapter:
    return Adapter(("cassandra",), _CASSANDRA, f"certbeam.io.{opener}", extra="cassandra")


_LEARNING_SQLITE = _sqlite("learning.sqlite_learning:open_sqlite_learning")
_PEOPLE_CASSANDRA = _cassandra("learning.cassandra_people:open_cassandra_people")

LEARNING: Port[LearningRecords] = Port(
    "learning",
    "lms",
    "the learning platform's batches, enrolments and scores",
    (_LEARNING_SQLITE, _cassandra("learning.cassandra_learning:open_cassandra_learning")),
)

LEARNING_TABLES: Port[Any] = Port(
    "learning_tables",
    "lms",
    "the tables that 'certbeam lms load' fills",
    (
        _sqlite("learning.load:open_sqlite_loader"),
        _cassandra("learning.cassandra_load:open_cassandra_loader"),
    ),
    pipelines=(),
)

USERS: Port[Users] = Port(
    "users",
    "users",
    "the users",
    (
        _LEARNING_SQLITE,
        _PEOPLE_CASSANDRA,
        Adapter(
            ("http", "https"), "http(s)://HOST of the user API", "certbeam.io.users.user_api:open_user_api"
        ),
    ),
)

COURSES: Port[Courses] = Port(
    "courses",
    "courses",
    "the courses and contents",
    (
        _LEARNING_SQLITE,
        _PEOPLE_CASSANDRA,
        Adapter(
            ("http", "https"),
            "http(s)://HOST of the content API",
            "certbeam.io.courses.content_api:open_content_api",
        ),
        Adapter(
            ("redis", "rediss"),
            "redis://HOST?api=http://HOST",
            "certbeam.io.courses.redis_courses:open_redis_courses",
            extra="redis",
        ),
    ),
    _FIND,
)

TEMPLATES: Port[TemplateSource] = Port(
    "templates",
    TEMPLATE_ALLOW,
    "URL prefix or folder that templates and pictures may be fetched from",
    (
        Adapter(
            ("file",),
            "a folder",
            "certbeam.io.templates.folder_templates:open_folder_templates",
            is_local=True,
            on_dataflow=False,
        ),
        Adapter(
            ("http", "https"),
            "http(s)://HOST/PATH",
            "certbeam.io.templates.http_templates:open_http_templates",
        ),
        Adapter(
            ("gs",),
            "gs://BUCKET/PREFIX",
            "certbeam.io.templates.gcs_templates:open_gcs_templates",
            extra="gcp",
        ),
        Adapter(
            ("s3",), "s3://BUCKET/PREFIX", "certbeam.io.templates.s3_templates:open_s3_templates", extra="s3"
        ),
    ),
)

_OBJECT_STORES = (
    Adapter(
        ("file",),
        "a folder",
        "certbeam.io.storage.folder:open_folder_storage",
        is_local=True,
        on_dataflow=False,
    ),
    Adapter(("gs",), "gs://BUCKET/PREFIX", "certbeam.io.storage.gcs_bucket:open_gcs_storage", extra="gcp"),
    Adapter(("s3",), "s3://BUCKET/PREFIX", "certbeam.io.storage.s3_bucket:open_s3_storage", extra="s3"),
    Adapter(
        ("az",),
        "az://CONTAINER/PREFIX",
        "certbeam.io.storage.azure_container:open_azure_storage",
        extra="azure",
    ),
)

STORAGE: Port[Storage] = Port(
    "storage", "storage", "the object store that certificates are uploaded to", _OBJECT_STORES, _MAKE
)

LARGE_MESSAGES: Port[Storage] = Port(
    "large_messages",
    "large_messages",
    "the private object store of events that are too large for a dead letter",
    _OBJECT_STORES,
    arguments=(private,),
)

REGISTRY: Port[Registry] = Port(
    "registry",
    "registry",
    "the certificate registry",
    (
        _sqlite("registry.sqlite_registry:open_sqlite_registry"),
        _cassandra("registry.cassandra_registry:open_cassandra_registry"),
        Adapter(
            ("certreg+http", "certreg+https"),
            "certreg+http(s)://HOST",
            "certbeam.io.registry.certificate_registry_api:open_certreg",
        ),
        Adapter(("rc+http", "rc+https"), "rc+http(s)://HOST", "certbeam.io.registry.sunbird_rc:open_rc"),
    ),
    _MAKE,
)

STATUS_LISTS: Port[StatusLists] = Port(
    "status_slots",
    "status_slots",
    "which certificate has which status list index",
    (
        _sqlite("status_lists.sqlite_status_lists:open_sqlite_status_lists"),
        _cassandra("status_lists.cassandra_status_lists:open_cassandra_status_lists"),
    ),
    _MAKE,
)

SIGNER: Port[Signer] = Port(
    "signer",
    "keys",
    "the issuer's keys",
    (
        Adapter(
            ("file",),
            "a JWK set file, made by 'certbeam keys new'",
            "certbeam.io.keys.jwk_file:open_jwk_file",
            is_local=True,
        ),
    ),
    _MAKE,
)

ASSERTION_SIGNER: Port[AssertionSigner] = Port(
    "assertion_signer",
    "keys",
    "the service that signs assertions",
    (
        Adapter(
            ("enc+http", "enc+https"),
            "enc+http(s)://HOST of the enc-service",
            "certbeam.io.assertion_signing.enc_service_api:open_enc_service",
        ),
    ),
    _MAKE,
)

NOTICES: Port[Notifier] = Port(
    "notices",
    "notify",
    "how learners are notified",
    (
        Adapter(
            ("http", "https"),
            "http(s)://HOST of the notification and feed APIs",
            "certbeam.io.notices.notification_apis:open_notice_apis",
        ),
    ),
    _MAKE,
)

INPUT: Port[Any] = Port(
    "input",
    "input",
    "events to read",
    (
        Adapter(
            ("file",),
            "a path or glob of JSON lines (.gz too)",
            "certbeam.io.events.json_lines:open_lines",
            is_local=True,
            on_dataflow=False,
        ),
        Adapter(("gs",), "the same at gs://", "certbeam.io.events.json_lines:open_lines", extra="gcp"),
        Adapter(("s3",), "the same at s3://", "certbeam.io.events.json_lines:open_lines", extra="s3"),
        Adapter(("kafka",), f"{_TOPIC}?group=G", "certbeam.io.events.kafka_topics:open_source"),
    ),
)


def _sink(flag: str, about: str, pipelines: tuple[str, ...] = PIPELINES) -> Port[Any]:
    folder = Adapter(
        ("file",),
        "a folder of JSON lines",
        "certbeam.io.events.json_lines:open_folder_sink",
        is_local=True,
        on_dataflow=False,
    )
    return Port(flag, flag, about, (folder, _TOPIC_SINK), pipelines)


_TOPIC_SINK = Adapter(("kafka",), _TOPIC, "certbeam.io.events.kafka_topics:open_sink")

OUTCOMES = _sink("outcomes", "one line for each event, user and template")
DEAD_LETTERS = _sink("dead_letters", "what could not be processed, ready for 'certbeam replay'")
AUDIT = _sink("audit", "audit events of issued certificates", _MAKE)
REQUESTS = _sink("requests_output", "generate-certificate events", (ENRICH,))
NOTICES_SINK: Port[Any] = Port("notify", "notify", "how learners are notified", (_TOPIC_SINK,), _MAKE)

REPLAY_INPUT: Port[Any] = Port("replay_input", "dead_letters", "dead letters", INPUT.adapters, ())
REPLAY_OUTPUT: Port[Any] = Port("replay_output", "output", "replayed events", (_TOPIC_SINK,), ())

SINKS = (OUTCOMES, DEAD_LETTERS, AUDIT, REQUESTS, NOTICES_SINK)
SERVICES: tuple[Port[Any], ...] = (
    *(LEARNING, USERS, COURSES, STORAGE, LARGE_MESSAGES, REGISTRY, STATUS_LISTS),
    *(SIGNER, ASSERTION_SIGNER, NOTICES),
)
