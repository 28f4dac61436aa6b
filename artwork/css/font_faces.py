"""Keep the @font-face rules of style sheets whose other rules are resolved."""

import re

from lxml import etree

from certbeam.artwork.svg.tree import SVG, remove_element

_STYLE = f"{{{SVG}}}style"
_FONT_FACE = re.compile(r"@font-face\s*\{[^{}]*\}", re.IGNORECASE)


def keep_font_faces(root: etree._Element) -> None:
    """Remove all rules of a document's style sheets but ``@font-face``."""
    for sheet in root.iter(_STYLE):
        sheet.text = "".join(_FONT_FACE.findall(sheet.text or ""))
    remove_empty_style_sheets(root)


def remove_empty_style_sheets(root: etree._Element) -> None:
    """Remove the <style> elements without content."""
    for sheet in list(root.iter(_STYLE)):
        if not (sheet.text or "").strip():
            remove_element(sheet)
