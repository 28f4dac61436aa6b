"""Which adapter an address stands for: the one place that knows all schemes."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from apache_beam.io.filesystem import BeamIOError

from certbeam.badges.key_set import KeySet
from certbeam.io.events.json_lines import ReadJsonLines, WriteJsonLines, clear_lines, find_files
from certbeam.io.events.kafka_topics import ADDRESS as TOPIC_ADDRESS
from certbeam.io.events.kafka_topics import (
    DEFAULTS,
    KafkaSettings,
    ReadTopic,
    WriteTopic,
    check_message_bytes,
    parse_topic,
)
from certbeam.io.keys.jwk_file import JwkFileSigner, read_key_set
from certbeam.io.learning.load import load_records
from certbeam.io.learning.sqlite_learning import SqliteLearning
from certbeam.io.ports import (
    AssertionSigner,
    Courses,
    LearningRecords,
    NoticeBoard,
    Registry,
    Signer,
    StatusSlots,
    Storage,
    TemplateSource,
    Users,
)
from certbeam.io.registry.sqlite_registry import SqliteRegistry
from certbeam.io.status_lists.sqlite_status_lists import SqliteStatusSlots
from certbeam.io.storage.concurrent_upload import cache_control, private
from certbeam.io.storage.folder import FolderStorage
from certbeam.io.templates.allow_list import AllowList, parse_allow_list
from certbeam.io.templates.fetch import AllowedSource
from certbeam.io.templates.networks import parse_networks
from certbeam.io.uri.address import (
    Address,
    FlagError,
    needs_extra,
    parse_address,
    sqlite_file,
    unknown_scheme,
)

# Adapters of real services are imported where an address asks for them: their libraries are extras, or, for HTTP,
# take a twentieth of the start.
if TYPE_CHECKING:
    from certbeam.io.learning.cassandra_people import CassandraPeople

T = TypeVar("T")

LARGE_MESSAGES = "large_messages"
"""The flag of the store of messages that are too large to be sent."""

_ENC_SERVICE = ("enc+http", "enc+https")


def open_learning(text: str) -> LearningRecords:
    """The adapter for ``--lms``."""
    address = parse_address("lms", text)
    if address.scheme == "cassandra":
        with needs_extra(address, "cassandra"):
            from certbeam.io.learning.cassandra_learning import open_cassandra_learning
        return open_cassandra_learning(address)
    return _sqlite_learning(address, "sqlite:FILE or cassandra://HOST/KEYSPACE")


def load_learning(source: Path, text: str) -> dict[str, int]:
    """Create the tables behind ``--lms`` where missing and upsert the rows of a file; rows loaded, by table."""
    address = parse_address("lms", text)
    if address.scheme == "cassandra":
        with needs_extra(address, "cassandra"):
            from certbeam.io.learning.cassandra_load import load_into_cassandra
        return load_into_cassandra(source, address)
    if address.scheme != "sqlite":
        raise unknown_scheme(address, "sqlite:FILE or cassandra://HOST/KEYSPACE")
    return load_records(source, sqlite_file(address, must_exist=False))


def open_users(text: str) -> Users:
    """The adapter for ``--users``."""
    address = parse_address("users", text)
    if address.scheme in ("http", "https"):
        from certbeam.io.users.user_api import open_user_api

        return open_user_api(address)
    if address.scheme == "cassandra":
        return _cassandra_people(address)
    return _sqlite_learning(address, "sqlite:FILE, cassandra://HOST/KEYSPACE or http(s)://HOST")


def open_courses(text: str) -> Courses:
    """The adapter for ``--courses``."""
    address = parse_address("courses", text)
    if address.scheme in ("http", "https"):
        from certbeam.io.courses.content_api import open_content_api

        return open_content_api(address)
    if address.scheme in ("redis", "rediss"):
        with needs_extra(address, "redis"):
            from certbeam.io.courses.redis_courses import open_redis_courses
        return open_redis_courses(address)
    if address.scheme == "cassandra":
        return _cassandra_people(address)
    return _sqlite_learning(
        address, "sqlite:FILE, cassandra://HOST/KEYSPACE, http(s)://HOST or redis://HOST?api=http://HOST"
    )


def open_registry(text: str) -> Registry:
    """The adapter for ``--registry``."""
    address = parse_address("registry", text)
    if address.scheme == "cassandra":
        with needs_extra(address, "cassandra"):
            from certbeam.io.registry.cassandra_registry import open_cassandra_registry
        return open_cassandra_registry(address)
    if address.scheme in ("certreg+http", "certreg+https"):
        from certbeam.io.registry.certificate_registry_api import open_certreg

        return open_certreg(address)
    if address.scheme in ("rc+http", "rc+https"):
        from certbeam.io.registry.sunbird_rc import open_rc

        return open_rc(address)
    if address.scheme != "sqlite":
        raise unknown_scheme(
            address, "sqlite:FILE, cassandra://HOST/KEYSPACE, certreg+http(s)://HOST or rc+http(s)://HOST"
        )
    return _database(address, SqliteRegistry, must_exist=False)


def open_status_slots(text: str) -> StatusSlots:
    """The adapter for ``--status_slots``."""
    address = parse_address("status_slots", text)
    if address.scheme == "cassandra":
        with needs_extra(address, "cassandra"):
            from certbeam.io.status_lists.cassandra_status_lists import open_cassandra_slots
        return open_cassandra_slots(address)
    if address.scheme != "sqlite":
        raise unknown_scheme(address, "sqlite:FILE or cassandra://HOST/KEYSPACE")
    return SqliteStatusSlots(sqlite_file(address, must_exist=False))


def split_keys(text: str) -> tuple[str, str]:
    """What ``--keys`` names: the file of a key set, and the address of an enc-service; ``""`` for what it does not."""
    address = parse_address("keys", text)
    if address.scheme in _ENC_SERVICE:
        from certbeam.io.assertion_signing.enc_service_api import parse_enc_address

        return parse_enc_address(address).key_set, text
    if address.scheme != "file":
        raise unknown_scheme(address, "a JWK set file, made by 'certbeam keys new', or enc+http(s)://HOST")
    return address.path, ""


def open_signer(text: str) -> Signer:
    """The adapter for the key set of ``--keys``."""
    file, _ = split_keys(text)
    if not file:
        remedy = (
            "an enc-service signs neither credentials nor status lists: a key set is needed, key_set=FILE"
        )
        raise parse_address("keys", text).refuse(remedy)
    return JwkFileSigner(Path(file))


def key_set(text: str) -> KeySet | None:
    """The key set of ``--keys``; None where all keys stay with a service."""
    file, _ = split_keys(text)
    return read_key_set(Path(file)) if file else None


def open_assertion_signer(text: str) -> AssertionSigner:
    """The adapter for the service that ``--keys`` names."""
    address = parse_address("keys", text)
    if address.scheme not in _ENC_SERVICE:
        raise unknown_scheme(address, "enc+http(s)://HOST")
    from certbeam.io.assertion_signing.enc_service_api import open_enc_service

    return open_enc_service(address)


def open_notice_board(text: str) -> NoticeBoard:
    """The adapter for ``--notify``."""
    address = parse_address("notify", text)
    if address.scheme not in ("http", "https"):
        raise unknown_scheme(address, f"none, http(s)://HOST or {TOPIC_ADDRESS}")
    from certbeam.io.notices.notification_apis import open_notice_apis

    return open_notice_apis(address)


def open_storage(text: str, flag: str = "storage") -> Storage:
    """The adapter for ``--storage``, or for ``--large_messages``, whose files no reader may keep."""
    address = parse_address(flag, text)
    cache = private if flag == LARGE_MESSAGES else cache_control
    if address.scheme == "gs":
        with needs_extra(address, "gcp"):
            from certbeam.io.storage.gcs_bucket import open_gcs_storage
        return open_gcs_storage(address, cache)
    if address.scheme == "s3":
        with needs_extra(address, "s3"):
            from certbeam.io.storage.s3_bucket import open_s3_storage
        return open_s3_storage(address, cache)
    if address.scheme == "az":
        with needs_extra(address, "azure"):
            from certbeam.io.storage.azure_container import open_azure_storage
        return open_azure_storage(address, cache)
    return FolderStorage(_folder(address, "a folder, or gs://, s3:// or az://BUCKET/PREFIX"))


def open_templates(allow: Sequence[str], base: str | None, networks: Sequence[str] = ()) -> TemplateSource:
    """The source of templates and pictures behind ``--template_allow`` and ``--template_networks``."""
    return open_allowed(parse_allow_list(allow, base), networks)


def open_allowed(allowed: AllowList, networks: Sequence[str]) -> TemplateSource:
    """The source of templates and pictures that an allow-list restricts."""
    others = parse_networks(networks)
    elsewhere: dict[str, TemplateSource] = {}
    for prefix in allowed.prefixes:
        address = parse_address("template_allow", prefix)
        if address.scheme == "gs" and "gs" not in elsewhere:
            with needs_extra(address, "gcp"):
                from certbeam.io.templates.gcs_templates import GcsTemplates
            elsewhere["gs"] = GcsTemplates(prefix)
        if address.scheme == "s3" and "s3" not in elsewhere:
            with needs_extra(address, "s3"):
                from certbeam.io.templates.s3_templates import S3Templates
            elsewhere["s3"] = S3Templates(prefix)
        if address.scheme in ("http", "https") and address.scheme not in elsewhere:
            from certbeam.io.templates.http_templates import HttpTemplates
            from certbeam.io.templates.public_addresses import PublicTransport

            elsewhere[address.scheme] = HttpTemplates(PublicTransport(others))
    return AllowedSource(allowed, elsewhere)


def event_source(
    text: str, kafka: KafkaSettings = DEFAULTS, flag: str = "input", *, spread: bool = False
) -> Any:
    """The transform that reads ``--input`` or its like: from the pipeline's beginning to records.

    With ``spread``, a topic's messages are spread over all workers, as chunks of files are anyway.
    """
    address = parse_address(flag, text)
    if address.scheme == "kafka":
        return ReadTopic(parse_topic(address), kafka, spread)
    if address.scheme not in ("file", "gs", "s3"):
        raise unknown_scheme(
            address, f"a path or glob of JSON lines, here or on gs:// or s3://, or {TOPIC_ADDRESS}"
        )
    pattern = address.path if address.scheme == "file" else text
    if Path(pattern).is_dir():
        raise address.refuse(f"it is a folder; did you mean {pattern.rstrip('/')}/*.jsonl?")
    try:
        files = find_files(pattern)
    except (BeamIOError, ValueError) as error:
        raise address.refuse(f"it cannot be looked into: {error}") from error
    if not files:
        raise address.refuse("no file matches")
    return ReadJsonLines(pattern)


def event_sink(flag: str, text: str, kafka: KafkaSettings = DEFAULTS) -> Any:
    """The transform that writes the messages of one flag (``outcomes``, ``dead_letters``, …)."""
    address = parse_address(flag, text)
    if address.scheme == "kafka":
        topic = parse_topic(address)
        check_message_bytes(address, topic, kafka.max_message_bytes)
        return WriteTopic(topic, kafka)
    return WriteJsonLines(str(_folder(address, f"a folder, or {TOPIC_ADDRESS}")), flag)


def check_private(storage: str, large_messages: str) -> None:
    """Refuse a store of large messages inside the storage of certificates, which the public reads.

    Raises:
        FlagError: naming ``--large_messages``.
    """
    public, kept = parse_address("storage", storage), parse_address(LARGE_MESSAGES, large_messages)
    if public.scheme == kept.scheme and _location(kept).is_relative_to(_location(public)):
        raise kept.refuse(
            "it is in --storage, which the public reads, and holds personal data: give another place"
        )


def check_input_stays(source: str, flag: str, sink: str) -> None:
    """Refuse an input that the sink of ``flag`` would clear away before it is read.

    Raises:
        FlagError: naming the flag of the sink.
    """
    read, written = parse_address("input", source), parse_address(flag, sink)
    if read.scheme == written.scheme == "file":
        folder = Path(written.path).resolve()
        if any(Path(file).resolve().parent == folder for file in find_files(read.path)):
            raise written.refuse("--input is read from this folder, which is emptied first; give another one")


def prepare_sink(flag: str, text: str) -> None:
    """Make a folder fresh for a run: called once, before the pipeline is submitted. A topic stays as it is."""
    address = parse_address(flag, text)
    if address.scheme == "kafka":
        return
    folder = _folder(address)
    try:
        clear_lines(folder, flag)
    except OSError as error:
        raise FlagError(flag, text, f"cannot be used as a folder: {error.strerror}") from error


def _location(address: Address) -> Path:
    """The folder of a storage, or its bucket and prefix as one."""
    path = Path(address.without_options().path)
    return path.resolve() if address.scheme == "file" else path


def _sqlite_learning(address: Address, known: str) -> SqliteLearning:
    if address.scheme != "sqlite":
        raise unknown_scheme(address, known)
    return _database(address, SqliteLearning, must_exist=True)


def _database(address: Address, adapter: Callable[[Path], T], *, must_exist: bool) -> T:
    file = sqlite_file(address, must_exist=must_exist)
    try:
        return adapter(file)
    except sqlite3.DatabaseError as error:
        raise address.refuse(f"it is no SQLite database: {error}") from error


def _cassandra_people(address: Address) -> "CassandraPeople":
    with needs_extra(address, "cassandra"):
        from certbeam.io.learning.cassandra_people import open_cassandra_people
    return open_cassandra_people(address)


def _folder(address: Address, known: str = "a folder") -> Path:
    if address.scheme != "file":
        raise unknown_scheme(address, known)
    folder = Path(address.path)
    if folder.exists() and not folder.is_dir():
        raise address.refuse("it is a file, and a folder is needed")
    return folder.absolute()
