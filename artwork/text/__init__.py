"""Lay out text in any script: choose fonts, shape with HarfBuzz, fit the lines to their placement.

The result is positioned glyph outlines, so that all viewers show the same text. Code that reads or writes SVG does
not belong here but in :mod:`certbeam.artwork.template`, and code that draws the outlines in
:mod:`certbeam.artwork.render`. The package opens no file: a :class:`FontLibrary` receives the descriptions of the
font faces, with functions that open them.
"""

from certbeam.artwork.text.baselines import measure_baseline
from certbeam.artwork.text.fitted_length import FittedLength
from certbeam.artwork.text.font_face import FontFace, describe_face
from certbeam.artwork.text.font_index import FaceIndex
from certbeam.artwork.text.fonts import FontLibrary, NoFontError
from certbeam.artwork.text.layout import Anchor, Placement, TextBlock, TextTooLongError, lay_out_text
from certbeam.artwork.text.spans import Decoration, Orientation, Span, TextStyle
from certbeam.artwork.text.text_path import FlattenedPath, flatten_path, lay_out_on_path

__all__ = [
    "Anchor",
    "Decoration",
    "FaceIndex",
    "FittedLength",
    "FlattenedPath",
    "FontFace",
    "FontLibrary",
    "NoFontError",
    "Orientation",
    "Placement",
    "Span",
    "TextBlock",
    "TextStyle",
    "TextTooLongError",
    "describe_face",
    "flatten_path",
    "lay_out_on_path",
    "lay_out_text",
    "measure_baseline",
]
