"""Dates by the patterns of moment.js."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.template.dates import convert_moment_pattern, format_date

FIELDS = {
    "D": "5",
    "DD": "05",
    "Do": "5",
    "M": "3",
    "MM": "03",
    "MMM": "Mar",
    "MMMM": "March",
    "YY": "26",
    "YYYY": "2026",
    "ddd": "Thu",
    "dddd": "Thursday",
    "[de]": "de",
    "[]": "",
    " ": " ",
    "'": "'",
    "[l'a]": "l'a",
    ", ": ", ",
    "२": "२",
}
"""Each part of a pattern, and how it prints the fifth of March 2026 in English."""


def print_date(pattern, language="en"):
    return format_date("2026-03-05", convert_moment_pattern(pattern), language)


@pytest.mark.parametrize(("first", "second"), list(itertools.product(FIELDS, FIELDS)))
def test_each_part_prints_the_same_beside_any_other(first, second):
    separator = "" if is_literal(first) or is_literal(second) else "/"
    assert print_date(f"{first}{separator}{second}") == FIELDS[first] + separator + FIELDS[second]


def is_literal(part):
    return not part[0].isascii() or not part[0].isalpha()


@given(st.lists(st.sampled_from([part for part in FIELDS if is_literal(part)]), max_size=6))
def test_literal_text_prints_as_it_is(parts):
    expected = "".join(FIELDS[part] for part in parts)
    assert print_date("D" + "".join(parts) + "YYYY") == f"5{expected}2026"


@pytest.mark.parametrize(
    ("pattern", "language", "printed"),
    [
        ("D [de] MMMM [de] YYYY", "es", "5 de marzo de 2026"),
        ("D. MMMM YYYY", "cs", "5. března 2026"),
        ("MMMM YYYY", "cs", "březen 2026"),
        ("[o'clock] YYYY", "en", "o'clock 2026"),
    ],
)
def test_a_date_is_printed_in_its_language(pattern, language, printed):
    assert print_date(pattern, language) == printed


@pytest.mark.parametrize("pattern", ["HH:mm", "D Q", "YYYYY", "[open", "x"])
def test_an_unknown_field_is_an_error(pattern):
    with pytest.raises(TemplateError) as raised:
        convert_moment_pattern(pattern)
    assert raised.value.code == "template-date-format"
