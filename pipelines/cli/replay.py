"""``certbeam replay``: re-queue dead letters after their cause is fixed."""

import logging
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import apache_beam as beam
import click
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils.subprocess_server import SubprocessServer

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.events.json_lines import WriteJsonLines, find_chunks, find_files, read_lines, write_lines
from certbeam.io.events.kafka_topics import (
    ADDRESS,
    SCHEME,
    KafkaSettings,
    check_expansion_service,
    plain_errors,
)
from certbeam.io.limits import LEAST_MESSAGE_BYTES, MAX_MESSAGE_BYTES, MOST_MESSAGE_BYTES
from certbeam.io.port_table import LARGE_MESSAGES, REPLAY_INPUT, REPLAY_OUTPUT
from certbeam.io.uri.address import parse_address, unknown_scheme
from certbeam.pipelines.config.flags import LARGE_MESSAGES_FOLDER, find_flag
from certbeam.pipelines.runners.beam_options import beam_options
from certbeam.pipelines.runners.run import counters
from certbeam.stages.large_messages import StoredMessages
from certbeam.stages.replaying import restore_line
from certbeam.transforms.replay import REFUSED, REPLAYED, Replay

logger = logging.getLogger(__name__)


@click.command()
@click.argument("dead_letters")
@click.option(
    "--output",
    metavar="URI",
    required=True,
    help=f"Target of the events: a file of JSON lines, which is replaced, or {ADDRESS}.",
)
@click.option(
    "--max_read_time",
    metavar="N",
    type=click.IntRange(1),
    default=30,
    show_default=True,
    help="Maximum time to read from a topic, in seconds.",
)
@click.option(
    "--max_num_records",
    metavar="N",
    type=click.IntRange(1),
    help="Maximum number of messages to read from a topic. Default: no limit.",
)
@click.option("--expansion_service", metavar="JAR", default="", help=find_flag("expansion_service").help)
@click.option(
    "--large_messages",
    metavar="URI",
    default=LARGE_MESSAGES_FOLDER,
    show_default=True,
    help="The value of --large_messages of the run that wrote the dead letters.",
)
@click.option(
    "--max_message_bytes",
    metavar="N",
    type=click.IntRange(LEAST_MESSAGE_BYTES, MOST_MESSAGE_BYTES),
    default=MAX_MESSAGE_BYTES,
    show_default=True,
    help="Maximum size of a message to a topic in bytes, key included. A larger message is refused.",
)
def replay(
    dead_letters: str,
    output: str,
    max_read_time: int,
    max_num_records: int | None,
    expansion_service: str,
    large_messages: str,
    max_message_bytes: int,
) -> None:
    """Write the events of DEAD_LETTERS to a file or a topic, limited to the claims that failed.

    DEAD_LETTERS is a folder, a path, a glob or a topic. A topic is read from its beginning each time. Use the result as
    the input of the pipeline that wrote the dead letters. A certificate that was issued meanwhile has the outcome
    already-issued.
    """
    options = beam_options([], known=[])
    from_topic, to_topic = _is_topic(REPLAY_INPUT.flag, dead_letters), _is_topic(REPLAY_OUTPUT.flag, output)
    pattern = dead_letters if from_topic else _pattern(dead_letters)
    file = None if to_topic else _file(output)
    LARGE_MESSAGES.open(large_messages).close()
    if file and not from_topic:
        count, refused = _copy(pattern, file, large_messages)
    else:
        check_expansion_service(expansion_service)
        kafka = KafkaSettings(
            expansion_service,
            max_read_time=max_read_time,
            max_num_records=max_num_records,
            max_message_bytes=max_message_bytes,
        )
        # A file takes a message of any size.
        max_bytes = sys.maxsize if file else max_message_bytes
        source = REPLAY_INPUT.open(pattern, kafka)
        with TemporaryDirectory(prefix="certbeam-replay-") as folder:
            sink = WriteJsonLines(folder, "events") if file else REPLAY_OUTPUT.open(output, kafka)
            count, refused = _run(source, Replay(large_messages, max_bytes), sink, options)
            if file:
                write_lines(file, _lines(f"{folder}/*.jsonl"))
    click.echo(f"{count} events written to {output.partition('?')[0]}")
    if refused:
        raise click.ClickException(f"{refused} messages are refused: see the log above for each reason")


def _run(
    source: beam.PTransform, replay: Replay, sink: beam.PTransform, options: PipelineOptions
) -> tuple[int, int]:
    """Replay with Beam, and return the numbers of events and of refused messages."""
    # Beam stops the services of cross-language transforms at the end of this context.
    with SubprocessServer.cache_subprocesses(), plain_errors():
        pipeline = beam.Pipeline(options=options)
        _ = {"Replay": pipeline | "Read dead letters" >> source | replay} | "Write events" >> sink
        result = pipeline.run()
        result.wait_until_finish()
    counted = counters(result)
    return counted[REPLAYED], counted[REFUSED]


def _copy(pattern: str, file: Path, large_messages: str) -> tuple[int, int]:
    """Replay from files to a file, in order, and return the numbers of events and of refused dead letters.

    Raises:
        ClickException: if a line is not a dead letter. Nothing is written, because the file is probably a wrong one.
    """
    stored, refused = StoredMessages(large_messages), Counter[str]()
    try:
        return write_lines(file, _events(pattern, stored, refused)), refused.total()
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    finally:
        stored.close()


def _is_topic(flag: str, text: str) -> bool:
    return parse_address(flag, text).scheme == SCHEME


def _file(output: str) -> Path:
    target = parse_address(REPLAY_OUTPUT.flag, output)
    if target.scheme != "file":
        raise unknown_scheme(target, f"a file of JSON lines, or {ADDRESS}")
    file = Path(target.path)
    if file.is_dir():
        raise target.refuse("it is a folder: give a file, such as replay.jsonl")
    if not file.absolute().parent.is_dir():
        raise target.refuse(f"the folder {file.parent} does not exist")
    return file


def _pattern(dead_letters: str) -> str:
    if Path(dead_letters).is_dir():
        return str(Path(dead_letters) / "*.jsonl")
    if not find_files(dead_letters):
        raise click.UsageError(f"DEAD_LETTERS {dead_letters}: no file matches")
    return dead_letters


def _events(pattern: str, stored: StoredMessages, refused: Counter[str]) -> Iterator[bytes]:
    for chunk in find_chunks(pattern):
        for record in read_lines(chunk):
            try:
                yield restore_line(record.value, stored.fetch)
            except Rejected as error:
                reason = f"{record.source['file']}, line {record.source['line']}: {error.reason}"
                if error.code == ErrorCode.NOT_A_DEAD_LETTER:
                    raise Rejected(error.code, reason) from error
                refused[error.code] += 1
                logger.error("%s", reason)


def _lines(pattern: str) -> Iterator[bytes]:
    for chunk in find_chunks(pattern):
        yield from (record.value for record in read_lines(chunk))
