"""Test PNG and PDF files against the same certificate converted from SVG as a whole, and read them back."""

import datetime
import io
import zlib
from unicodedata import normalize

import pikepdf
import PIL.Image
import PIL.ImageChops
import pypdfium2
import pytest
import zxingcpp

from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.artwork.geometry import Matrix
from certbeam.artwork.overlay import Overlay
from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.render import Attachment, PdfMetadata, Renderer
from certbeam.artwork.render.pdf import PdfBackground
from certbeam.artwork.render.typst_engine import svg_to_png
from certbeam.artwork.template import compile_template

URL = "https://certs.example.org/certs/0123456789/1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f11"
CREATED = datetime.datetime(2026, 3, 5, 10, 0, tzinfo=datetime.timezone.utc)
CREDENTIAL = Attachment("credential.json", b'{"type": ["VerifiableCredential"]}', "application/ld+json")
METADATA = PdfMetadata("प्रार्थना", "hi", CREATED, CREDENTIAL)
NAMES = ["Asha", "प्रार्थना श्रीवास्तव", "محمد"]
# Each rasteriser draws edges in its own way: some pixels differ by more than half of black to white.
EDGE, MAX_EDGE_PIXELS = 128, 200


@pytest.fixture
def renderer():
    return Renderer()


def open_png(data):
    image = PIL.Image.open(io.BytesIO(data))
    image.verify()  # the checksums of the chunks
    return PIL.Image.open(io.BytesIO(data)).convert("RGB")


def rasterise_pdf(pdf, scale=1.0):
    return pypdfium2.PdfDocument(pdf)[0].render(scale=scale).to_pil().convert("RGB")


def read_text(pdf):
    return pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()


def count_differing_pixels(first, second, tolerance):
    difference = PIL.ImageChops.difference(first, second).convert("L")
    return sum(difference.histogram()[tolerance:])


@pytest.mark.parametrize("name", NAMES)
def test_a_png_looks_like_the_svg_converted_as_a_whole(renderer, fill_certificate, name):
    filled = fill_certificate(name)
    image = open_png(renderer.render_png(filled, width=1600))
    assert image.size == (1600, 1280)
    png = open_png(svg_to_png(filled.svg, width=1600))
    assert count_differing_pixels(image, png, EDGE) < MAX_EDGE_PIXELS


def test_the_zlib_stream_of_a_png_has_a_valid_checksum(renderer, fill_certificate):
    png = renderer.render_png(fill_certificate("Asha"), width=200)
    chunks, position = [], 8
    while position < len(png):
        length = int.from_bytes(png[position : position + 4], "big")
        chunks.append((png[position + 4 : position + 8], png[position + 8 : position + 8 + length]))
        position += length + 12
    rows = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    assert len(rows) == 160 * (1 + 3 * 200)


@pytest.mark.parametrize("name", NAMES)
def test_a_pdf_looks_like_the_png(renderer, fill_certificate, name):
    filled = fill_certificate(name)
    image = rasterise_pdf(renderer.render_pdf(filled, METADATA), scale=4 / 3)
    assert image.size == (1000, 800)
    png = open_png(svg_to_png(filled.svg, width=1000))
    assert count_differing_pixels(image, png, EDGE) < MAX_EDGE_PIXELS


def test_a_scanner_reads_the_qr_code_from_png_and_pdf(renderer, fill_certificate):
    filled = fill_certificate("Asha")
    png = open_png(renderer.render_png(filled))
    pdf = rasterise_pdf(renderer.render_pdf(filled, METADATA), scale=2)
    assert [zxingcpp.read_barcode(image).text for image in (png, pdf)] == [URL, URL]


@pytest.mark.parametrize("name", NAMES)
def test_all_text_of_a_pdf_can_be_copied(renderer, fill_certificate, name):
    lines = read_text(renderer.render_pdf(fill_certificate(name), METADATA)).splitlines()
    assert [line.strip() for line in lines] == ["Certificate", f"{name} ✓", "2026", "A1B2C3"]


@pytest.mark.parametrize(
    "name", [*[sample.name for sample in SAMPLES.values()][:-1], "محمد 123 (45)", "שלום (כהן) 12", "𠮷野"]
)
def test_a_name_in_any_script_can_be_copied_from_a_pdf(renderer, fill_certificate, name):
    line = read_text(renderer.render_pdf(fill_certificate(name), METADATA)).splitlines()[1]
    assert normalize("NFC", line.removesuffix(" ✓").removeprefix("✓ ")) == normalize("NFC", name)


def test_a_pdf_has_its_metadata_and_the_credential_as_attachment(renderer, fill_certificate):
    with pikepdf.open(io.BytesIO(renderer.render_pdf(fill_certificate("Asha"), METADATA))) as pdf:
        assert str(pdf.docinfo.Title) == "प्रार्थना"
        assert str(pdf.docinfo.CreationDate) == "D:20260305100000Z"
        assert str(pdf.Root.Lang) == "hi"
        attachment = pdf.attachments["credential.json"].get_file()
        assert attachment.read_bytes() == CREDENTIAL.content
        assert attachment.mime_type == CREDENTIAL.media_type


def test_certificates_of_one_template_keep_their_languages_and_attachments(renderer, fill_certificate):
    for language in ("hi", "en", "hi"):
        for attachment in (None, CREDENTIAL):
            metadata = PdfMetadata("T", language, CREATED, attachment)
            with pikepdf.open(io.BytesIO(renderer.render_pdf(fill_certificate("Asha"), metadata))) as pdf:
                assert str(pdf.Root.Lang) == language
                assert len(pdf.attachments) == (attachment is not None)


def test_a_png_is_1600_pixels_wide_by_default(renderer, fill_certificate):
    assert open_png(renderer.render_png(fill_certificate("Asha"))).size == (1600, 1280)


def test_static_backgrounds_are_cached_up_to_256_mb():
    assert Renderer()._backgrounds.maxsize == 256_000_000


def test_a_pdf_without_a_credential_has_no_attachment(renderer, fill_certificate):
    metadata = PdfMetadata("T", "en", CREATED)
    with pikepdf.open(io.BytesIO(renderer.render_pdf(fill_certificate("Asha"), metadata))) as pdf:
        assert list(pdf.attachments) == []


def test_the_text_layer_of_a_pdf_is_invisible(renderer, fill_certificate):
    with pikepdf.open(io.BytesIO(renderer.render_pdf(fill_certificate("Asha"), METADATA))) as pdf:
        content = pdf.pages[0].Contents[-1].read_bytes()
    assert content.count(b"BT ") == content.count(b"BT 3 Tr ") == 4  # ISO 32000-1 §9.3.6


def test_certificates_rendered_before_do_not_change_a_byte(fill_certificate):
    fresh, used = Renderer(), Renderer()
    for name in NAMES[1:]:
        used.render_png(fill_certificate(name))
        used.render_pdf(fill_certificate(name), METADATA)
    filled = fill_certificate(NAMES[0])
    assert fresh.render_png(filled) == used.render_png(filled)
    assert fresh.render_pdf(filled, METADATA) == used.render_pdf(filled, METADATA)


def test_translucent_text_is_part_of_the_static_background(renderer, fill_certificate):
    first, second = fill_certificate("Asha", faint="2026"), fill_certificate("Asha", faint="2027")
    assert first.background_contents != second.background_contents
    assert fill_certificate("Asha").background_contents == fill_certificate("Ravi").background_contents
    assert renderer.render_png(first) != renderer.render_png(second)


ROTATED = """\
<svg viewBox="0 0 1000 500" font-size="60">
  <path id="arc" fill="none" d="M 300,450 A 300 300 0 0 1 800,450"/>
  <text transform="rotate(-90 80 450)" x="80" y="450" fill="#812">${name}</text>
  <g transform="translate(200 100) skewX(-20) scale(1 .8)"><text>${name}</text></g>
  <text x="550" y="100" rotate="12">${name}</text>
  <text fill="#060" text-anchor="middle"><textPath href="#arc" startOffset="50%">${name}</textPath></text>
  <g transform="rotate(10 900 350)"><image href="${qrCode}" x="820" y="250" width="160" height="172"/></g>
</svg>
"""


def test_rotated_text_and_text_on_a_path_are_part_of_the_overlay(renderer, fonts):
    template = compile_template(ROTATED.encode(), embed=str, fonts=fonts)
    filled = template.fill({"name": "प्रार्थना"}, make_qr(URL))
    assert filled.background_contents == template.fill({"name": "Asha"}, make_qr(URL)).background_contents
    png = open_png(renderer.render_png(filled, width=1000))
    whole = open_png(svg_to_png(filled.svg, width=1000))
    assert count_differing_pixels(png, whole, EDGE) < MAX_EDGE_PIXELS
    pdf = renderer.render_pdf(filled, METADATA)
    assert count_differing_pixels(rasterise_pdf(pdf, scale=4 / 3), png, EDGE) < MAX_EDGE_PIXELS
    # PDFium does not return the text that runs upwards; Poppler does.
    assert read_text(pdf).count("प्रार्थना") == 3
    assert zxingcpp.read_barcode(png).text == URL


def test_text_with_a_shadow_is_part_of_the_static_background(renderer, fonts):
    shadow = '<filter id="shadow"><feDropShadow dx="9" dy="9" stdDeviation="1"/></filter>'
    text = '<text y="99" font-size="60" filter="url(#shadow)">${name}</text>'
    source = f'<svg viewBox="0 0 400 200">{shadow}{text}</svg>'
    filled = compile_template(source.encode(), embed=str, fonts=fonts).fill({"name": "Asha"}, make_qr(URL))
    assert filled.overlay.glyph_runs == ()
    png, whole = open_png(renderer.render_png(filled, width=400)), open_png(svg_to_png(filled.svg, width=400))
    assert count_differing_pixels(png, whole, EDGE) == 0
    assert "Asha" in read_text(renderer.render_pdf(filled, METADATA))


def test_a_static_background_larger_than_the_cache_is_rendered_but_not_cached(fill_certificate):
    renderer = Renderer(max_bytes=1)
    filled = fill_certificate("Asha")
    assert renderer.render_png(filled) == Renderer().render_png(filled)


def find_elements(element):
    """Yield the structure elements below an element, in reading order."""
    for kid in element.K:
        if isinstance(kid, pikepdf.Dictionary):
            yield kid
            yield from find_elements(kid)


def test_the_text_of_a_pdf_is_tagged_in_reading_order(renderer, fill_certificate):
    with pikepdf.open(io.BytesIO(renderer.render_pdf(fill_certificate("आशा"), METADATA))) as pdf:
        root = pdf.Root.StructTreeRoot
        elements = list(find_elements(root.K[0]))
        assert [(str(element.S), str(element.get("/Lang", ""))) for element in elements] == [
            ("/P", "en"),
            ("/H1", ""),
            ("/Figure", "en"),
            ("/P", ""),
            ("/P", "en"),
        ]
        assert str(elements[2].Alt) == f"QR code: {URL}"
        parents = {kid: element for element in elements for kid in element.K}
        assert list(root.ParentTree.Nums[1]) == [parents[content_id] for content_id in sorted(parents)]


def test_the_xmp_of_a_pdf_equals_its_information(renderer, fill_certificate):
    metadata = PdfMetadata("Q & <A>\0 \ud7ff", "en", CREATED)
    with pikepdf.open(io.BytesIO(renderer.render_pdf(fill_certificate("Asha"), metadata))) as pdf:
        xmp = pdf.open_metadata()
        assert xmp["dc:title"] == str(pdf.docinfo.Title) == "Q & <A> \ud7ff"
        assert xmp["xmp:CreateDate"] == xmp["xmp:ModifyDate"] == "2026-03-05T10:00:00Z"
        assert xmp["pdf:Producer"] == str(pdf.docinfo.Producer)
        assert (xmp["pdfaid:part"], xmp["pdfaid:conformance"], xmp["pdfuaid:part"]) == ("3", "A", "1")


def test_the_fonts_of_the_background_stay_in_the_resources(fill_certificate):
    background = pikepdf.new()
    background.add_blank_page().Resources.Font = pikepdf.Dictionary(
        Own=pikepdf.Dictionary(Type=pikepdf.Name.Font)
    )
    background.Root.StructTreeRoot = background.make_indirect(pikepdf.Dictionary(K=[]))
    element = background.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.Document))
    background.Root.StructTreeRoot.K.append(element)
    background.Root.OutputIntents = pikepdf.Array()
    background.pages[0].Contents = background.make_stream(b"")
    output = io.BytesIO()
    background.save(output)
    pdf = PdfBackground(output.getvalue(), Matrix(), METADATA).render(Overlay(), METADATA)
    with pikepdf.open(io.BytesIO(pdf)) as file:
        assert "/Own" in file.pages[0].Resources.Font


def test_a_wrapped_text_is_one_paragraph(renderer, fonts):
    text = '<text x="9" y="50" font-size="20" style="inline-size:200px">${name}</text>'
    source = f'<svg viewBox="0 0 400 200">{text}</svg>'
    filled = compile_template(source.encode(), embed=str, fonts=fonts).fill(
        {"name": "many words " * 5}, make_qr(URL)
    )
    assert len(filled.overlay.text_lines) > 1
    with pikepdf.open(io.BytesIO(renderer.render_pdf(filled, PdfMetadata("T", "en", CREATED)))) as pdf:
        (heading,) = pdf.Root.StructTreeRoot.K[0].K
        assert list(heading.K) == list(range(len(filled.overlay.text_lines)))


def test_the_attachment_is_a_file_of_its_name_and_the_source_of_the_document(renderer, fill_certificate):
    with pikepdf.open(io.BytesIO(renderer.render_pdf(fill_certificate("Asha"), METADATA))) as pdf:
        (specification,) = pdf.Root.AF
        assert specification.Type == pikepdf.Name.Filespec
        assert (str(specification.F), str(specification.UF)) == ("credential.json", "credential.json")
        assert specification.AFRelationship == pikepdf.Name.Source
        assert specification.EF.F.objgen == specification.EF.UF.objgen


def test_the_content_of_a_pdf_determines_its_id_of_16_bytes(renderer, fill_certificate):
    ids = []
    for name in ("Asha", "Asha", "Meera"):
        with pikepdf.open(io.BytesIO(renderer.render_pdf(fill_certificate(name), METADATA))) as pdf:
            ids.append([bytes(part) for part in pdf.trailer.ID])
    (first, asha), (_, again), (other, meera) = ids
    assert {len(asha), len(meera)} == {16}
    assert (first, asha) == (other, again)
    assert meera != asha
