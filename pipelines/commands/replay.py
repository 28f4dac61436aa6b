"""``certbeam replay``: put dead letters back on the way in, after the cause is mended."""

from collections.abc import Iterator
from pathlib import Path

import click

from certbeam.credentials.claims import original_message
from certbeam.credentials.errors import Rejected
from certbeam.io.addresses import parse_address, unknown_scheme
from certbeam.io.events.jsonl import find_chunks, find_files, read_lines, write_lines


@click.command()
@click.argument("dead_letters")
@click.option(
    "--output", metavar="FILE", required=True, help="Where the events go: a file of JSON lines, made anew."
)
def replay(dead_letters: str, output: str) -> None:
    """Write the events of DEAD_LETTERS (a folder, path or glob) as they were read, narrowed to what failed.

    The result is input for the pipeline that the dead letters come from.
    """
    target = parse_address("output", output)
    if target.scheme != "file":
        raise unknown_scheme(target, "a file of JSON lines")
    file = Path(target.path)
    if file.is_dir():
        raise target.refuse("it is a folder, and a file is needed, such as replay.jsonl")
    if not file.absolute().parent.is_dir():
        raise target.refuse(f"the folder {file.parent} does not exist")
    try:
        count = write_lines(file, _events(_pattern(dead_letters)))
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    click.echo(f"{count} events written to {output}")


def _pattern(dead_letters: str) -> str:
    if Path(dead_letters).is_dir():
        return str(Path(dead_letters) / "*.jsonl")
    if not find_files(dead_letters):
        raise click.UsageError(f"DEAD_LETTERS {dead_letters}: no file matches")
    return dead_letters


def _events(pattern: str) -> Iterator[bytes]:
    for chunk in find_chunks(pattern):
        for record in read_lines(chunk):
            try:
                message = original_message(record.value)
            except Rejected as error:
                place = f"{record.source['file']}, line {record.source['line']}"
                raise Rejected(error.code, f"{place}: {error.reason}") from error
            # A message from a topic may hold line ends, which are white space to JSON but not to a file of lines.
            yield message.replace(b"\n", b" ")
