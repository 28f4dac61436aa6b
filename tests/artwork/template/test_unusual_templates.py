"""Unusual templates: each compiles correctly, or is rejected with a message that says what to do."""

import gzip

import pytest
from defusedxml.ElementTree import fromstring

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.template import TemplateError, compile_template
from certbeam.io.templates.fonts import system_fonts

SVG = "{http://www.w3.org/2000/svg}"
XML = '<?xml version="1.0" encoding="{}"?>'
VALUES = {"recipientName": "Asha", "issuanceDate": "2026-03-05", "color": "teal"}


def build_document(body, size='viewBox="0 0 600 300"'):
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {namespaces} {size}>{body}</svg>"


def compile_source(source):
    source = source if isinstance(source, bytes) else source.encode()
    return compile_template(source, embed=str, fonts=system_fonts())


def fill_source(source):
    return fromstring(compile_source(source).fill(VALUES, make_qr("https://certs.example.org/1")).svg)


def find_texts(source):
    """Return the texts of a certificate, in order."""
    return [text.text for text in fill_source(source).iter(f"{SVG}text")]


NAME = build_document("<text>José ${recipientName}</text>")


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
def test_each_encoding_is_supported(source):
    assert find_texts(source) == ["José Asha"]


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
def test_a_variable_is_found_in_any_notation_and_position(text):
    assert find_texts(build_document(text)) == ["Asha"]


@pytest.mark.parametrize("quotes", ['""', "''", "“”", "‘’"])
def test_a_date_pattern_can_have_any_quotation_marks(quotes):
    reference = f"{{{{dateFormat issuanceDate {quotes[0]}DD MMMM YYYY{quotes[1]}}}}}"
    assert find_texts(build_document(f"<text>{reference}</text>")) == ["05 March 2026"]


def test_an_escaped_reference_is_not_part_of_a_split_one():
    assert find_texts(build_document("<text>$${x} ${recipientName}</text>")) == ["${x} Asha"]


@pytest.mark.parametrize(
    ("source", "code", "reason"),
    [
        ("", "template-not-svg", "is empty: check its URL"),
        ("<!DOCTYPE html><html><p>Not found<br></html>", "template-not-svg", "a web page"),
        ('<html xmlns="http://www.w3.org/1999/xhtml"/>', "template-not-svg", "a web page"),
        ('{"error": 404}', "template-not-svg", "begins with"),
        (b"\x89PNG\r\n\x1a\n", "template-not-svg", "PNG"),
        (
            gzip.compress(NAME.encode(), mtime=0)[:40],
            "template-malformed",
            "not well-formed|empty|cannot be decompressed",
        ),
        (gzip.compress(b" " * 20_000_000), "template-too-large", "10,000,000"),
        (NAME.encode("latin-1"), "template-malformed", "save it as UTF-8"),
        (NAME[:-9], "template-malformed", "line 1"),
        (build_document("<text>A & B</text>"), "template-malformed", "&amp;"),
        (build_document("<text>&unknown;</text>"), "template-malformed", "line 1"),
        (build_document("<text>x</text>", size=""), "template-size", "viewBox"),
        (build_document("<text>${recipientName</text>"), "template-token", "part of a variable reference"),
        (build_document("<text>{{recipientName}</text>"), "template-token", "part of a variable reference"),
        (
            build_document("<text>$&amp;#123;recipientName&amp;#125;</text>"),
            "template-token",
            "part of a variable reference",
        ),
    ],
)
def test_an_unusable_template_is_rejected_with_a_reason(source, code, reason):
    with pytest.raises(TemplateError, match=reason) as error:
        compile_source(source)
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
def test_the_page_has_the_aspect_ratio_of_the_view_box(size, page):
    root = fill_source(build_document("", size))
    assert (root.get("width"), root.get("height")) == page


def test_the_removal_of_text_in_an_unknown_element_is_reported():
    template = compile_source(
        build_document("<flowRoot><flowPara>${recipientName}</flowPara></flowRoot><metadata>x</metadata>")
    )
    assert [finding.message.partition(",")[0] for finding in template.findings] == [
        "removed <flowRoot> and its text"
    ]


@pytest.mark.parametrize(
    ("sheet", "removed"),
    [
        ("@media screen{text{fill:#123456}}", []),
        ("text{fill:#123456}@media print{text{fill:red}}", []),
        (
            "@keyframes k{from{fill:red}}text{fill:#123456}",
            ["removed the CSS rule @keyframes k, which is not supported"],
        ),
        (":root{--main:#123456}text{fill:var(--main)}", []),
        ("text{fill:var(--main, #123456)}", []),
        ("text{--a:var(--b);--b:#123456;fill:var(--a)}", []),
        ("@charset 'utf-8';text{fill:#123456}", []),
    ],
)
def test_media_rules_and_custom_properties_are_resolved(sheet, removed):
    template = compile_source(build_document(f"<style>{sheet}</style><text>${{recipientName}}</text>"))
    assert [finding.message.partition(":")[0] for finding in template.findings] == removed
    (ink,) = template.fill(VALUES, make_qr("-")).overlay.glyph_runs
    assert ink.color == pytest.approx((0x12 / 255, 0x34 / 255, 0x56 / 255))


def test_custom_properties_cannot_add_external_references():
    body = (
        '<style>rect{--a:url;fill:var(--a)(http://x.org)}</style><rect style="--b:url;fill:var(--b)(//x)"/>'
    )
    assert b"x.org" not in compile_source(build_document(body)).fill({}, make_qr("-")).svg
    assert b"//x)" not in compile_source(build_document(body)).fill({}, make_qr("-")).svg


def test_custom_properties_do_not_grow_without_bounds():
    doubled = ";".join(f"--a{n}:var(--a{n - 1}) var(--a{n - 1})" for n in range(1, 30))
    body = (
        f"<style>text{{--a0:1;{doubled};stroke-dasharray:var(--a29)}}</style><text>${{recipientName}}</text>"
    )
    svg = compile_source(build_document(body)).fill(VALUES, make_qr("-")).svg
    assert b"dasharray" not in svg
    assert len(svg) < 10_000


def test_a_qr_code_inherits_no_paint():
    root = fill_source(
        build_document(
            '<g stroke-linecap="square" fill="none"><image width="9" height="9" href="${qrCode}"/></g>'
        )
    )
    modules = [path.get("style") for path in root.iter(f"{SVG}path")][1]
    assert "stroke-linecap:butt" in modules


@pytest.mark.parametrize(
    "attributes", ['preserveAspectRatio="none"', 'preserveAspectRatio="xMidYMid meet"', ""]
)
def test_the_qr_variable_can_follow_the_prefix_of_a_data_uri(attributes):
    image = (
        f'<image {attributes} width="90" height="99" xlink:href="data:image/png;base64,${{qrCodeImage}}"/>'
    )
    assert compile_source(build_document(image)).fill({}, make_qr("-")).overlay.qr_codes
