"""Parse variable references, and get the language of their dates."""

import pytest

from certbeam.artwork.errors import MissingVariable, TemplateError
from certbeam.artwork.template.variables import (
    DateVariable,
    TextVariable,
    find_variables,
    get_language,
    parse_only_variable,
    replace_variables,
)


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("${courseName}", [TextVariable("courseName")]),
        ("${grade:-none}", [TextVariable("grade", "none")]),
        ("${grade:-}", [TextVariable("grade", "")]),
        ("{{credentialSubject.recipientName}}", [TextVariable("recipientName")]),
        ("{{credentialSubject.training.name}}", [TextVariable("courseName")]),
        ("{{trainingName}} {{{issuer.name}}}", [TextVariable("courseName"), TextVariable("issuerName")]),
        ("{{recipient.name}}{{recipient.id}}", [TextVariable("recipientName"), TextVariable("recipientId")]),
        ('{{dateFormat issuanceDate "D MMMM YYYY"}}', [DateVariable("issuanceDate", "d' 'MMMM' 'y")]),
        ("$${literal}", []),
        ("no reference", []),
    ],
)
def test_references_of_both_syntaxes_are_parsed(text, variables):
    assert find_variables(text) == variables


@pytest.mark.parametrize("text", ["${}", "${a b}", "${1a}", "{{#if a}}", "{{helper a}}", "${a/b}"])
def test_invalid_references_are_rejected(text):
    with pytest.raises(TemplateError) as error:
        find_variables(text)
    assert error.value.code == "template-token"


def test_an_escaped_reference_is_kept_as_its_literal():
    assert replace_variables("$${a} ${b}", lambda variable: variable.name.upper()) == "${a} B"
    assert parse_only_variable(" ${a} ") == TextVariable("a")
    assert parse_only_variable("$${a}") is parse_only_variable("${a}${b}") is None


@pytest.mark.parametrize(
    ("values", "text"), [({"a": "x"}, "x"), ({"a": ""}, "default"), ({}, "default"), ({"a": " "}, " ")]
)
def test_a_default_replaces_an_absent_or_empty_value(values, text):
    assert TextVariable("a", "default").resolve(values) == text


def test_a_value_without_a_default_must_be_present():
    assert TextVariable("a").resolve({"a": ""}) == ""
    with pytest.raises(MissingVariable):
        TextVariable("a").resolve({})


@pytest.mark.parametrize(
    ("written", "language"),
    [("hi", "hi"), ("zh-Hans", "zh-Hans"), ("", "en"), ("../x", "en"), ("english", "en"), ("हिं", "en")],
)
def test_an_invalid_language_tag_is_replaced_by_english(written, language):
    assert get_language({"language": written}) == language
    assert get_language({}) == "en"
