"""``certbeam lms``: load the learning platform's records, for tests and for the embedded default."""

from pathlib import Path

import click

from certbeam.foundation.errors import Unavailable
from certbeam.io.learning.load import LoadError
from certbeam.io.port_table import LEARNING_TABLES


@click.group()
def lms() -> None:
    """Load the learning platform's records."""


@lms.command(short_help="Load a JSON file into the tables.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    f"--{LEARNING_TABLES.flag}",
    "address",
    metavar="URI",
    required=True,
    help=f"Database of the tables: {LEARNING_TABLES.forms}.",
)
def load(file: Path, address: str) -> None:
    """Create the missing tables of the learning platform, and upsert the rows of FILE.

    FILE is a JSON object that maps course_batch, user_enrolments, user_activity_agg, users and courses to lists of
    rows. The members of a row are named like the columns of the tables. Times are in ISO 8601.
    """
    try:
        loaded = LEARNING_TABLES.open(address)(file)
    except (LoadError, Unavailable) as error:
        raise click.ClickException(str(error)) from error
    for table, rows in loaded.items():
        click.echo(f"{table}: {rows} rows")
