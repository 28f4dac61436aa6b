"""Fixtures of all floors."""

import tempfile

import pytest

from certbeam.tests.support import Platform, small_platform


@pytest.fixture(scope="session", autouse=True)
def temporary_folder(tmp_path_factory):
    """What Beam leaves behind, here and in the processes started from here, goes with the tests' own folders."""
    with pytest.MonkeyPatch.context() as changed:
        folder = str(tmp_path_factory.mktemp("temporary"))
        changed.setenv("TMPDIR", folder)
        changed.setattr(tempfile, "tempdir", folder)
        yield


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
