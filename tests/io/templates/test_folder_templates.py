"""Templates in folders, beyond the contract of :class:`TemplateSource`."""

import pytest

from certbeam.foundation.errors import Rejected
from certbeam.io.template_sources import open_templates
from certbeam.io.templates.folder_templates import FolderTemplates


@pytest.fixture
def open_source():
    return lambda folder: open_templates([folder], None)


def refusal(source, url):
    with pytest.raises(Rejected) as error:
        source.fetch(url)
    return error.value


def test_a_link_out_of_the_folder_is_refused(tmp_path, open_source):
    (tmp_path / "secret.svg").write_bytes(b"secret")
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "file.svg").symlink_to(tmp_path / "secret.svg")
    (folder / "up").symlink_to(tmp_path)
    source = open_source(str(folder))
    for name in ("file.svg", "up/secret.svg"):
        error = refusal(source, name)
        assert error.code == "template-refused"
        assert "outside of the folders" in error.reason


def test_a_link_within_the_folder_is_followed(tmp_path, open_source):
    (tmp_path / "a.svg").write_bytes(b"<svg/>")
    (tmp_path / "latest.svg").symlink_to(tmp_path / "a.svg")
    assert open_source(str(tmp_path)).fetch("latest.svg").body == b"<svg/>"


def test_an_allowed_folder_may_itself_be_a_link(tmp_path, open_source):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.svg").write_bytes(b"<svg/>")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert open_source(str(tmp_path / "link")).fetch("a.svg").body == b"<svg/>"


@pytest.mark.parametrize("name", ["folder", "missing/a.svg"])
def test_a_file_that_cannot_be_read_is_missing(tmp_path, open_source, name):
    (tmp_path / "folder").mkdir()
    assert refusal(open_source(str(tmp_path)), name).code == "template-missing"


def test_a_url_outside_of_the_prefixes_is_refused(tmp_path):
    (tmp_path / "a.svg").write_bytes(b"<svg/>")
    url = (tmp_path / "a.svg").as_uri()
    assert FolderTemplates([f"{tmp_path.as_uri()}/"]).fetch(url) is not None
    for prefixes in ([f"{tmp_path.as_uri()}/b/"], ["https://host/"], []):
        assert refusal(FolderTemplates(prefixes), url).code == "template-refused"
