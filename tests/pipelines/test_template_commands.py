"""The commands ``certbeam preview`` and ``certbeam lint`` for template authors."""

import json
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

import PIL.Image
import pytest
from click.testing import CliRunner, Result

from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.pipelines.cli.main import main
from certbeam.tests.pipelines.conftest import EXAMPLES

TEMPLATES = EXAMPLES / "templates"


def certbeam(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], catch_exceptions=False)


@pytest.mark.parametrize(("suffix", "magic"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_preview_has_the_format_of_the_file_name(tmp_path: Path, suffix: str, magic: bytes):
    out = tmp_path / f"preview.{suffix}"

    result = certbeam("preview", TEMPLATES / "water.svg", "--out", out, "--script", "Tamil")

    assert result.exit_code == 0
    assert magic in out.read_bytes()[:200]


def test_a_preview_uses_the_given_values(tmp_path: Path):
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"recipientName": "Zoë Brightwater"}))

    certbeam("preview", TEMPLATES / "merit.svg", "--out", tmp_path / "x.svg", "--data", data)

    assert "Zoë Brightwater" in (tmp_path / "x.svg").read_text()


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_a_contact_sheet_shows_every_script(tmp_path: Path, suffix: str):
    out = tmp_path / f"sheet.{suffix}"

    result = certbeam("preview", TEMPLATES / "merit.svg", "--script", "all", "--out", out)

    assert result.exit_code == 0
    if suffix == "svg":
        assert all(sample.name in out.read_text() for sample in SAMPLES.values())
    if suffix == "png":
        assert PIL.Image.open(out).width == 1600


@pytest.mark.parametrize(
    ("arguments", "status", "reason"),
    [
        (("--out", "x.gif"), 2, "end the name in one of"),
        (("--out", "x.svg", "--data", "README.md"), 2, "not JSON"),
        ((), 2, "give either --out FILE"),
        (("--out", "x.svg", "--serve"), 2, "give either --out FILE"),
        (("--out", "x.svg", "--port", "8080"), 2, "are for --serve"),
        (("--out", "x.svg", "--no-browser"), 2, "are for --serve"),
        (("--serve", "--port", "80"), 2, "1024"),
        (("--serve", "--data", "README.md"), 2, "not JSON"),
    ],
)
def test_a_wrong_flag_of_preview_is_refused(arguments: tuple[str, ...], status: int, reason: str):
    arguments = tuple(str(EXAMPLES / one) if one == "README.md" else one for one in arguments)

    result = certbeam("preview", TEMPLATES / "merit.svg", *arguments)

    assert result.exit_code == status
    assert reason in result.output


def test_a_template_that_cannot_be_used_has_no_preview(tmp_path: Path):
    result = certbeam("preview", TEMPLATES / "broken" / "malformed.svg", "--out", tmp_path / "x.svg")

    assert result.exit_code == 1
    assert "well-formed" in result.output
    assert not (tmp_path / "x.svg").exists()


def test_the_demos_templates_have_no_errors():
    result = certbeam("lint", *sorted(TEMPLATES.glob("*.svg")), "--known=district", "--known=state")

    assert result.exit_code == 0
    assert "error" not in result.output
    assert "unknown-variable" not in result.output


def test_each_finding_has_its_line_and_message():
    broken = TEMPLATES / "broken"

    result = certbeam("lint", broken / "malformed.svg", broken / "unknown-variable.svg")

    assert result.exit_code == 1
    assert "malformed.svg:3: error:" in result.output
    assert (
        "unknown-variable.svg:4: error: issue events do not bring the variable 'learnerShoeSize'"
        in result.output
    )


def test_strict_lint_fails_for_warnings(tmp_path: Path):
    template = tmp_path / "t.svg"
    template.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><text y="9">${recipientName} ${grade:-A}</text>'
        '<image width="90" height="90" href="${qrCodeImage}"/></svg>'
    )

    assert certbeam("lint", template).exit_code == 0
    result = certbeam("lint", template, "--strict")

    assert result.exit_code == 1
    assert "warning: issue events do not bring the variable 'grade'" in result.output


@pytest.mark.parametrize("command", [("lint",), ("preview", "--out", "x.svg")])
def test_a_missing_template_is_reported(tmp_path: Path, command: tuple[str, ...]):
    result = certbeam(*command, tmp_path / "nowhere.svg")

    assert result.exit_code == 1
    assert "cannot be read" in result.output


WITH_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><image width="9" height="9" href="{}"/>'
    '<image width="90" height="90" href="${{qrCodeImage}}"/><text x="9" y="99">${{recipientName}}</text></svg>'
)
PICTURE = EXAMPLES / "signatures" / "farida.svg"
NAMES = ("plain", "50% off", "50%20off", "a b", "#1?v=2", "पत्र")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for templates. Commands run in its subfolder ``work``."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path


def add_template(folder: Path, name: str, picture: str) -> Path:
    """Write a template that refers to a picture, and a picture ``NAME-logo.svg`` in the same folder."""
    folder.mkdir(exist_ok=True)
    shutil.copy(PICTURE, folder / f"{name}-logo.svg")
    template = folder / f"{name}.svg"
    template.write_text(WITH_PICTURE.format(picture))
    return template


@pytest.mark.parametrize("name", NAMES)
def test_a_path_with_special_characters_is_opened_with_the_pictures_of_its_folder(folder: Path, name: str):
    template = add_template(folder / name, name, f"{quote(name)}-logo.svg")

    for path in (template, f"../{name}/{name}.svg", template.as_uri()):
        linted = certbeam("lint", path)
        assert (linted.exit_code, linted.output) == (0, f"{path}: nothing to remark\n")
        assert certbeam("preview", path, "--out", "out.svg").exit_code == 0
        assert Path("out.svg").read_text().count("data:image/svg+xml;base64,") == 1
        Path("out.svg").unlink()


def test_a_template_in_the_working_directory_is_opened_by_its_name(folder: Path):
    add_template(folder / "work", "50%", "50%25-logo.svg")

    assert certbeam("lint", "50%.svg").output == "50%.svg: nothing to remark\n"


@pytest.mark.parametrize("picture", ["../logo.svg", "%2e%2e/logo.svg", "/etc/hostname"])
def test_pictures_above_the_folder_of_a_path_are_refused(folder: Path, picture: str):
    shutil.copy(PICTURE, folder / "logo.svg")
    add_template(folder / "templates", "a", picture)

    result = certbeam("lint", "../templates/a.svg")

    assert result.exit_code == 1
    assert "template-refused" in result.output


def test_the_allow_list_restricts_the_pictures_of_a_path_and_not_the_path(folder: Path):
    drafts, pictures = folder / "drafts", folder / "50% off"
    add_template(pictures, "b", "")
    add_template(drafts, "a", f"{pictures.as_uri()}/b-logo.svg")
    add_template(drafts, "beside", "a-logo.svg")
    allow = "--template_allow=../50% off"

    assert certbeam("lint", "../drafts/a.svg", allow).output == "../drafts/a.svg: nothing to remark\n"
    assert certbeam("lint", "../drafts/a.svg").exit_code == 1
    refused = certbeam("lint", "../drafts/beside.svg", allow)
    assert refused.exit_code == 1
    assert "not below a prefix of --template_allow" in refused.output
    assert certbeam("lint", "../drafts/beside.svg", allow, "--template_allow=../drafts").exit_code == 0


def test_the_allow_list_restricts_a_url(folder: Path):
    template = add_template(folder / "drafts", "a", "a-logo.svg").as_uri()

    refused = certbeam("lint", template, f"--template_allow={folder / 'work'}")

    assert refused.exit_code == 1
    assert f"{template!r} is not below a prefix of --template_allow" in refused.output
    assert certbeam("lint", template, f"--template_allow={folder / 'drafts'}").exit_code == 0


def test_a_picture_outside_of_the_allow_list_is_reported(tmp_path: Path):
    template = tmp_path / "t.svg"
    template.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image href="https://x.example/a.png"/></svg>'
    )

    result = certbeam("lint", template)

    assert result.exit_code == 1
    assert "not below a prefix of --template_allow" in result.output


@pytest.mark.parametrize("command", [("lint",), ("preview", "--out=x.png"), ("preview", "--out=x.pdf")])
def test_a_missing_library_that_draws_is_reported_with_the_remedy(monkeypatch, command):
    monkeypatch.delitem(sys.modules, "certbeam.artwork.render.typst_engine", raising=False)
    monkeypatch.setitem(sys.modules, "typst", None)
    result = certbeam(*command, next(TEMPLATES.glob("*.svg")))
    assert result.exit_code == 1
    assert "pip install 'certbeam[drawing]'" in result.output


def test_an_svg_is_previewed_without_the_libraries_that_draw(monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, "certbeam.artwork.render.typst_engine", raising=False)
    monkeypatch.setitem(sys.modules, "typst", None)
    assert certbeam("preview", f"--out={tmp_path}/x.svg", next(TEMPLATES.glob("*.svg"))).exit_code == 0
