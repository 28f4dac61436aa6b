"""When a service that is down is called again."""

import pytest

from certbeam.io.clients.circuit_breaker import CircuitBreaker


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return CircuitBreaker(clock=clock)


def fail(breaker, times):
    for _ in range(times):
        assert breaker.may_call()
        breaker.failed()


def test_after_ten_failures_in_a_row_nobody_calls_for_two_seconds(breaker, clock):
    fail(breaker, 10)
    assert not breaker.may_call()
    clock.now += 1.99
    assert not breaker.may_call()
    clock.now += 0.01
    assert breaker.may_call()


def test_an_answer_in_between_starts_the_count_anew(breaker):
    for _ in range(3):
        fail(breaker, 9)
        breaker.succeeded()
    assert breaker.may_call()


def test_then_one_call_tries_for_all(breaker, clock):
    fail(breaker, 10)
    clock.now += 2
    assert [breaker.may_call() for _ in range(3)] == [True, False, False]
    clock.now += 1
    breaker.failed()
    clock.now += 1
    assert not breaker.may_call()
    clock.now += 1
    assert breaker.may_call()
    breaker.succeeded()
    assert [breaker.may_call() for _ in range(3)] == [True] * 3


def test_who_tries_and_is_not_heard_of_again_keeps_nobody_for_ever(breaker, clock):
    fail(breaker, 10)
    clock.now += 2
    assert breaker.may_call()
    clock.now += 2
    assert breaker.may_call()
