"""Draw SVG documents with typst, as bitmaps and as tagged PDF files; nothing outside the document is read.

Both formats have the same source: a page of the SVG's size that contains the SVG as an image. It is compiled in memory,
without fonts, so that no text is drawn with a font that nobody chose. The functions take and return values that can be
pickled.
"""

import contextlib
import datetime
import io
import re
from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

import PIL.Image
import typst

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.geometry import have_same_shape
from certbeam.artwork.render.units import DEFAULT_PNG_WIDTH, POINTS_PER_PIXEL
from certbeam.foundation.error_codes import ErrorCode

# Decoration is an artifact (ISO 32000-1 §14.8.2.2), which screen readers skip: the text of a certificate is tagged by
# certbeam.artwork.render.pdf.
_SOURCE = b"""\
#let inputs = sys.inputs
#set document(title: inputs.title)
#set page(width: float(inputs.width) * 1pt, height: float(inputs.height) * 1pt, margin: 0pt)
#pdf.artifact(image(bytes(inputs.svg), format: "svg", width: 100%, height: 100%, fit: "stretch"))
"""
_Standards = list[Literal["a-3a", "ua-1"]]
_ARCHIVAL: _Standards = ["a-3a", "ua-1"]
_ACCESSIBLE: _Standards = ["ua-1"]
# Typst draws repeated gradients by functions of PDF that are written like PostScript (ISO 32000-1 §7.10.5). It refuses
# them in archival files, although ISO 19005-3 forbids only PostScript itself.
_POSTSCRIPT = "the PDF contains PostScript code"
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
_ONE_PIXEL_A_POINT = 72.0  # pixels in an inch
# No file is below it, so typst finds none for a relative reference. By default it searches the working directory.
_ROOT = "/dev/null"
_ROOT_TAG = re.compile(rb"<svg\b[^>]*>")
_ATTRIBUTE = re.compile(rb'\s(viewBox|width|height)="([^"]*)"')
_SIZE = re.compile(rb'\s(?:width|height)="[^"]*"')
# Typst rounds the size of an SVG up to whole pixels, and then drops a row or a column if there is one too many. So the
# size is a little smaller than whole pixels.
_MARGIN = 0.005  # pixels
_LINKED_IMAGE = re.compile(r"failed to load linked image (.*?) in SVG", re.DOTALL)


def svg_to_image(svg: bytes, width: int) -> PIL.Image.Image:
    """Return an SVG document as an RGB image on white.

    The page is stretched to whole pixels: see :func:`png_height`.

    Args:
        svg: the document; its root has a width, a height and a view box as numbers.
        width: width of the image in pixels.

    Raises:
        TemplateError: ``template-undrawable``: typst cannot draw the document, or the document refers to an outside
            resource.
    """
    page_width, page_height = _find_size(svg)
    height = png_height(page_width, page_height, width)
    resized = _resize(svg, width, height - _MARGIN)
    png = _compile(resized, width - _MARGIN, height - 2 * _MARGIN, "png")
    return PIL.Image.open(io.BytesIO(png)).convert("RGB")


def png_height(page_width: float, page_height: float, width: int) -> int:
    """Return the height in pixels of a page that is drawn with a width in pixels."""
    return max(round(width * page_height / page_width), 1)


def svg_to_png(svg: bytes, *, width: int = DEFAULT_PNG_WIDTH) -> bytes:
    """Return an SVG document as a PNG file on white; arguments and errors are those of :func:`svg_to_image`."""
    output = io.BytesIO()
    svg_to_image(svg, width).save(output, "PNG")
    return output.getvalue()


def svg_to_pdf(svg: bytes, *, created: datetime.datetime = _EPOCH, title: str = "Certificate") -> bytes:
    """Return an SVG document as a PDF file of one page; a CSS pixel is 0.75 pt.

    The file is tagged as PDF/UA-1 requires. It conforms to PDF/A-3a, but lacks metadata and an output intent if the
    document has a repeated gradient.

    Args:
        svg: the document, as for :func:`svg_to_image`.
        created: creation date of the PDF; no clock is read.
        title: title of the PDF.

    Raises:
        TemplateError: ``template-undrawable``, as for :func:`svg_to_image`.
    """
    width, height = (side * POINTS_PER_PIXEL for side in _find_size(svg))
    try:
        return _compile(svg, width, height, _PdfFormat(_ARCHIVAL, title, created))
    except TemplateError as error:
        if _POSTSCRIPT not in str(error):
            raise
    return _compile(svg, width, height, _PdfFormat(_ACCESSIBLE, title, created))


def _find_size(svg: bytes) -> tuple[float, float]:
    """Return the width and the height of the root of a document in CSS pixels; its view box is the default."""
    tag = _ROOT_TAG.search(svg)
    attributes = dict(_ATTRIBUTE.findall(tag[0])) if tag else {}
    try:
        box_width, box_height = _parse_view_box(attributes.get(b"viewBox", b"0 0 0 0"))
        width, height = (
            float(attributes.get(name, default))
            for name, default in ((b"width", box_width), (b"height", box_height))
        )
    except ValueError as error:
        raise _undrawable("its root has no size as numbers") from error
    if min(width, height) <= 0:
        raise _undrawable("its root has no size")
    return width, height


def _resize(svg: bytes, width: float, height: float) -> bytes:
    """Return a document with another size, which stretches its content if its view box has the shape of the page."""
    page_size = _find_size(svg)

    def resize_root(match: re.Match[bytes]) -> bytes:
        tag = _SIZE.sub(b"", match[0])
        added = f' width="{width:.3f}" height="{height:.3f}"'
        view_box = dict(_ATTRIBUTE.findall(tag)).get(b"viewBox")
        if view_box is None:
            added += ' viewBox="0 0 {:.7g} {:.7g}"'.format(*page_size)
        box_width, box_height = _parse_view_box(view_box) if view_box else page_size
        if have_same_shape(box_width, box_height, *page_size) and b"preserveAspectRatio" not in tag:
            added += ' preserveAspectRatio="none"'
        return tag.replace(b"<svg", b"<svg" + added.encode(), 1)

    return _ROOT_TAG.sub(resize_root, svg, 1)


def _parse_view_box(view_box: bytes) -> tuple[float, float]:
    """Return the width and the height of a view box; raises ValueError if they are not numbers."""
    _, _, width, height = map(float, view_box.replace(b",", b" ").split())
    return width, height


class _PdfFormat(NamedTuple):
    """PDF as the format of a compiled page."""

    standards: _Standards
    title: str
    created: datetime.datetime


def _compile(svg: bytes, width: float, height: float, output_format: _PdfFormat | Literal["png"]) -> bytes:
    """Return a page with an SVG document.

    Args:
        svg: the document.
        width: width of the page in points, each of which is a pixel of a PNG file.
        height: height of the page in points.
        output_format: the format of the file.
    """
    pdf = _PdfFormat([], "", _EPOCH) if output_format == "png" else output_format
    inputs = {"svg": svg.decode(), "width": f"{width:.6f}", "height": f"{height:.6f}", "title": pdf.title}
    with _report_undrawable():
        compiler = typst.Compiler(
            _SOURCE, root=_ROOT, font_paths=_no_fonts(), ignore_system_fonts=True, sys_inputs=inputs
        )
        (page,) = _as_pages(
            compiler.compile(
                format="png" if output_format == "png" else "pdf",
                ppi=_ONE_PIXEL_A_POINT,
                pdf_standards=[*pdf.standards],
                timestamp=pdf.created,
            )
        )
    return page


def _as_pages(output: bytes | list[bytes] | None) -> list[bytes]:
    """Return the output of typst as a list: it is one if the document has several pages."""
    return output if isinstance(output, list) else [output or b""]


@cache
def _no_fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False)


@contextlib.contextmanager
def _report_undrawable() -> Iterator[None]:
    """Raise TemplateError for every error: the template causes whatever typst raises, and the run must go on."""
    try:
        yield
    except BaseException as error:
        # The exception of a defect in typst, such as an index out of range, is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        message = str(error) or type(error).__name__
        linked = _LINKED_IMAGE.search(message)
        if linked:
            message = f"it refers to {linked[1][:60]!r}: embed the resource as a data: URI"
        raise _undrawable(message) from error


def _undrawable(message: str) -> TemplateError:
    return TemplateError(
        ErrorCode.TEMPLATE_UNDRAWABLE, f"the template cannot be drawn as PNG or PDF: {message}"
    )
