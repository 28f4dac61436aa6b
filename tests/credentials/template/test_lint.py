"""What is said about a template before anybody is issued a certificate."""

import base64

import pytest

from certbeam.credentials.template import TemplateError
from certbeam.credentials.template.lint import lint
from certbeam.io.templates.fonts import system_fonts

KNOWN = {"recipientName", "courseName", "issuedDate"}
SOUND = """\
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1123 794">
<text x="500" y="250" text-anchor="middle" font-size="40">${recipientName}</text>
<image x="800" y="500" width="150" height="160" href="${qrCodeImage}"/>
</svg>
"""


def refuse(url):
    raise TemplateError("image-not-allowed", "it is under no prefix of --template_allow")


def findings(source, **changes):
    for old, new in changes.get("replace", {}).items():
        assert old in source
        source = source.replace(old, new)
    return [
        (finding.code, finding.line, finding.is_error)
        for finding in lint(source.encode(), known=KNOWN, embed=refuse, fonts=system_fonts())
    ]


def with_third_line(line):
    return findings(SOUND, replace={"</svg>": f"{line}</svg>"})


def test_of_a_sound_template_there_is_nothing_to_say():
    assert findings(SOUND) == []


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("<text>${courseTitle}</text>", ("unknown-variable", 4, False)),
        ('<image href="https://x.org/logo.png"/>', ("image-not-allowed", 4, True)),
        ('<filter id="f"><feGaussianBlur/></filter>', ("filter-ignored", 4, False)),
        ("<script/>", ("removed", 4, False)),
        ('<text font-family="Brand Sans, serif">x</text>', ("font-missing", 4, False)),
        ("<style>.a{font-family:'Brand Sans'}</style>", ("font-missing", 4, False)),
        ('<text textLength="9">x</text>', ("text-unset", 4, False)),
        ('<text x="90" y="90" fill="#ddd">${courseName}</text>', ("contrast-low", 4, False)),
        ('<rect width="99" height="99"/><text x="9" y="90">${courseName}</text>', ("contrast-low", 4, False)),
        ('<text x="9" y="90" fill="#eee">Our own words</text>', ("contrast-low", 4, False)),
        ("<text>${a b}</text>", ("template-token", 4, True)),
    ],
)  # fmt: skip
def test_each_fault_is_found_on_its_line(line, finding):
    assert with_third_line(line) == [finding]


@pytest.mark.parametrize(
    "line",
    [
        "<text>${signatory7Designation} ${maxFontSize}</text>",
        '<text font-family="sans-serif">x</text>',
        "<text font-family=\"'Noto Sans'\">x</text>",
        '<rect width="99" height="99"/><text x="9" y="90" fill="#fff">${courseName}</text>',
    ],
)
def test_what_is_as_it_should_be_is_not_mentioned(line):
    assert with_third_line(line) == []


def test_a_name_and_a_code_are_wanted():
    assert findings('<svg viewBox="0 0 9 9"/>') == [("no-qr", 0, False), ("unused-variable", 0, False)]


def test_a_long_name_must_have_room():
    narrow = findings(SOUND, replace={'x="500" y="250"': 'x="100" y="250"'})
    assert narrow == [("text-overflow", 2, False)]


def test_a_code_must_be_large_enough_to_scan():
    small = findings(SOUND, replace={'width="150" height="160"': 'width="50" height="55"'})
    assert small == [("qr-small", 3, False)]


def test_a_heavy_image_is_weighed():
    image = base64.b64encode(f"<svg viewBox='0 0 9 9'><desc>{'x' * 99_000}</desc></svg>".encode()).decode()
    assert with_third_line(f'<image href="data:image/svg+xml;base64,{image}"/>') == [
        ("image-heavy", 4, False)
    ]


def test_a_template_that_cannot_be_read_is_an_error_on_its_line():
    assert findings("<svg>\n<g>\n</svg>") == [("template-malformed", 2, True)]
