"""A picture of a PDF file, for browsers that cannot show PDF files."""

import tempfile
from pathlib import Path

from certbeam.artwork.errors import TemplateError
from certbeam.foundation.error_codes import ErrorCode

_PAGE = '#set page(width: auto, height: auto, margin: 0pt)\n#image("certificate.pdf")'
_PIXELS_PER_INCH = 144.0


def draw_pdf(pdf: bytes) -> bytes:
    """Return the first page of a PDF file as a PNG image.

    Raises:
        TemplateError: ``template-undrawable``: typst is not installed, or cannot draw the file.
    """
    try:
        import typst
    except ImportError as error:
        message = (
            "this browser cannot show PDF files, and typst is not installed: open the PDF, or install typst"
        )
        raise TemplateError(ErrorCode.TEMPLATE_UNDRAWABLE, message) from error
    # Typst reads binary files from a folder only.
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "certificate.pdf").write_bytes(pdf)
        (root / "page.typ").write_text(_PAGE)
        try:
            picture = typst.compile(root / "page.typ", root=root, format="png", ppi=_PIXELS_PER_INCH)
        except typst.TypstError as error:
            message = f"typst cannot draw the PDF: {error}"
            raise TemplateError(ErrorCode.TEMPLATE_UNDRAWABLE, message) from error
    return picture
