"""Kinds of certificates that a template must suit, with their values: short and long names, each script, no values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from certbeam.artwork.authoring.samples import (
    LONG_COURSE,
    LONG_NAME,
    SAMPLES,
    SIGNATORY,
    Sample,
    sample_values,
)
from certbeam.artwork.template.compiled import CompiledTemplate
from certbeam.artwork.template.variables import QR_VARIABLES

SPECIAL_CASES = "Special cases"
SCRIPTS = "Scripts"


@dataclass(frozen=True)
class Scenario:
    """Kind of certificate that a template must suit.

    Attributes:
        title: what is special about it.
        group: SPECIAL_CASES or SCRIPTS.
        sample: its name, course and language.
        signatories: how many signatories it has; None for as many as the template has room for.
        has_optional_values: False if all values are empty that a certificate need not have.
    """

    title: str
    group: str
    sample: Sample
    signatories: int | None = None
    has_optional_values: bool = True


_LATIN = SAMPLES["Latin"]
DEFAULT_SCENARIO = "latin"
SCENARIOS: Mapping[str, Scenario] = {
    "short-name": Scenario("Short name", SPECIAL_CASES, Sample("en", "Li", "Art")),
    "long-name": Scenario("Long name", SPECIAL_CASES, Sample("en", LONG_NAME, LONG_COURSE)),
    "emoji": Scenario("Emoji", SPECIAL_CASES, Sample("en", "José 🌻 Müller", "Mathematics 🎓")),
    "missing-values": Scenario("Missing values", SPECIAL_CASES, _LATIN, has_optional_values=False),
    "two-signatories": Scenario("Two signatories", SPECIAL_CASES, _LATIN, signatories=2),
    "no-signatories": Scenario("No signatories", SPECIAL_CASES, _LATIN, signatories=0),
} | {
    script.lower(): Scenario(f"{script}: {sample.name}", SCRIPTS, sample)
    for script, sample in SAMPLES.items()
}
"""The scenarios by their keys."""


def scenario_values(
    template: CompiledTemplate,
    scenario: Scenario,
    values: Mapping[str, str],
    examples: Mapping[str, str],
    empty: Collection[str],
) -> dict[str, str]:
    """Return the values of a template's variables in a scenario.

    Args:
        template: the compiled template.
        scenario: the scenario; its name, course and language are preferred to the given values.
        values: values by the names of variables.
        examples: an example of the value of each variable that certificates have, except those of signatories.
        empty: those of these variables that a certificate need not have.

    Raises:
        MissingVariable: an unknown variable is a date or a part of CSS, and has no value.
    """
    of_scenario = scenario.sample.values
    always = (examples.keys() - set(empty)) | of_scenario.keys() | QR_VARIABLES
    filled = {**sample_values(template, scenario.sample, {**examples, **values}), **values, **of_scenario}
    for placeholder in template.placeholders:
        for name in (variable.name for variable in placeholder.variables):
            is_missing = name not in always and not scenario.has_optional_values
            if is_missing or not _has_signatory(scenario, name):
                filled[name] = ""
    return filled


def _has_signatory(scenario: Scenario, name: str) -> bool:
    """Return False for a variable of a signatory that a scenario does not have."""
    signatory = SIGNATORY.fullmatch(name)
    return signatory is None or scenario.signatories is None or int(signatory["index"]) < scenario.signatories
