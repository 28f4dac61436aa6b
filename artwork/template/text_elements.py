"""Convert a template's <text> elements to placeholders, so that text looks the same in every viewer."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree

from certbeam.artwork.errors import Finding, TemplateError
from certbeam.artwork.svg.cascade import (
    LAYOUT_PROPERTIES,
    PAINT_PROPERTIES,
    Cascade,
    Style,
    find_solid_fill,
)
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.text_properties import (
    UnsupportedTextError,
    check_supported,
    keeps_white_space,
    parse_anchor,
    parse_baseline_shift,
    parse_coordinates,
    parse_direction,
    parse_dominant_baseline,
    parse_first_coordinate,
    parse_font_size,
    parse_text_style,
)
from certbeam.artwork.svg.transforms import compute_ctm, find_horizontal_limits
from certbeam.artwork.svg.tree import SVG, get_href, get_line
from certbeam.artwork.svg.view_box import ViewBox
from certbeam.artwork.template.chunk_builder import (
    CharacterPositions,
    ChunkBuilder,
    has_visible_content,
)
from certbeam.artwork.template.text_chunks import TextChunk, TextSpan
from certbeam.artwork.template.text_placeholders import TextPlaceholder
from certbeam.artwork.template.variables import Variable
from certbeam.artwork.text import Anchor, FlattenedPath, FontLibrary, Placement, flatten_path
from certbeam.artwork.text.scripts import extends_cluster

_TEXT = f"{{{SVG}}}text"
_TEXT_PATH = f"{{{SVG}}}textPath"
_PATH = f"{{{SVG}}}path"
_LINK = f"{{{SVG}}}a"
_CLIP_PATH = f"{{{SVG}}}clipPath"
_SUPPORTED_ELEMENTS = frozenset({_TEXT, _TEXT_PATH, f"{{{SVG}}}tspan", _LINK})
_DESCRIPTIONS = frozenset({f"{{{SVG}}}title", f"{{{SVG}}}desc"})
_POSITION_ATTRIBUTES = ("x", "y", "dx", "dy", "rotate", "textLength", "lengthAdjust")
_MARGIN = 0.05  # of the view box's width, on the left and right of a text
_KEPT_AS_TEXT = "a text is not converted to outlines and depends on the viewer's fonts"

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

    def convert(
        self, root: etree._Element, findings: list[Finding]
    ) -> Iterator[tuple[etree._Element, TextPlaceholder]]:
        """Convert each <text> to an empty group, and yield the group with the placeholder for its content.

        A text with an unsupported feature, such as vertical text, remains unchanged and adds a finding.

        Args:
            root: the template's root element.
            findings: receives the findings.
        """
        for text in list(root.iter(_TEXT)):
            try:
                placeholder = self._build_placeholder(text)
            except UnsupportedTextError as error:
                message = f"{_KEPT_AS_TEXT}, because it {error}: simplify it, or accept the viewer's fonts"
                findings.append(Finding("text-unset", get_line(text), message))
                continue
            except TemplateError as error:
                findings.append(Finding("text-unset", get_line(text), f"{_KEPT_AS_TEXT}: {error}"))
                continue
            self._make_group(text)
            yield text, placeholder

    def _build_placeholder(self, text: etree._Element) -> TextPlaceholder:
        chunks = tuple(self._build_chunks(text))
        has_no_effects = self.cascade.has_no_effects(text, self.view_box)
        placeholder = TextPlaceholder(chunks, self.fonts, compute_ctm(text), has_no_effects, get_line(text))
        if not placeholder.variables:
            placeholder.lay_out({})  # the layout of static text must not fail later
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
        if any(ancestor.tag == _CLIP_PATH for ancestor in text.iterancestors()):
            raise UnsupportedTextError("is part of a clipping path")
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
        check_supported(element, style)
        path = self._find_path(element) if element.tag == _TEXT_PATH else None
        positions = self._parse_positions(element, parse_font_size(style))
        if element is text or path is not None or (positions.x and not positions.is_per_character):
            builder.begin_chunk(self._create_chunk(element, style, builder, positions, path))
        else:
            builder.move(positions)
        outer_rotation, outer_baseline_shift = builder.rotation, builder.baseline_shift
        builder.rotation = positions.rotations[0] if positions.rotations else builder.rotation
        builder.baseline_shift += parse_baseline_shift(style, self._find_parent_font_size(element, style))
        self._read_content(element, text, builder, style, positions)
        builder.rotation, builder.baseline_shift = outer_rotation, outer_baseline_shift
        builder.is_after_path = builder.is_after_path or path is not None

    def _read_content(
        self,
        element: etree._Element,
        text: etree._Element,
        builder: ChunkBuilder,
        style: Style,
        positions: CharacterPositions,
    ) -> None:
        """Append the character data of an element and its children to the chunks."""
        span = self._create_span(element, text, style)
        if positions.is_per_character:
            self._append_characters(builder, span, element, style, positions)
        else:
            self._append(builder, span, element.text)
        for child in element:
            self._read_element(child, text, builder)
            self._append(builder, span, child.tail)

    def _append(self, builder: ChunkBuilder, span: TextSpan, content: str | None) -> None:
        if builder.is_after_path and content and content.strip():
            raise UnsupportedTextError("continues after its <textPath>")
        if content and not builder.is_after_path:
            builder.append(span, self.parse_content(content))

    def _append_characters(
        self,
        builder: ChunkBuilder,
        span: TextSpan,
        element: etree._Element,
        style: Style,
        positions: CharacterPositions,
    ) -> None:
        """Append each character of an element at its own position; a combining mark moves with its base letter."""
        content = element.text or ""
        is_literal = len(element) == 0 and all(isinstance(part, str) for part in self.parse_content(content))
        if not is_literal or parse_anchor(style) is not Anchor.START:
            raise UnsupportedTextError(
                "positions single characters, but is not literal text with the text-anchor start"
            )
        characters = (
            re.sub(r"[\t\r\n]", " ", content) if keeps_white_space(style) else " ".join(content.split())
        )
        for index, character in enumerate(characters):
            if not extends_cluster(character):
                builder.move_to_character(positions, index)
            builder.append(span, [character])

    def _create_chunk(
        self,
        element: etree._Element,
        style: Style,
        builder: ChunkBuilder,
        positions: CharacterPositions,
        path: FlattenedPath | None,
    ) -> TextChunk:
        """Create an empty chunk at the position of the element that begins it."""
        right_to_left = parse_direction(style)
        anchor = parse_anchor(style) or Anchor.START
        if right_to_left and anchor is not Anchor.MIDDLE:
            anchor = Anchor.END if anchor is Anchor.START else Anchor.START
        if path is not None:
            start = parse_first_coordinate(element.get("startOffset"), path.length, parse_font_size(style))
            on_path = Placement(start, 0.0, anchor, path.length)
            return TextChunk((), on_path, right_to_left, keeps_white_space(style), path)
        x = (positions.x[0] if positions.x else 0.0) + (positions.dx[0] if positions.dx else 0.0)
        y = (positions.y[0] if positions.y else builder.y) + (positions.dy[0] if positions.dy else 0.0)
        y += parse_dominant_baseline(style)
        width = parse_length(style.get("inline-size")) or self._find_available_width(element, x, anchor)
        return TextChunk((), Placement(x, y, anchor, width), right_to_left, keeps_white_space(style))

    def _parse_positions(self, element: etree._Element, em: float) -> CharacterPositions:
        width, height = self.view_box.width, self.view_box.height
        return CharacterPositions(
            x=parse_coordinates(element.get("x"), width, em),
            y=parse_coordinates(element.get("y"), height, em),
            dx=parse_coordinates(element.get("dx"), width, em),
            dy=parse_coordinates(element.get("dy"), height, em),
            rotations=parse_coordinates(element.get("rotate"), width, em),
        )

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

    def _find_available_width(self, element: etree._Element, x: float, anchor: Anchor) -> float:
        """Return the width up to the edges of the view box, less a margin; infinite if it is unknown."""
        limits = find_horizontal_limits(element, self.view_box, self.view_box.width * _MARGIN)
        if limits is None:
            return math.inf
        left, right = limits
        widths = {
            Anchor.START: right - x,
            Anchor.END: x - left,
            Anchor.MIDDLE: 2 * min(right - x, x - left),
        }
        return widths[anchor] if widths[anchor] > 0 else math.inf

    def _create_span(self, element: etree._Element, text: etree._Element, style: Style) -> TextSpan:
        """Create an empty span in the style of an element."""
        size = self.parse_content(style.get("font-size", ""))
        return TextSpan(
            content=(),
            style=parse_text_style(style),
            size=next((part for part in size if not isinstance(part, str)), None),
            paint="" if element is text else self._collect_paint(element, text),
            color=find_solid_fill(style),
            has_user_space_paint=style.get("stroke", "none") != "none" or "url(" in style.get("fill", ""),
            text_transform=style.get("text-transform", "none"),
        )

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


def _without_fitting(chunk: TextChunk) -> TextChunk:
    """Return a static chunk that is not shrunk or wrapped, because its author has positioned it."""
    return replace(chunk, position=replace(chunk.position, max_width=math.inf))
