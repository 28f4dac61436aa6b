"""``python -m services.jars`` makes the thin jars and prints the flags that name them. It needs only Python."""

import sys
from collections.abc import Mapping

from .java import EXPANSION_SERVICE, NoClassPath, thin_jar

THIN_JARS: Mapping[str, tuple[str, str]] = {
    "expansion_service": ("expansion", EXPANSION_SERVICE),
    "flink_job_server_jar": ("flink", "org.apache.beam.runners.flink.FlinkJobServerDriver"),
}
"""Class path and main class of the jar for each flag that takes a jar."""


def jars() -> None:
    """Make the thin jars, and print the flags with their paths."""
    for flag, (name, main_class) in THIN_JARS.items():
        sys.stdout.write(f"--{flag}={thin_jar(name, main_class)}\n")


if __name__ == "__main__":
    try:
        jars()
    except NoClassPath as error:
        sys.exit(str(error))
