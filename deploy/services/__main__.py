"""``python -m services`` runs the servers until Ctrl-C. ``python -m services jars`` makes the thin jars."""

import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from .cassandra_node import CassandraNode
from .jars import jars
from .java import NoClassPath
from .kafka_broker import KafkaBroker
from .server import ServerFailed

_KINDS: Sequence[type[KafkaBroker | CassandraNode]] = (KafkaBroker, CassandraNode)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run() -> None:
    """Start Kafka and Cassandra, print their addresses, and stop them at the first signal."""
    end = threading.Event()
    for number in _SIGNALS:
        signal.signal(number, lambda *_: end.set())
    with ExitStack() as running:
        for kind in _KINDS:
            server = kind()
            running.enter_context(server)
            _print_line(f"{server.name:10} {server.uri}")
        _print_line("Ctrl-C stops them.")
        end.wait()


COMMANDS: Mapping[str, Callable[[], None]] = {"run": run, "jars": jars}


def main(arguments: list[str]) -> int:
    """Run a command, and return the exit status. An error is printed in one line."""
    command = COMMANDS.get(arguments[0] if arguments else "run")
    if command is None:
        _print_line(f"usage: python -m services [{'|'.join(COMMANDS)}]", to_errors=True)
        return 2
    try:
        command()
    except (NoClassPath, ServerFailed) as error:
        _print_line(str(error), to_errors=True)
        return 1
    return 0


def _print_line(line: str, *, to_errors: bool = False) -> None:
    print(line, file=sys.stderr if to_errors else sys.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
