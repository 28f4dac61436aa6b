"""Drawing certificates as PNG images and PDF pages, the same bytes from the same input."""

from certbeam.credentials.render.pdf import Attachment, PdfMetadata
from certbeam.credentials.render.renderer import Renderer
from certbeam.credentials.render.svg import PNG_WIDTH, to_pdf, to_png

__all__ = ["PNG_WIDTH", "Attachment", "PdfMetadata", "Renderer", "to_pdf", "to_png"]
