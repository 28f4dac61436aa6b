"""Templates with parts for languages."""

import pytest

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.template import compile_template
from certbeam.io.templates.fonts import system_fonts

QR = make_qr("https://certs.example.org/certs/1")
SWITCH = (
    '<switch><text systemLanguage="hi" y="50">प्रमाणपत्र ${district}</text><text systemLanguage="en" y="50">Certificate'
    '</text><text y="50">Zertifikat</text></switch><text y="90">${recipientName}</text>'
)


def compile_body(body):
    source = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 100">{body}</svg>'
    return compile_template(source.encode(), embed=str, fonts=system_fonts())


@pytest.mark.parametrize(
    ("language", "title"),
    [("hi", "प्रमाणपत्र"), ("en-IN", "Certificate"), ("", "Certificate"), ("ta", "Zertifikat")],
)
def test_the_language_of_the_certificate_selects_a_part(language, title):
    values = {"recipientName": "Asha", "district": "", "language": language}
    svg = compile_body(SWITCH).fill(values, QR).svg.decode()
    assert [name for name in ("प्रमाणपत्र", "Certificate", "Zertifikat") if name in svg] == [title]


def test_variants_have_backgrounds_of_their_own_and_share_the_required_variables():
    template = compile_body(SWITCH)
    values = {"recipientName": "Asha", "district": ""}
    digests = {template.fill({**values, "language": tag}, QR).template.digest for tag in ("hi", "en", "ta")}
    assert len(digests) == 3
    assert template.required_variables == {"recipientName", "district"}
    assert template.size > template.variants["hi"].size


def test_a_template_without_languages_has_no_variants():
    assert compile_body("<text>${recipientName}</text>").variants == {}


def test_too_many_languages_are_refused():
    tags = ",".join(f"{first}{second}x" for first in "abcdefgh" for second in "abcdefgh")
    with pytest.raises(TemplateError, match="64 languages") as error:
        compile_body(f'<g systemLanguage="{tags}"/>')
    assert error.value.code == "template-too-large"
