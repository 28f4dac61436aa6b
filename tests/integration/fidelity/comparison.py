"""Compare the drawings of a filled template: Chromium's of the source, and those of certbeam's SVG, PNG and PDF."""

import datetime
import html
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from playwright.sync_api import Page

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.qr.qr_code import QrCode, make_qr
from certbeam.artwork.render import PdfMetadata, Renderer
from certbeam.artwork.template import compile_template
from certbeam.artwork.template.qr_placeholders import QrPlaceholder
from certbeam.artwork.text import FontLibrary
from certbeam.foundation.error_codes import ErrorCode
from certbeam.tests.integration.fidelity.chromium import draw_with_chromium

MAX_SHARE = 0.005
"""Share of pixels that may differ before two drawings count as different."""

_MAX_DIFFERENCE = 40  # of 255, in any channel, after a blur of 3 by 3 pixels
_CREATED = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
_REFERENCE = re.compile(rb"\$\{((?:[^{}<]|<[^{}<>]*>)*)\}|\{\{((?:[^{}<]|<[^{}<>]*>)*)\}\}")
_TAG = re.compile(rb"<[^<>]*>")
_WIDTH = 800

VALUES = {
    "recipientName": "Asha Verma",
    "courseName": "Mathematics",
    "issuerName": "Example Board",
    "recipientId": "4711",
    "issuedDate": "05 March 2026",
    "signatory0Image": "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAA"
    "DUlEQVR4nGM4IQcEJwAHIwIJ5FiIOQAAAABJRU5ErkJggg==",
}


@dataclass(frozen=True)
class Comparison:
    """Result for one template.

    Attributes:
        shares: the share of pixels that differ, from 0 to 1, by format: ``svg`` is compared with Chromium's drawing
            of the source, ``png`` and ``pdf`` with Chromium's drawing of certbeam's SVG.
        pictures: every drawing as PNG, by name.
        refusal: why certbeam refuses the template; empty if it does not.
        findings: codes of the compiler's findings.
    """

    shares: Mapping[str, float]
    pictures: Mapping[str, bytes]
    refusal: str
    findings: tuple[str, ...]

    @property
    def wrong_formats(self) -> list[str]:
        """The formats whose drawing is wrong."""
        return [name for name, share in self.shares.items() if share > MAX_SHARE]


def compare_template(source: bytes, page: Page, fonts: FontLibrary) -> Comparison:
    """Fill a template and compare its drawings.

    Args:
        source: the template; it refers to no file.
        page: an open page of Chromium.
        fonts: the fonts for its text.
    """
    qr = make_qr("https://certs.example.org/certs/1/2", "A1B2C3")
    expected_source = fill_source(source, VALUES, draw_qr(qr, fonts))
    try:
        template = compile_template(source, embed=_refuse, fonts=fonts)
        filled = template.fill(VALUES, qr)
        height = round(_WIDTH * template.view_box.page_height / template.view_box.page_width)
        width = round(template.view_box.page_width)
        page_height = round(template.view_box.page_height)
        renderer = Renderer()
        png = renderer.render_png(filled, width=_WIDTH)
        pdf = renderer.render_pdf(filled, PdfMetadata("Certificate", "en", _CREATED))
    except TemplateError as error:
        return Comparison({}, {}, f"{error.code}: {error}", ())
    pictures = {
        "source": draw_with_chromium(page, expected_source, width, page_height),
        "svg": draw_with_chromium(page, filled.svg, width, page_height),
        "png": png,
        "pdf": _draw_pdf(pdf, _WIDTH),
    }
    size = (_WIDTH, height)
    expected = {"svg": "source", "png": "svg", "pdf": "svg"}
    shares = {
        name: measure_difference(pictures[other], pictures[name], size) for name, other in expected.items()
    }
    return Comparison(shares, pictures, "", tuple(finding.code for finding in template.findings))


def fill_source(source: bytes, values: Mapping[str, str], qr: str) -> bytes:
    """Replace the variable references of a template by text, as the issuer's own software would."""
    if source[:2] in (b"\xff\xfe", b"\xfe\xff"):
        source = source.decode("utf-16").encode()

    def replace(match: re.Match[bytes]) -> bytes:
        name = _TAG.sub(b"", match[1] if match[1] is not None else match[2]).decode().strip()
        name = name.removeprefix("credentialSubject.")
        name, _, default = name.partition(":-")
        if name in ("qrCode", "qrCodeImage"):
            return html.escape(qr).encode()
        return html.escape(values.get(name, default)).encode()

    return _REFERENCE.sub(replace, source)


def draw_qr(qr: QrCode, fonts: FontLibrary) -> str:
    """Return a QR code as the data URI of an SVG document."""
    content = QrPlaceholder(fonts).fill({}, qr).svg.decode()
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {qr.width} {qr.height}"'
        f' width="{qr.width}" height="{qr.height}">'
        f"{content}</svg>"
    )
    return "data:image/svg+xml," + "".join(
        character if character.isalnum() or character in "-_. =/:" else f"%{ord(character):02X}"
        for character in svg
    )


def measure_difference(expected: bytes, actual: bytes, size: tuple[int, int]) -> float:
    """Return the share of pixels of two pictures that differ clearly, from 0 to 1."""
    first, second = (_blur(picture, size) for picture in (expected, actual))
    return float((np.abs(first - second).max(axis=2) > _MAX_DIFFERENCE).mean())


def _blur(picture: bytes, size: tuple[int, int]) -> NDArray[np.int16]:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    return np.asarray(image.filter(ImageFilter.BoxBlur(1)), dtype=np.int16)


def _draw_pdf(pdf: bytes, width: int) -> bytes:
    document = pypdfium2.PdfDocument(pdf)
    pdf_page = document[0]
    image = pdf_page.render(scale=width / pdf_page.get_width()).to_pil()
    output = io.BytesIO()
    image.save(output, "PNG")
    return output.getvalue()


def _refuse(url: str) -> str:
    raise TemplateError(ErrorCode.TEMPLATE_REFUSED, f"{url[:60]!r} is not in the template")
