"""Join variable references that a drawing program has split over several <tspan> elements."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from certbeam.artwork.errors import TemplateError, add_line
from certbeam.artwork.svg.tree import SVG
from certbeam.artwork.template.variables import find_reference_spans
from certbeam.foundation.error_codes import ErrorCode

_TEXT = f"{{{SVG}}}text"
_LINE_BREAK = re.compile(r"\s*\n\s*")  # the indentation between the elements of a formatted source
# The remains of a reference that is not closed, or whose characters were escaped twice.
_FRAGMENTS = ("${", "{{", "}}", "&#36;", "&#123;", "&#125;", "&#x24;", "&#x7b;", "&#x7d;")


class _TextNode(NamedTuple):
    """Character data of an element: its ``text``, or the ``tail`` that follows it."""

    element: etree._Element
    attribute: str
    characters: str


def join_split_variables(root: etree._Element) -> None:
    """Move each variable reference that is split inside of a <text> to the element in which it begins.

    Raises:
        TemplateError: ``template-token``: part of a reference remains, and would be printed as it is.
    """
    for text in root.iter(_TEXT):
        nodes = list(_iterate_text_nodes(text))
        content = "".join(node.characters for node in nodes)
        if any(fragment in content.lower() for fragment in _FRAGMENTS):
            references = find_reference_spans(content)
            _join(nodes, references)
            _check_fragments(text, content, references)


def _iterate_text_nodes(element: etree._Element) -> Iterator[_TextNode]:
    """Yield the text nodes inside of an element, in document order."""
    yield _TextNode(element, "text", element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            yield from _iterate_text_nodes(child)
        yield _TextNode(child, "tail", child.tail or "")


def _join(nodes: list[_TextNode], references: list[tuple[int, int]]) -> None:
    owners = [index for index, node in enumerate(nodes) for _ in node.characters]
    characters = [character for node in nodes for character in node.characters]
    for start, end in references:
        if owners[start] != owners[end - 1]:
            reference = _LINE_BREAK.sub("", "".join(characters[start:end]))
            characters[start:end] = [reference] + [""] * (end - start - 1)
    joined = [""] * len(nodes)
    for owner, character in zip(owners, characters, strict=True):
        joined[owner] += character
    for node, content in zip(nodes, joined, strict=True):
        setattr(node.element, node.attribute, content)


def _check_fragments(text: etree._Element, content: str, references: list[tuple[int, int]]) -> None:
    """Raise an error if a <text> has part of a reference outside of all complete ones."""
    rest = content
    for start, end in reversed(references):
        rest = rest[:start] + rest[end:]
    fragment = next((fragment for fragment in _FRAGMENTS if fragment in rest.lower()), None)
    if fragment is not None:
        error = TemplateError(
            ErrorCode.TEMPLATE_TOKEN,
            f"{rest.strip()[:60]!r} contains part of a variable reference ({fragment}), which would be printed"
            " as it is: complete the reference, or write $${x} for a literal ${x}",
        )
        raise add_line(error, text.sourceline)
