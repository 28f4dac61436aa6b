"""Findings for what PNG and PDF draw in another way than browsers."""

import pytest
from lxml import etree

from certbeam.artwork.svg.engine_limits import find_engine_limits


def _find_lines(content: str) -> list[int]:
    root = etree.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">\n{content}</svg>')
    findings = list(find_engine_limits(root))
    assert {finding.code for finding in findings} <= {"drawing-differs"}
    return [finding.line for finding in findings]


@pytest.mark.parametrize(
    "content",
    [
        "<filter><feTile/></filter>",
        "<filter><feDisplacementMap/></filter>",
        '<radialGradient fr="20%"/>',
        "<switch><foreignObject/><text/></switch>",
    ],
)
def test_a_difference_is_reported_with_its_line(content):
    assert _find_lines(content) == [2]


@pytest.mark.parametrize(
    "content",
    [
        "<filter><feTurbulence/></filter>",
        '<radialGradient fr="0%"/>',
        '<switch><foreignObject requiredExtensions="x"/><g/></switch>',
        "<switch><g/><foreignObject/></switch>",
    ],
)
def test_what_is_drawn_alike_is_not_reported(content):
    assert _find_lines(content) == []
