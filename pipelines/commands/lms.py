"""``certbeam lms``: the learning platform's records, for tests and for the embedded default."""

from pathlib import Path

import click

from certbeam.io.addresses import parse_address, sqlite_file, unknown_scheme
from certbeam.io.learning.load import LoadError, load_records


@click.group()
def lms() -> None:
    """Load the learning platform's records."""


@lms.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lms", "address", metavar="URI", required=True, help="Where the tables are: sqlite:FILE.")
def load(file: Path, address: str) -> None:
    """Create the tables where missing and upsert the rows of FILE.

    FILE holds {"course_batch": […], "user_enrolments": […], "user_activity_agg": […], "users": […],
    "courses": […]}, rows with the column names of production and times as ISO 8601.
    """
    target = parse_address("lms", address)
    if target.scheme != "sqlite":
        raise unknown_scheme(target, "sqlite:FILE")
    try:
        loaded = load_records(file, sqlite_file(target, must_exist=False))
    except LoadError as error:
        raise click.ClickException(str(error)) from error
    for table, rows in loaded.items():
        click.echo(f"{table}: {rows} rows")
