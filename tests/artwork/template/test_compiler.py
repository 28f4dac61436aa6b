"""Compiling and filling templates."""

import base64
import pickle
from urllib.parse import unquote

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.template import MissingVariable, TemplateError, compile_template
from certbeam.io.templates.fonts import system_fonts

SVG = "{http://www.w3.org/2000/svg}"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNgYAAAAAMAASsJTYQAAAAASUVORK5CYII="
)
QR = make_qr("https://certs.example.org/certs/1", "A1B2C3")
PRINTABLE = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=["Cc"]), max_size=30
).filter(lambda text: not text or text.strip("\u00ad"))  # soft hyphens alone are not visible


def get_data_uri(certificate):
    return b"".join(certificate.data_uri_parts).decode("ascii")


def build_source(body, attributes='viewBox="0 0 1123 794"'):
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f" {attributes}>{body}</svg>"
    ).encode()


def reject_image(url):
    raise AssertionError(f"the template has no image, but {url} was requested")


def compile_body(body, embed=reject_image, **options):
    return compile_template(build_source(body, **options), embed=embed, fonts=system_fonts())


def fill_body(body, embed=reject_image, **values):
    return fromstring(compile_body(body, embed).fill(values, QR).svg)


def find_error(body, **values):
    with pytest.raises(TemplateError) as error:
        fill_body(body, **values)
    return error.value


def find_text(root):
    return "".join(root.itertext())


NAMES = compile_body('<g aria-label="[${name}]"/><desc>[${name}]</desc><text>[${name}]</text>')


@given(PRINTABLE)
@settings(max_examples=200, deadline=None)
def test_a_filled_value_can_be_parsed_from_the_certificate(name):
    certificate = NAMES.fill({"name": name}, QR)
    for svg in (certificate.svg, unquote(get_data_uri(certificate).removeprefix("data:image/svg+xml,"))):
        root = fromstring(svg)
        assert root.find(f"{SVG}g").get("aria-label") == f"[{name}]"
        assert root.find(f"{SVG}desc").text == f"[{name}]"
        assert root.find(f".//{SVG}text").text == " ".join(f"[{name}]".split())


@given(PRINTABLE)
@settings(max_examples=50, deadline=None)
def test_a_data_uri_needs_no_escaping_in_json_and_html(name):
    uri = get_data_uri(NAMES.fill({"name": name}, QR))
    assert uri.isprintable()
    assert not set("\"'\\<>& ") & set(uri)


@pytest.mark.parametrize(
    ("reference", "variable"),
    [
        ("${recipientName}", "recipientName"),
        ("${ recipientName }", "recipientName"),
        ("{{credentialSubject.recipientName}}", "recipientName"),
        ("{{ credentialSubject.recipientName }}", "recipientName"),
        ("{{{recipientName}}}", "recipientName"),
        ("{{credentialSubject.trainingName}}", "courseName"),
        ("${trainingName}", "courseName"),
        ("{{credentialSubject.rmNumber}}", "rmNumber"),
        ("${rmNumber}", "rmNumber"),
    ],
)
def test_both_notations_refer_to_the_same_variables(reference, variable):
    template = compile_body(f"<text>{reference}</text>")
    assert template.required_variables == {variable}
    assert find_text(fromstring(template.fill({variable: "प्रार्थना"}, QR).svg)) == "प्रार्थना"


def test_both_notations_compile_to_the_same_template():
    sunbird = compile_body("<text>${recipientName} ${courseName}</text>")
    sunbird_rc = compile_body(
        "<text>{{credentialSubject.recipientName}} {{credentialSubject.trainingName}}</text>"
    )
    assert sunbird == sunbird_rc


@pytest.mark.parametrize(("values", "text"), [({}, "none"), ({"grade": ""}, "none"), ({"grade": "A"}, "A")])
def test_a_default_replaces_an_absent_or_empty_value(values, text):
    assert compile_body("<text>${grade:-none}</text>").required_variables == frozenset()
    assert find_text(fill_body("<text>${grade:-none}</text>", **values)) == text


def test_the_error_names_the_variable_without_a_value():
    error = find_error("<text>${recipientDistrict}</text>", recipientName="Asha")
    assert isinstance(error, MissingVariable)
    assert error.name == "recipientDistrict"
    assert pickle.loads(pickle.dumps(error)).name == "recipientDistrict"  # noqa: S301


def test_an_empty_value_is_not_an_absent_value():
    assert find_text(fill_body("<text>[${middleName}]</text>", middleName="")) == "[]"


def test_an_escaped_reference_becomes_literal_text():
    template = compile_body("<text>$${x}</text>")
    assert template.required_variables == frozenset()
    assert find_text(fromstring(template.fill({"x": "1"}, QR).svg)) == "${x}"


@pytest.mark.parametrize("reference", ["${}", "${a b}", "{{#if x}}", "{{dateFormat x}}", "{{> part}}"])
def test_an_invalid_variable_reference_is_an_error(reference):
    assert find_error(f"<text>{reference}</text>").code == "template-token"


def test_a_variable_in_an_id_or_a_reference_to_one_becomes_its_name():
    root = fill_body(
        '<linearGradient id="${courseName}Paint"/><text id="{{credentialSubject.recipientName}}"'
        ' style="fill:url(#${courseName}Paint);font-size:${maxFontSize}px">x</text>'
        '<use href="#${recipientName}"/>',
        recipientName="A & B",
        courseName="C",
        maxFontSize="30",
    )
    text = root.find(f"{SVG}g")
    assert text.get("id") == "recipientName"
    assert text.get("style") == "fill:url(#courseNamePaint)"
    assert "font-size:30px" in text.find(f"{SVG}text").get("style")
    assert root.find(f"{SVG}use").get("href") == "#recipientName"


@pytest.mark.parametrize(
    ("language", "formatted"),
    [
        ("en", "05 March 2026"),
        ("hi", "05 मार्च 2026"),
        ("pt-BR", "05 março 2026"),
        ("xx", "05 March 2026"),
        ("hi;x", "05 March 2026"),
    ],
)
def test_a_date_is_formatted_in_the_language_of_the_certificate(language, formatted):
    body = """<text>{{dateFormat issuanceDate "DD MMMM  YYYY"}}</text>"""
    assert compile_body(body).required_variables == {"issuanceDate"}
    assert find_text(fill_body(body, issuanceDate="2026-03-05T10:00:00Z", language=language)) == formatted


def test_a_value_that_is_not_a_date_is_an_error_without_the_value():
    error = find_error("<text>{{dateFormat d 'YYYY'}}</text>", d="5th of March")
    assert error.code == "value-not-a-date"
    assert "'d'" in str(error)
    assert "March" not in str(error)


def test_an_unknown_date_field_is_an_error():
    assert find_error("<text>{{dateFormat d 'HH:mm'}}</text>").code == "template-date-format"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x9b", "\ufffe", "\ud800"])
def test_a_control_character_is_an_error_without_the_value(character):
    error = find_error("<text>${recipientName}</text>", recipientName=f"Secret{character}")
    assert error.code == "value-unprintable"
    assert "recipientName" in str(error)
    assert "Secret" not in str(error)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("e" + "\u0301" * 11, "10 combining marks"),
        ("\u0489" * 99, "combining marks"),
        ("A\ufffd", "replacement characters"),
        ("\u200b\u2060\ufeff", "no visible characters"),
    ],
)
def test_an_unreadable_value_is_an_error(value, reason):
    error = find_error("<text>${n}</text>", n=value)
    assert error.code == "value-unprintable"
    assert reason in str(error)


@pytest.mark.parametrize("value", ["הַֽמֶּ֔לֶךְ", "བསྒྲུབས", "Z̧̲̄oë", "कॢ॒३ः", "क्ष्म्य", "\u00a0"])
def test_letters_with_several_combining_marks_are_accepted(value):
    assert find_text(fill_body('<text xml:space="preserve">${n}</text>', n=value)) == value


def test_bidirectional_formatting_characters_are_removed():
    assert find_text(fill_body("<text>${n}</text>", n="A\u202eB\u202c \u2066C\u2069\u200f")) == "AB C\u200f"


@pytest.mark.parametrize("value", ['"onload="alert(1)', "<script>alert(1)</script>", "]]>", "A & B", "&lt;"])
@pytest.mark.parametrize("body", ["<text>${n}</text>", '<text class="${n}">x</text>', "<title>{{n}}</title>"])
def test_a_value_cannot_add_an_element_or_attribute(body, value):
    def find_structure(root):
        return [(element.tag, sorted(element.attrib)) for element in root.iter()]

    assert find_structure(fill_body(body, n=value)) == find_structure(fill_body(body, n="Asha"))


def test_a_variable_in_cdata_is_filled_as_text():
    assert find_text(fill_body("<text><![CDATA[${n}]]></text>", n="]]>")) == "]]>"


@pytest.mark.parametrize(
    "body",
    [
        '<text style="fill:${n}">x</text>',
        '<text fill="${n}">x</text>',
        "<style>text{fill:${n}}</style><text>x</text>",
    ],
)
def test_a_value_in_css_must_be_a_number_a_colour_or_a_name(body):
    assert compile_body(body).fill({"n": "#a1b2c3"}, QR).svg.count(b"#a1b2c3") == 1
    for value in ("url(https://x)", "red;stroke:blue", "red}text{fill:blue", "\\75rl", "expression(1)"):
        assert find_error(body, n=value).code == "value-unsafe"


def test_a_value_inside_a_link_cannot_change_its_host():
    link = fill_body('<a href="https://x.org/${n}"><text>x</text></a>', n="../a?b&c").find(f"{SVG}a")
    assert link.get("href") == "https://x.org/..%2Fa%3Fb%26c"


def test_a_value_that_is_a_link_cannot_be_a_script():
    body = '<a xlink:href="${n}"><text>x</text></a>'
    assert fill_body(body, n="https://x.org/?a&b").find(f"{SVG}a").get(XLINK_HREF) == "https://x.org/?a&b"
    for value in ("javascript:alert(1)", "data:text/html,x", "https://x y"):
        assert find_error(body, n=value).code == "value-unsafe"


class TestImages:
    BODY = '<image width="30" height="40" xlink:href="${signatory0Image}" href="${signatory0Image}"/>'

    def test_an_image_is_inserted_once(self):
        image = fill_body(self.BODY, signatory0Image=PIXEL).find(f"{SVG}image")
        assert image.get(XLINK_HREF) == PIXEL
        assert image.get("href") is None

    def test_an_empty_image_is_transparent(self):
        assert fill_body(self.BODY, signatory0Image="").find(f"{SVG}image").get(XLINK_HREF) == PIXEL

    @pytest.mark.parametrize(
        ("value", "code"),
        [
            ("https://x/y.png", "image-type"),
            ("data:text/html,<script>", "image-type"),
            ("data:image/png;base64,AAAA", "image-broken"),
            ("data:image/png;base64,???", "image-broken"),
            ("data:image/svg+xml,<svg", "template-malformed"),
        ],
    )
    def test_a_value_that_is_not_an_embedded_image_is_an_error(self, value, code):
        error = find_error(self.BODY, signatory0Image=value)
        assert error.code == code
        assert "signatory0Image" in str(error)

    def test_an_svg_image_is_sanitised(self):
        hostile = (
            "data:image/svg+xml,%3Csvg viewBox='0 0 1 1' onload='x'%3E%3Cscript/%3E%3Crect/%3E%3C/svg%3E"
        )
        uri = fill_body(self.BODY, signatory0Image=hostile).find(f"{SVG}image").get(XLINK_HREF)
        root = fromstring(base64.b64decode(uri.partition(",")[2]))
        tags = [element.tag.removeprefix(SVG) for element in root.iter()]
        assert tags == ["svg", "clipPath", "rect", "g", "rect"]
        assert root.get("onload") is None

    def test_external_images_are_embedded_by_the_compiler(self):
        requested = []

        def embed(url):
            requested.append(url)
            return PIXEL

        images = '<image {0} xlink:href="https://x.org/logo.png"/><image {0} href="seal.png"/>'
        root = fill_body(images.format('width="9" height="9"'), embed)
        assert requested == ["https://x.org/logo.png", "seal.png"]
        assert [image.get(XLINK_HREF) or image.get("href") for image in root] == [PIXEL, PIXEL]
        assert [len(image.attrib) for image in root] == [3, 3]

    def test_a_variable_inside_of_an_image_url_is_an_error(self):
        assert find_error('<image href="https://x.org/${n}.png"/>').code == "template-image"


@pytest.mark.parametrize("reference", ["{{qrCode}}", "${qrCodeImage}", "${qrCode}"])
@pytest.mark.parametrize("attribute", ["href", "xlink:href"])
def test_the_image_of_the_qr_code_is_replaced_by_the_code(reference, attribute):
    template = compile_body(
        '<image id="QrCode" transform="scale(2)" x="10" y="20" width="30" height="40"'
        f' {attribute}="{reference}"/>'
    )
    assert template.required_variables == frozenset()
    (group,) = fromstring(template.fill({}, QR).svg)
    assert (group.tag, group.attrib) == (f"{SVG}g", {"id": "QrCode", "transform": "scale(2)"})
    (code,) = group
    assert code.attrib == {"x": "10", "y": "20", "width": "30", "height": "40", "viewBox": QR.view_box}
    _background, modules, caption = code
    assert modules.get("d") == QR.path
    assert caption.find(f"{SVG}text").text == "A1B2C3"


def test_a_qr_code_without_a_size_is_an_error():
    assert find_error('<image href="{{qrCode}}"/>').code == "template-qr-size"


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 1123 794"', ("1123", "794")),
        ('viewBox="0,0,1123,794" width="100%" height="100%"', ("1123", "794")),
        ('width="297mm" height="210mm"', ("1122.52", "793.701")),
        ('viewBox="0 0 1123 794" width="2246px" height="1588"', ("2246", "1588")),
    ],
)
def test_each_certificate_has_a_size_and_a_view_box(attributes, size):
    root = fromstring(compile_body("", attributes=attributes).fill({}, QR).svg)
    assert (root.get("width"), root.get("height")) == size
    assert root.get("viewBox").split() == (
        ["0", "0", *size] if "viewBox" not in attributes else ["0", "0", "1123", "794"]
    )


@pytest.mark.parametrize(
    "attributes",
    [
        "",
        'width="100%"',
        'viewBox="0 0 0 5"',
        'width="1e9" height="1e9"',
        'viewBox="0 0 3000000 3000000"',
        'viewBox="0 0 1 500"',
    ],
)
def test_a_template_without_a_usable_size_is_an_error(attributes):
    with pytest.raises(TemplateError) as error:
        compile_body("", attributes=attributes)
    assert error.value.code == "template-size"


def test_font_size_variables_have_defaults_relative_to_the_view_box():
    body = '<g data-max="${maxFontSize}" data-min="${minFontSize}"/>'
    assert compile_body(body).required_variables == frozenset()
    assert fill_body(body)[0].attrib == {"data-max": "36", "data-min": "16"}
    assert fill_body(body, maxFontSize="50", minFontSize="20")[0].attrib == {
        "data-max": "50",
        "data-min": "20",
    }


def test_text_without_variables_has_no_placeholder():
    assert compile_body("<text>Certificate</text>").placeholders == ()
    assert len(compile_body("<text>${a}</text><text>Certificate</text>").placeholders) == 1


def test_the_size_counts_the_static_parts():
    small, large = compile_body("<desc>${a}</desc>"), compile_body(f"<desc>${{a}}{'x' * 1000}</desc>")
    assert large.size - small.size == 2000
