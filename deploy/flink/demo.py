"""``make flink``: process the demo's events with Kafka and a local Flink."""

import contextlib
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
from confluent_kafka import Consumer, TopicPartition

from certbeam.deploy.services.kafka_broker import KafkaBroker
from certbeam.deploy.services.kafka_client import committed_offsets, produce
from certbeam.deploy.services.server import ServerFailed

EXAMPLES = Path(__file__).parents[2] / "examples"
TOPIC = "issue-events"
GROUP = "certbeam-demo"

_SECONDS = 300.0


def main(folder: Path) -> int:
    """Start Kafka, write the events to a topic, run the pipeline until it has committed them, and stop both.

    Args:
        folder: for the inputs and outputs of the pipeline.

    Returns:
        The exit status.
    """
    broker = KafkaBroker()
    try:
        click.echo("Starting Kafka …")
        broker.start()
        topic = broker.topic(TOPIC)
        events = (EXAMPLES / "issue-events.jsonl").read_bytes().splitlines()
        produce(broker.bootstrap, TOPIC, ((None, event) for event in events))
        command = issue_command(f"{topic}?group={GROUP}", folder)
        click.echo(shlex.join(["certbeam", *command[1:]]))
        process = subprocess.Popen(command, stderr=subprocess.STDOUT)
        try:
            done = _wait(process, broker, len(events))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
    except ServerFailed as error:
        click.echo(str(error), err=True)
        done = False
    finally:
        broker.stop()
    if not done:
        click.echo("The events were not processed: see the log above for the reason.", err=True)
        return 1
    click.echo(f"All {len(events)} events are read and committed. The certificates: {folder / 'certs'}")
    return 0


def issue_command(source: str, folder: Path) -> list[str]:
    """Return the command that issues the events of an address, with all inputs and outputs in a folder."""
    return [
        str(Path(sys.executable).with_name("certbeam")),
        "issue",
        "--runner=FlinkRunner",
        "--flink_master=[local]",
        f"--input={source}",
        f"--lms=sqlite:{folder / 'certbeam.db'}",
        f"--registry=sqlite:{folder / 'registry.db'}",
        f"--storage={folder / 'certs'}",
        f"--large_messages={folder / 'large_messages'}",
        *(f"--{sink}={folder / sink}" for sink in ("outcomes", "dead_letters", "audit")),
        f"--template_allow={EXAMPLES}",
    ]


def _wait(process: subprocess.Popen[bytes], broker: KafkaBroker, events: int) -> bool:
    """Wait until a checkpoint has committed all events, and return False if the pipeline ends or time is up before."""
    partition = TopicPartition(TOPIC, 0)
    consumer = Consumer(
        {"bootstrap.servers": broker.bootstrap, "group.id": GROUP, "enable.auto.commit": False}
    )
    with contextlib.closing(consumer):
        deadline = time.monotonic() + _SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            [committed] = committed_offsets(consumer, [partition])
            if committed >= events:
                return True
            time.sleep(1)
    return False


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).absolute()))
