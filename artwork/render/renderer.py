"""Render filled templates as PNG and PDF, and cache the static background of each template.

The modules that draw are imported when they are first needed: see the package's docstring.
"""

import importlib
import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

import cachetools

from certbeam.artwork.geometry import Matrix, fit_box, have_same_shape
from certbeam.artwork.overlay import Overlay
from certbeam.artwork.render.pdf_metadata import PdfMetadata
from certbeam.artwork.render.units import DEFAULT_PNG_WIDTH
from certbeam.artwork.svg.view_box import ViewBox
from certbeam.artwork.template.compiled import FilledTemplate

if TYPE_CHECKING:
    from certbeam.artwork.render.pdf import PdfBackground
    from certbeam.artwork.render.png import PngBackground

_RENDERED_FORMATS = frozenset({"pdf", "png"})


def load_renderers(formats: Collection[str]) -> None:
    """Import the modules that draw, if a format needs them, so that a missing library fails before any certificate.

    Args:
        formats: the file formats to produce, such as ``svg`` and ``png``.

    Raises:
        ImportError: a Python library is not installed.
        OSError: libcairo is not installed.
    """
    if _RENDERED_FORMATS.isdisjoint(formats):
        return
    try:
        for name in ("typst_engine", "png", "pdf"):
            importlib.import_module(f"certbeam.artwork.render.{name}")
    except ImportError as error:
        raise ImportError(f"{error}: run pip install 'certbeam[drawing]'") from error


class Renderer:
    """Renderer of certificates, shared by all threads of a worker.

    It draws the static background of a template once for all certificates with the same signatories. A cache keeps
    the backgrounds and evicts the least recently used one.
    """

    def __init__(self, max_bytes: int = 256_000_000) -> None:
        """Create a renderer with an empty cache.

        Args:
            max_bytes: bound of the cache in bytes; the background of a PNG takes up to 4 bytes a pixel.
        """
        self._backgrounds: cachetools.LRUCache[object, PngBackground | PdfBackground] = cachetools.LRUCache(
            max_bytes, getsizeof=lambda background: background.size
        )
        self._lock = threading.Lock()

    def render_png(self, certificate: FilledTemplate, *, width: int = DEFAULT_PNG_WIDTH) -> bytes:
        """Return a certificate as a PNG image on white.

        Args:
            certificate: the filled template.
            width: width of the image in pixels.

        Raises:
            TemplateError: ``template-undrawable``: the static background cannot be drawn.
        """
        from certbeam.artwork.render.png import PngBackground
        from certbeam.artwork.render.typst_engine import svg_to_image

        template, contents = certificate.template, certificate.background_contents
        key = ("png", template.digest, contents, width)
        background = self._cached(key)
        if not isinstance(background, PngBackground):
            image = svg_to_image(template.background_svg(contents), width)
            background = PngBackground(image, _to_page(template.view_box, *image.size))
            self._cache(key, background)
        return background.render(certificate.overlay)

    def render_pdf(self, certificate: FilledTemplate, metadata: PdfMetadata) -> bytes:
        """Return a certificate as a PDF file of one page; a CSS pixel of the template is 0.75 pt.

        Args:
            certificate: the filled template.
            metadata: title, language, date and attachment of the PDF.

        Raises:
            TemplateError: ``template-undrawable``: the static background cannot be drawn.
        """
        from certbeam.artwork.render.pdf import PdfBackground
        from certbeam.artwork.render.typst_engine import svg_to_pdf

        template, contents = certificate.template, certificate.background_contents
        attachment = metadata.attachment
        attachment_key = None if attachment is None else (attachment.name, attachment.media_type)
        key = ("pdf", template.digest, contents, metadata.language, attachment_key)
        background = self._cached(key)
        if not isinstance(background, PdfBackground):
            document = svg_to_pdf(template.background_svg(contents))
            view_box = template.view_box
            matrix = _to_page(view_box, view_box.page_width, view_box.page_height)
            background = PdfBackground(document, matrix, metadata)
            self._cache(key, background)
        overlay = certificate.overlay + Overlay(text_lines=template.static_text)
        return background.render(overlay, metadata)

    def _cached(self, key: object) -> "PngBackground | PdfBackground | None":
        with self._lock:
            return self._backgrounds.get(key)

    def _cache(self, key: object, background: "PngBackground | PdfBackground") -> None:
        with self._lock:
            if background.size <= self._backgrounds.maxsize:
                self._backgrounds[key] = background


def _to_page(view_box: ViewBox, width: float, height: float) -> Matrix:
    """Return the transform from a template's user units to its page.

    Args:
        view_box: view box and page size of the template.
        width: width of the page in pixels of the output.
        height: height of the page in pixels of the output; if these are whole, the page is stretched to them.
    """
    sides = (view_box.width, view_box.height, view_box.page_width, view_box.page_height)
    if have_same_shape(*sides):
        fit = Matrix(a=width / view_box.width, d=height / view_box.height)
    else:
        fit = fit_box(view_box.width, view_box.height, 0, 0, width, height)
    return fit @ Matrix(e=-view_box.x, f=-view_box.y)
