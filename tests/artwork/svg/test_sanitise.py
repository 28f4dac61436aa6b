"""Sanitising of hostile templates, and of those that drawing programs export."""

import pytest
from defusedxml.ElementTree import fromstring

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.template import TemplateError, compile_template
from certbeam.foundation.error_codes import ErrorCode
from certbeam.io.templates.fonts import system_fonts

SVG = "{http://www.w3.org/2000/svg}"
QR = make_qr("https://certs.example.org/certs/1")


def compile_source(source):
    def embed(url):
        raise TemplateError(ErrorCode.TEMPLATE_REFUSED, url)

    return compile_template(
        source if isinstance(source, bytes) else source.encode(), embed=embed, fonts=system_fonts()
    )


def wrap_in_svg(body):
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f' viewBox="0 0 9 9">\n{body}</svg>'
    )


def fill_body(body):
    """Return the content of the filled <svg>."""
    return (
        compile_source(wrap_in_svg(body)).fill({}, QR).svg.decode().partition("\n")[2].removesuffix("</svg>")
    )


def find_error_code(source):
    with pytest.raises(TemplateError) as error:
        compile_source(source)
    return error.value.code


@pytest.mark.parametrize(
    ("hostile", "clean"),
    [
        ("<script>alert(1)</script><rect/>", "<rect/>"),
        ("a<script/>b<foreignObject><div/></foreignObject>c", "abc"),
        ('<rect onclick="alert(1)" ONLOAD="x" x="1"/>', '<rect x="1"/>'),
        ('<a href="javascript:alert(1)"><rect/></a>', "<a><rect/></a>"),
        ('<a href=" java&#10;script:alert(1)"/>', "<a/>"),
        ('<a xlink:href="data:text/html,x"/>', "<a/>"),
        ('<a href="https://x.org"/>', '<a href="https://x.org"/>'),
        ('<image href="javascript:alert(1)"/>', ""),
        ('<image href=" Java&#10;Script:alert(1)"/>', ""),
        ('<image href="vbscript:x"/>', ""),
        ('<use href="https://x.org/a.svg#b"/>', ""),
        ('<use href="${x}"/>', ""),
        ('<g id="b"/><use xlink:href="#b"/>', '<g id="b"/><use xlink:href="#b"/>'),
        ('<rect><set attributeName="href" to="javascript:x"/><animate/></rect>', "<rect/>"),
        ('<rect fill="url(https://x.org)"/>', "<rect/>"),
        ('<rect fill="u\\72l(https://x.org)"/>', "<rect/>"),
        ('<pattern id="a"/><rect fill="url(#a)"/>', '<pattern id="a"/><rect fill="url(#a)"/>'),
        ('<rect style="fill:url(//x.org);x:1"/>', '<rect x="1"/>'),
        ('<rect style="fill:URL( &quot;//x.org&quot; )"/>', "<rect/>"),
        ('<rect style="fill:image-set(&quot;//x.org&quot; 1x)"/>', "<rect/>"),
        ("<style>@import 'x.css';rect{x:1px}</style><rect/>", '<rect x="1"/>'),
        ("<style>@media screen{rect{fill:url(x)}}</style><rect/>", "<rect/>"),
        ("<style>rect{fill:u\\rl(//x)}</style><rect/>", "<rect/>"),
        ("<style>@font-face{font-family:F;src:url(https://x/f.woff)}</style>", ""),
        ('<?xml-stylesheet href="x.css"?><rect/>', "<rect/>"),
    ],
)
def test_active_content_and_external_references_are_removed_and_reported(hostile, clean):
    assert fill_body(hostile) == clean
    findings = compile_source(wrap_in_svg(hostile)).findings
    assert all(finding.code == "removed" and finding.line == 2 for finding in findings)
    assert bool(findings) == (hostile != clean)


def test_comments_metadata_and_editor_data_are_removed_without_a_finding():
    source = wrap_in_svg(
        '<!-- Generator --><metadata>x</metadata><p:view xmlns:p="http://p.org" /><rect p:label="x" x="1" xmlns:p="http://p.org"/>'
    )
    template = compile_source(source)
    assert template.findings == ()
    assert template.fill({}, QR).svg.decode().endswith('\n<rect x="1"/></svg>')
    assert b"p.org" not in template.fill({}, QR).svg


def test_an_image_that_cannot_be_embedded_is_an_error():
    assert find_error_code(wrap_in_svg('<image href="http://169.254.169.254/"/>')) == "template-refused"


ILLUSTRATOR = """\
<?xml version="1.0" encoding="{encoding}"?>
<!-- Generator: Adobe Illustrator 24.0.1, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
  <!ENTITY ns_extend "http://ns.adobe.com/Extensibility/1.0/">
  <!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">
  <!ENTITY ns_svg "http://www.w3.org/2000/svg">
]>
<svg xmlns:x="&ns_extend;" xmlns:i="&ns_ai;" xmlns="&ns_svg;" x="0px" y="0px" viewBox="0 0 1123 794">
<style type="text/css">.st0{{font-family:'NotoSans-Bold'; font-size:24px;}}</style>
<metadata><x:private/></metadata>
<switch>
<foreignObject requiredExtensions="&ns_ai;" x="0" y="0" width="1" height="1"><i:aipgfRef/></foreignObject>
<g i:extraneous="self"><text class="st0" transform="matrix(1 0 0 1 100 200)">प्र ${{recipientName}}</text></g>
</switch>
</svg>
"""


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [("utf-8", "utf-8"), ("utf-8", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16", "utf-16-be")],
)
def test_an_export_of_illustrator_compiles(encoding, codec):
    source = ILLUSTRATOR.format(encoding=encoding)
    template = compile_source(("\ufeff" + source if codec == "utf-16-be" else source).encode(codec))
    root = fromstring(template.fill({"recipientName": "Asha"}, QR).svg)
    assert [element.tag.removeprefix(SVG) for element in root.iter()] == [
        *("svg", "g", "g", "g"),
        *("path", "path", "text"),
    ]
    assert root.find(f".//{SVG}text").text == "प्र Asha"
    assert template.findings == ()


NESTED_ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))

NESTED_COPIES = "".join(f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 10))


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("", "template-not-svg"),
        ("<svg", "template-malformed"),
        ("not xml", "template-not-svg"),
        ('<svg xmlns:a="${x}" viewBox="0 0 9 9" a:b="c"/>', "template-malformed"),
        ("<html/>", "template-not-svg"),
        (f'<!DOCTYPE svg [<!ENTITY a0 "ha">{NESTED_ENTITIES}]><svg>&a9;</svg>', "template-malformed"),
        (f'<!DOCTYPE svg [<!ENTITY a0 "ha">{NESTED_ENTITIES}]><svg/>', "template-entities"),
        ('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg/>', "template-entities"),
        ('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>', "template-malformed"),
        ('<!DOCTYPE svg [<!ENTITY % x SYSTEM "http://x.org/x.dtd"> %x;]><svg/>', "template-malformed"),
        (f'<!DOCTYPE svg [<!ENTITY x "{"x" * 201}">]><svg/>', "template-entities"),
        (f"<svg>{'<g>' * 100}{'</g>' * 100}</svg>", "template-too-deep"),
        (f"<svg>{'<g/>' * 100_000}</svg>", "template-too-deep"),
        (f"<svg>{' ' * 10_000_000}</svg>", "template-too-large"),
        ('<svg viewBox="0 0 9 9"><g id="a"><use href="#a"/></g></svg>', "template-circular"),
        (f'<svg viewBox="0 0 9 9">{NESTED_COPIES}</svg>', "template-too-complex"),
    ],
)
def test_an_unusable_template_is_rejected_with_an_error_code(source, code):
    assert find_error_code(source) == code


def test_a_template_of_eight_megabytes_compiles():
    data = "A" * 8_000_000
    template = compile_source(wrap_in_svg(f"<desc>{data}</desc>"))
    assert template.size > 16_000_000


def test_elements_without_a_namespace_are_treated_as_svg():
    svg = compile_source('<svg viewBox="0 0 9 9"><g><rect/></g></svg>').fill({}, QR).svg
    assert (
        svg
        == b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9"><g><rect/></g></svg>'
    )


def test_a_namespace_prefix_becomes_the_default_namespace():
    source = (
        '<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9"><s:g/></s:svg>'
    )
    assert compile_source(source).fill({}, QR).svg == (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9"><g/></svg>'
    )
