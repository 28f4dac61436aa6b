"""Render filled templates as PNG images and PDF files; the same input gives the same bytes.

The static background of a template is rendered once and cached; each certificate adds its overlay. Compiling and
filling templates belongs to :mod:`certbeam.artwork.template`, and laying out text to
:mod:`certbeam.artwork.text`. This package reads no file, no network and no clock.

The libraries that draw take 0.2 s to import, and most runs produce neither PNG nor PDF. So nothing here imports
them with the package: :func:`load_renderers` and the first certificate do.
"""

from certbeam.artwork.render.pdf_metadata import Attachment, PdfMetadata
from certbeam.artwork.render.renderer import Renderer, load_renderers

__all__ = ["Attachment", "PdfMetadata", "Renderer", "load_renderers"]
