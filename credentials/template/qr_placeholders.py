"""The place of the QR code in a template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from certbeam.credentials.drawing import Code, Ink, Matrix, Overlay, Words, fit
from certbeam.credentials.qr import CAPTION_HEIGHT, QrCode
from certbeam.credentials.template import escape
from certbeam.credentials.template.encoded_markup import (
    NOTHING,
    Content,
    drawn_content,
    joined,
    written_content,
)
from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.line_rendering import inks, line_markup, words
from certbeam.credentials.template.variables import Token
from certbeam.credentials.text import FontLibrary, NoFontError, Span, TextStyle
from certbeam.credentials.text.layout import PlacedLine
from certbeam.credentials.text.shape import Line, join_lines, shape_line

_CAPTION_STYLE = TextStyle(CAPTION_HEIGHT * 0.9, weight=700, letter_spacing=0.2)  # in modules
_CAPTION_SMALLEST = 0.5  # of that size
_CAPTION_RISE = 1.5  # modules from the lower edge to the caption's baseline
_BLACK = (0.0, 0.0, 0.0)
# Nothing of how a template paints what is around the code may change how it looks.
_WHITE = "fill:#fff;fill-opacity:1;stroke:none"
_MODULES = "fill:none;stroke:#000;stroke-opacity:1;stroke-width:1;stroke-linecap:butt;stroke-dasharray:none"
_CAPTION = "fill:#000;fill-opacity:1;stroke:none"


@dataclass(frozen=True)
class QrPlace:
    """Where the <image> of the code stands, in its own units, and their matrix to the template's."""

    x: float
    y: float
    width: float
    height: float
    matrix: Matrix


@dataclass(frozen=True)
class QrViewBoxSlot:
    """The place of the QR code's view box, which grows with the length of its data."""

    tokens: Sequence[Token] = ()

    def __call__(self, values: Mapping[str, str], qr: QrCode) -> Content:  # noqa: ARG002
        """The view box."""
        return written_content(qr.view_box)

    def base(self, content: Content) -> Content:
        """The same."""
        return content

    def draw(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """Nothing."""
        return Overlay()


@dataclass(frozen=True)
class QrCodeSlot:
    """The place of the QR code.

    Attributes:
        fonts: what the caption is set in.
        place: where it is drawn over the constant part; None if it must be drawn with it.
        line: where the <image> stands in the template's source.
    """

    fonts: FontLibrary
    place: QrPlace | None = None
    line: int = field(default=0, compare=False)
    tokens: Sequence[Token] = ()
    _letters: dict[str, Line] = field(default_factory=dict, compare=False, repr=False)

    def __call__(self, values: Mapping[str, str], qr: QrCode) -> Content:  # noqa: ARG002
        """The code, black on white, with its caption under it."""
        white = f'<path style="{_WHITE}" d="M0,0h{qr.width}v{qr.height}h-{qr.width}z"/>'
        code = [f'{white}<path style="{_MODULES}" d="', qr.path, f'"/><g style="{_CAPTION}">']
        caption = [line_markup(line, [""]) for line in self._caption(qr)]
        return drawn_content(joined([code, *caption, ["</g>"]]))

    def base(self, content: Content) -> Content:
        """The code, unless it is drawn over the constant part."""
        return content if self.place is None else NOTHING

    def draw(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """The code and its caption in their place."""
        if self.place is None:
            return Overlay()
        place = self.place
        matrix = place.matrix @ fit(qr.width, qr.height, place.x, place.y, place.width, place.height)
        lines = self._caption(qr)
        drawn: list[Ink] = [ink for line in lines for ink in inks(line, [_BLACK], matrix)]
        said: list[Words] = [words(line, matrix) for line in lines]
        return Overlay((Code(matrix, qr),), tuple(drawn), tuple(said))

    def _caption(self, qr: QrCode) -> tuple[PlacedLine, ...]:
        if not qr.caption:
            return ()
        line = join_lines([self._letter(letter) for letter in escape.printable(qr.caption)])
        zoom = min(1.0, qr.width / line.width) if line.width else 1.0
        if zoom < _CAPTION_SMALLEST:
            raise TemplateError("value-too-long", "the QR code's caption does not fit under it")
        return (PlacedLine(line, (qr.width - line.width * zoom) / 2, qr.height - _CAPTION_RISE, zoom),)

    def _letter(self, letter: str) -> Line:
        """A letter of an access code, shaped alone: no two codes are the same, and all have the same letters."""
        line = self._letters.get(letter)
        if line is None:
            try:
                line = self._letters[letter] = shape_line([Span(letter, _CAPTION_STYLE)], self.fonts)
            except NoFontError as error:
                raise TemplateError("no-font", f"the QR code's caption: {error}") from error
        return line
