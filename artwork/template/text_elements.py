"""Convert a template's <text> elements to placeholders, so that text looks the same in every viewer."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lxml import etree

from certbeam.artwork.errors import TemplateError, add_line
from certbeam.artwork.geometry import Box, Matrix
from certbeam.artwork.svg.cascade import (
    LAYOUT_PROPERTIES,
    PAINT_PROPERTIES,
    Cascade,
    Style,
    find_solid_fill,
)
from certbeam.artwork.svg.character_positions import CharacterPositions, parse_positions
from certbeam.artwork.svg.font_features import parse_caps
from certbeam.artwork.svg.frames import choose_frame, find_frames
from certbeam.artwork.svg.gradient_strokes import find_layers
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.text_decorations import parse_decoration_color, parse_decorations
from certbeam.artwork.svg.text_properties import (
    UnsupportedTextError,
    keeps_white_space,
    parse_anchor,
    parse_baseline,
    parse_baseline_shift,
    parse_coordinates,
    parse_direction,
    parse_first_coordinate,
    parse_font_size,
    parse_orientation,
    parse_text_style,
)
from certbeam.artwork.svg.transforms import compute_ctm, transform_box
from certbeam.artwork.svg.tree import SVG, get_href, get_line
from certbeam.artwork.svg.view_box import ViewBox, find_viewport
from certbeam.artwork.template.chunk_builder import ChunkBuilder, has_visible_content
from certbeam.artwork.template.paragraphs import join_paragraphs
from certbeam.artwork.template.text_chunks import TextChunk
from certbeam.artwork.template.text_placeholders import ClipTextPlaceholder, TextPlaceholder
from certbeam.artwork.template.text_spans import TextDecoration, TextPaint, TextSpan
from certbeam.artwork.template.variables import Variable
from certbeam.artwork.text import (
    Anchor,
    FlattenedPath,
    FontLibrary,
    NoFontError,
    Orientation,
    Placement,
    flatten_path,
    measure_baseline,
)
from certbeam.foundation.error_codes import ErrorCode

_TEXT = f"{{{SVG}}}text"
_TEXT_PATH = f"{{{SVG}}}textPath"
_PATH = f"{{{SVG}}}path"
_LINK = f"{{{SVG}}}a"
_CLIP_PATH = f"{{{SVG}}}clipPath"
_SUPPORTED_ELEMENTS = frozenset({_TEXT, _TEXT_PATH, f"{{{SVG}}}tspan", _LINK})
_DESCRIPTIONS = frozenset({f"{{{SVG}}}title", f"{{{SVG}}}desc"})
_POSITION_ATTRIBUTES = ("x", "y", "dx", "dy", "rotate", "textLength", "lengthAdjust")
_MARGIN = 0.05  # of the width of the page or frame, at both sides of a text that is too wide for it

ParseContent = Callable[[str], Sequence[str | Variable]]
"""Function that splits text with markers into literal text and variables."""


@dataclass(frozen=True)
class TextElementConverter:
    """Converter of the <text> elements of one template.

    Attributes:
        view_box: the template's view box.
        cascade: the template's styles.
        fonts: the fonts to choose from.
        parse_content: splits text with markers into literal text and variables.
    """

    view_box: ViewBox
    cascade: Cascade
    fonts: FontLibrary
    parse_content: ParseContent

    @cached_property
    def _frames(self) -> list[Box]:
        return find_frames(self.cascade.root, self.cascade, self.view_box)

    def convert(
        self, root: etree._Element
    ) -> Iterator[tuple[etree._Element, TextPlaceholder | ClipTextPlaceholder]]:
        """Convert each <text> and yield it with the placeholder for its content.

        A <text> becomes an empty group. In a clipping path, which can hold no group, it becomes a <path> without data.

        Args:
            root: the template's root element.

        Raises:
            TemplateError: ``template-text``: a text cannot be converted to outlines.
        """
        texts = [(text, self._build_placeholder(text)) for text in root.iter(_TEXT)]
        for text, placeholder in join_paragraphs(texts):
            self._make_group(text)
            if any(ancestor.tag == _CLIP_PATH for ancestor in text.iterancestors()):
                text.tag = _PATH
                yield text, ClipTextPlaceholder(placeholder)
            else:
                yield text, placeholder

    def _build_placeholder(self, text: etree._Element) -> TextPlaceholder:
        try:
            chunks = tuple(self._build_chunks(text))
        except (UnsupportedTextError, NoFontError) as error:
            message = f"a text cannot be set, because it {error}: change it, or convert it to paths"
            raise add_line(TemplateError(ErrorCode.TEMPLATE_TEXT, message), get_line(text)) from error
        has_no_effects = self.cascade.has_no_effects(text, self.view_box)
        placeholder = TextPlaceholder(chunks, self.fonts, compute_ctm(text), has_no_effects, get_line(text))
        if not placeholder.variables:
            try:
                placeholder.lay_out({})  # the layout of static text must not fail later
            except TemplateError as error:
                raise add_line(error, get_line(text)) from error
        return placeholder

    def _make_group(self, text: etree._Element) -> None:
        """Make a <text> an empty group that paints its content as the text was painted."""
        style = self.cascade.declared_style(text)
        paint = ";".join(f"{name}:{value}" for name, value in style.items() if name in PAINT_PROPERTIES)
        for child in list(text):
            if child.tag in _DESCRIPTIONS:
                child.tail = None
            else:
                text.remove(child)
        for name in (*_POSITION_ATTRIBUTES, *LAYOUT_PROPERTIES, *PAINT_PROPERTIES, "style"):
            text.attrib.pop(name, "")
        if paint:
            text.set("style", paint)
        text.tag = f"{{{SVG}}}g"

    def _build_chunks(self, text: etree._Element) -> Iterator[TextChunk]:
        builder = ChunkBuilder()
        self._read_element(text, text, builder)
        for chunk in builder.chunks:
            if any(has_visible_content(span.content) for span in chunk.spans):
                yield chunk if chunk.variables else _without_fitting(chunk)

    def _read_element(self, element: etree._Element, text: etree._Element, builder: ChunkBuilder) -> None:
        """Append the content of a <text>, or of an element inside of it, to the chunks.

        Raises:
            UnsupportedTextError: the element has an unsupported feature.
        """
        if element.tag in _DESCRIPTIONS:
            return
        if element.tag not in _SUPPORTED_ELEMENTS:
            raise UnsupportedTextError(f"contains a <{etree.QName(element).localname}>")
        style = self.cascade.computed_style(element)
        path = self._find_path(element) if element.tag == _TEXT_PATH else None
        positions = self._parse_positions(element, style)
        if element is text or path is not None or self._begins_chunk(positions, style):
            builder.begin_chunk(self._create_chunk(element, style, builder, positions, path))
        else:
            builder.move(positions)
        outer = builder.rotation, builder.baseline_offset, builder.positions
        builder.rotation = positions.rotations[0] if positions.rotations else builder.rotation
        builder.baseline_offset += parse_baseline_shift(style, self._find_parent_font_size(element, style))
        if positions.is_per_character:
            builder.positions = (*builder.positions, positions)
        first = len(builder.chunks) - 1, len(builder.chunks[-1].spans)
        self._read_content(element, text, builder, style)
        self._fit_length(element, builder, *first)
        builder.rotation, builder.baseline_offset, builder.positions = outer
        builder.is_after_path = builder.is_after_path or path is not None

    def _begins_chunk(self, positions: CharacterPositions, style: Style) -> bool:
        if parse_orientation(style) is not Orientation.HORIZONTAL:
            return bool(positions.x or positions.y)
        return bool(positions.x or (positions.y and parse_anchor(style) is not Anchor.START))

    def _read_content(
        self, element: etree._Element, text: etree._Element, builder: ChunkBuilder, style: Style
    ) -> None:
        """Append the character data of an element and its children to the chunks."""
        span = self._create_span(element, text, style)
        self._append(builder, span, element, style, element.text)
        for child in element:
            self._read_element(child, text, builder)
            self._append(builder, span, element, style, child.tail)

    def _append(
        self,
        builder: ChunkBuilder,
        span: TextSpan,
        element: etree._Element,
        style: Style,
        content: str | None,
    ) -> None:
        if builder.is_after_path and content and content.strip():
            raise UnsupportedTextError("continues after its <textPath>")
        if content and not builder.is_after_path:
            parts = self.parse_content(content)
            if has_visible_content(parts) and builder.is_empty:
                self._anchor(builder, element, style)
            builder.append(span, parts)

    def _anchor(self, builder: ChunkBuilder, element: etree._Element, style: Style) -> None:
        """Align the last chunk as the element declares that has its first character (SVG 2 §11.5)."""
        chunk = builder.chunks[-1]
        anchor, position = _find_anchor(style), chunk.position
        if anchor is position.anchor:
            return
        width, margin = position.max_width, position.margin
        if chunk.path is None and "inline-size" not in style and not chunk.is_continued:
            start = (position.x, position.y)
            width, margin = self._find_available_width(element, start, anchor, chunk.orientation)
        builder.chunks[-1] = replace(chunk, position=Placement(position.x, position.y, anchor, width, margin))

    def _fit_length(
        self, element: etree._Element, builder: ChunkBuilder, chunk_index: int, first_span: int
    ) -> None:
        """Apply an element's ``textLength`` to the spans that it has appended.

        Raises:
            UnsupportedTextError: its text has several chunks.
        """
        (length, *_) = parse_coordinates(element.get("textLength"), self.view_box.width, 0.0) or (0.0,)
        if not length:
            return
        if chunk_index != len(builder.chunks) - 1:
            raise UnsupportedTextError("has a textLength for more than one line")
        if builder.chunks[chunk_index].path is not None:
            raise UnsupportedTextError("has a textLength on a path")
        if len(builder.chunks[chunk_index].spans) > first_span:
            stretches_glyphs = element.get("lengthAdjust") == "spacingAndGlyphs"
            builder.fit_length(chunk_index, first_span, length, stretches_glyphs=stretches_glyphs)

    def _create_chunk(
        self,
        element: etree._Element,
        style: Style,
        builder: ChunkBuilder,
        positions: CharacterPositions,
        path: FlattenedPath | None,
    ) -> TextChunk:
        """Create an empty chunk at the position of the element that begins it."""
        right_to_left, orientation = parse_direction(style), parse_orientation(style)
        anchor = _find_anchor(style)
        if path is not None:
            start = parse_first_coordinate(element.get("startOffset"), path.length, parse_font_size(style))
            on_path = Placement(start, 0.0, anchor, path.length)
            return TextChunk((), on_path, right_to_left, keeps_white_space(style), path)
        at = positions.at(0)
        # Of the coordinate along the line, only the offset is known here if the chunk continues the one before it.
        along = at.y if orientation is not Orientation.HORIZONTAL else at.x
        is_continued = along is None and bool(builder.chunks)
        if orientation is not Orientation.HORIZONTAL and is_continued:
            x = at.x if at.x is not None else builder.chunks[-1].position.x
            x, y = x + (at.dx or 0.0), at.dy or 0.0
        else:
            x = (at.x or 0.0) + (at.dx or 0.0)
            y = (builder.y if at.y is None else at.y) + (at.dy or 0.0)
        width = parse_length(style.get("inline-size")) or math.inf
        margin = 0.0
        if math.isinf(width) and not is_continued:
            width, margin = self._find_available_width(element, (x, y), anchor, orientation)
        return TextChunk(
            (),
            Placement(x, y, anchor, width, margin),
            right_to_left,
            keeps_white_space(style),
            orientation=orientation,
            is_continued=is_continued,
        )

    def _parse_positions(self, element: etree._Element, style: Style) -> CharacterPositions:
        return parse_positions(element, find_viewport(element, self.view_box), parse_font_size(style))

    def _find_parent_font_size(self, element: etree._Element, style: Style) -> float:
        """Return the font size of the parent in user units, or the element's own if the parent's is unknown."""
        parent = element.getparent()
        size = "" if parent is None else self.cascade.computed_style(parent).get("font-size", "")
        return parse_length(size) or parse_font_size(style)

    def _find_path(self, text_path: etree._Element) -> FlattenedPath:
        """Return the path that a <textPath> refers to.

        Raises:
            UnsupportedTextError: the path does not exist or is not supported.
        """
        name = get_href(text_path).removeprefix("#")
        paths = text_path.getroottree().iter(_PATH)
        path = next((path for path in paths if path.get("id") == name), None)
        has_default_layout = (
            text_path.get("side", "left") == "left" and text_path.get("method", "align") == "align"
        )
        if path is None or "transform" in path.attrib or "pathLength" in path.attrib:
            track = None
        else:
            track = flatten_path(str(path.get("d", "")))
        if track is None or not has_default_layout:
            raise UnsupportedTextError("follows a path that does not exist or is not supported")
        return track

    def _find_available_width(
        self, element: etree._Element, start: tuple[float, float], anchor: Anchor, orientation: Orientation
    ) -> tuple[float, float]:
        """Return the length of the line up to the edges of the view box, and the margin of a line that is longer.

        The length is infinite if it is unknown.
        """
        limits = self._find_limits(element, start)
        if limits is None:
            return math.inf, 0.0
        is_horizontal = orientation is Orientation.HORIZONTAL
        point = start[0] if is_horizontal else start[1]
        first, last = (limits.left, limits.right) if is_horizontal else (limits.top, limits.bottom)
        lengths = {
            Anchor.START: last - point,
            Anchor.END: point - first,
            Anchor.MIDDLE: 2 * min(last - point, point - first),
        }
        length, sides = lengths[anchor], 2 if anchor is Anchor.MIDDLE else 1
        if length <= 0:
            return math.inf, 0.0
        return length, min(sides * _MARGIN * (last - first), 2 * _MARGIN * length)

    def _find_limits(self, element: etree._Element, start: tuple[float, float]) -> Box | None:
        """Return the frame around a point, or else the view box, in an element's user units; None if it is unknown."""
        ctm = compute_ctm(element)
        if ctm is None:
            return None
        em = parse_font_size(self.cascade.computed_style(element)) * ctm.a
        point = ctm @ Matrix(e=start[0], f=start[1])
        frame = choose_frame(self._frames, point.e, point.f, em)
        return transform_box(frame or self.view_box.box, element)

    def _create_span(self, element: etree._Element, text: etree._Element, style: Style) -> TextSpan:
        """Create an empty span in the style of an element.

        Raises:
            UnsupportedTextError: the style has a font size in unknown units.
            NoFontError: no font is installed.
        """
        size = self.parse_content(style.get("font-size", ""))
        size_variable = next((part for part in size if not isinstance(part, str)), None)
        if size_variable is None and size and parse_length(style["font-size"]) is None:
            raise UnsupportedTextError(f"has the font size {style['font-size'][:60]}")
        text_style = parse_text_style(style)
        keyword = parse_baseline(style)
        return TextSpan(
            content=(),
            style=text_style,
            size=size_variable,
            paint=self._create_paint(element, text, style),
            text_transform=style.get("text-transform", "none"),
            caps=parse_caps(style),
            baseline_shift=measure_baseline(
                keyword,
                text_style.query("Latn", "en"),
                self.fonts,
                size=text_style.size,
                pixel=self._find_pixel(text),
            ),
            decorations=tuple(self._create_decorations(element, text)),
        )

    def _find_pixel(self, text: etree._Element) -> float:
        """Return the size of a pixel in a text's user units; that of an unrotated page if it is unknown."""
        ctm = compute_ctm(text) or Matrix()
        return self.view_box.width / self.view_box.page_width / math.hypot(ctm.a, ctm.b)

    def _create_paint(self, element: etree._Element, text: etree._Element, style: Style) -> TextPaint:
        css = "" if element is text else self._collect_paint(element, text)
        in_user_space = style.get("stroke", "none") != "none" or "url(" in style.get("fill", "")
        return TextPaint(css, find_solid_fill(style), in_user_space, find_layers(style))

    def _create_decorations(self, element: etree._Element, text: etree._Element) -> Iterator[TextDecoration]:
        """Yield the decorations of an element and its ancestors, the outermost first."""
        for ancestor in reversed([element, *element.iterancestors()]):
            painter = ancestor if text in ancestor.iterancestors() else text
            own_style, painter_style = (
                self.cascade.declared_style(ancestor),
                self.cascade.computed_style(painter),
            )
            color = parse_decoration_color(own_style)
            declared = own_style | {"font-size": painter_style.get("font-size", "")}
            for decoration in parse_decorations(declared, self._find_pixel(text)):
                paint: TextPaint | None = None
                if color is not None:
                    paint = TextPaint(f"fill:{color};stroke:none", find_solid_fill({"fill": color}))
                elif painter is not element:
                    paint = self._create_paint(painter, text, painter_style)
                yield TextDecoration(decoration, paint)

    def _collect_paint(self, element: etree._Element, text: etree._Element) -> str:
        """Return the paint that an element and its ancestors inside of the <text> declare, as CSS declarations."""
        paint: dict[str, str] = {}
        while element is not text:
            paint = self.cascade.declared_style(element) | paint
            parent = element.getparent()
            if parent is None:
                break
            element = parent
        return ";".join(f"{name}:{value}" for name, value in paint.items() if name in PAINT_PROPERTIES)


def _find_anchor(style: Style) -> Anchor:
    """Return the point of a line, as drawn from left to right, that a style aligns."""
    anchor = parse_anchor(style) or Anchor.START
    if parse_direction(style) and anchor is not Anchor.MIDDLE:
        return Anchor.END if anchor is Anchor.START else Anchor.START
    return anchor


def _without_fitting(chunk: TextChunk) -> TextChunk:
    """Return a static chunk that is not shrunk or wrapped, because its author has positioned it."""
    return replace(chunk, position=replace(chunk.position, max_width=math.inf))
