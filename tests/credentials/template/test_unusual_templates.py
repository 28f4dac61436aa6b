"""Whatever else people write in templates: it comes out right, or is refused with a reason that helps."""

import gzip

import pytest
from defusedxml.ElementTree import fromstring

from certbeam.credentials.qr import make_qr
from certbeam.credentials.template import TemplateError, compile_template
from certbeam.io.templates.fonts import system_fonts

SVG = "{http://www.w3.org/2000/svg}"
XML = '<?xml version="1.0" encoding="{}"?>'
VALUES = {"recipientName": "Asha", "issuanceDate": "2026-03-05", "color": "teal"}


def document(body, size='viewBox="0 0 600 300"'):
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {names} {size}>{body}</svg>"


def compiled(source):
    source = source if isinstance(source, bytes) else source.encode()
    return compile_template(source, embed=str, fonts=system_fonts())


def filled(source):
    return fromstring(compiled(source).fill(VALUES, make_qr("https://certs.example.org/1")).svg)


def said(source):
    """All the texts of a certificate, in their order."""
    return [text.text for text in filled(source).iter(f"{SVG}text")]


NAME = document("<text>José ${recipientName}</text>")


@pytest.mark.parametrize(
    "source",
    [
        NAME.encode("utf-8-sig"),
        NAME.encode("utf-16"),
        (XML.format("UTF-16") + NAME).encode("utf-16"),
        XML.format("utf-16") + NAME,  # as .NET writes to a UTF-8 file
        (XML.format("ISO-8859-1") + NAME).encode("latin-1"),
        (XML.format("windows-1252") + NAME).encode("cp1252"),
        "\ufeff\n" + XML.format("UTF-8") + NAME,
        gzip.compress(NAME.encode()),
    ],
)
def test_every_encoding_is_read(source):
    assert said(source) == ["José Asha"]


@pytest.mark.parametrize(
    "text",
    [
        "<text><tspan>${recip</tspan><tspan>ientName}</tspan></text>",
        '<text><tspan x="1">${recip</tspan>\n <tspan x="50">ientName}</tspan></text>',
        '<text>$<tspan x="9" y="0">{recipientName</tspan><tspan x="99">}</tspan></text>',
        "<text><tspan>{{credential<tspan>Subject.</tspan></tspan>recipientName}}</text>",
        "<text>${<!-- note -->recipientName}</text>",
        "<text><![CDATA[${recipientName}]]></text>",
        "<text>&#36;&#123;recipientName&#125;</text>",
        "<text>${ recipientName }</text>",
        "<text>${\u00a0recipientName\n}</text>",
        "<text>{{{recipientName}}}</text>",
        "<text><title>Name</title>${recipientName}</text>",
        '<text><a href="https://example.org">${recipientName}</a></text>',
        "<switch><foreignObject/><text>${recipientName}</text></switch>",
        '<switch><text systemLanguage="hi">नाम</text><text>${recipientName}</text></switch>',
        '<defs><text id="t">${recipientName}</text></defs><use href="#t"/>',
        '<svg x="9" viewBox="0 0 9 9"><text>${recipientName}</text></svg>',
    ],
)
def test_a_name_is_found_wherever_it_is_written(text):
    assert said(document(text)) == ["Asha"]


@pytest.mark.parametrize("quotes", ['""', "''", "“”", "‘’"])
def test_a_date_pattern_may_stand_in_any_quotes(quotes):
    token = f"{{{{dateFormat issuanceDate {quotes[0]}DD MMMM YYYY{quotes[1]}}}}}"
    assert said(document(f"<text>{token}</text>")) == ["05 March 2026"]


def test_a_literal_token_is_no_remnant_of_one():
    assert said(document("<text>$${x} ${recipientName}</text>")) == ["${x} Asha"]


@pytest.mark.parametrize(
    ("source", "code", "reason"),
    [
        ("", "template-not-svg", "is empty"),
        ("<!DOCTYPE html><html><p>Not found<br></html>", "template-not-svg", "a web page"),
        ('<html xmlns="http://www.w3.org/1999/xhtml"/>', "template-not-svg", "a web page"),
        ('{"error": 404}', "template-not-svg", "it begins with|begins with"),
        (b"\x89PNG\r\n\x1a\n", "template-not-svg", "PNG"),
        (gzip.compress(NAME.encode())[:40], "template-malformed", "not well-formed|empty|cannot be unpacked"),
        (gzip.compress(b" " * 20_000_000), "template-too-large", "10,000,000"),
        (NAME.encode("latin-1"), "template-malformed", "save it as UTF-8"),
        (NAME[:-9], "template-malformed", "line 1"),
        (document("<text>A & B</text>"), "template-malformed", "&amp;"),
        (document("<text>&nbsp;</text>"), "template-malformed", "&#160;"),
        ('<svg viewBox="0 0 9 9"><use xlink:href="#a"/></svg>', "template-malformed", "add xmlns:xlink"),
        (document("<text>x</text>", size=""), "template-size", "viewBox"),
        (document("<text>${recipientName</text>"), "template-token", "part of a token"),
        (document("<text>{{recipientName}</text>"), "template-token", "part of a token"),
        (document("<text>$&amp;#123;recipientName&amp;#125;</text>"), "template-token", "part of a token"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(source, code, reason):
    with pytest.raises(TemplateError, match=reason) as error:
        compiled(source)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("size", "page"),
    [
        ('width="300" viewBox="0 0 600 300"', ("300", "150")),
        ('height="100" viewBox="0 0 600 300"', ("200", "100")),
        ('width="100%" height="100%" viewBox="0,0,600,300"', ("600", "300")),
        ('width="100%" height="150" viewBox="0 0 600 300"', ("300", "150")),
        ('width="25.4mm" height="1in"', ("96", "96")),
    ],
)
def test_a_page_has_the_shape_of_its_view_box(size, page):
    root = filled(document("", size))
    assert (root.get("width"), root.get("height")) == page


def test_the_text_of_elements_that_viewers_do_not_know_is_missed_aloud():
    template = compiled(
        document("<flowRoot><flowPara>${recipientName}</flowPara></flowRoot><metadata>x</metadata>")
    )
    assert [finding.message.partition(",")[0] for finding in template.findings] == ["removed <flowRoot>"]


@pytest.mark.parametrize(
    ("sheet", "removed"),
    [
        ("@media screen{text{fill:#123456}}", []),
        ("@media print{text{fill:red}}text{fill:#123456}", ["removed the CSS rule @media print"]),
        (":root{--main:#123456}text{fill:var(--main)}", []),
        ("text{fill:var(--main, #123456)}", []),
        ("text{--a:var(--b);--b:#123456;fill:var(--a)}", []),
        ("@charset 'utf-8';text{fill:#123456}", []),
    ],
)
def test_conditions_and_variables_of_style_sheets_are_settled(sheet, removed):
    template = compiled(document(f"<style>{sheet}</style><text>${{recipientName}}</text>"))
    assert [finding.message.partition(":")[0] for finding in template.findings] == removed
    (ink,) = template.fill(VALUES, make_qr("-")).overlay.inks
    assert ink.color == pytest.approx((0x12 / 255, 0x34 / 255, 0x56 / 255))


def test_variables_of_a_style_sheet_are_no_way_outside():
    body = (
        '<style>rect{--a:url;fill:var(--a)(http://x.org)}</style><rect style="--b:url;fill:var(--b)(//x)"/>'
    )
    assert b"x.org" not in compiled(document(body)).fill({}, make_qr("-")).svg
    assert b"//x)" not in compiled(document(body)).fill({}, make_qr("-")).svg


def test_a_code_takes_no_paint_from_around_it():
    root = filled(
        document('<g stroke-linecap="square" fill="none"><image width="9" height="9" href="${qrCode}"/></g>')
    )
    modules = [path.get("style") for path in root.iter(f"{SVG}path")][1]
    assert "stroke-linecap:butt" in modules


@pytest.mark.parametrize(
    "attributes", ['preserveAspectRatio="none"', 'preserveAspectRatio="xMidYMid meet"', ""]
)
def test_a_code_may_be_the_rest_of_a_data_url(attributes):
    image = (
        f'<image {attributes} width="90" height="99" xlink:href="data:image/png;base64,${{qrCodeImage}}"/>'
    )
    assert compiled(document(image)).fill({}, make_qr("-")).overlay.codes
