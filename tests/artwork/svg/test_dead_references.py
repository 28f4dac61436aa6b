"""Resolve references to nothing, and to one of several elements, as browsers do."""

import pytest

from certbeam.artwork.svg.dead_references import normalise_references
from certbeam.artwork.svg.parse import parse_svg
from certbeam.tests.artwork.css.normal_form import serialise_children


def normalise(body):
    root = parse_svg(f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>'.encode())
    normalise_references(root)
    return serialise_children(root)


@pytest.mark.parametrize(
    ("body", "normal"),
    [
        ('<rect fill="url(#x)"/>', '<rect fill="none"/>'),
        ('<rect fill="url(#x) red"/>', '<rect fill="red"/>'),
        ('<rect clip-path="url(#x)" mask="url(#x)" filter="url(#x)" marker-end="url(#x)"/>', "<rect/>"),
        ('<mask id="m"/><rect clip-path="url(#m)"/>', '<mask id="m"/><rect/>'),
        ('<g><use href="#x"/></g>', "<g/>"),
        ('<use id="u" href="#x"/><use href="#u"/>', '<use id="u" href="#x"/><use href="#u"/>'),
        ('<linearGradient href="#x"/>', "<linearGradient/>"),
        ('<image/><image href=" "/>', ""),
        ('<g id="a"/><rect id="a"/><use href="#a"/>', '<g id="a"/><rect/><use href="#a"/>'),
        (
            """<pattern id="a b"/><pattern id="a-b-1"/><rect fill="url('#a b')"/><rect fill="url(#a%20b) red"/>""",
            '<pattern id="a-b-2"/><pattern id="a-b-1"/><rect fill="url(#a-b-2)"/><rect fill="url(#a-b-2) red"/>',
        ),
    ],
)
def test_references_have_the_effect_that_they_have_in_browsers(body, normal):
    assert normalise(body) == normal
    assert normalise(normal) == normal
