"""Replace the texts of an SVG image by outlines, because the fonts of an image depend on the viewer."""

from dataclasses import dataclass

from lxml import etree

from certbeam.artwork.errors import Finding, TemplateError
from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.svg.cascade import Cascade
from certbeam.artwork.svg.data_uris import DataUris
from certbeam.artwork.svg.embedded_fonts import load_embedded_fonts, remove_font_faces
from certbeam.artwork.svg.tree import SVG
from certbeam.artwork.svg.view_box import ViewBox, find_viewport, normalise_view_box
from certbeam.artwork.template.text_elements import TextElementConverter
from certbeam.artwork.text import FontLibrary

_DEFAULT_SIZE = (300.0, 150.0)  # of an image without width and height, CSS Images 3 §5.3
_NO_QR = make_qr("-")


@dataclass(frozen=True, eq=False)
class ImageTextOutliner:
    """Outliner of the texts of images.

    Attributes:
        fonts: the installed fonts.
    """

    fonts: FontLibrary

    def __call__(self, root: etree._Element, data_uris: DataUris) -> None:
        """Replace each <text> by paths.

        Args:
            root: the root element of the image.
            data_uris: its data URIs, which hold the fonts that it embeds.

        Raises:
            TemplateError: ``template-text`` or ``no-font``: a text cannot be converted.
        """
        findings: list[Finding] = []  # a broken font of an image is replaced, as in browsers
        embedded = load_embedded_fonts(root, data_uris, self.fonts.installed, findings)
        fonts = self.fonts.with_embedded(embedded)
        converter = TextElementConverter(_find_view_box(root), Cascade(root), fonts, _parse_literal)
        for element, placeholder in converter.convert(root):
            markup = placeholder.fill({}, _NO_QR).svg
            if element.tag == f"{{{SVG}}}path":
                element.set("d", markup.decode())
                continue
            outlines = etree.fromstring(b'<g xmlns="' + SVG.encode() + b'">' + markup + b"</g>")
            element.extend(outline for outline in outlines if outline.tag != f"{{{SVG}}}text")
        remove_font_faces(root)


def _find_view_box(root: etree._Element) -> ViewBox:
    try:
        return normalise_view_box(etree.fromstring(etree.tostring(root)))
    except TemplateError:
        width, height = find_viewport(root, ViewBox(0, 0, *_DEFAULT_SIZE, *_DEFAULT_SIZE))
        return ViewBox(0, 0, width, height, width, height)


def _parse_literal(text: str) -> list[str]:
    return [text] if text else []
