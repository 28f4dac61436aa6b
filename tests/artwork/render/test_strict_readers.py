"""PNG, PDF and SVG files checked by strict readers: checksums, structure, well-formedness."""

import datetime
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from certbeam.artwork.render import Attachment, PdfMetadata, Renderer
from certbeam.badges.baking import bake_png, bake_svg

CREDENTIAL = '{"name": "प्रार्थना ]]> & <x/>"}'.encode()
MOMENT = datetime.datetime(2026, 3, 5, 10, 0, tzinfo=datetime.timezone.utc)
ATTACHED = Attachment("credential.vc.json", CREDENTIAL, "application/vc")
NAMES = ["Asha", "प्रार्थना श्रीवास्तव", "محمد"]
READERS = {"png": ["pngcheck", "-q"], "pdf": ["qpdf", "--check"], "svg": ["xmllint", "--noout", "--nonet"]}
"""Commands by file format; each exits with a status other than 0 for a file with an error."""


@pytest.fixture(scope="module")
def renderer():
    return Renderer()


@pytest.fixture(params=NAMES)
def filled(request, fill_certificate):
    return fill_certificate(request.param)


def chunks_of(png):
    """The chunks of a PNG; asserts the checksum of each (PNG §5.3)."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place = 8
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        data, end = png[place + 8 : place + 8 + length], place + 12 + length
        assert len(data) == length
        assert struct.unpack(">I", png[end - 4 : end]) == (zlib.crc32(kind + data),), kind
        yield kind, data
        place = end


def check_png(png):
    """Assert the order of a PNG's chunks, the end and Adler-32 of its zlib stream, and the length of its rows."""
    chunks = list(chunks_of(png))
    kinds = [kind for kind, _ in chunks]
    assert (kinds[0], kinds[-1], kinds.count(b"IHDR"), kinds.count(b"IEND")) == (b"IHDR", b"IEND", 1, 1)
    width, height, *form = struct.unpack(">IIBBBBB", chunks[0][1])
    assert form == [8, 2, 0, 0, 0]
    inflate = zlib.decompressobj()
    # Raises where the Adler-32 at the end is another than that of the rows (RFC 1950 §2.2).
    rows = inflate.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    assert inflate.eof
    assert inflate.unused_data == b""
    assert len(rows) == height * (1 + 3 * width)
    assert set(rows[:: 1 + 3 * width]) == {0}


def accepts(reader, folder, body):
    """Whether a strict reader accepts a file. A failed assertion shows its output."""
    program, *arguments = READERS[reader]
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is missing: install it by `make packages`")
    file = Path(folder, f"certificate.{reader}")
    file.write_bytes(body)
    done = subprocess.run(  # noqa: S603
        [path, *arguments, str(file)], check=False, capture_output=True, text=True
    )
    return (done.returncode, done.stdout if done.returncode else "", done.stderr) == (0, "", "")


@pytest.mark.parametrize("width", [1600, 333])
def test_png_checksums_and_structure_are_valid(renderer, filled, width):
    image = renderer.render_png(filled, width=width)
    check_png(image)
    check_png(bake_png(image, CREDENTIAL))


def test_the_check_detects_wrong_checksums(renderer, fill_certificate):
    image = renderer.render_png(fill_certificate("Asha"), width=64)
    *_, (_, last), _ = chunks_of(image)
    wrong = last[:-1] + bytes([last[-1] ^ 1])
    with pytest.raises(AssertionError, match="IDAT"):
        check_png(image.replace(last, wrong))
    chunk = b"IDAT" + wrong
    with pytest.raises(zlib.error, match="incorrect data check"):
        check_png(
            image[: image.rindex(b"IDAT" + last)] + chunk + struct.pack(">I", zlib.crc32(chunk)) + image[-12:]
        )


def test_pngcheck_accepts_pngs(renderer, filled, tmp_path):
    image = renderer.render_png(filled)
    assert accepts("png", tmp_path, image)
    assert accepts("png", tmp_path, bake_png(image, CREDENTIAL))
    assert not accepts("png", tmp_path, image[:-1])


@pytest.mark.parametrize("attachment", [None, ATTACHED], ids=["alone", "with-a-credential"])
def test_qpdf_accepts_pdfs(renderer, filled, tmp_path, attachment):
    pdf = renderer.render_pdf(filled, PdfMetadata("प्रार्थना", "hi", MOMENT, attachment))
    assert accepts("pdf", tmp_path, pdf)
    assert not accepts("pdf", tmp_path, pdf.replace(b"startxref", b"startxfer"))


def test_xmllint_accepts_svgs(filled, tmp_path):
    assert accepts("svg", tmp_path, filled.svg)
    baked = b"".join(bake_svg(filled.svg_parts, CREDENTIAL))
    assert accepts("svg", tmp_path, baked)
    assert not accepts("svg", tmp_path, baked.replace(b"</svg>", b""))
