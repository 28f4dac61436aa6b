"""The circuit breaker: when it opens, probes and closes."""

import pytest

from certbeam.io.clients.circuit_breaker import CircuitBreaker
from certbeam.tests.support import Clock


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


def test_it_opens_for_two_seconds_after_ten_consecutive_failures(breaker, clock):
    fail(breaker, 10)
    assert not breaker.may_call()
    clock.now += 1.99
    assert not breaker.may_call()
    clock.now += 0.01
    assert breaker.may_call()


def test_a_success_resets_the_count_of_failures(breaker):
    for _ in range(3):
        fail(breaker, 9)
        breaker.succeeded()
    assert breaker.may_call()


def test_one_call_probes_after_two_seconds(breaker, clock):
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


def test_a_probe_without_a_result_blocks_calls_for_two_seconds_only(breaker, clock):
    fail(breaker, 10)
    clock.now += 2
    assert breaker.may_call()
    clock.now += 2
    assert breaker.may_call()


def test_after_a_success_it_takes_ten_failures_again(breaker):
    fail(breaker, 9)
    breaker.succeeded()
    fail(breaker, 9)
    assert breaker.may_call()
    breaker.failed()
    assert not breaker.may_call()
