"""Setting text in any script: which font, which glyphs, in which order, how large, on which lines."""

from certbeam.credentials.text.fonts import FontLibrary, NoFontError
from certbeam.credentials.text.layout import Anchor, Place, TextBlock, TextTooLongError, set_text
from certbeam.credentials.text.shape import Span, TextStyle
from certbeam.credentials.text.track import Track, read_track, set_on_track

__all__ = [
    "Anchor",
    "FontLibrary",
    "NoFontError",
    "Place",
    "Span",
    "TextBlock",
    "TextStyle",
    "TextTooLongError",
    "Track",
    "read_track",
    "set_on_track",
    "set_text",
]
