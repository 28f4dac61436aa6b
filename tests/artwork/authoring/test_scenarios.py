"""Scenarios of the page: which values a template has in each of them."""

import pytest
from defusedxml.ElementTree import fromstring

from certbeam.artwork.authoring.preview import preview_scenario
from certbeam.artwork.authoring.samples import LONG_NAME, SAMPLES
from certbeam.artwork.authoring.scenarios import DEFAULT_SCENARIO, SCENARIOS, scenario_values
from certbeam.artwork.errors import MissingVariable
from certbeam.artwork.template import compile_template
from certbeam.io.templates.fonts import system_fonts

EXAMPLES = {"issuerName": "Board", "expiryDate": "05 March 2027"}
EMPTY = ("expiryDate",)
TEMPLATE = (
    '<svg viewBox="0 0 900 100"><text y="50">${recipientName}/${courseName}/${issuerName}/${expiryDate}/${grade}/'
    "${pass:-yes}/${signatory0Name}/${signatory1Name}/${signatory2Name}</text></svg>"
)


def compile_text(content):
    return compile_template(content.encode(), embed=str, fonts=system_fonts())


def fill(scenario, values=None):
    """Return the values of the template's text in a scenario."""
    template = compile_text(TEMPLATE)
    svg = preview_scenario(template, SCENARIOS[scenario], values or {}, EXAMPLES, EMPTY).svg
    return "".join("".join(fromstring(svg).itertext()).split("\n")).split("/")


def test_each_script_has_a_scenario_with_its_names():
    assert {scenario.sample for scenario in SCENARIOS.values()} >= set(SAMPLES.values())
    assert fill("greek")[:2] == [SAMPLES["Greek"].name, SAMPLES["Greek"].course]
    assert SCENARIOS[DEFAULT_SCENARIO].sample == SAMPLES["Latin"]


def test_names_are_short_and_long():
    assert fill("short-name")[0] == "Li"
    assert fill("long-name")[0].replace("-", "") == LONG_NAME


def test_a_name_has_an_emoji():
    values = scenario_values(compile_text(TEMPLATE), SCENARIOS["emoji"], {}, EXAMPLES, EMPTY)
    assert not values["recipientName"].isascii()
    assert any(ord(character) > 0x1F300 for character in values["recipientName"])


def test_values_that_a_certificate_need_not_have_are_missing():
    latin = SAMPLES["Latin"]
    assert fill("missing-values") == [latin.name, latin.course, "Board", "", "", "yes", "", "", ""]


@pytest.mark.parametrize(
    ("scenario", "signatories"),
    [
        ("no-signatories", ["", "", ""]),
        ("two-signatories", ["Signatory 1", "Signatory 2", ""]),
        ("latin", ["Signatory 1", "Signatory 2", "Signatory 3"]),
    ],
)
def test_a_scenario_has_a_number_of_signatories(scenario, signatories):
    assert fill(scenario)[-3:] == signatories


def test_given_values_are_preferred_to_samples_but_not_to_the_scenario():
    values = {"recipientName": "Asha", "grade": "A", "pass": "no", "signatory0Name": "Meera"}
    latin = SAMPLES["Latin"]
    assert fill("two-signatories", values) == [
        latin.name, latin.course, "Board", "05 March 2027", "A", "no", "Meera", "Signatory 2", "",
    ]  # fmt: skip
    assert fill("missing-values", values)[4:] == ["", "yes", "", "", ""]


def test_an_unknown_date_needs_a_value():
    template = compile_text('<svg viewBox="0 0 9 9"><text y="9">{{dateFormat day "D"}}</text></svg>')
    with pytest.raises(MissingVariable):
        scenario_values(template, SCENARIOS["latin"], {}, EXAMPLES, EMPTY)
