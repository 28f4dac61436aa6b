"""Fixtures for the tests of all layers."""

import tempfile

import hypothesis
import pytest

from certbeam.deploy.services.server import temporary_files_in
from certbeam.tests.support import Platform, small_platform

# A deadline for each example fails a test on a machine that is busy with others.
hypothesis.settings.register_profile("certbeam", deadline=None)
hypothesis.settings.load_profile("certbeam")


@pytest.fixture(scope="session", autouse=True)
def temporary_folder(tmp_path_factory):
    """Keep temporary files of Beam and Java, also of child processes, in a folder that pytest removes."""
    with pytest.MonkeyPatch.context() as changed:
        folder = tmp_path_factory.mktemp("temporary")
        for name, value in temporary_files_in(folder).items():
            changed.setenv(name, value)
        changed.setattr(tempfile, "tempdir", str(folder))
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
