"""Repair what browsers accept in HTML, but XML does not."""

import pytest

from certbeam.artwork.errors import Finding, TemplateError
from certbeam.artwork.svg.parse import parse_svg
from certbeam.artwork.svg.tree import XLINK


def parse(source):
    findings: list[Finding] = []
    return parse_svg(source.encode(), findings), [finding.code for finding in findings]


def test_entities_of_html_become_their_characters():
    root, findings = parse('<svg xmlns="http://www.w3.org/2000/svg"><text>a&nbsp;b&copy;&amp;</text></svg>')
    assert root[0].text == "a\xa0b©&"
    assert findings == ["repaired"]


def test_undeclared_namespaces_are_declared():
    root, findings = parse(
        '<svg xmlns="http://www.w3.org/2000/svg"><use xlink:href="#a"/><g inkscape:label="b"/></svg>'
    )
    assert root[0].get(f"{{{XLINK}}}href") == "#a"
    assert findings == ["repaired", "repaired"]


@pytest.mark.parametrize("body", ["&unknown;", "a & b", "<g>"])
def test_other_faults_are_errors(body):
    with pytest.raises(TemplateError):
        parse(f"<svg>{body}</svg>")
