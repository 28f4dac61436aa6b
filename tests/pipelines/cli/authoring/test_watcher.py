"""The reload after a file is saved."""

import threading
from pathlib import Path
from typing import cast

import pytest

from certbeam.pipelines.cli.authoring.session import Session
from certbeam.pipelines.cli.authoring.watcher import watch


class Looks(threading.Event):
    """Event that is set after a number of waits, so that no time passes."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002 - the signature of threading.Event
        self.number -= 1
        return self.number < 0


class ChangingSession:
    """Stand-in for a session whose files have some states, one for each look."""

    name = "certificate.svg"

    def __init__(self, *states: int, fails: bool = False) -> None:
        self.states = list(states)
        self.loaded = 0
        self.loads: list[int] = []
        self.fails = fails

    def find_changes(self):
        self.now = self.states.pop(0)
        return {} if self.now == self.loaded else {Path("certificate.svg"): (self.now, 1)}

    def reload(self):
        self.loads.append(self.now)
        if self.fails:
            raise ArithmeticError("broken")
        self.loaded = self.now


def run(session: ChangingSession) -> list[int]:
    watch(cast("Session", session), Looks(len(session.states)), 0)
    return session.loads


def test_a_saved_file_is_loaded_once():
    assert run(ChangingSession(0, 1, 1, 1, 1)) == [1]


def test_a_file_that_is_still_written_is_not_loaded():
    assert run(ChangingSession(0, 1, 2, 3, 3)) == [3]
    assert run(ChangingSession(1, 0, 1, 0)) == []


def test_an_unexpected_error_does_not_end_the_watch(caplog: pytest.LogCaptureFixture):
    assert run(ChangingSession(1, 1, 2, 2, fails=True)) == [1, 2]
    assert "certificate.svg cannot be loaded" in caplog.text


def test_the_watch_has_what_it_needs_of_a_session():
    assert {"find_changes", "reload"} <= set(dir(Session))
