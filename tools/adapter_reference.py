"""Write the table of adapters on ``docs/adapters.md`` from the table of ports, ``io/port_table.py``.

Run ``python -m certbeam.tools.adapter_reference`` in the repository's root after a change of a port or an adapter.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from certbeam.io.port import Adapter, Port
from certbeam.io.port_table import INPUT, SERVICES, SINKS, TEMPLATES

PAGE = Path(__file__).parents[1] / "docs" / "adapters.md"

BEGIN = "<!-- Made by python -m certbeam.tools.adapter_reference from io/port_table.py: do not edit this table. -->"
END = "<!-- End of the table. -->"

_HEADER = "| port | flag | adapter | extra | tested against |\n|---|---|---|---|---|"

TESTED_AGAINST: Mapping[str, Mapping[str, str]] = {
    "lms": {
        "sqlite": "SQLite; 20 writers on one learner",
        "cassandra": "Cassandra 5.0.9: one node, with and without login and TLS, killed with -9 during updates,"
        " 20 writers on one learner; three nodes with three replicas, two of them killed with -9, one after the"
        " other (`make survive`)",
    },
    "users": {
        "sqlite": "SQLite",
        "cassandra": "Cassandra 5.0.9 of one node",
        "http": "our own stateful server (below)",
    },
    "courses": {
        "sqlite": "SQLite",
        "cassandra": "Cassandra 5.0.9 of one node",
        "http": "our own server",
        "redis": "Redis 6.2, without login and without TLS (`rediss://`)",
    },
    "storage": {
        "file": "the local file system",
        "gs": "gcp-storage-emulator, which does not enforce preconditions",
        "s3": "moto's server",
        "az": "Azurite 3.35, with account key and connection string; not with the machine's identity",
    },
    "registry": {
        "sqlite": "SQLite",
        "cassandra": "as `--lms`: one node and three, killed with -9",
        "certreg+http": "our own server; of the contract tests only adding, because the API has no other operations",
        "rc+http": "our own server, in both modes, killed with -9; all contract tests except the reason of a"
        " revocation, which RC does not store",
    },
    "status_slots": {"sqlite": "SQLite", "cassandra": "Cassandra 5.0.9 of one node"},
    "keys": {
        "file": "the local file system, and third-party verifiers",
        "enc+http": "our own server",
    },
    "notify": {"http": "our own server", "kafka": "as `--input`"},
    "template_allow": {
        "file": "the local file system",
        "http": "a local HTTP server",
        "gs": "gcp-storage-emulator",
        "s3": "moto's server",
    },
    "input": {
        "file": "the local file system",
        "gs": "gcp-storage-emulator",
        "s3": "moto's server",
        "kafka": "Kafka 4.1.1 of one broker: bounded on the direct runner, in plain text and with SASL_SSL (PLAIN and"
        " SCRAM-SHA-512); streaming on Flink, killed with -9 during reads and writes",
    },
    "outcomes": {"file": "the local file system", "kafka": "as `--input`"},
}
"""By the flag and the first scheme of an adapter. Of flags with the same adapters, the first flag has the entry."""


def render_page(page: str) -> str:
    """Return the page with the table between its two markers written anew."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{render_table()}\n\n{END}{after}"


def render_table() -> str:
    """Return the table in Markdown: a row for each adapter of each flag of the pipelines."""
    return "\n".join([_HEADER, *_render_rows()])


def _render_rows() -> Iterator[str]:
    """Yield the rows; ports with the same adapters share them."""
    for adapters, group in groupby((*SERVICES, TEMPLATES, INPUT, *SINKS), lambda port: port.adapters):
        ports: list[Port[Any]] = list(group)
        abouts = "; ".join(port.about for port in ports)
        flags = ", ".join(f"`--{port.flag}`" for port in ports)
        for adapter in adapters:
            cells = (abouts, flags, *_adapter_cells(ports[0].flag, adapter))
            yield f"| {' | '.join(cells)} |"
            abouts = flags = ""  # only in the first row of a port


def _adapter_cells(flag: str, adapter: Adapter) -> tuple[str, str, str]:
    address = re.sub(r"\S+:\S*", r"`\g<0>`", adapter.form)
    return address, adapter.extra, TESTED_AGAINST[flag][adapter.schemes[0]]


if __name__ == "__main__":
    PAGE.write_text(render_page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
