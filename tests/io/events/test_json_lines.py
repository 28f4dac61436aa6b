"""Events in files of JSON lines."""

import gzip
import io
from itertools import pairwise

import apache_beam as beam
import pytest
from apache_beam.testing.test_pipeline import TestPipeline as Pipeline
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certbeam.io.events import json_lines as jsonl
from certbeam.io.events.json_lines import (
    BUCKET_CHUNK_BYTES,
    ReadJsonLines,
    WriteJsonLines,
    clear_lines,
    find_chunks,
    find_files,
    read_lines,
    write_lines,
)
from certbeam.tests.support import present

LINES = st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"")), max_size=12)


def numbered(lines):
    """Return the lines that are not blank, with their numbers."""
    return [(number, line.strip(b"\r\n")) for number, line in enumerate(lines, start=1) if line.strip()]


def read(pattern):
    return [
        (one.source["line"], one.value) for chunk in find_chunks(str(pattern)) for one in read_lines(chunk)
    ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LINES, st.integers(1, 30), st.booleans())
def test_chunks_of_any_size_give_the_same_lines_and_numbers(tmp_path, lines, size, ends_with_newline):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(lines) + (b"\n" if ends_with_newline else b""))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonl, "CHUNK_BYTES", size)
        chunks = list(find_chunks(str(path)))
        assert read(path) == numbered(lines)
    assert all(chunk.begin < present(chunk.end) for chunk in chunks)
    assert all(one.end == other.begin for one, other in pairwise(chunks))


def test_a_large_file_has_more_than_one_chunk(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl, "CHUNK_BYTES", 100)
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"x" * 49 + b"\n" + (b"y" * 49 + b"\n") * 9)
    assert [(chunk.begin, chunk.end, chunk.first_line) for chunk in find_chunks(str(path))] == [
        (0, 100, 1),
        (100, 200, 3),
        (200, 300, 5),
        (300, 400, 7),
        (400, 500, 9),
    ]


def test_chunks_of_objects_have_nearly_the_size_that_beam_fetches(monkeypatch):
    content = (b"x" * 1023 + b"\n") * 20 * 1024
    monkeypatch.setattr(jsonl, "find_files", lambda pattern: [pattern])
    monkeypatch.setattr(jsonl, "_open", lambda _: io.BytesIO(content))
    first, second = find_chunks("gs://bucket/events.jsonl")
    assert first.end == second.begin == BUCKET_CHUNK_BYTES


@pytest.mark.parametrize(("pattern", "spread"), [("gs://bucket/*.jsonl", True), ("/here/*.jsonl", False)])
def test_the_lines_of_objects_are_reshuffled_because_their_chunks_are_large(pattern, spread):
    pipeline = Pipeline()
    _ = pipeline | "Read" >> ReadJsonLines(pattern)
    steps = pipeline.to_runner_api().components.transforms.values()
    assert ("Read/Spread the lines" in {step.unique_name for step in steps}) == spread


def test_compressed_files_are_single_chunks_with_line_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(jsonl, "CHUNK_BYTES", 4)
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n\n  \n{"a": 2}\r\n{"a": 3}'))
    assert read(path) == [(1, b'{"a": 1}'), (4, b'{"a": 2}'), (5, b'{"a": 3}')]
    assert len(list(find_chunks(str(path)))) == 1


def test_a_record_has_the_file_and_line_of_its_message(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n{}\n")
    (record,) = (one for chunk in find_chunks(str(path)) for one in read_lines(chunk))
    assert record.source == {"file": str(path), "line": 2}


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \n\t\n"])
def test_a_blank_file_has_no_events(tmp_path, content):
    path = tmp_path / "events.jsonl"
    path.write_bytes(content)
    assert read(path) == []


def test_the_files_of_a_glob_are_sorted_by_name(tmp_path):
    for name in ("b.jsonl", "a.jsonl", "c.txt"):
        (tmp_path / name).write_bytes(name.encode())
    assert find_files(f"{tmp_path}/*.jsonl") == [f"{tmp_path}/a.jsonl", f"{tmp_path}/b.jsonl"]
    assert find_files(f"{tmp_path}/missing.jsonl") == []
    assert read(f"{tmp_path}/*.jsonl") == [(1, b"a.jsonl"), (1, b"b.jsonl")]


def test_the_transform_reads_every_line_of_every_file(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b"1\n2\n")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"3\n"))
    with Pipeline() as pipeline:
        values = pipeline | ReadJsonLines(f"{tmp_path}/*") | beam.Map(lambda record: record.value)
        assert_that(values, equal_to([b"1", b"2", b"3"]))


def written(folder):
    return sorted(line for path in folder.iterdir() for line in path.read_bytes().splitlines())


def test_the_sink_writes_each_value_as_a_line(tmp_path):
    folder = tmp_path / "made" / "outcomes"
    with Pipeline() as pipeline:
        messages = {
            "ParseEvents": pipeline | "one" >> beam.Create([(b"key", b"one")]),
            "IssueEnrich": pipeline | "two" >> beam.Create([(b"", b"two")]),
        }
        _ = messages | WriteJsonLines(str(folder), "outcomes")
    assert written(folder) == [b"one", b"two"]
    assert all(path.name.startswith("outcomes-") and path.suffix == ".jsonl" for path in folder.iterdir())


def test_a_sink_without_messages_writes_no_file(tmp_path):
    with Pipeline() as pipeline:
        messages = pipeline | beam.Create([(b"", b"x")]) | beam.Filter(lambda message: message[1] == b"y")
        _ = {"ParseEvents": messages} | WriteJsonLines(str(tmp_path / "outcomes"), "outcomes")
    assert not (tmp_path / "outcomes").exists()


def test_only_files_of_the_sink_are_removed_before_a_run(tmp_path):
    with Pipeline() as pipeline:
        messages = pipeline | beam.Create([(b"", b"old")])
        _ = {"ParseEvents": messages} | WriteJsonLines(str(tmp_path), "outcomes")
    kept = {"outcomes.jsonl", "outcomes-of-march.jsonl", "outcomes-x.txt", "audit-1.jsonl", "notes.txt"}
    for name in kept:
        (tmp_path / name).write_bytes(b"mine\n")
    clear_lines(tmp_path, "outcomes")
    assert {path.name for path in tmp_path.iterdir()} == kept


def test_a_missing_folder_of_a_sink_is_created(tmp_path):
    clear_lines(tmp_path / "a" / "b", "outcomes")
    assert (tmp_path / "a" / "b").is_dir()


def test_lines_are_written_atomically(tmp_path):
    def lines():
        yield b"one"
        raise KeyError

    with pytest.raises(KeyError):
        write_lines(tmp_path / "replay.jsonl", lines())
    assert not (tmp_path / "replay.jsonl").exists()
    assert write_lines(tmp_path / "replay.jsonl", [b"one", b"two"]) == 2
    assert (tmp_path / "replay.jsonl").read_bytes() == b"one\ntwo\n"
    assert [path.name for path in tmp_path.iterdir()] == ["replay.jsonl"]


def test_a_file_is_split_into_chunks_of_16_kib(tmp_path):
    line = b"x" * 1023 + b"\n"
    (tmp_path / "a.jsonl").write_bytes(line * 64)
    chunks = list(find_chunks(f"{tmp_path}/a.jsonl"))
    assert [(chunk.begin, chunk.end, chunk.first_line) for chunk in chunks] == [
        (0, 16_384, 1),
        (16_384, 32_768, 17),
        (32_768, 49_152, 33),
        (49_152, 65_536, 49),
    ]
