"""Base class of DoFns that use the process's worker and buffer elements within a bundle."""

from typing import Any

import apache_beam as beam
from apache_beam.utils.windowed_value import WindowedValue

from certbeam.stages.worker import Worker, WorkerSettings, acquire, release


class WorkerFn(beam.DoFn):
    """DoFn with the process's worker, and with a buffer that keeps each element's timestamp and window.

    Attributes:
        settings: the settings of the worker.
        worker: the worker, from :meth:`setup` on.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self._buffer: list[WindowedValue] = []

    def setup(self) -> None:
        """Acquire the process's worker."""
        self.worker: Worker = acquire(self.settings)

    def teardown(self) -> None:
        """Release the process's worker."""
        release(self.settings)

    def start_bundle(self) -> None:
        """Discard elements of an earlier bundle that failed."""
        self._buffer.clear()

    def buffer(self, element: Any, timestamp: Any, window: Any) -> int:
        """Add an element to the buffer, and return the number of buffered elements."""
        self._buffer.append(WindowedValue(element, timestamp, (window,)))
        return len(self._buffer)

    def take_buffer(self) -> list[WindowedValue]:
        """Return the buffered elements, and empty the buffer."""
        batch, self._buffer = self._buffer, []
        return batch
