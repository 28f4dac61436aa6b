"""Drawing filled templates, with what they share drawn once.

What draws is imported when something is drawn: it takes 0.2 s, and most runs make neither PNG nor PDF.
"""

import datetime
import importlib
import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

import cachetools

from certbeam.credentials.drawing import PNG_WIDTH, Matrix, Overlay, fit
from certbeam.credentials.render.pdf_metadata import PdfMetadata
from certbeam.credentials.template.compiled import FilledTemplate
from certbeam.credentials.template.view_box import ViewBox

if TYPE_CHECKING:
    from certbeam.credentials.render.pdf import PdfBase
    from certbeam.credentials.render.png import PngBase

_DRAWN = frozenset({"pdf", "png"})

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def load_drawing(formats: Collection[str]) -> None:
    """Import what draws, if any of the formats is drawn: thereby it is found out before the first certificate.

    Raises:
        ImportError: where something of it is not installed.
        OSError: where there is no libcairo.
    """
    if _DRAWN.intersection(formats):
        for name in ("svg", "png", "pdf"):
            importlib.import_module(f"certbeam.credentials.render.{name}")


class Renderer:
    """Draws certificates; one serves all threads of a worker.

    What is the same for all certificates of a template (and of the same signatories) is drawn once and kept,
    the least recently used leaving first.
    """

    def __init__(self, max_bytes: int = 256_000_000) -> None:
        """Make an empty one.

        Args:
            max_bytes: how much of constant parts it may keep; a PNG's takes up to 4 bytes a pixel.
        """
        self._bases: cachetools.LRUCache[object, PngBase | PdfBase] = cachetools.LRUCache(
            max_bytes, getsizeof=lambda base: base.size
        )
        self._lock = threading.Lock()

    def png(self, certificate: FilledTemplate, *, width: int = PNG_WIDTH) -> bytes:
        """A certificate as a PNG image on white, ``width`` pixels wide."""
        from certbeam.credentials.render.png import PngBase
        from certbeam.credentials.render.svg import to_bitmap

        template, contents = certificate.template, certificate.background_contents
        key = ("png", template.digest, contents, width)
        base = self._kept(key)
        if not isinstance(base, PngBase):
            surface = to_bitmap(template.background_svg(contents), width)
            base = PngBase(surface, _pixels(template.view_box, width / template.view_box.page_width))
            self._keep(key, base)
        return base.with_overlay(certificate.overlay)

    def pdf(self, certificate: FilledTemplate, metadata: PdfMetadata) -> bytes:
        """A certificate as a PDF of one page, a CSS pixel of the template being 0.75 pt."""
        from certbeam.credentials.render.pdf import PdfBase
        from certbeam.credentials.render.svg import to_pdf

        template, contents = certificate.template, certificate.background_contents
        attachment = metadata.attachment
        attached = None if attachment is None else (attachment.name, attachment.media_type)
        key = ("pdf", template.digest, contents, metadata.language, attached)
        base = self._kept(key)
        if not isinstance(base, PdfBase):
            document = to_pdf(template.background_svg(contents), created=_EPOCH)
            base = PdfBase(document, _pixels(template.view_box, 1.0), metadata)
            self._keep(key, base)
        return base.with_overlay(certificate.overlay + Overlay(words=template.static_text), metadata)

    def _kept(self, key: object) -> "PngBase | PdfBase | None":
        with self._lock:
            return self._bases.get(key)

    def _keep(self, key: object, base: "PngBase | PdfBase") -> None:
        with self._lock:
            if base.size <= self._bases.maxsize:
                self._bases[key] = base


def _pixels(view_box: ViewBox, scale: float) -> Matrix:
    """From a template's units to pixels: its view box, fitted into its page."""
    page_width, page_height = view_box.page_width * scale, view_box.page_height * scale
    return fit(view_box.width, view_box.height, 0, 0, page_width, page_height) @ Matrix(
        e=-view_box.x, f=-view_box.y
    )
