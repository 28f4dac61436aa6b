"""``certbeam lms``: the learning platform's records, for tests and for the embedded default."""

from pathlib import Path

import click

from certbeam.foundation.errors import Unavailable
from certbeam.io.learning.load import LoadError
from certbeam.io.port_table import LEARNING_TABLES

_WHERE = "Where the tables are: sqlite:FILE, or cassandra://HOST/KEYSPACE."


@click.group()
def lms() -> None:
    """Load the learning platform's records."""


@lms.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lms", "address", metavar="URI", required=True, help=_WHERE)
def load(file: Path, address: str) -> None:
    """Create the tables where missing and upsert the rows of FILE.

    FILE holds {"course_batch": […], "user_enrolments": […], "user_activity_agg": […], "users": […],
    "courses": […]}, rows with the column names of production and times as ISO 8601.
    """
    try:
        loaded = LEARNING_TABLES.open(address)(file)
    except (LoadError, Unavailable) as error:
        raise click.ClickException(str(error)) from error
    for table, rows in loaded.items():
        click.echo(f"{table}: {rows} rows")
