"""Test which folders are searched for installed fonts, and which faces are found."""

import pytest

from certbeam.io.templates.fonts import find_faces, font_folders
from certbeam.tests.artwork.text.built_fonts import build_collection, build_font


@pytest.fixture
def configuration(tmp_path, monkeypatch):
    """Return a configuration file of fontconfig, which the environment names."""
    file = tmp_path / "fonts.conf"
    monkeypatch.setenv("FONTCONFIG_FILE", str(file))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return file


def test_the_folders_of_the_configuration_and_its_includes_are_searched(configuration, tmp_path):
    included = tmp_path / "conf.d"
    included.mkdir()
    included.joinpath("10.conf").write_text("<fontconfig><dir>/included</dir></fontconfig>")
    included.joinpath("README").write_text("no configuration")
    configuration.write_text(
        '<fontconfig><dir>/fonts</dir><dir prefix="xdg">fonts</dir><dir>~/.fonts</dir>'
        '<dir prefix="relative">own</dir><include ignore_missing="yes">conf.d</include>'
        "<include>absent.conf</include><include>fonts.conf</include></fontconfig>"
    )
    assert [str(folder) for folder in font_folders()] == [
        *("/fonts", f"{tmp_path}/data/fonts", f"{tmp_path}/home/.fonts", f"{tmp_path}/own", "/included")
    ]


@pytest.mark.parametrize("content", [None, "<fontconfig/>", "no XML"])
def test_without_a_usable_configuration_the_folders_of_the_xdg_specification_are_searched(
    configuration, tmp_path, monkeypatch, content
):
    if content is not None:
        configuration.write_text(content)
    monkeypatch.setenv("XDG_DATA_DIRS", "/one:/two")
    assert [str(folder) for folder in font_folders()] == [
        *(f"{tmp_path}/data/fonts", f"{tmp_path}/home/.fonts", "/one/fonts", "/two/fonts")
    ]


def test_the_faces_of_all_font_files_are_found_by_their_tables(tmp_path):
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    folder.joinpath("misnamed.TTF").write_bytes(build_font("My Brand", "Bold", weight=700))
    folder.joinpath("both.ttc").write_bytes(build_collection(build_font("One"), build_font("Two")))
    folder.joinpath("broken.otf").write_bytes(b"OTTO")
    folder.joinpath("empty.ttf").write_bytes(b"")
    folder.joinpath("font.woff").write_bytes(build_font("Web", flavor="woff"))
    faces = {face.families[0]: face for face in find_faces([tmp_path, tmp_path / "absent"])}
    assert sorted(faces) == ["My Brand", "One", "Two"]
    assert faces["My Brand"].weight == (700, 700)
    assert faces["Two"].covers("A")


def test_links_are_followed_and_each_folder_is_read_once(tmp_path):
    fonts, other = tmp_path / "fonts", tmp_path / "other"
    fonts.mkdir()
    other.mkdir()
    other.joinpath("brand.ttf").write_bytes(build_font("Brand"))
    fonts.joinpath("linked").symlink_to(other)
    other.joinpath("loop").symlink_to(fonts)
    assert len(find_faces([fonts])) == 1
    assert len(find_faces([fonts, other, tmp_path])) == 1
