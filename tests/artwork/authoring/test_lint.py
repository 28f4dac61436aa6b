"""Lint findings of a template."""

import base64

import pytest

from certbeam.artwork.authoring.lint import lint
from certbeam.artwork.template import TemplateError
from certbeam.foundation.error_codes import ErrorCode
from certbeam.io.templates.fonts import system_fonts

EXAMPLES = {"recipientName": "Asha Verma", "courseName": "Soil", "issuedDate": "05 March 2026", "logo": ""}
CORRECT = """\
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1123 794">
<text x="500" y="250" text-anchor="middle" font-size="40">${recipientName}</text>
<image x="800" y="500" width="150" height="160" href="${qrCodeImage}"/>
</svg>
"""


def reject_image(url):
    raise TemplateError(ErrorCode.TEMPLATE_REFUSED, "its URL is not below a prefix of --template_allow")


def run_lint(source, replacements=None):
    """Return code, line and severity of each finding, after replacements in the source."""
    for old, new in (replacements or {}).items():
        assert old in source
        source = source.replace(old, new)
    return [
        (finding.code, finding.line, finding.is_error)
        for finding in lint(
            source.encode(), examples=EXAMPLES, empty={"logo"}, embed=reject_image, fonts=system_fonts()
        )
    ]


def run_lint_with_line(line):
    """Return the findings of a correct template with one more line, the fourth."""
    return run_lint(CORRECT, {"</svg>": f"{line}</svg>"})


def test_a_correct_template_has_no_findings():
    assert run_lint(CORRECT) == []


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("<text>${courseTitle}</text>", ("unknown-variable", 4, True)),
        ("<text>${courseTitle:-Course}</text>", ("unknown-variable", 4, False)),
        ('<image width="9" height="9" href="${logo}"/>', ("empty-variable", 4, False)),
        ('<text>{{dateFormat issuedDate "D MMMM"}}</text>', ("value-not-a-date", 0, True)),
        ('<image href="https://x.org/logo.png"/>', ("template-refused", 4, True)),
        ("<script/>", ("removed", 4, False)),
        ('<text font-family="Brand Sans, serif">x</text>', ("font-missing", 4, False)),
        ("<style>.a{font-family:'Brand Sans'}</style>", ("font-missing", 4, False)),
        ('<text><textPath href="#x">x</textPath></text>', ("template-text", 4, True)),
        ('<text x="90" y="90" fill="#ddd">${courseName}</text>', ("contrast-low", 4, False)),
        ('<rect width="99" height="99"/><text x="9" y="90">${courseName}</text>', ("contrast-low", 4, False)),
        ('<text x="9" y="90" fill="#eee">Static text</text>', ("contrast-low", 4, False)),
        ("<text>${a b}</text>", ("template-token", 4, True)),
    ],
)  # fmt: skip
def test_each_fault_is_reported_with_its_line(line, finding):
    assert run_lint_with_line(line) == [finding]


@pytest.mark.parametrize(
    "line",
    [
        "<text>${signatory7Designation} ${maxFontSize}</text>",
        '<text font-family="sans-serif">x</text>',
        "<text font-family=\"'Noto Sans'\">x</text>",
        '<rect width="99" height="99"/><text x="9" y="90" fill="#fff">${courseName}</text>',
    ],
)
def test_a_correct_line_has_no_finding(line):
    assert run_lint_with_line(line) == []


def test_a_template_without_name_and_qr_code_is_reported():
    assert run_lint('<svg viewBox="0 0 9 9"/>') == [("no-qr", 0, False), ("unused-variable", 0, False)]


def test_a_long_name_without_enough_room_is_reported():
    findings = run_lint(CORRECT, {'x="500" y="250"': 'x="100" y="250"'})
    assert findings == [("text-overflow", 2, False)]


def test_a_qr_code_too_small_to_scan_is_reported():
    findings = run_lint(CORRECT, {'width="150" height="160"': 'width="50" height="55"'})
    assert findings == [("qr-small", 3, False)]


def test_a_large_image_is_reported():
    image = base64.b64encode(f"<svg viewBox='0 0 9 9'><desc>{'x' * 99_000}</desc></svg>".encode()).decode()
    assert run_lint_with_line(f'<image href="data:image/svg+xml;base64,{image}"/>') == [
        ("image-heavy", 4, False)
    ]


def test_a_template_that_cannot_be_parsed_is_an_error_with_its_line():
    assert run_lint("<svg>\n<g>\n</svg>") == [("template-malformed", 2, True)]
