"""Convert an SVG document to PNG, PDF or a bitmap with CairoSVG; nothing outside the document is read."""

import contextlib
import datetime
import io
from collections.abc import Iterator
from typing import Any

import cairocffi
from cairosvg.parser import Tree
from cairosvg.surface import PDFSurface, PNGSurface
from cairosvg.url import fetch

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.render.units import CSS_DPI, DEFAULT_PNG_WIDTH
from certbeam.foundation.error_codes import ErrorCode


def svg_to_png(svg: bytes, *, width: int = DEFAULT_PNG_WIDTH) -> bytes:
    """Return an SVG document as a PNG image on white.

    Args:
        svg: the document.
        width: width of the image in pixels.

    Raises:
        TemplateError: ``template-undrawable``: the document refers to an outside resource, or has a part that
            CairoSVG cannot draw.
    """
    output = io.BytesIO()
    svg_to_bitmap(svg, width).write_to_png(output)
    return output.getvalue()


def svg_to_bitmap(svg: bytes, width: int) -> cairocffi.ImageSurface:
    """Return an SVG document as a bitmap on white.

    Args:
        svg: the document.
        width: width of the bitmap in pixels.

    Raises:
        TemplateError: ``template-undrawable``: the document refers to an outside resource, or has a part that
            CairoSVG cannot draw.
    """
    with _report_undrawable():
        surface = PNGSurface(_parse(svg), None, CSS_DPI, output_width=width, background_color="white")
    return surface.cairo


def svg_to_pdf(svg: bytes, *, created: datetime.datetime, title: str = "") -> bytes:
    """Return an SVG document as a PDF file of one page; a CSS pixel is 0.75 pt.

    Args:
        svg: the document.
        created: creation date of the PDF; no clock is read.
        title: title of the PDF.

    Raises:
        TemplateError: ``template-undrawable``: the document refers to an outside resource, or has a part that
            CairoSVG cannot draw.
    """
    surface_class = _pdf_surface_class(created, title)
    output = io.BytesIO()
    with _report_undrawable():
        surface_class(_parse(svg), output, CSS_DPI).finish()
    return output.getvalue()


def _pdf_surface_class(created: datetime.datetime, title: str) -> type[PDFSurface]:
    """Return CairoSVG's PDF surface with fixed metadata: by default, cairo writes the current time."""

    class FixedMetadataSurface(PDFSurface):
        """PDF surface with the given creation date and title."""

        def _create_surface(self, width: float, height: float) -> Any:
            surface, width, height = super()._create_surface(width, height)
            surface.restrict_to_version(cairocffi.PDF_VERSION_1_4)
            surface.set_metadata(cairocffi.PDF_METADATA_CREATE_DATE, created.isoformat(timespec="seconds"))
            surface.set_metadata(cairocffi.PDF_METADATA_TITLE, title)
            return surface, width, height

    return FixedMetadataSurface


@contextlib.contextmanager
def _report_undrawable() -> Iterator[None]:
    """Raise TemplateError for every error: the template causes whatever CairoSVG raises, and the run must go on."""
    try:
        yield
    except Exception as error:
        message = f"the template cannot be drawn as PNG or PDF: {error or type(error).__name__}"
        raise TemplateError(ErrorCode.TEMPLATE_UNDRAWABLE, message) from error


def _parse(svg: bytes) -> Tree:
    tree = Tree(bytestring=svg, url_fetcher=_fetch_data_uri)
    _remove_filters(tree)
    return tree


def _remove_filters(node: Any) -> None:
    """Remove filters: CairoSVG applies only the offset of a shadow, and moves the element that casts it."""
    node.children = [child for child in node.children if child.tag != "filter"]
    for child in node.children:
        _remove_filters(child)


def _fetch_data_uri(url: str, resource_type: str) -> bytes:
    """Return the content of a ``data:`` URI, and refuse any other URL; CairoSVG calls this for each reference."""
    if not url.startswith("data:"):
        raise ValueError(f"it refers to {url[:60]!r}: embed the resource as a data: URI")
    content: bytes = fetch(url, resource_type)
    return content
