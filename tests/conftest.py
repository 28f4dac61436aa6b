"""Fixtures of all floors."""

import pytest

from certbeam.tests.support import Platform, small_platform


@pytest.fixture
def platform(tmp_path):
    """A platform with one batch, one template and one learner who has completed it."""
    made = Platform(tmp_path).load(small_platform())
    made.add_template("plain.svg")
    return made


@pytest.fixture
def worker(platform):
    """A worker over the platform."""
    with platform.worker() as worker:
        yield worker
