"""Define the placeholders of the QR code: its modules with a caption, and their view box."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.geometry import Box, Matrix, fit_box
from certbeam.artwork.overlay import Overlay, QrCodePlacement
from certbeam.artwork.qr.qr_code import CAPTION_HEIGHT, QrCode
from certbeam.artwork.template.encoded_markup import (
    EMPTY_MARKUP,
    EncodedMarkup,
    encode_markup,
    encode_parts,
    join_parts,
)
from certbeam.artwork.template.escape import check_printable
from certbeam.artwork.template.line_rendering import (
    build_line_outlines,
    build_line_words,
    render_line_markup,
)
from certbeam.artwork.template.text_spans import TextPaint
from certbeam.artwork.template.variables import Variable
from certbeam.artwork.text import FontLibrary, NoFontError, Span, TextStyle
from certbeam.artwork.text.layout import PlacedLine
from certbeam.artwork.text.shaping import ShapedLine, join_lines, shape_line
from certbeam.foundation.error_codes import ErrorCode

_CAPTION_STYLE = TextStyle(
    CAPTION_HEIGHT * 0.9, ("Noto Sans", "sans-serif"), weight=700, letter_spacing=0.2
)  # in modules
_MIN_CAPTION_SCALE = 0.5
_CAPTION_BASELINE = 1.5  # modules above the lower edge
_BLACK = (0.0, 0.0, 0.0)
# Each style sets all paint properties that the code would otherwise inherit from the template.
_BACKGROUND_PAINT = "fill:#fff;fill-opacity:1;stroke:none"
_MODULES_PAINT = (
    "fill:none;stroke:#000;stroke-opacity:1;stroke-width:1;stroke-linecap:butt;stroke-dasharray:none"
)
_CAPTION_PAINT = "fill:#000;fill-opacity:1;stroke:none"


@dataclass(frozen=True)
class QrPosition:
    """Position and size of the QR code's <image>.

    Attributes:
        x, y, width, height: the attributes of the <image>, in its user units.
        ctm: from these to the template's user units.
    """

    x: float
    y: float
    width: float
    height: float
    ctm: Matrix

    @property
    def box(self) -> Box:
        """The upright box around it, in the template's user units."""
        corners = [
            self.ctm @ Matrix(e=self.x + across, f=self.y + down)
            for across in (0.0, self.width)
            for down in (0.0, self.height)
        ]
        xs, ys = [corner.e for corner in corners], [corner.f for corner in corners]
        return Box(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True)
class QrViewBoxPlaceholder:
    """Placeholder for the view box of the QR code, whose size depends on the length of the encoded data."""

    variables: Sequence[Variable] = ()

    def fill(self, values: Mapping[str, str], qr: QrCode) -> EncodedMarkup:  # noqa: ARG002
        """Return the view box."""
        return encode_markup(qr.view_box)

    def background_content(self, content: EncodedMarkup) -> EncodedMarkup:
        """Return the view box."""
        return content

    def build_overlay(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """Return an empty overlay."""
        return Overlay()


@dataclass(frozen=True)
class QrPlaceholder:
    """Placeholder for the QR code and its caption.

    Attributes:
        fonts: the fonts for the caption.
        position: where the overlay draws the code; None if the code is part of the background.
        line: the line of the <image> in the template's source, from 1.
    """

    fonts: FontLibrary
    position: QrPosition | None = None
    line: int = field(default=0, compare=False)
    variables: Sequence[Variable] = ()
    _shaped_characters: dict[str, ShapedLine] = field(default_factory=dict, compare=False, repr=False)

    def fill(self, values: Mapping[str, str], qr: QrCode) -> EncodedMarkup:  # noqa: ARG002
        """Return the code in black on white, with its caption below.

        Raises:
            TemplateError: ``value-too-long``, ``no-font`` or ``value-unprintable``, because of the caption.
        """
        background = f'<path style="{_BACKGROUND_PAINT}" d="M0,0h{qr.width}v{qr.height}h-{qr.width}z"/>'
        modules = [
            f'{background}<path style="{_MODULES_PAINT}" d="',
            qr.path,
            f'"/><g style="{_CAPTION_PAINT}">',
        ]
        caption = [render_line_markup(line, [TextPaint()]) for line in self._lay_out_caption(qr)]
        return encode_parts(join_parts([modules, *caption, ["</g>"]]))

    def background_content(self, content: EncodedMarkup) -> EncodedMarkup:
        """Return the code, unless the overlay draws it."""
        return content if self.position is None else EMPTY_MARKUP

    def build_overlay(self, values: Mapping[str, str], qr: QrCode) -> Overlay:  # noqa: ARG002
        """Return the code and its caption, unless they are part of the background."""
        if self.position is None:
            return Overlay()
        x, y, width, height = self.position.x, self.position.y, self.position.width, self.position.height
        matrix = self.position.ctm @ fit_box(qr.width, qr.height, x, y, width, height)
        lines = self._lay_out_caption(qr)
        outlines = [outline for line in lines for outline in build_line_outlines(line, [_BLACK], matrix)]
        words = [build_line_words(line, matrix) for line in lines]
        return Overlay((QrCodePlacement(matrix, qr),), tuple(outlines), tuple(words))

    def _lay_out_caption(self, qr: QrCode) -> tuple[PlacedLine, ...]:
        if not qr.caption:
            return ()
        line = join_lines([self._shape(character) for character in check_printable(qr.caption)])
        scale = min(1.0, qr.width / line.width) if line.width else 1.0
        if scale < _MIN_CAPTION_SCALE:
            raise TemplateError(
                ErrorCode.VALUE_TOO_LONG,
                "the QR code's caption is wider than the code: shorten the access code",
            )
        left = (qr.width - line.width * scale) / 2
        return (PlacedLine(line, left, qr.height - _CAPTION_BASELINE, scale),)

    def _shape(self, character: str) -> ShapedLine:
        """Shape a character of an access code by itself: codes differ, but all consist of the same characters."""
        line = self._shaped_characters.get(character)
        if line is None:
            try:
                line = shape_line([Span(character, _CAPTION_STYLE)], self.fonts)
            except NoFontError as error:
                raise TemplateError(ErrorCode.NO_FONT, f"the QR code's caption: {error}") from error
            self._shaped_characters[character] = line
        return line
