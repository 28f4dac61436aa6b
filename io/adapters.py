"""Which adapter an address stands for: the one place that knows all schemes."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from apache_beam.io.filesystem import BeamIOError

from certbeam.credentials.keys import KeySet
from certbeam.io.addresses import Address, FlagError, parse_address, sqlite_file, unknown_scheme
from certbeam.io.events.jsonl import ReadJsonLines, WriteJsonLines, clear_lines, find_files
from certbeam.io.keys.jwk_file import JwkFileSigner, read_key_set
from certbeam.io.learning.sqlite import SqliteLearning
from certbeam.io.ports import (
    Courses,
    LearningRecords,
    Registry,
    Signer,
    StatusSlots,
    Storage,
    TemplateSource,
    Users,
)
from certbeam.io.registry.sqlite import SqliteRegistry
from certbeam.io.status_slots.sqlite import SqliteStatusSlots
from certbeam.io.storage.folder import FolderStorage
from certbeam.io.templates.allow_list import parse_allow_list
from certbeam.io.templates.fetch import AllowedSource

T = TypeVar("T")


def open_learning(text: str) -> LearningRecords:
    """The adapter for ``--lms``."""
    return _sqlite_learning("lms", text)


def open_users(text: str) -> Users:
    """The adapter for ``--users``."""
    return _sqlite_learning("users", text)


def open_courses(text: str) -> Courses:
    """The adapter for ``--courses``."""
    return _sqlite_learning("courses", text)


def open_registry(text: str) -> Registry:
    """The adapter for ``--registry``."""
    address = parse_address("registry", text)
    if address.scheme != "sqlite":
        raise unknown_scheme(address, "sqlite:FILE")
    return _database(address, SqliteRegistry, must_exist=False)


def open_status_slots(text: str) -> StatusSlots:
    """The adapter for ``--status_slots``."""
    address = parse_address("status_slots", text)
    if address.scheme != "sqlite":
        raise unknown_scheme(address, "sqlite:FILE")
    return SqliteStatusSlots(sqlite_file(address, must_exist=False))


def open_signer(text: str) -> Signer:
    """The adapter for ``--keys``."""
    address = parse_address("keys", text)
    if address.scheme != "file":
        raise unknown_scheme(address, "a JWK set file, made by 'certbeam keys new'")
    return JwkFileSigner(Path(address.path))


def key_set(text: str) -> KeySet | None:
    """The key set of ``--keys`` where it is a file; None where the keys stay with a service."""
    address = parse_address("keys", text)
    return read_key_set(Path(address.path)) if address.scheme == "file" else None


def open_storage(text: str) -> Storage:
    """The adapter for ``--storage``."""
    return FolderStorage(_folder(parse_address("storage", text)))


def open_templates(allow: Sequence[str], base: str | None) -> TemplateSource:
    """The source of templates and pictures behind ``--template_allow``."""
    return AllowedSource(parse_allow_list(allow, base))


def event_source(text: str) -> Any:
    """The transform that reads ``--input``: from the pipeline's beginning to records."""
    address = parse_address("input", text)
    if address.scheme not in ("file", "gs", "s3"):
        raise unknown_scheme(address, "a path or glob of JSON lines")
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


def event_sink(flag: str, text: str) -> Any:
    """The transform that writes the messages of one flag (``outcomes``, ``dead_letters``, …)."""
    return WriteJsonLines(str(_folder(parse_address(flag, text))), flag)


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
    """Make a sink fresh for a run: called once, before the pipeline is submitted."""
    folder = _folder(parse_address(flag, text))
    try:
        clear_lines(folder, flag)
    except OSError as error:
        raise FlagError(flag, text, f"cannot be used as a folder: {error.strerror}") from error


def _sqlite_learning(flag: str, text: str) -> SqliteLearning:
    address = parse_address(flag, text)
    if address.scheme != "sqlite":
        raise unknown_scheme(address, "sqlite:FILE")
    return _database(address, SqliteLearning, must_exist=True)


def _database(address: Address, adapter: Callable[[Path], T], *, must_exist: bool) -> T:
    file = sqlite_file(address, must_exist=must_exist)
    try:
        return adapter(file)
    except sqlite3.DatabaseError as error:
        raise address.refuse(f"it is no SQLite database: {error}") from error


def _folder(address: Address) -> Path:
    if address.scheme != "file":
        raise unknown_scheme(address, "a folder")
    folder = Path(address.path)
    if folder.exists() and not folder.is_dir():
        raise address.refuse("it is a file, and a folder is needed")
    return folder.absolute()
