"""Speed of ``certbeam issue`` with Kafka, with Cassandra, and with the embedded default, on the same input.

    python -m certbeam.bench.services FOLDER LEARNERS

It starts its own broker and node. For each run it prints the certificates per second, per second of Python's processor
time, and the processor time of the servers, which share the cores.
"""

import argparse
import os
import time
from pathlib import Path

import click
import orjson

from certbeam.bench.make_input import Shape, load_platform, make_input
from certbeam.deploy.services.cassandra_node import CassandraNode
from certbeam.deploy.services.java import EXPANSION_SERVICE, thin_jar
from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.deploy.services.kafka_client import produce
from certbeam.deploy.services.server import Server
from certbeam.io.events.json_lines import prepare_sink
from certbeam.io.port import ISSUE
from certbeam.io.port_table import AUDIT, DEAD_LETTERS, OUTCOMES
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import job_settings
from certbeam.pipelines.runners.beam_options import beam_options
from certbeam.pipelines.runners.run import run_pipeline
from certbeam.stages.garbage_collection import tune_garbage_collection

BATCHES = 10
SINKS = tuple(port.flag for port in (OUTCOMES, DEAD_LETTERS, AUDIT))
WARM_UP = 100


class Bench:
    """Runs of ``issue`` over the same learners, each with a platform of its own."""

    def __init__(self, folder: Path, learners: int) -> None:
        self._folder = folder
        self._learners = learners

    def run(self, name: str, flags: dict[str, str], *servers: Server) -> None:
        """Issue all certificates, and print the speed.

        Args:
            name: the name of the run.
            flags: the flags that differ from the embedded default.
            servers: the servers whose processor time is printed.
        """
        settings = job_settings(ISSUE, complete(ISSUE, {**self._files(name), **flags}, {}))
        for flag, address in settings.sinks.items():
            prepare_sink(flag, address)
        before = [processor_seconds(server) for server in servers]
        start, used = time.perf_counter(), time.process_time()
        summary = run_pipeline(settings, beam_options([], known=[]), progress=False)
        used, elapsed = time.process_time() - used, time.perf_counter() - start
        of_servers = [processor_seconds(server) - old for server, old in zip(servers, before, strict=True)]
        issued = summary.counted("outcome").get("issued", 0)
        if issued != self._learners:
            raise RuntimeError(f"{issued} of {self._learners} certificates are issued: read the dead letters")
        server_times = "".join(
            f"; {server.name} {seconds:.1f} s" for server, seconds in zip(servers, of_servers, strict=True)
        )
        click.echo(
            f"{name:20} {issued / elapsed:6.0f} a second, {issued / used:6.0f} a second of Python"
            f" ({elapsed:.1f} s, {used:.1f} s{server_times})"
        )

    def _files(self, name: str) -> dict[str, str]:
        folder = self._folder / name
        make_input(folder, Shape(self._learners, BATCHES))
        return {
            "input": str(folder / "events.jsonl"),
            "lms": f"sqlite:{folder / 'lms.db'}",
            "registry": f"sqlite:{folder / 'registry.db'}",
            "storage": str(folder / "certs"),
            **{sink: str(folder / sink) for sink in SINKS},
        }


def in_cassandra(node: CassandraNode, folder: Path, count: int) -> dict[str, str]:
    """Load all learners into a keyspace, and return the flags that name it."""
    address = node.keyspace(f"learners_{count}")
    load_platform(folder, address, Shape(count, BATCHES))
    return {"lms": address, "registry": address}


def on_topics(broker: KafkaBroker, count: int) -> dict[str, str]:
    """Write all events to a topic, create topics for the outputs, and return the flags that name them."""
    name = f"issue-{count}"
    topic = broker.topic(name)
    produce(broker.bootstrap, name, ((None, orjson.dumps(event)) for event in Shape(count, BATCHES).events()))
    return {
        "input": topic,
        "max_num_records": str(count),
        "expansion_service": str(thin_jar("expansion", EXPANSION_SERVICE)),
        **{sink: broker.topic(f"{sink}-{count}") for sink in SINKS},
    }


def processor_seconds(server: Server) -> float:
    """Return the processor time that a server has used so far, in seconds."""
    # The 12th and 13th fields after the name, which may contain spaces, are user and system time.
    fields = Path(f"/proc/{server.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Read the arguments, and run all three."""
    tune_garbage_collection()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("learners", type=int)
    arguments = parser.parse_args()
    node, broker = CassandraNode(), KafkaBroker()
    try:
        node.start()
        broker.start()
        # The first run of the process includes imports and fonts, and that of Java its compilation.
        for count in (WARM_UP, arguments.learners):
            folder = arguments.folder / str(count)
            bench = Bench(folder, count)
            bench.run("embedded", {})
            bench.run("Kafka", on_topics(broker, count), broker)
            bench.run("Cassandra", in_cassandra(node, folder, count), node)
    finally:
        broker.stop()
        node.stop()


if __name__ == "__main__":
    main()
