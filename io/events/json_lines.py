"""Events in files of JSON lines: the embedded default."""

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
"""How much of a file is one piece of work: files are cut at line ends into pieces of about this size.

An event may name hundreds of learners, so two such pieces are a second's work for one process. Opening a file for
each adds a tenth to the reading of its lines.
"""

BUCKET_CHUNK_BYTES = 15 << 20
"""The same of an object in a bucket: Beam's readers fetch 16 MB at a time, however little is wanted. Its lines are
spread once more when they are read."""

_READ_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some whole lines of a file.

    Attributes:
        begin, end: byte offsets; ``end`` is None for all the rest.
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
    """Each line that is not blank, of the files that match a path or glob, as a :class:`Record`.

    A file whose name ends in ``.gz`` is unpacked; it is one piece of work, for it cannot be cut.
    """

    pattern: str

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, begin: Any) -> Any:
        """From the pipeline's beginning to records."""
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
    """Write each message's value as one line, to files ``<name>-….jsonl`` in a folder.

    Each stage has files of its own, and no Flatten joins them: that would hold every line in memory until
    the stages are done on runners that do not fuse it.
    """

    folder: str
    name: str

    def __post_init__(self) -> None:
        super().__init__()

    def expand(self, messages: Any) -> None:
        """From the messages of each stage, by its name, to nothing: a sink."""
        for stage, theirs in messages.items():
            _ = theirs | f"Append lines of {stage}" >> beam.ParDo(_AppendLines(self.folder, self.name))


def find_files(pattern: str) -> list[str]:
    """The files that a path or glob stands for, in the order of their names."""
    return sorted(match.path for match in FileSystems.match([pattern])[0].metadata_list)


def find_chunks(pattern: str) -> Iterator[Chunk]:
    """Cut every file of a pattern into chunks."""
    for path in find_files(pattern):
        yield from _chunks(path)


def read_lines(chunk: Chunk) -> Iterator[Record]:
    """The lines of a chunk that are not blank, with their places."""
    # A file's name need not be UTF-8, but the dead letter that quotes it must be.
    name = chunk.path.encode(errors="replace").decode()
    with _open(chunk.path) as stream:
        if chunk.begin:
            stream.seek(chunk.begin)
        position = chunk.begin
        for number, line in enumerate(_whole(stream, name), start=chunk.first_line):
            position += len(line)
            if line.strip():
                yield Record(line.strip(b"\r\n"), {"file": name, "line": number})
            if chunk.end is not None and position >= chunk.end:
                return


def _whole(stream: IO[bytes], name: str) -> Iterator[bytes]:
    """The lines of a stream; one that ends in the middle is told by its file's name."""
    try:
        yield from stream
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{name} cannot be unpacked: {error}") from error


def check_input_stays(source: str, flag: str, sink: str) -> None:
    """Refuse an input that lies in the folder of a sink, which is emptied before the input is read.

    Raises:
        FlagError: with the flag of the sink.
    """
    read, written = parse_address("input", source), parse_address(flag, sink)
    if read.scheme == written.scheme == "file":
        folder = Path(written.path).resolve()
        if any(Path(file).resolve().parent == folder for file in find_files(read.path)):
            raise written.refuse("--input is read from this folder, which is emptied first; give another one")


def prepare_sink(flag: str, text: str) -> None:
    """Empty the folder of a sink, once before a job is submitted. A topic stays as it is.

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
    """Make a folder ready for a fresh run: remove the files that an earlier run's sink wrote, no others."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}-{'[0-9a-f]' * 32}.jsonl"):
        old.unlink()


def write_lines(path: Path, lines: Iterable[bytes]) -> int:
    """Write lines to one file, whole or not at all; how many there were."""
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
    # Uncompressed through Beam's file systems too: what looks packed is unpacked here.
    stream: IO[bytes] = FileSystems.open(path, compression_type=CompressionTypes.UNCOMPRESSED)
    if _is_in_bucket(path):
        # That of Cloud Storage looks for the end of a line byte by byte.
        stream = cast("IO[bytes]", io.BufferedReader(cast("io.RawIOBase", stream), _READ_BYTES))
    return cast("IO[bytes]", gzip.open(stream, "rb")) if path.endswith(".gz") else stream


def _is_in_bucket(path: str) -> bool:
    return "://" in path


def _chunks(path: str) -> Iterator[Chunk]:
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
    """One file for each instance, so that no two writers share one; opened when there is something to write."""

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
