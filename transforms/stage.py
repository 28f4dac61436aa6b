"""Base classes of all stages: a DoFn that processes batches, and a transform that names its outputs."""

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.utils.windowed_value import WindowedValue

from certbeam.foundation.errors import Rejected
from certbeam.issuing.dead_letter import DeadLetter, fail_claim
from certbeam.issuing.outcome import Outcome
from certbeam.stages.elements import Element
from certbeam.stages.failure import Failure, to_rejection
from certbeam.stages.worker import WorkerSettings
from certbeam.transforms.latencies import LATENCY_NAMESPACE, Latencies
from certbeam.transforms.worker_fn import WorkerFn

NAMESPACE = "certbeam"
"""Namespace of counters and distributions. The counters of a stage are in ``certbeam_<stage>``.

Flink identifies a counter by namespace and name. If two stages of one operator chain share both, it shows only one.
"""

OUTCOMES = "outcomes"
DEAD_LETTERS = "dead_letters"
_MAIN = "main"

In = TypeVar("In")


class StageOutputs(NamedTuple):
    """The output collections of a stage.

    Attributes:
        main: the input of the next stage.
        outcomes: :class:`~certbeam.issuing.outcome.Outcome` elements.
        dead_letters: :class:`~certbeam.issuing.dead_letter.DeadLetter` elements.
    """

    main: Any
    outcomes: Any
    dead_letters: Any


class _BatchResult(NamedTuple):
    """The results of a batch.

    Attributes:
        results: pairs of an element's position in the batch and a result.
        seconds: processing time of one element.
    """

    results: list[tuple[int, Any]]
    seconds: float


class StageFn(WorkerFn, Generic[In]):
    """Buffer elements and process them in batches, of at most ``batch_size`` elements and within a bundle.

    A subclass names its ``stage`` and implements :meth:`process_elements`. An error of one element becomes a failure of
    that element; the others are not affected.

    Attributes:
        io_bound: True if the stage mostly waits for another machine. A thread then processes one batch while other
            stages process the next elements. If all ports are on this machine's disk no thread is used, because
            threads would only take turns (7 % of a run's processor time).
    """

    stage: ClassVar[str]
    io_bound: ClassVar[bool] = False

    def __init__(self, settings: WorkerSettings) -> None:
        super().__init__(settings)
        self._in_flight: deque[tuple[list[WindowedValue], Future[_BatchResult]]] = deque()
        self._thread: ThreadPoolExecutor | None = None
        self._namespace = f"{NAMESPACE}_{self.stage}"
        self._counted: deque[tuple[str, int]] = deque()
        self._tally: Counter[str] = Counter()
        self._latencies = Latencies()
        self._micros = Metrics.distribution(NAMESPACE, f"{self.stage}_micros")

    def teardown(self) -> None:
        """Stop the thread, and release the process's worker."""
        if self._thread:
            self._thread.shutdown()
        super().teardown()

    def start_bundle(self) -> None:
        """Discard the elements and counts of an earlier bundle that failed."""
        super().start_bundle()
        wait(result for _, result in self._in_flight)
        self._in_flight.clear()
        self._counted.clear()
        self._tally.clear()
        self._latencies.clear()

    def process(
        self,
        element: In,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        """Buffer an element, and process the batch if it is full."""
        if self.is_batch_full(element, self.buffer(element, timestamp, window)):
            yield from self._flush()

    def finish_bundle(self) -> Iterator[Any]:
        """Process the last batch and report the counters. Each result keeps its element's window and timestamp."""
        yield from self._flush()
        while self._in_flight:
            yield from self._emit(*self._take())
        for name, amount in self._tally.items():
            Metrics.counter(self._namespace, name).inc(amount)
        for bound, amount in self._latencies.counts():
            Metrics.counter(LATENCY_NAMESPACE, f"{self.stage}:{bound}").inc(amount)

    def process_elements(self, elements: Sequence[In]) -> Iterable[tuple[int, Any]]:
        """Process a batch of elements.

        Yields:
            Pairs of an element's position in the batch and a result: an element for the next stage, an
            :class:`Outcome`, a :class:`DeadLetter` or a :class:`Failure`. An element may have any number of results.
        """
        raise NotImplementedError

    def is_batch_full(self, newest: In, buffered: int) -> bool:  # noqa: ARG002 - subclasses also weigh the element
        """Return True if the buffered elements, of which ``newest`` is the last, are to be processed now."""
        return buffered >= self.settings.batch_size

    def to_failure(self, element: In, error: Rejected) -> Failure | DeadLetter | None:
        """Return the result of an element whose processing raised an error; None if there is nothing to report."""
        if not isinstance(element, Element):
            raise TypeError(
                f"{type(element).__name__} belongs to no claim: {self.stage} must say how it fails"
            )
        return Failure(element.claim, error)

    def count(self, name: str, amount: int = 1) -> None:
        """Increase one of the stage's counters, from any thread.

        Beam's counters are increased once, at the end of the bundle: each call takes microseconds, and only calls
        from the bundle's own thread count.
        """
        self._counted.append((name, amount))

    def _flush(self) -> Iterator[Any]:
        batch = self.take_buffer()
        if not batch:
            return
        elements = [windowed.value for windowed in batch]
        if not self.io_bound or self.settings.is_embedded:
            yield from self._emit(batch, self._timed(elements))
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, self.stage)
        self._in_flight.append((batch, self._thread.submit(self._timed, elements)))
        if len(self._in_flight) > 1:
            yield from self._emit(*self._take())

    def _take(self) -> tuple[list[WindowedValue], _BatchResult]:
        """Wait for the oldest batch in flight."""
        batch, result = self._in_flight.popleft()
        return batch, result.result()

    def _timed(self, elements: Sequence[In]) -> _BatchResult:
        started = time.perf_counter()
        results = self._attempt(elements)
        return _BatchResult(results, (time.perf_counter() - started) / len(elements))

    def _emit(self, batch: list[WindowedValue], result: _BatchResult) -> Iterator[Any]:
        self._micros.update(int(result.seconds * 1e6))
        self._latencies.add(result.seconds * 1e3, len(batch))
        for position, value in result.results:
            for tag, output in self._outputs(value):
                windowed = batch[position].with_value(output)
                yield windowed if tag is None else TaggedOutput(tag, windowed)
        while self._counted:
            name, amount = self._counted.popleft()
            self._tally[name] += amount

    def _attempt(self, elements: Sequence[In]) -> list[tuple[int, Any]]:
        """Process elements as one batch. If that raises, process each alone, to find the one that fails.

        Work that was done before the error is repeated, which every stage allows.
        """
        try:
            return list(self.process_elements(elements))
        except Exception as error:
            if len(elements) == 1:
                failure = self.to_failure(elements[0], to_rejection(self.stage, error))
                return [] if failure is None else [(0, failure)]
        return [
            (position, result)
            for position, element in enumerate(elements)
            for _, result in self._attempt([element])
        ]

    def _outputs(self, result: Any) -> Iterator[tuple[str | None, Any]]:
        """Yield the outputs of a result with their tags; None is the tag of the main output."""
        if isinstance(result, Failure):
            outcome, letter = fail_claim(result.claim, stage=self.stage, error=result.error)
            yield from self._outputs(outcome)
            yield from self._outputs(letter)
        elif isinstance(result, Outcome):
            self.count(f"outcome:{result.verdict}")
            if result.verdict == "not-eligible":
                self.count(f"not-eligible:{result.code}")
            yield OUTCOMES, result
        elif isinstance(result, DeadLetter):
            self.count(f"dead-letter:{result.code}")
            yield DEAD_LETTERS, result
        else:
            yield None, result


def run_stage(label: str, elements: Any, stage_fn: StageFn[Any]) -> StageOutputs:
    """Apply a stage's DoFn and name its outputs."""
    step = beam.ParDo(stage_fn).with_outputs(OUTCOMES, DEAD_LETTERS, main=_MAIN)
    outputs = elements | label >> step
    return StageOutputs(outputs[_MAIN], outputs[OUTCOMES], outputs[DEAD_LETTERS])


class Stage(beam.PTransform):
    """Apply a stage: from elements to :class:`StageOutputs`.

    A subclass names its DoFn, and the ``step`` that the runner's web UI shows.
    """

    step: ClassVar[str]
    stage_fn: ClassVar[type[StageFn[Any]]]

    def __init__(self, settings: WorkerSettings) -> None:
        super().__init__()
        self._settings = settings

    @property
    def settings(self) -> WorkerSettings:
        """Return the settings of the stage's worker."""
        return self._settings

    def make_fn(self) -> StageFn[Any]:
        """Return a new DoFn of the stage."""
        return self.stage_fn(self._settings)

    def expand(self, elements: Any) -> Any:
        """Apply the DoFn and name its outputs."""
        return run_stage(self.step, elements, self.make_fn())
