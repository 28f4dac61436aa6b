"""Templates in folders, beyond the contract of :class:`TemplateSource`."""

import os

import pytest

from certbeam.foundation.errors import Rejected
from certbeam.io.template_sources import open_templates
from certbeam.io.templates.folder_templates import FolderTemplates, read_template
from certbeam.io.templates.limits import MAX_BYTES


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


def test_the_path_of_a_web_prefix_is_not_an_allowed_folder(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.svg").write_bytes(b"secret")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.svg").symlink_to(tmp_path / "secret" / "a.svg")
    source = open_templates([str(tmp_path / "templates"), f"https://cdn.example.org{tmp_path}/secret"], None)
    assert refusal(source, "a.svg").code == "template-refused"


def test_a_template_of_more_than_16_mib_is_not_read(tmp_path):
    with (tmp_path / "a.svg").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(Rejected) as error:
        read_template(tmp_path / "a.svg")
    assert error.value.code == "template-too-large"


def test_a_file_of_another_size_has_another_version_though_its_time_is_the_same(tmp_path, open_source):
    file = tmp_path / "a.svg"
    source = open_source(str(tmp_path))
    file.write_bytes(b"<svg/>")
    os.utime(file, ns=(1, 1))
    version = source.fetch("a.svg").version
    assert source.fetch("a.svg", version) is None
    file.write_bytes(b"<svg></svg>")
    os.utime(file, ns=(1, 1))
    assert source.fetch("a.svg", version).body == b"<svg></svg>"


def test_a_file_of_more_than_16_mib_in_an_allowed_folder_is_rejected(tmp_path, open_source):
    with (tmp_path / "a.svg").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert refusal(open_source(str(tmp_path)), "a.svg").code == "template-too-large"
