"""Probe of a worker pool: ``python -m certbeam.pipelines.runners.probe PORT`` exits with 0 if it answers, else with 1.

It is for exec probes of worker pools: a probe from outside their pod cannot reach them. It runs every few seconds, so
it imports only modules that load fast.
"""

import socket
import sys

_SECONDS = 3.0
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_FRAME_HEADER_BYTES = 9
_SETTINGS = 4
_EMPTY_SETTINGS = bytes((0, 0, 0, _SETTINGS, 0, 0, 0, 0, 0))


def answers(port: int) -> bool:
    """Return True if a server of HTTP/2 sends its settings (RFC 9113, section 3.4), so that it can process requests."""
    try:
        with socket.create_connection(("127.0.0.1", port), _SECONDS) as connection:
            connection.sendall(_PREFACE + _EMPTY_SETTINGS)
            header = connection.makefile("rb").read(_FRAME_HEADER_BYTES)
    except OSError:
        return False
    return len(header) == _FRAME_HEADER_BYTES and header[3] == _SETTINGS


if __name__ == "__main__":
    sys.exit(not answers(int(sys.argv[1])))
