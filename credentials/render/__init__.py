"""Drawing certificates as PNG images and PDF pages, the same bytes from the same input."""

from certbeam.credentials.render.pdf_metadata import Attachment, PdfMetadata
from certbeam.credentials.render.renderer import Renderer, load_drawing

__all__ = ["Attachment", "PdfMetadata", "Renderer", "load_drawing"]
