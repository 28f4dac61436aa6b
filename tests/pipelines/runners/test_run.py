"""Stop a streaming job by a signal, and restore the hooks and signal handlers of the process."""

import logging
import signal
import threading

import apache_beam as beam
import pytest

from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import JobSettings, job_settings
from certbeam.pipelines.runners import run as runner
from certbeam.pipelines.runners.beam_options import beam_options
from certbeam.tests.pipelines.conftest import Installation

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stream:
    """A fake pipeline and its result: a stream that ends by a signal or an error.

    Attributes:
        silent: True if errors of threads and of Beam were not logged after the stream was cancelled.
    """

    def __init__(self, ends_by: signal.Signals | None) -> None:
        self.silent = False
        self._ends_by = ends_by
        self._cancelled = threading.Event()

    def __call__(self, **_: object) -> "Stream":
        return self

    def run(self) -> "Stream":
        return self

    def cancel(self) -> None:
        self._cancelled.set()

    def wait_until_finish(self) -> None:
        if self._ends_by is not None:
            signal.raise_signal(self._ends_by)
            signal.raise_signal(self._ends_by)
            assert self._cancelled.wait(60)
            reported = threading.Thread(target=lambda: 1 / 0)
            reported.start()
            reported.join()
            self.silent = not logging.getLogger("apache_beam").isEnabledFor(logging.ERROR)
        raise RuntimeError("the stream has ended")

    def metrics(self) -> "Stream":
        return self

    def query(self) -> dict[str, list[object]]:
        return {"counters": []}


@pytest.fixture
def streaming(installation: Installation) -> JobSettings:
    flags = installation.flags("issue", input="kafka://127.0.0.1:1/topic")
    return job_settings("issue", complete("issue", flags, {}))


@pytest.fixture
def uncaught(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of exceptions that the host program's hook receives."""
    found: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda error: found.append(error.exc_type.__name__))
    return found


def run(settings: JobSettings, stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beam, "Pipeline", stream)
    monkeypatch.setattr(runner, "build", lambda *_: None)
    options = beam_options(["--runner=FlinkRunner", "--environment_type=LOOPBACK"], known=[])
    runner.run_pipeline(settings, options, progress=False)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_stopped_stream_logs_no_errors_and_restores_hooks_and_handlers(
    streaming: JobSettings, uncaught: list[str], monkeypatch: pytest.MonkeyPatch, number: signal.Signals
):
    hook, handlers = threading.excepthook, [signal.getsignal(one) for one in SIGNALS]
    logging.disable(logging.DEBUG)
    try:
        stream = Stream(number)
        run(streaming, stream, monkeypatch)
        assert logging.root.manager.disable == logging.DEBUG
    finally:
        logging.disable(logging.NOTSET)
    assert stream.silent
    assert uncaught == []
    assert threading.excepthook is hook
    assert [signal.getsignal(one) for one in SIGNALS] == handlers


def test_a_failed_stream_raises_its_error(
    streaming: JobSettings, uncaught: list[str], monkeypatch: pytest.MonkeyPatch
):
    hook, handlers = threading.excepthook, [signal.getsignal(one) for one in SIGNALS]
    with pytest.raises(RuntimeError, match="the stream has ended"):
        run(streaming, Stream(None), monkeypatch)
    assert threading.excepthook is hook
    assert logging.root.manager.disable == logging.NOTSET
    assert [signal.getsignal(one) for one in SIGNALS] == handlers
