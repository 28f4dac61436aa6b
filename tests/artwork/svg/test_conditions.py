"""Conditional processing by language and extension."""

import pytest
from lxml import etree

from certbeam.artwork.svg.conditions import find_languages, match_language, resolve_conditions


def resolve(body, language):
    """Return the ids that remain for a language."""
    root = etree.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>')
    resolve_conditions(root, language)
    return [element.get("id") for element in root.iter() if element.get("id")]


SWITCH = (
    '<switch><text id="hi" systemLanguage="hi"/><text id="pt" systemLanguage="pt, es"/>'
    '<text id="other"/><text id="never"/></switch>'
)


@pytest.mark.parametrize(
    ("language", "ids"),
    [("hi", ["hi"]), ("HI-in", ["hi"]), ("es", ["pt"]), ("en", ["other"]), ("", ["other"])],
)
def test_a_switch_keeps_the_first_child_for_the_language(language, ids):
    assert resolve(SWITCH, language) == ids


def test_elements_for_another_language_are_removed_outside_of_a_switch():
    assert resolve('<g id="a" systemLanguage="hi"><path id="b"/></g><g id="c"/>', "en") == ["c"]
    assert resolve('<g id="a" systemLanguage="hi"><path id="b"/></g><g id="c"/>', "hi") == ["a", "b", "c"]


def test_what_needs_an_extension_is_removed():
    body = '<switch><foreignObject id="a" requiredExtensions="x"/><g id="b"/></switch>'
    body += '<g id="c" requiredExtensions="x"/>'
    assert resolve(body, "en") == ["b"]


def test_a_foreign_object_is_kept_only_without_an_alternative():
    assert resolve('<switch><foreignObject id="a"/><text id="b"/></switch>', "en") == ["b"]
    assert resolve('<switch><foreignObject id="a"/></switch>', "en") == ["a"]


def test_nested_switches_are_resolved():
    assert resolve(f'<switch><g id="outer">{SWITCH}</g></switch>', "hi") == ["outer", "hi"]


def test_the_languages_of_a_document_are_found_once_and_in_order():
    root = etree.fromstring('<svg><a systemLanguage="HI,en"/><b systemLanguage="en, fr,"/></svg>')
    assert find_languages(root) == ["hi", "en", "fr"]


@pytest.mark.parametrize(
    ("language", "tag"), [("pt-BR", "pt-br"), ("pt-PT", "pt"), ("p", ""), ("pte", ""), ("", "")]
)
def test_the_longest_matching_tag_is_chosen(language, tag):
    assert match_language(["pt", "pt-br"], language) == tag
