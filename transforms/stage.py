"""What all stages have in common: bundles of claims in; claims, outcomes and dead letters out, all counted."""

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
from certbeam.issuing.dead_letter import DeadLetter, failed
from certbeam.issuing.outcome import Outcome
from certbeam.stages.failure import Failure, rejection
from certbeam.stages.worker import Worker, WorkerSettings, acquire, release
from certbeam.transforms.latencies import LATENCY_NAMESPACE, Latencies

NAMESPACE = "certbeam"
"""Of counters and distributions; a stage's counters have ``certbeam_<stage>``.

Flink knows a counter by its namespace and name, and of those that two stages in one box share it shows the last.
"""

OUTCOMES = "outcomes"
DEAD_LETTERS = "dead_letters"

In = TypeVar("In")


class StageOutputs(NamedTuple):
    """The collections that a stage leaves behind.

    Attributes:
        onward: what the next stage reads.
        outcomes: of :class:`~certbeam.issuing.outcome.Outcome`.
        dead_letters: of :class:`~certbeam.issuing.dead_letter.DeadLetter`.
    """

    onward: Any
    outcomes: Any
    dead_letters: Any


class _Done(NamedTuple):
    """What came of a batch.

    Attributes:
        results: pairs of an element's position and what became of it.
        seconds: what one element took.
    """

    results: list[tuple[int, Any]]
    seconds: float


class StageFn(beam.DoFn, Generic[In]):
    """A stage's DoFn: it collects elements and works on many at once, up to ``batch_size`` and to a bundle's end.

    A subclass names its ``stage`` and implements :meth:`work`. Whatever an element's work raises becomes that
    element's failure; the others go on.

    Attributes:
        waits: whether the work is mostly waiting for another machine. Such work is done by a thread beside the
            bundle's own, one batch after another, while other stages work on what comes next; not so where all is
            on this machine's disk: there, threads only take turns (7 % of a run's processor time).
    """

    stage: ClassVar[str]
    waits: ClassVar[bool] = False

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._waiting: list[WindowedValue] = []
        self._under_way: deque[tuple[list[WindowedValue], Future[_Done]]] = deque()
        self._thread: ThreadPoolExecutor | None = None
        self._namespace = f"{NAMESPACE}_{self.stage}"
        self._counted: deque[tuple[str, int]] = deque()
        self._tally: Counter[str] = Counter()
        self._latencies = Latencies()
        self._micros = Metrics.distribution(NAMESPACE, f"{self.stage}_micros")

    def setup(self) -> None:
        """Join the process's worker."""
        self.worker: Worker = acquire(self._settings)

    def teardown(self) -> None:
        """Leave the process's worker."""
        if self._thread:
            self._thread.shutdown()
        release(self._settings)

    def start_bundle(self) -> None:
        """Forget what an earlier, failed bundle left behind."""
        self._waiting.clear()
        wait(done for _, done in self._under_way)
        self._under_way.clear()
        self._counted.clear()
        self._tally.clear()
        self._latencies.clear()

    def process(
        self,
        element: In,
        timestamp: Any = beam.DoFn.TimestampParam,
        window: Any = beam.DoFn.WindowParam,
    ) -> Iterator[Any]:
        """Collect, and work when there is enough."""
        self._waiting.append(WindowedValue(element, timestamp, (window,)))
        if self.is_enough(element, len(self._waiting)):
            yield from self._flush()

    def finish_bundle(self) -> Iterator[Any]:
        """Work on what is left, and tell Beam what was counted; each result keeps its element's window and time."""
        yield from self._flush()
        while self._under_way:
            yield from self._results_of(*self._take())
        self._tally_counted()
        for name, amount in self._tally.items():
            Metrics.counter(self._namespace, name).inc(amount)
        for bound, amount in self._latencies.counts():
            Metrics.counter(LATENCY_NAMESPACE, f"{self.stage}:{bound}").inc(amount)

    def work(self, elements: Sequence[In]) -> Iterable[tuple[int, Any]]:
        """Work on some elements.

        Yields:
            Pairs of an element's position and what became of it: an element for the next stage, an
            :class:`Outcome`, a :class:`DeadLetter` or a :class:`Failure`; any number for each.
        """
        raise NotImplementedError

    def is_enough(self, newest: In, waiting: int) -> bool:  # noqa: ARG002 - subclasses also weigh the element
        """Whether to work now on the elements that wait, of which ``newest`` is the last."""
        return waiting >= self._settings.batch_size

    def failed(self, element: In, error: Rejected) -> Failure | DeadLetter | None:
        """What becomes of an element whose work raised an error; None: nothing, it is dealt with."""
        claim = getattr(element, "claim", None) or element.request.claim  # type: ignore[attr-defined]
        return Failure(claim, error)

    def count(self, name: str, amount: int = 1) -> None:
        """Add to one of the stage's counters, from any thread.

        Beam hears of it at the bundle's end: each call costs microseconds, and counts for the bundle's own thread only.
        """
        self._counted.append((name, amount))

    def _tally_counted(self) -> None:
        while self._counted:
            name, amount = self._counted.popleft()
            self._tally[name] += amount

    def _flush(self) -> Iterator[Any]:
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, []
        elements = [one.value for one in batch]
        if not self.waits or self._settings.is_embedded:
            yield from self._results_of(batch, self._timed(elements))
            return
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, self.stage)
        self._under_way.append((batch, self._thread.submit(self._timed, elements)))
        if len(self._under_way) > 1:
            yield from self._results_of(*self._take())

    def _take(self) -> tuple[list[WindowedValue], "_Done"]:
        """The batch that is longest under way, once it is done."""
        batch, done = self._under_way.popleft()
        return batch, done.result()

    def _timed(self, elements: Sequence[In]) -> "_Done":
        begun = time.perf_counter()
        results = self._attempt(elements)
        return _Done(results, (time.perf_counter() - begun) / len(elements))

    def _results_of(self, batch: list[WindowedValue], done: "_Done") -> Iterator[Any]:
        self._micros.update(int(done.seconds * 1e6))
        self._latencies.add(done.seconds * 1e3, len(batch))
        for position, result in done.results:
            for tag, value in self._outputs(result):
                windowed = batch[position].with_value(value)
                yield windowed if tag is None else TaggedOutput(tag, windowed)
        self._tally_counted()

    def _attempt(self, elements: Sequence[In]) -> list[tuple[int, Any]]:
        """Work on elements together; if that raises, on each alone, to find out whose failure it is.

        What was done of it before is done again, which every stage allows.
        """
        try:
            return list(self.work(elements))
        except Exception as error:
            if len(elements) == 1:
                failure = self.failed(elements[0], rejection(self.stage, error))
                return [] if failure is None else [(0, failure)]
        return [
            (position, result) for position, one in enumerate(elements) for _, result in self._attempt([one])
        ]

    def _outputs(self, result: Any) -> Iterator[tuple[str | None, Any]]:
        if isinstance(result, Failure):
            outcome, letter = failed(result.claim, stage=self.stage, error=result.error)
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
    step = beam.ParDo(stage_fn).with_outputs(OUTCOMES, DEAD_LETTERS, main="onward")
    outputs = elements | label >> step
    return StageOutputs(outputs["onward"], outputs[OUTCOMES], outputs[DEAD_LETTERS])


class Stage(beam.PTransform):
    """A stage as a transform: elements to :class:`StageOutputs`.

    A subclass names its DoFn, and the ``step`` that people see in the runner's page.
    """

    step: ClassVar[str]
    stage_fn: ClassVar[type[StageFn[Any]]]

    def __init__(self, settings: WorkerSettings) -> None:
        super().__init__()
        self._settings = settings

    @property
    def settings(self) -> WorkerSettings:
        """The settings of the stage's worker."""
        return self._settings

    def make_fn(self) -> StageFn[Any]:
        """The DoFn of this application."""
        return self.stage_fn(self._settings)

    def expand(self, elements: Any) -> Any:
        """Apply the DoFn and name its outputs."""
        return run_stage(self.step, elements, self.make_fn())
