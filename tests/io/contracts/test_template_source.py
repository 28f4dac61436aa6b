"""The contract of TemplateSource, which every embedded adapter keeps."""

import os

import pytest

from certbeam.foundation.errors import Rejected
from certbeam.io.template_sources import open_templates
from certbeam.io.templates.limits import MAX_BYTES
from certbeam.tests.support import serving


class Files:
    """A folder of templates."""

    def __init__(self, folder):
        self.prefix = f"{folder.as_uri()}/templates"
        self._folder = folder / "templates"
        self._folder.mkdir()
        self._changes = 0

    def put(self, name, body):
        (self._folder / name).write_bytes(body)
        # Two changes within one tick of the clock must have different times.
        self._changes += 1
        os.utime(self._folder / name, ns=(0, self._changes))

    def close(self):
        pass


class Site(Files):
    """The same folder behind an HTTP server."""

    def __init__(self, folder):
        super().__init__(folder)
        self._server = serving(folder)
        self.prefix = f"{self._server.url}/templates"

    def close(self):
        self._server.close()


ADAPTERS = {"file": Files, "http": Site}


@pytest.fixture(params=ADAPTERS.values(), ids=list(ADAPTERS))
def place(request, tmp_path):
    made = request.param(tmp_path)
    yield made
    made.close()


@pytest.fixture
def source(place):
    made = open_templates([place.prefix], None)
    yield made
    made.close()


def refusal(source, url):
    with pytest.raises(Rejected) as error:
        source.fetch(url)
    return error.value.code


class TestTemplateSource:
    def test_a_file_is_fetched(self, place, source):
        place.put("a.svg", b"<svg/>")
        assert source.fetch(f"{place.prefix}/a.svg").body == b"<svg/>"
        assert source.fetch("a.svg").body == b"<svg/>"

    def test_a_known_version_is_not_fetched_again(self, place, source):
        place.put("a.svg", b"one")
        known = source.fetch("a.svg")
        assert source.fetch("a.svg", known.version) is None
        place.put("a.svg", b"two")
        changed = source.fetch("a.svg", known.version)
        assert changed.body == b"two"
        assert changed.version not in ("", known.version)

    def test_names_with_spaces_and_other_scripts_are_found(self, place, source):
        place.put("प्र 1.svg", b"x")
        assert source.fetch("प्र 1.svg").body == b"x"
        assert source.fetch(f"{place.prefix}/%E0%A4%AA%E0%A5%8D%E0%A4%B0%201.svg").body == b"x"

    def test_a_missing_file_is_rejected(self, source):
        assert refusal(source, "missing.svg") == "template-missing"

    def test_a_file_that_is_too_large_is_rejected(self, place, source):
        place.put("a.svg", bytes(MAX_BYTES))
        assert len(source.fetch("a.svg").body) == MAX_BYTES
        place.put("a.svg", bytes(MAX_BYTES + 1))
        assert refusal(source, "a.svg") == "template-too-large"

    @pytest.mark.parametrize(
        "path",
        [
            "/../secret.svg",
            "/%2e%2e/secret.svg",
            "/%2E%2E/secret.svg",
            "/a/%2e%2e/%2e%2e/secret.svg",
            "/..%2fsecret.svg",
            "/..\\secret.svg",
            "/%5c..%5csecret.svg",
            "/%252e%252e/secret.svg",
            "/a%00.svg",
            "-of-others/a.svg",
        ],
    )
    def test_urls_outside_of_the_prefix_are_rejected(self, place, source, path):
        assert refusal(source, place.prefix + path) == "template-refused"
