"""Process of a Python worker that ``certbeam workers`` starts: Beam's harness with certbeam's log."""

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
        control: HOST:PORT of the task manager's control endpoint for this worker.
        log: ``json`` or ``text``.
    """
    tune_garbage_collection()
    configure_logging(log_format(log))
    # The process is only a worker, so the hook is not restored.
    threading.excepthook = _log_error
    # Beam logs while it is imported.
    from apache_beam.runners.worker.sdk_worker import SdkHarness

    # The values of Beam's own pool: no cache of state, and no timer for output data.
    harness = SdkHarness(control, worker_id=identifier, state_cache_size=0, data_buffer_time_limit_ms=-1)
    try:
        harness.run()
    except grpc.RpcError as error:
        logger.info("the task manager has closed the connection: %s", error.code().name)
        # No task manager waits for the bundles in flight. Another worker processes their events again.
        logging.shutdown()
        os._exit(0)


def _log_error(error: threading.ExceptHookArgs) -> None:
    thread = error.thread.name if error.thread else "a thread"
    logger.error("%s has ended: %s", thread, error.exc_type.__name__)


if __name__ == "__main__":
    main(*sys.argv[1:])
