"""Events in files of JSON lines, the embedded default."""

import gzip
import io
import os
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import apache_beam as beam
from apache_beam.io.filesystem import BeamIOError, CompressionTypes
from apache_beam.io.filesystems import FileSystems

from certbeam.io.protocols import Message
from certbeam.io.uri.address import Address, FlagError, folder_of, parse_address
from certbeam.issuing.record import Record

CHUNK_BYTES = 1 << 14
"""Approximate size of a chunk of a file. Files are split at line ends.

An event may have hundreds of learners, so a process needs about half a second for a chunk. Opening the file for each
chunk adds a tenth to the time for reading its lines.
"""

BUCKET_CHUNK_BYTES = 15 << 20
"""Approximate size of a chunk of an object in a bucket, of which Beam's readers always fetch 16 MB.

Its lines are reshuffled again after reading.
"""

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive lines of a file.

    Attributes:
        path: path of the file.
        begin: byte offset of the first line.
        end: byte offset after the last line; None for the end of the file.
        first_line: number of the first line, from 1.
    """

    path: str
    begin: int
    end: int | None
    first_line: int


def open_lines(address: Address, *_: Any) -> "ReadJsonLines":
    """Return the transform that reads the files that a path or glob matches.

    Raises:
        FlagError: if no file matches, or the files cannot be listed.
    """
    pattern = address.path if address.scheme == "file" else address.text
    if Path(pattern).is_dir():
        raise address.refuse(f"it is a folder; did you mean {pattern.rstrip('/')}/*.jsonl?")
    try:
        files = find_files(pattern)
    except (BeamIOError, ValueError) as error:
        raise address.refuse(f"its files cannot be listed: {error}") from error
    if not files:
        raise address.refuse("no file matches")
    return ReadJsonLines(pattern)


def open_folder_sink(address: Address, *_: Any) -> "WriteJsonLines":
    """Return the transform that writes messages to files in a folder, named after the address's flag.

    Raises:
        FlagError: if the path is a file.
    """
    return WriteJsonLines(str(folder_of(address)), address.flag)


@dataclass
class ReadJsonLines(beam.PTransform):
    """Read each line of the files that match a path or glob as a :class:`Record`; skip blank lines.

    A file with the suffix ``.gz`` is decompressed. It is a single chunk, because it cannot be split.
    """

    pattern: str

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, begin: Any) -> Any:
        """Apply the transform to the beginning of a pipeline, and return records."""
        records = (
            begin
            | "Name the input" >> beam.Create([self.pattern])
            | "Cut files into chunks" >> beam.FlatMap(find_chunks)
            | "Spread the chunks" >> beam.Reshuffle()
            | "Read the lines" >> beam.FlatMap(read_lines)
        )
        return records | "Spread the lines" >> beam.Reshuffle() if _is_in_bucket(self.pattern) else records


@dataclass
class WriteJsonLines(beam.PTransform):
    """Write the value of each message as a line to files ``<name>-….jsonl`` in a folder.

    Each stage has its own files. A Flatten of the stages would keep every line in memory until the stages are done,
    on runners that do not fuse it.
    """

    folder: str
    name: str

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, messages: Any) -> None:
        """Apply the transform to the messages of each stage, by its name."""
        for stage, stage_messages in messages.items():
            _ = stage_messages | f"Append lines of {stage}" >> beam.ParDo(
                _AppendLines(self.folder, self.name)
            )


def find_files(pattern: str) -> list[str]:
    """Return the files that match a path or glob, sorted by name."""
    return sorted(match.path for match in FileSystems.match([pattern])[0].metadata_list)


def find_chunks(pattern: str) -> Iterator[Chunk]:
    """Split every file that matches a path or glob into chunks."""
    for path in find_files(pattern):
        yield from _split(path)


def read_lines(chunk: Chunk) -> Iterator[Record]:
    """Yield the lines of a chunk that are not blank, with the file's name and the line number."""
    # A file's name may not be UTF-8, but the dead letter with it must be.
    name = chunk.path.encode(errors="replace").decode()
    with _open(chunk.path) as stream:
        if chunk.begin:
            stream.seek(chunk.begin)
        position = chunk.begin
        for number, line in enumerate(_lines(stream, name), start=chunk.first_line):
            position += len(line)
            if line.strip():
                yield Record(line.strip(b"\r\n"), {"file": name, "line": number})
            if chunk.end is not None and position >= chunk.end:
                return


def _lines(stream: IO[bytes], name: str) -> Iterator[bytes]:
    """Yield the lines of a stream; raise ValueError with the file's name if it cannot be decompressed."""
    try:
        yield from stream
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{name} cannot be decompressed: {error}") from error


def check_input_stays(source: str, flag: str, sink: str) -> None:
    """Refuse an input in the folder of a sink, because the folder is emptied before the input is read.

    Args:
        source: value of ``--input``.
        flag: flag of the sink.
        sink: value of that flag.

    Raises:
        FlagError: with the flag of the sink.
    """
    input_address, sink_address = parse_address("input", source), parse_address(flag, sink)
    if input_address.scheme == sink_address.scheme == "file":
        folder = Path(sink_address.path).resolve()
        if any(Path(file).resolve().parent == folder for file in find_files(input_address.path)):
            raise sink_address.refuse(
                "--input is read from this folder, which is emptied first; give another folder"
            )


def prepare_sink(flag: str, text: str) -> None:
    """Empty the folder of a sink before a job is submitted. A topic is not changed.

    Raises:
        FlagError: if the folder cannot be used.
    """
    address = parse_address(flag, text)
    if address.scheme != "file":
        return
    folder = folder_of(address)
    try:
        clear_lines(folder, flag)
    except OSError as error:
        raise FlagError(flag, text, f"cannot be used as a folder: {error.strerror}") from error


def clear_lines(folder: Path, name: str) -> None:
    """Create a folder if it is missing, and remove the files that an earlier run's sink of this name wrote."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}-{'[0-9a-f]' * 32}.jsonl"):
        old.unlink()


def write_lines(path: Path, lines: Iterable[bytes]) -> int:
    """Write lines to a file atomically, and return the number of lines."""
    partial = path.with_name(f".{path.name}.part")
    count = 0
    try:
        with partial.open("wb") as stream:
            for line in lines:
                stream.write(line + b"\n")
                count += 1
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _open(path: str) -> IO[bytes]:
    # Beam's file systems must not decompress the file, because it is decompressed below.
    stream: IO[bytes] = FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)
    if _is_in_bucket(path):
        # Beam's reader of Cloud Storage searches for the end of a line byte by byte.
        stream = cast("IO[bytes]", io.BufferedReader(cast("io.RawIOBase", stream), _READ_BYTES))
    return cast("IO[bytes]", gzip.open(stream, "rb")) if path.endswith(".gz") else stream


def _is_in_bucket(path: str) -> bool:
    return "://" in path


def _split(path: str) -> Iterator[Chunk]:
    if path.endswith(".gz"):
        yield Chunk(path, 0, None, 1)
        return
    size = BUCKET_CHUNK_BYTES if _is_in_bucket(path) else CHUNK_BYTES
    begin, line = 0, 1
    with _open(path) as stream:
        while block := stream.read(size):
            block += b"" if block.endswith(b"\n") else stream.readline()
            yield Chunk(path, begin, begin + len(block), line)
            begin += len(block)
            line += block.count(b"\n")


class _AppendLines(beam.DoFn):
    """Append messages to a file of this instance, which is created for the first message."""

    def __init__(self, folder: str, name: str) -> None:
        self._folder = folder
        self._name = name
        self._stream: IO[bytes] | None = None

    def process(self, message: Message) -> None:
        if self._stream is None:
            os.makedirs(self._folder, exist_ok=True)
            path = os.path.join(self._folder, f"{self._name}-{uuid.uuid4().hex}.jsonl")
            self._stream = open(path, "wb")  # noqa: SIM115 - closed in teardown
        self._stream.write(message[1] + b"\n")

    def finish_bundle(self) -> None:
        if self._stream is not None:
            self._stream.flush()

    def teardown(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
