"""Lines that are texts of their own, and shrink together."""

import re

import pytest
from defusedxml.ElementTree import fromstring

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.template import compile_template
from certbeam.io.templates.fonts import system_fonts

SVG = "{http://www.w3.org/2000/svg}"
QR = make_qr("https://certs.example.org/certs/1")
LONG = "Venkatanarasimharajuvaripeta Raghunathan Subramaniam Iyer"


def find_sizes(*lines, name=LONG):
    """Return the font size of each line."""
    body = "".join(lines)
    source = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500">{body}</svg>'
    template = compile_template(source.encode(), embed=str, fonts=system_fonts())
    root = fromstring(template.fill({"n": name, "m": "Asha"}, QR).svg)
    styles = " ".join(text.get("style") for text in root.iter(f"{SVG}text"))
    return [float(size) for size in re.findall(r"font-size:([\d.]+)px", styles)]


def line(content, y, attributes='x="500" text-anchor="middle" font-size="40"'):
    return f'<text {attributes} y="{y}">{content}</text>'


NAME = line("${n}", 100)


def test_lines_of_a_paragraph_shrink_together():
    sizes = find_sizes(line("This certifies", 50), NAME, line("and ${m}", 150))
    assert sizes[0] == sizes[1] == sizes[2] < 40


def test_lines_keep_their_size_if_the_values_fit():
    assert find_sizes(line("This certifies", 50), NAME, name="Asha") == [40, 40]


@pytest.mark.parametrize(
    "other",
    [
        line("far below", 250),
        line("other size", 150, 'x="500" text-anchor="middle" font-size="30"'),
        line("elsewhere", 150, 'x="400" text-anchor="middle" font-size="40"'),
        line("other anchor", 150, 'x="500" font-size="40"'),
        f"<g>{line('other group', 150)}</g>",
        line('<tspan x="500" y="150">two</tspan><tspan x="500" y="200">lines</tspan>', 150),
    ],
)
def test_a_text_that_is_no_line_of_the_paragraph_keeps_its_size(other):
    first, *others = find_sizes(NAME, other)
    assert first < 40
    assert all(size in (30, 40) for size in others)


def test_the_lines_of_one_text_shrink_together():
    spans = '<tspan x="500">${n}</tspan><tspan x="500" dy="50">short</tspan>'
    first, second = find_sizes(line(spans, 100))
    assert first == second < 40
