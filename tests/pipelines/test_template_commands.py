"""``certbeam preview`` and ``certbeam lint``: what template authors see."""

import json
from pathlib import Path

import PIL.Image
import pytest
from click.testing import CliRunner, Result

from certbeam.credentials.template.samples import SAMPLES
from certbeam.pipelines.cli import main
from certbeam.tests.pipelines.conftest import EXAMPLES

TEMPLATES = EXAMPLES / "templates"


def certbeam(*arguments: str) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], catch_exceptions=False)


@pytest.mark.parametrize(("suffix", "magic"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_a_preview_is_drawn_in_the_format_of_the_file(tmp_path: Path, suffix: str, magic: bytes):
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
def test_one_sheet_shows_every_script(tmp_path: Path, suffix: str):
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
        (("--out", "x.gif"), 2, "must end in one of"),
        (("--out", "x.svg", "--data", "README.md"), 2, "not JSON"),
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


def test_each_finding_has_its_line_and_what_to_do():
    broken = TEMPLATES / "broken"

    result = certbeam("lint", broken / "malformed.svg", broken / "unknown-variable.svg")

    assert result.exit_code == 1
    assert "malformed.svg:3: error:" in result.output
    assert (
        "unknown-variable.svg:4: warning: not every certificate has the variable 'learnerShoeSize'"
        in result.output
    )


@pytest.mark.parametrize("command", [("lint",), ("preview", "--out", "x.svg")])
def test_a_template_that_is_not_there_is_told(tmp_path: Path, command: tuple[str, ...]):
    result = certbeam(*command, tmp_path / "nowhere.svg")

    assert result.exit_code == 1
    assert "cannot be read" in result.output


def test_a_picture_outside_of_what_is_allowed_is_told(tmp_path: Path):
    template = tmp_path / "t.svg"
    template.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image href="https://x.example/a.png"/></svg>'
    )

    result = certbeam("lint", template)

    assert result.exit_code == 1
    assert "outside of what --template_allow lets through" in result.output
