"""The adapter of an address, and the addresses that are refused before a job is submitted."""

from importlib import import_module

import pytest

from certbeam.io import port_table
from certbeam.io.events.json_lines import ReadJsonLines, WriteJsonLines, prepare_sink
from certbeam.io.events.kafka_topics import DEFAULTS
from certbeam.io.learning.sqlite_learning import SqliteLearning
from certbeam.io.port import Port
from certbeam.io.port_table import (
    AUDIT,
    COURSES,
    INPUT,
    LARGE_MESSAGES,
    LEARNING,
    OUTCOMES,
    REGISTRY,
    STORAGE,
    USERS,
)
from certbeam.io.registry.sqlite_registry import SqliteRegistry
from certbeam.io.storage.folder import FolderStorage
from certbeam.io.uri.address import FlagError

DATABASES = (
    ("lms", LEARNING.open),
    ("users", USERS.open),
    ("courses", COURSES.open),
    ("registry", REGISTRY.open),
)

OPENERS = sorted(
    {
        adapter.opener
        for port in vars(port_table).values()
        if isinstance(port, Port)
        for adapter in port.adapters
    }
)


@pytest.mark.parametrize("opener", OPENERS)
def test_every_opener_is_a_function(opener):
    module, _, function = opener.partition(":")
    assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize(
    ("opened", "adapter"),
    [
        (LEARNING.open, SqliteLearning),
        (USERS.open, SqliteLearning),
        (COURSES.open, SqliteLearning),
        (REGISTRY.open, SqliteRegistry),
    ],
)
def test_a_database_is_opened(platform, opened, adapter):
    port = opened(f"sqlite:{platform.database}")
    assert isinstance(port, adapter)
    port.close()


@pytest.mark.parametrize(
    ("flag", "opened"),
    [
        *DATABASES,
        ("storage", STORAGE.open),
        ("large_messages", LARGE_MESSAGES.open),
        ("input", INPUT.open),
        ("outcomes", OUTCOMES.open),
        ("audit", AUDIT.open),
    ],
)
def test_the_error_of_an_unknown_scheme_names_the_flag(flag, opened):
    with pytest.raises(FlagError, match=f"^--{flag}=mongodb://x: unknown scheme 'mongodb'; known: "):
        opened("mongodb://x")


@pytest.mark.parametrize(
    ("flag", "opened"),
    DATABASES,
)
def test_a_file_that_is_not_a_database_is_refused(tmp_path, flag, opened):
    (tmp_path / "notes.txt").write_text(
        "These are only notes, but as long as the header of a database.\n" * 20
    )
    with pytest.raises(FlagError, match=f"^--{flag}=.*notes.txt: it is not a SQLite database"):
        opened(f"sqlite:{tmp_path}/notes.txt")


def test_the_platforms_database_must_exist_but_the_registrys_is_created(tmp_path):
    with pytest.raises(FlagError, match="there is no such file"):
        LEARNING.open(f"sqlite:{tmp_path}/a.db")
    REGISTRY.open(f"sqlite:{tmp_path}/a.db").close()
    assert (tmp_path / "a.db").is_file()


def test_a_folder_of_storage_is_not_created_before_an_upload(tmp_path):
    assert isinstance(STORAGE.open(str(tmp_path / "certs")), FolderStorage)
    assert not (tmp_path / "certs").exists()


def test_a_file_in_place_of_a_folder_is_rejected(tmp_path):
    (tmp_path / "file").write_text("x")
    for opened in (STORAGE.open, AUDIT.open):
        with pytest.raises(FlagError, match="a folder is needed"):
            opened(str(tmp_path / "file"))


def test_a_folder_that_cannot_be_created_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(FlagError, match="cannot be used as a folder"):
        prepare_sink("audit", str(tmp_path / "file" / "below"))


def test_events_are_read_from_existing_files(tmp_path):
    (tmp_path / "a.jsonl").write_text("{}")
    assert INPUT.open(f"{tmp_path}/*.jsonl") == ReadJsonLines(f"{tmp_path}/*.jsonl")
    assert INPUT.open(f"file://{tmp_path}/a.jsonl") == ReadJsonLines(f"{tmp_path}/a.jsonl")
    with pytest.raises(FlagError, match="no file matches"):
        INPUT.open(f"{tmp_path}/b.jsonl")


def test_messages_of_a_topic_are_reshuffled_if_requested():
    assert INPUT.open("kafka://localhost:9092/t", DEFAULTS, True).spread
    assert not INPUT.open("kafka://localhost:9092/t").spread


def test_the_files_of_a_sink_have_the_name_of_its_flag(tmp_path):
    assert AUDIT.open(str(tmp_path)) == WriteJsonLines(str(tmp_path), "audit")
