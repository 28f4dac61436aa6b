"""The process of a Python worker that ``certbeam workers`` starts: Beam's harness, with certbeam's log."""

import logging
import os
import sys
import threading

import grpc

from certbeam.pipelines.config.logs import configure_logging, log_format
from certbeam.stages.garbage_collection import tune_garbage_collection

logger = logging.getLogger(__name__)


def main(identifier: str, control: str, log: str) -> None:
    """Work for a task manager until it closes the connection.

    Args:
        identifier: the worker's id.
        control: HOST:PORT that the task manager gives this worker its work at.
        log: ``json`` or ``text``.
    """
    tune_garbage_collection()
    configure_logging(log_format(log))
    # This process is a worker and nothing else, so the hook stays.
    threading.excepthook = _log_error
    # Beam writes to the log while it is imported.
    from apache_beam.runners.worker.sdk_worker import SdkHarness

    # As Beam's own pool runs it: no cache of state, and data sent when a bundle has made it.
    harness = SdkHarness(control, worker_id=identifier, state_cache_size=0, data_buffer_time_limit_ms=-1)
    try:
        harness.run()
    except grpc.RpcError as error:
        logger.info("the task manager has closed the connection: %s", error.code().name)
        # Nobody waits for the bundles under way any more: their events are read again by another worker.
        logging.shutdown()
        os._exit(0)


def _log_error(error: threading.ExceptHookArgs) -> None:
    thread = error.thread.name if error.thread else "a thread"
    logger.error("%s has ended: %s", thread, error.exc_type.__name__)


if __name__ == "__main__":
    main(*sys.argv[1:])
