"""Drawing any SVG by CairoSVG, without ever reading anything outside of it."""

import contextlib
import datetime
import io
from collections.abc import Iterator
from typing import Any

import cairocffi
from cairosvg.parser import Tree
from cairosvg.surface import PDFSurface, PNGSurface
from cairosvg.url import fetch

from certbeam.credentials.drawing import PNG_WIDTH
from certbeam.credentials.template.errors import TemplateError

DPI = 96  # a CSS pixel is 1/96 inch


def to_png(svg: bytes, *, width: int = PNG_WIDTH) -> bytes:
    """An SVG as a PNG image on white, ``width`` pixels wide.

    Raises:
        TemplateError: ``template-undrawable``: it refers to something outside, or holds what cannot be drawn.
    """
    output = io.BytesIO()
    to_bitmap(svg, width).write_to_png(output)
    return output.getvalue()


def to_bitmap(svg: bytes, width: int) -> cairocffi.ImageSurface:
    """An SVG as a bitmap on white, ``width`` pixels wide.

    Raises:
        TemplateError: ``template-undrawable``: it refers to something outside, or holds what cannot be drawn.
    """
    with _refusing():
        surface = PNGSurface(_parse(svg), None, DPI, output_width=width, background_color="white")
    return surface.cairo


def to_pdf(svg: bytes, *, created: datetime.datetime, title: str = "") -> bytes:
    """An SVG as a PDF of one page, a CSS pixel of the SVG being 0.75 pt.

    Args:
        svg: the document.
        created: the time that the PDF says it was made at; no clock is read.
        title: the PDF's title.

    Raises:
        TemplateError: ``template-undrawable``: it refers to something outside, or holds what cannot be drawn.
    """

    class DatedPDFSurface(PDFSurface):
        """A PDF whose metadata are given; cairo itself would write the time of day."""

        def _create_surface(self, width: float, height: float) -> Any:
            surface, width, height = super()._create_surface(width, height)
            surface.restrict_to_version(cairocffi.PDF_VERSION_1_4)
            surface.set_metadata(cairocffi.PDF_METADATA_CREATE_DATE, created.isoformat(timespec="seconds"))
            surface.set_metadata(cairocffi.PDF_METADATA_TITLE, title)
            return surface, width, height

    output = io.BytesIO()
    with _refusing():
        DatedPDFSurface(_parse(svg), output, DPI).finish()
    return output.getvalue()


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """Whatever CairoSVG stumbles on is a fault of the template's, and must not end the pipeline."""
    try:
        yield
    except Exception as error:
        message = f"the template cannot be drawn as PNG or PDF: {error or type(error).__name__}"
        raise TemplateError("template-undrawable", message) from error


def _parse(svg: bytes) -> Tree:
    tree = Tree(bytestring=svg, url_fetcher=_fetch_data)
    _drop_filters(tree)
    return tree


def _drop_filters(node: Any) -> None:
    """Take the filters out: of a shadow CairoSVG does the offset alone, which moves what should cast it."""
    node.children = [child for child in node.children if child.tag != "filter"]
    for child in node.children:
        _drop_filters(child)


def _fetch_data(url: str, resource_type: str) -> bytes:
    """CairoSVG's url fetcher: the content of a ``data:`` URI, and nothing else."""
    if not url.startswith("data:"):
        raise ValueError(f"a certificate may not refer to {url[:60]!r}: embed it as a data: URI")
    content: bytes = fetch(url, resource_type)
    return content
