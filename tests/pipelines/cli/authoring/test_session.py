"""A template under work: its versions, its findings and its certificates."""

import io
import json
import os
import re
import sys
from pathlib import Path

import PIL.Image
import pytest

from certbeam.artwork.authoring.scenarios import DEFAULT_SCENARIO
from certbeam.pipelines.cli.authoring.page_state import build_page_state
from certbeam.pipelines.cli.authoring.session import OUTPUTS, OWN_VALUES
from certbeam.pipelines.cli.template_files import TemplateReader
from certbeam.tests.pipelines.cli.authoring.pages import (
    PICTURE,
    TEMPLATE,
    WITH_PICTURE,
    draw_error,
    draw_file,
    open_session,
    write_template,
)


def change(path: Path, text: str) -> None:
    """Write a file, with a later time of change even if the clock of the file system is coarse."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 1_000_000_000, before + 1_000_000_000))


@pytest.mark.parametrize(
    ("output", "magic"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("pdf-picture", b"\x89PNG")],
)
def test_a_certificate_is_drawn_in_each_format(tmp_path: Path, output: str, magic: bytes):
    with open_session(write_template(tmp_path)) as session:
        assert draw_file(session, "latin", output).startswith(magic)
        assert draw_file(session, "latin", output) is draw_file(session, "latin", output)


def test_the_picture_of_the_pdf_has_its_shape(tmp_path: Path):
    with open_session(write_template(tmp_path)) as session:
        picture = PIL.Image.open(io.BytesIO(draw_file(session, "latin", "pdf-picture")))
    assert picture.width / picture.height == pytest.approx(4 / 3, abs=0.01)
    assert picture.convert("RGB").getpixel((2, 2)) == pytest.approx((255, 255, 238), abs=2)


def test_without_typst_the_error_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with open_session(write_template(tmp_path)) as session:
        assert "typst is not installed" in draw_error(session, "latin", "pdf-picture").message


def test_scenarios_have_other_names(tmp_path: Path):
    with open_session(write_template(tmp_path)) as session:
        assert "José" in draw_file(session, "latin", "svg").decode()
        assert "Li" in draw_file(session, "short-name", "svg").decode()
        assert session.first_scenario == DEFAULT_SCENARIO
        assert OWN_VALUES not in session.scenarios


def test_given_values_are_a_scenario_of_their_own(tmp_path: Path):
    data = tmp_path / "values.json"
    data.write_text(json.dumps({"recipientName": "Zoë", "grade": 1}))
    template = write_template(tmp_path, TEMPLATE.replace("${courseName}", "${grade}"))
    with open_session(template, data) as session:
        state = build_page_state(session)
        drawn = draw_file(session, OWN_VALUES, "svg").decode()
        latin = draw_file(session, "latin", "svg").decode()
    assert "Zoë" in drawn
    assert "Zoë" not in latin
    assert state["scenarios"][0] == {
        "key": OWN_VALUES,
        "title": "Values of values.json",
        "group": "Your values",
    }
    assert state["scenario"] == OWN_VALUES
    assert state["findings"] == []


def test_the_state_has_the_source_and_the_findings_at_their_lines(tmp_path: Path):
    template = write_template(tmp_path, TEMPLATE.replace("courseName", "corseName"))
    with open_session(template) as session:
        state = build_page_state(session)
    assert state["lines"][1] == [2, '  <rect width="400" height="300" fill="#ffe"/>', 0]
    (finding,) = state["findings"]
    assert (finding["line"], finding["severity"], finding["code"]) == (4, "error", "unknown-variable")
    assert (state["width"], state["height"]) == (400, 300)
    assert re.fullmatch(r"Saved \d\d:\d\d:\d\d", state["saved"])


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        (TEMPLATE.replace("</text>", "", 1), 3, "not well-formed"),
        (WITH_PICTURE, 6, "logo.svg"),
        ("", 0, "empty"),
    ],
)
def test_an_error_of_the_template_takes_the_place_of_each_certificate(
    tmp_path: Path, source: str, line: int, reason: str
):
    with open_session(write_template(tmp_path, source)) as session:
        for output in OUTPUTS:
            drawn = draw_error(session, "latin", output)
            assert drawn.line == line
            assert reason in drawn.message
        assert drawn in session.version.findings
        assert build_page_state(session)["width"] is None


def test_an_error_of_one_scenario_leaves_the_others(tmp_path: Path):
    template = write_template(tmp_path, TEMPLATE.replace("${courseName}", '{{dateFormat expiryDate "D"}}'))
    data = tmp_path / "values.json"
    data.write_text('{"expiryDate": "2027-03-05"}')
    with open_session(template, data) as session:
        assert draw_file(session, "latin", "svg")
        assert draw_error(session, "missing-values", "svg").code == "value-not-a-date"


def test_a_saved_file_is_a_change_until_it_is_loaded(tmp_path: Path):
    template = write_template(tmp_path, WITH_PICTURE)
    logo, data = tmp_path / "logo.svg", tmp_path / "values.json"
    logo.write_text(PICTURE.format("red"))
    data.write_text("{}")
    with open_session(template, data) as session:
        assert not session.find_changes()
        for path, text in ((template, WITH_PICTURE + "\n"), (logo, PICTURE.format("blue")), (data, "{} ")):
            change(path, text)
            assert session.find_changes()
            number = session.version.number
            session.reload()
            assert session.version.number > number
            assert not session.find_changes()


def test_a_changed_picture_is_read_again(tmp_path: Path):
    logo = tmp_path / "logo.svg"
    with open_session(write_template(tmp_path, WITH_PICTURE)) as session:
        assert draw_error(session, "latin", "svg")
        change(logo, PICTURE.format("red"))
        assert session.find_changes()
        session.reload()
        red = draw_file(session, "latin", "svg")
        change(logo, PICTURE.format("blue"))
        session.reload()
        assert b"data:image/svg+xml" in red
        assert draw_file(session, "latin", "svg") != red


def test_values_that_cannot_be_read_are_an_error_until_they_are_fixed(tmp_path: Path):
    data = tmp_path / "values.json"
    data.write_text("{}")
    with open_session(write_template(tmp_path), data) as session:
        for text, reason in (("{", "not JSON"), ("[]", "not a JSON object")):
            change(data, text)
            session.reload()
            assert reason in draw_error(session, "latin", "svg").message
        data.unlink()
        session.reload()
        assert "cannot be read" in draw_error(session, "latin", "svg").message
        change(data, "{}")
        session.reload()
        assert draw_file(session, "latin", "svg")


def test_a_template_that_disappears_is_an_error_until_it_is_back(tmp_path: Path):
    template = write_template(tmp_path)
    with open_session(template) as session:
        template.unlink()
        assert session.find_changes()
        session.reload()
        assert "cannot be read" in draw_error(session, "latin", "svg").message
        assert build_page_state(session)["saved"].startswith("Read ")
        change(template, TEMPLATE)
        assert session.find_changes()
        session.reload()
        assert draw_file(session, "latin", "svg")


def test_the_file_of_a_url_is_watched(tmp_path: Path):
    template = write_template(tmp_path)
    with open_session(template.as_uri()) as session:
        change(template, TEMPLATE + "\n")
        assert list(session.find_changes()) == [template]


def test_a_template_on_a_server_is_not_watched():
    reader = TemplateReader("https://templates.example.org/a.svg", (), ())
    assert reader.find_template_file() is None
    assert reader.find_file("logo.svg") is None
    reader.close()
