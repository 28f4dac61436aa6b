"""How fast certificates are issued with Kafka and Cassandra, beside the embedded default, on the same input.

    python -m certbeam.bench.services FOLDER LEARNERS

starts a broker and a node of its own. Of each run it tells the certificates in a second of the clock and in a
second of Python's processor time; the servers' own time, which shares the cores, is told apart.
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
    """Runs of ``issue``, each over the same learners in a platform of its own."""

    def __init__(self, folder: Path, learners: int) -> None:
        self._folder = folder
        self._learners = learners

    def run(self, name: str, flags: dict[str, str], *servers: Server) -> None:
        """Issue all certificates and tell how long it took."""
        settings = job_settings(ISSUE, complete(ISSUE, {**self._files(name), **flags}, {}))
        for flag, address in settings.sinks.items():
            prepare_sink(flag, address)
        before = [processor_seconds(server) for server in servers]
        begun, used = time.perf_counter(), time.process_time()
        summary = run_pipeline(settings, beam_options([], known=[]), progress=False)
        used, clock = time.process_time() - used, time.perf_counter() - begun
        theirs = [processor_seconds(server) - old for server, old in zip(servers, before, strict=True)]
        issued = summary.counted("outcome").get("issued", 0)
        if issued != self._learners:
            raise RuntimeError(f"{issued} certificates of {self._learners}")
        shown = "".join(
            f"; {server.name} {seconds:.1f} s" for server, seconds in zip(servers, theirs, strict=True)
        )
        click.echo(
            f"{name:20} {issued / clock:6.0f} a second, {issued / used:6.0f} a second of Python"
            f" ({clock:.1f} s, {used:.1f} s{shown})"
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
    """The flags for a keyspace that holds all learners."""
    address = node.keyspace(f"learners_{count}")
    load_platform(folder, address, Shape(count, BATCHES))
    return {"lms": address, "registry": address}


def on_topics(broker: KafkaBroker, count: int) -> dict[str, str]:
    """The flags for a topic that holds all events, and topics for what comes of them."""
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
    """What a server has used of the processors so far."""
    # Behind the name, which may hold blanks: the 12th and 13th field are user and system time.
    fields = Path(f"/proc/{server.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Read the arguments and run all three."""
    tune_garbage_collection()
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("learners", type=int)
    arguments = parser.parse_args()
    node, broker = CassandraNode(), KafkaBroker()
    try:
        node.start()
        broker.start()
        # The first run of a process pays for its imports and fonts, and Java's for its compiling.
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
