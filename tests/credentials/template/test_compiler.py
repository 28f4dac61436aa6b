"""What a template becomes when it is compiled and filled."""

import base64
import pickle
from urllib.parse import unquote

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.credentials.qr import make_qr
from certbeam.credentials.template import MissingVariable, TemplateError, compile_template
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
).filter(lambda text: not text or text.strip("\u00ad"))  # soft hyphens alone are nothing that can be seen


def data_uri(certificate):
    return b"".join(certificate.data_uri_parts).decode("ascii")


def template(body, attributes='viewBox="0 0 1123 794"'):
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        f" {attributes}>{body}</svg>"
    ).encode()


def no_images(url):
    raise AssertionError(f"the template has no image, but {url} was asked for")


def compiled(body, embed=no_images, **options):
    return compile_template(template(body, **options), embed=embed, fonts=system_fonts())


def filled(body, embed=no_images, **values):
    return fromstring(compiled(body, embed).fill(values, QR).svg)


def refusal(body, **values):
    with pytest.raises(TemplateError) as error:
        filled(body, **values)
    return error.value


def text_of(root):
    return "".join(root.itertext())


NAMES = compiled('<g aria-label="[${name}]"/><desc>[${name}]</desc><text>[${name}]</text>')


@given(PRINTABLE)
@settings(max_examples=200, deadline=None)
def test_a_parsed_certificate_gives_back_the_value_that_was_filled_in(name):
    certificate = NAMES.fill({"name": name}, QR)
    for svg in (certificate.svg, unquote(data_uri(certificate).removeprefix("data:image/svg+xml,"))):
        root = fromstring(svg)
        assert root.find(f"{SVG}g").get("aria-label") == f"[{name}]"
        assert root.find(f"{SVG}desc").text == f"[{name}]"
        assert root.find(f".//{SVG}text").text == " ".join(f"[{name}]".split())


@given(PRINTABLE)
@settings(max_examples=50, deadline=None)
def test_a_data_uri_can_stand_in_json_and_html_as_it_is(name):
    uri = data_uri(NAMES.fill({"name": name}, QR))
    assert uri.isprintable()
    assert not set("\"'\\<>& ") & set(uri)


@pytest.mark.parametrize(
    ("token", "variable"),
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
def test_both_dialects_ask_for_the_same_variables(token, variable):
    compiled_template = compiled(f"<text>{token}</text>")
    assert compiled_template.variables == {variable}
    assert text_of(fromstring(compiled_template.fill({variable: "प्रार्थना"}, QR).svg)) == "प्रार्थना"


def test_both_dialects_compile_to_the_same_thing():
    sunbird = compiled("<text>${recipientName} ${courseName}</text>")
    sunbird_rc = compiled(
        "<text>{{credentialSubject.recipientName}} {{credentialSubject.trainingName}}</text>"
    )
    assert sunbird == sunbird_rc


@pytest.mark.parametrize(("values", "text"), [({}, "none"), ({"grade": ""}, "none"), ({"grade": "A"}, "A")])
def test_a_default_stands_in_for_an_absent_or_empty_value(values, text):
    assert compiled("<text>${grade:-none}</text>").variables == frozenset()
    assert text_of(filled("<text>${grade:-none}</text>", **values)) == text


def test_an_absent_value_is_named():
    error = refusal("<text>${recipientDistrict}</text>", recipientName="Asha")
    assert isinstance(error, MissingVariable)
    assert error.name == "recipientDistrict"
    assert pickle.loads(pickle.dumps(error)).name == "recipientDistrict"  # noqa: S301


def test_an_empty_value_is_a_value():
    assert text_of(filled("<text>[${middleName}]</text>", middleName="")) == "[]"


def test_an_escaped_token_is_literal():
    compiled_template = compiled("<text>$${x}</text>")
    assert compiled_template.variables == frozenset()
    assert text_of(fromstring(compiled_template.fill({"x": "1"}, QR).svg)) == "${x}"


@pytest.mark.parametrize("token", ["${}", "${a b}", "{{#if x}}", "{{dateFormat x}}", "{{> part}}"])
def test_something_like_a_token_that_is_none_is_refused(token):
    assert refusal(f"<text>{token}</text>").code == "template-token"


def test_a_token_in_an_id_and_its_references_becomes_the_plain_name():
    root = filled(
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
    ("language", "written"),
    [
        ("en", "05 March 2026"),
        ("hi", "05 मार्च 2026"),
        ("pt-BR", "05 março 2026"),
        ("xx", "05 March 2026"),
        ("hi;x", "05 March 2026"),
    ],
)
def test_a_date_is_written_in_the_language_of_the_certificate(language, written):
    body = """<text>{{dateFormat issuanceDate "DD MMMM  YYYY"}}</text>"""
    assert compiled(body).variables == {"issuanceDate"}
    assert text_of(filled(body, issuanceDate="2026-03-05T10:00:00Z", language=language)) == written


def test_what_is_no_date_is_refused():
    error = refusal("<text>{{dateFormat d 'YYYY'}}</text>", d="5th of March")
    assert error.code == "value-not-a-date"
    assert "'d'" in str(error)
    assert "March" not in str(error)


def test_what_is_no_date_pattern_is_refused():
    assert refusal("<text>{{dateFormat d 'HH:mm'}}</text>").code == "template-date-format"


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x9b", "\ufffe", "\ud800"])
def test_a_value_with_control_characters_is_refused_and_not_repeated(character):
    error = refusal("<text>${recipientName}</text>", recipientName=f"Secret{character}")
    assert error.code == "value-unprintable"
    assert "recipientName" in str(error)
    assert "Secret" not in str(error)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("e" + "\u0301" * 11, "10 marks"),
        ("\u0489" * 99, "marks"),
        ("A\ufffd", "broken"),
        ("\u200b\u2060\ufeff", "be seen"),
    ],
)
def test_a_value_that_nobody_can_read_is_refused(value, reason):
    error = refusal("<text>${n}</text>", n=value)
    assert error.code == "value-unprintable"
    assert reason in str(error)


@pytest.mark.parametrize("value", ["הַֽמֶּ֔לֶךְ", "བསྒྲུབས", "Z̧̲̄oë", "कॢ॒३ः", "क्ष्म्य", "\u00a0"])
def test_letters_under_many_marks_that_are_read_are_kept(value):
    assert text_of(filled('<text xml:space="preserve">${n}</text>', n=value)) == value


def test_overrides_of_the_direction_are_left_out():
    assert text_of(filled("<text>${n}</text>", n="A\u202eB\u202c \u2066C\u2069\u200f")) == "AB C\u200f"


@pytest.mark.parametrize("value", ['"onload="alert(1)', "<script>alert(1)</script>", "]]>", "A & B", "&lt;"])
@pytest.mark.parametrize("body", ["<text>${n}</text>", '<text class="${n}">x</text>', "<title>{{n}}</title>"])
def test_a_value_adds_no_element_and_no_attribute(body, value):
    def shape(root):
        return [(element.tag, sorted(element.attrib)) for element in root.iter()]

    assert shape(filled(body, n=value)) == shape(filled(body, n="Asha"))


def test_a_token_in_cdata_is_filled_as_text():
    assert text_of(filled("<text><![CDATA[${n}]]></text>", n="]]>")) == "]]>"


@pytest.mark.parametrize(
    "body",
    ['<text style="fill:${n}">x</text>', '<text fill="${n}">x</text>', "<style>text{fill:${n}}</style>"],
)
def test_a_value_in_a_style_is_a_number_a_colour_or_a_name(body):
    assert compiled(body).fill({"n": "#a1b2c3"}, QR).svg.count(b"#a1b2c3") == 1
    for value in ("url(https://x)", "red;stroke:blue", "red}text{fill:blue", "\\75rl", "expression(1)"):
        assert refusal(body, n=value).code == "value-unsafe"


def test_a_link_with_a_value_stays_that_link():
    link = filled('<a href="https://x.org/${n}"><text>x</text></a>', n="../a?b&c").find(f"{SVG}a")
    assert link.get("href") == "https://x.org/..%2Fa%3Fb%26c"


def test_a_value_that_is_a_link_acts_not():
    body = '<a xlink:href="${n}"><text>x</text></a>'
    assert filled(body, n="https://x.org/?a&b").find(f"{SVG}a").get(XLINK_HREF) == "https://x.org/?a&b"
    for value in ("javascript:alert(1)", "data:text/html,x", "https://x y"):
        assert refusal(body, n=value).code == "value-unsafe"


class TestImages:
    BODY = '<image width="30" height="40" xlink:href="${signatory0Image}" href="${signatory0Image}"/>'

    def test_an_image_is_put_in_once(self):
        image = filled(self.BODY, signatory0Image=PIXEL).find(f"{SVG}image")
        assert image.get(XLINK_HREF) == PIXEL
        assert image.get("href") is None

    def test_an_empty_image_is_transparent(self):
        assert filled(self.BODY, signatory0Image="").find(f"{SVG}image").get(XLINK_HREF) == PIXEL

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
    def test_what_is_no_embedded_image_is_refused(self, value, code):
        error = refusal(self.BODY, signatory0Image=value)
        assert error.code == code
        assert "signatory0Image" in str(error)

    def test_an_svg_image_is_sanitised(self):
        hostile = (
            "data:image/svg+xml,%3Csvg viewBox='0 0 1 1' onload='x'%3E%3Cscript/%3E%3Crect/%3E%3C/svg%3E"
        )
        uri = filled(self.BODY, signatory0Image=hostile).find(f"{SVG}image").get(XLINK_HREF)
        root = fromstring(base64.b64decode(uri.partition(",")[2]))
        assert [element.tag for element in root.iter()] == [f"{SVG}svg", f"{SVG}rect"]
        assert root.get("onload") is None

    def test_external_images_are_embedded_when_compiled(self):
        asked = []

        def embed(url):
            asked.append(url)
            return PIXEL

        root = filled('<image xlink:href="https://x.org/logo.png"/><image href="seal.png"/>', embed)
        assert asked == ["https://x.org/logo.png", "seal.png"]
        assert [image.attrib for image in root] == [{XLINK_HREF: PIXEL}, {"href": PIXEL}]

    def test_an_address_made_of_values_is_refused(self):
        assert refusal('<image href="https://x.org/${n}.png"/>').code == "template-image"


@pytest.mark.parametrize("token", ["{{qrCode}}", "${qrCodeImage}", "${qrCode}"])
@pytest.mark.parametrize("attribute", ["href", "xlink:href"])
def test_the_image_of_the_qr_code_becomes_the_code(token, attribute):
    compiled_template = compiled(
        '<image id="QrCode" transform="scale(2)" x="10" y="20" width="30" height="40"'
        f' {attribute}="{token}"/>'
    )
    assert compiled_template.variables == frozenset()
    (group,) = fromstring(compiled_template.fill({}, QR).svg)
    assert (group.tag, group.attrib) == (f"{SVG}g", {"id": "QrCode", "transform": "scale(2)"})
    (code,) = group
    assert code.attrib == {"x": "10", "y": "20", "width": "30", "height": "40", "viewBox": QR.view_box}
    _paper, modules, caption = code
    assert modules.get("d") == QR.path
    assert caption.find(f"{SVG}text").text == "A1B2C3"


def test_a_qr_code_without_a_size_is_refused():
    assert refusal('<image href="{{qrCode}}"/>').code == "template-qr-size"


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 1123 794"', ("1123", "794")),
        ('viewBox="0,0,1123,794" width="100%" height="100%"', ("1123", "794")),
        ('width="297mm" height="210mm"', ("1122.52", "793.701")),
        ('viewBox="0 0 1123 794" width="2246px" height="1588"', ("2246", "1588")),
    ],
)
def test_every_certificate_has_a_size(attributes, size):
    root = fromstring(compiled("", attributes=attributes).fill({}, QR).svg)
    assert (root.get("width"), root.get("height")) == size
    assert root.get("viewBox").split() == (
        ["0", "0", *size] if "viewBox" not in attributes else ["0", "0", "1123", "794"]
    )


@pytest.mark.parametrize(
    "attributes", ["", 'width="100%"', 'viewBox="0 0 0 5"', 'width="1e9" height="1e9"', 'viewBox="0 0 1 500"']
)
def test_a_template_without_a_size_is_refused(attributes):
    with pytest.raises(TemplateError) as error:
        compiled("", attributes=attributes)
    assert error.value.code == "template-size"


def test_font_sizes_have_defaults_that_suit_the_canvas():
    body = '<g font-size="${maxFontSize}" data-min="${minFontSize}"/>'
    assert compiled(body).variables == frozenset()
    assert filled(body)[0].attrib == {"font-size": "36", "data-min": "16"}
    assert filled(body, maxFontSize="50", minFontSize="20")[0].attrib == {"font-size": "50", "data-min": "20"}


def test_the_size_is_that_of_the_bytes_held():
    small, large = compiled("<desc>${a}</desc>"), compiled(f"<desc>${{a}}{'x' * 1000}</desc>")
    assert large.size - small.size == 2000
