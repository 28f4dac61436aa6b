"""Certificates drawn over a constant part, against the same drawn as a whole, and read back."""

import datetime
import io
from unicodedata import normalize

import pikepdf
import PIL.Image
import PIL.ImageChops
import pypdfium2
import pytest
import zxingcpp

from certbeam.credentials.qr import make_qr
from certbeam.credentials.render import Attachment, PdfMetadata, Renderer
from certbeam.credentials.render.svg import to_png
from certbeam.credentials.template import compile_template
from certbeam.credentials.template.samples import SAMPLES

URL = "https://certs.example.org/certs/0123456789/1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f11"
MOMENT = datetime.datetime(2026, 3, 5, 10, 0, tzinfo=datetime.timezone.utc)
CREDENTIAL = Attachment("credential.json", b'{"type": ["VerifiableCredential"]}', "application/ld+json")
METADATA = PdfMetadata("प्रार्थना", "hi", MOMENT, CREDENTIAL)
NAMES = ["Asha", "प्रार्थना श्रीवास्तव", "محمد"]


@pytest.fixture
def renderer():
    return Renderer()


def picture(data):
    image = PIL.Image.open(io.BytesIO(data))
    image.verify()  # checksums
    return PIL.Image.open(io.BytesIO(data)).convert("RGB")


def page(pdf, scale=1.0):
    return pypdfium2.PdfDocument(pdf)[0].render(scale=scale).to_pil().convert("RGB")


def differing(one, other, tolerance):
    """How many pixels differ by more than anti-aliasing."""
    difference = PIL.ImageChops.difference(one, other).convert("L")
    return sum(difference.histogram()[tolerance:])


@pytest.mark.parametrize("name", NAMES)
def test_a_png_looks_like_the_svg_drawn_as_a_whole(renderer, certificate, name):
    filled = certificate(name)
    drawn = picture(renderer.png(filled, width=1600))
    assert drawn.size == (1600, 1280)
    assert differing(drawn, picture(to_png(filled.svg, width=1600)), 40) == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_pdf_looks_like_the_png(renderer, certificate, name):
    filled = certificate(name)
    drawn = page(renderer.pdf(filled, METADATA), scale=4 / 3)
    assert drawn.size == (1000, 800)
    assert differing(drawn, picture(to_png(filled.svg, width=1000)), 128) < 200  # edges, another rasteriser


def test_a_scanner_reads_the_code_from_png_and_pdf(renderer, certificate):
    filled = certificate("Asha")
    for image in (picture(renderer.png(filled)), page(renderer.pdf(filled, METADATA), scale=2)):
        assert zxingcpp.read_barcode(image).text == URL


@pytest.mark.parametrize("name", NAMES)
def test_the_text_of_a_pdf_can_be_copied(renderer, certificate, name):
    document = pypdfium2.PdfDocument(renderer.pdf(certificate(name), METADATA))
    text = document[0].get_textpage().get_text_range()
    assert [line.strip() for line in text.splitlines()] == ["Certificate", f"{name} ✓", "2026", "A1B2C3"]


@pytest.mark.parametrize(
    "name", [*[sample.name for sample in SAMPLES.values()][:-1], "محمد 123 (45)", "שלום (כהן) 12", "𠮷野"]
)
def test_a_name_in_any_script_can_be_copied(renderer, certificate, name):
    document = pypdfium2.PdfDocument(renderer.pdf(certificate(name), METADATA))
    said = document[0].get_textpage().get_text_range().splitlines()[1]
    assert normalize("NFC", said.removesuffix(" ✓").removeprefix("✓ ")) == normalize("NFC", name)


def test_a_pdf_says_what_it_is_and_carries_the_credential(renderer, certificate):
    with pikepdf.open(io.BytesIO(renderer.pdf(certificate("Asha"), METADATA))) as pdf:
        assert str(pdf.docinfo.Title) == "प्रार्थना"
        assert str(pdf.docinfo.CreationDate) == "D:20260305100000Z"
        assert str(pdf.Root.Lang) == "hi"
        attached = pdf.attachments["credential.json"].get_file()
        assert attached.read_bytes() == CREDENTIAL.content
        assert attached.mime_type == CREDENTIAL.media_type


def test_a_pdf_without_a_credential_carries_nothing(renderer, certificate):
    metadata = PdfMetadata("T", "en", MOMENT)
    with pikepdf.open(io.BytesIO(renderer.pdf(certificate("Asha"), metadata))) as pdf:
        assert list(pdf.attachments) == []


def test_what_was_drawn_before_changes_no_byte(certificate):
    fresh, used = Renderer(), Renderer()
    for name in NAMES[1:]:
        used.png(certificate(name))
        used.pdf(certificate(name), METADATA)
    filled = certificate(NAMES[0])
    assert fresh.png(filled) == used.png(filled)
    assert fresh.pdf(filled, METADATA) == used.pdf(filled, METADATA)


def test_what_fades_or_is_turned_is_drawn_with_the_constant_part(renderer, certificate):
    pale, other = certificate("Asha", faint="2026"), certificate("Asha", faint="2027")
    assert pale.background_contents != other.background_contents
    assert certificate("Asha").background_contents == certificate("Ravi").background_contents
    assert renderer.png(pale) != renderer.png(other)


TURNED = """\
<svg viewBox="0 0 1000 500" font-size="60">
  <filter id="shadow"><feOffset dy="9"/></filter>
  <path id="arc" fill="none" d="M 300,450 A 300 300 0 0 1 800,450"/>
  <text transform="rotate(-90 80 450)" x="80" y="450" fill="#812">${name}</text>
  <g transform="translate(200 100) skewX(-20) scale(1 .8)"><text>${name}</text></g>
  <text x="550" y="100" rotate="12" filter="url(#shadow)">${name}</text>
  <text fill="#060" text-anchor="middle"><textPath href="#arc" startOffset="50%">${name}</textPath></text>
  <g transform="rotate(10 900 350)"><image href="${qrCode}" x="820" y="250" width="160" height="172"/></g>
</svg>
"""


def test_what_is_turned_and_on_a_path_is_drawn_over_the_constant_part(renderer, fonts):
    template = compile_template(TURNED.encode(), embed=str, fonts=fonts)
    filled = template.fill({"name": "प्रार्थना"}, make_qr(URL))
    assert filled.background_contents == template.fill({"name": "Asha"}, make_qr(URL)).background_contents
    drawn = picture(renderer.png(filled, width=1000))
    assert differing(drawn, picture(to_png(filled.svg, width=1000)), 40) == 0
    pdf = renderer.pdf(filled, METADATA)
    assert differing(page(pdf, scale=4 / 3), drawn, 128) < 200  # edges, another rasteriser
    # PDFium says nothing of text that runs upwards; Poppler does.
    assert pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().count("प्रार्थना") == 3
    assert zxingcpp.read_barcode(drawn).text == URL


def test_constant_parts_leave_when_there_is_no_room(certificate):
    renderer = Renderer(max_bytes=1)
    assert renderer.png(certificate("Asha")) == Renderer().png(certificate("Asha"))
