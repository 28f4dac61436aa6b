"""Compile the source of a template to static parts and placeholders."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from lxml import etree

from certbeam.artwork.css.font_faces import remove_empty_style_sheets
from certbeam.artwork.css.resolve import resolve_styles
from certbeam.artwork.errors import Finding, TemplateError, add_line
from certbeam.artwork.overlay import Overlay
from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.svg.cascade import LAYOUT_PROPERTIES, Cascade
from certbeam.artwork.svg.conditions import find_languages, resolve_conditions
from certbeam.artwork.svg.data_uris import DataUris
from certbeam.artwork.svg.dead_references import normalise_references
from certbeam.artwork.svg.embedded_fonts import load_embedded_fonts, remove_font_faces
from certbeam.artwork.svg.engine_limits import find_engine_limits
from certbeam.artwork.svg.gradient_strokes import separate_gradient_strokes
from certbeam.artwork.svg.image_patterns import replace_image_patterns
from certbeam.artwork.svg.image_placement import ANYWHERE, PIXELS_OF_PAGE, ImagePlacement, find_placement
from certbeam.artwork.svg.images import embed_image, sanitise_image
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.parse import parse_svg
from certbeam.artwork.svg.percent_encoding import percent_encode
from certbeam.artwork.svg.references import check_references
from certbeam.artwork.svg.root import normalise_root
from certbeam.artwork.svg.sanitise import sanitise, sanitise_styles
from certbeam.artwork.svg.transforms import compute_ctm
from certbeam.artwork.svg.tree import HREFS, SVG, get_href, get_line, use_default_namespace
from certbeam.artwork.svg.view_box import ViewBox, normalise_view_box
from certbeam.artwork.template.compiled import CompiledTemplate
from certbeam.artwork.template.drawing_order import DrawingOrder
from certbeam.artwork.template.escape import (
    Escaper,
    check_css_value,
    escape_attribute,
    escape_link,
    escape_text,
    escape_url_component,
)
from certbeam.artwork.template.image_texts import ImageTextOutliner
from certbeam.artwork.template.markers import Markers
from certbeam.artwork.template.placeholders import ImagePlaceholder, Placeholder, ValuePlaceholder
from certbeam.artwork.template.qr_placeholders import QrPlaceholder, QrPosition, QrViewBoxPlaceholder
from certbeam.artwork.template.split_variables import join_split_variables
from certbeam.artwork.template.text_elements import TextElementConverter
from certbeam.artwork.template.text_placeholders import ClipTextPlaceholder, TextPlaceholder
from certbeam.artwork.template.variables import (
    QR_VARIABLES,
    TextVariable,
    Variable,
    find_variables,
    parse_only_variable,
    replace_variables,
)
from certbeam.artwork.text import FontLibrary
from certbeam.foundation.error_codes import ErrorCode

_URI_PREFIX = b"data:image/svg+xml,"
_IMAGE = f"{{{SVG}}}image"
_LINK = f"{{{SVG}}}a"
_STYLE = f"{{{SVG}}}style"
_LOCAL_URL = re.compile(r"url\(\s*['\"]?#[^)]*\)")
# Some templates have this prefix before a variable, although the variable's value is a whole data: URI.
_DATA_URI_PREFIX = re.compile(r"\s*data:image/[\w.+-]+;base64,(?=[${])")
_VIEWPORT_ATTRIBUTES = ("x", "y", "width", "height", "preserveAspectRatio")
# The attributes whose value can be CSS with a url().
_CSS_ATTRIBUTES = frozenset({"style", "fill", "stroke", "filter", "mask", "clip-path", "marker", "cursor"})
_CSS_ATTRIBUTES |= {"marker-start", "marker-mid", "marker-end"}
# Elements and attributes that describe the picture and are not rendered.
_DESCRIPTIONS = frozenset({f"{{{SVG}}}title", f"{{{SVG}}}desc"})
_DESCRIPTIVE_ATTRIBUTES = ("aria-", "data-", "lang", "role", "{")
# The defaults of the variables for font sizes, as parts of the view box's height.
_DEFAULT_FONT_SIZES = {"maxFontSize": 0.045, "minFontSize": 0.02}
_MAX_ENLARGED_IMAGES = 30  # enlarging one takes up to 30 ms
_MAX_LANGUAGES = 50  # each is compiled as a template of its own
_NO_QR = make_qr("-")  # for placeholders that do not use the QR code


def compile_template(
    source: bytes, *, embed: Callable[[str], str], fonts: FontLibrary, merge_static_text: bool = True
) -> CompiledTemplate:
    """Parse, check and sanitise a template, and prepare it for being filled.

    Args:
        source: an SVG document with Sunbird's ``${…}`` or Sunbird RC's ``{{…}}`` variable references.
        embed: returns the ``data:`` URI for the URL of an image, or raises TemplateError; the compiler itself does
            not access the network.
        fonts: the fonts for the template's text.
        merge_static_text: make text without variables part of the static parts, as for issuing. If False, each
            <text> has a placeholder.

    Raises:
        TemplateError: the template is malformed, too large or unsafe, or has an invalid variable reference.
    """
    compiler = _Compiler(source, embed, fonts)
    template = compiler.compile("", merge_static_text=merge_static_text)
    languages = compiler.languages
    if len(languages) > _MAX_LANGUAGES:
        raise TemplateError(
            ErrorCode.TEMPLATE_TOO_LARGE,
            f"the template has parts for {len(languages)} languages, more than the {_MAX_LANGUAGES} allowed: split it",
        )
    variants = [
        _Compiler(source, embed, fonts).compile(language, merge_static_text=merge_static_text)
        for language in languages
    ]
    if not variants:
        return template
    findings = [finding for variant in (template, *variants) for finding in variant.findings]
    return replace(
        template,
        variants=dict(zip(languages, variants, strict=True)),
        required_variables=template.required_variables.union(
            *(variant.required_variables for variant in variants)
        ),
        findings=tuple(dict.fromkeys(findings)),
    )


class _Compiler:
    """Compiler of one template for one language.

    Attributes:
        languages: the languages for which the template has parts, once it is compiled.
    """

    def __init__(self, source: bytes, embed: Callable[[str], str], fonts: FontLibrary) -> None:
        self.languages: list[str] = []
        self._source = source
        self._embed = embed
        self._fonts = fonts
        self._markers = Markers(source)
        self._outline_texts = ImageTextOutliner(fonts)
        self._defaults: dict[str, str] = {}
        self._image_count = 0

    def compile(self, language: str, *, merge_static_text: bool) -> CompiledTemplate:
        findings: list[Finding] = []
        root = parse_svg(self._source, findings)
        self.languages = find_languages(root)
        view_box = normalise_view_box(root)
        self._mark_variables(root, view_box)
        data_uris = DataUris(root)
        findings += sanitise_styles(root)
        styles = resolve_styles(root, view_box)  # before elements are removed, because selectors count them
        findings += styles.findings
        findings += find_engine_limits(root)
        resolve_conditions(root, language)
        findings += sanitise(root, partial(self._embed_image, view_box), self._markers.pattern)
        self._place_value_images(root, view_box)
        root = use_default_namespace(root)
        view_box = normalise_root(root, view_box, styles.background)
        normalise_references(root)
        check_references(root)
        replace_image_patterns(root)
        separate_gradient_strokes(root)
        cascade = Cascade(root)
        order = DrawingOrder(root, cascade, view_box)
        self._mark_qr_codes(root, cascade, view_box, order)
        self._mark_texts(root, order, self._create_converter(root, cascade, view_box, data_uris, findings))
        remove_empty_style_sheets(root)
        data_uris.restore(root)
        literals, placeholders = self._markers.split(
            etree.tostring(root, encoding="unicode", with_tail=False)
        )
        static_text = Overlay()
        if merge_static_text:
            literals, placeholders, static_text = _merge_static_text(literals, placeholders)
        return CompiledTemplate(
            static_parts=tuple(literal.encode() for literal in literals),
            static_uri_parts=_encode_uri(literals),
            placeholders=tuple(placeholders),
            required_variables=_find_required_variables(placeholders),
            view_box=view_box,
            findings=tuple(self._restore_references(finding) for finding in findings),
            static_text=static_text.text_lines,
            digest=hashlib.sha256("\0".join(literals).encode()).hexdigest(),
        )

    def _restore_references(self, finding: Finding) -> Finding:
        """Replace markers in the message of a finding by the variable references of the source."""
        return replace(finding, message=self._markers.restore_references(finding.message))

    def _mark_variables(self, root: etree._Element, view_box: ViewBox) -> None:
        """Replace each variable reference by the marker of a placeholder."""
        self._defaults = {name: f"{view_box.height * part:.0f}" for name, part in _DEFAULT_FONT_SIZES.items()}
        join_split_variables(root)
        for element in root.iter(etree.Element):
            try:
                self._mark_element(element)
            except TemplateError as error:
                raise add_line(error, element.sourceline) from error

    def _mark_element(self, element: etree._Element) -> None:
        escape = check_css_value if element.tag == _STYLE else escape_text
        is_visible = element.tag not in _DESCRIPTIONS
        element.text = self._mark_text(element.text, escape, is_visible)
        for child in element:
            child.tail = self._mark_text(child.tail, escape, is_visible)
        for name, value in element.attrib.items():
            if "{" in value:
                element.set(name, self._mark_attribute(element, str(name), str(value)))

    def _mark_text(self, text: str | None, escape: Escaper, is_visible: bool) -> str | None:
        return text and replace_variables(
            text, lambda variable: self._mark_variable(variable, escape, is_visible)
        )

    def _mark_attribute(self, element: etree._Element, name: str, value: str) -> str:
        if name == "id" or (name in HREFS and value.startswith("#")):
            return _use_variable_names(value)
        if name in HREFS and element.tag == _IMAGE:
            return self._mark_image(value)
        if name in HREFS and element.tag != _LINK:
            return value  # only images and links can have variables: sanitising removes this reference
        value = _LOCAL_URL.sub(lambda match: _use_variable_names(match[0]), value)
        escape = check_css_value if name in _CSS_ATTRIBUTES else escape_attribute
        if name in HREFS:
            escape = escape_link if parse_only_variable(value) else escape_url_component
        is_visible = name not in HREFS and not name.startswith(_DESCRIPTIVE_ATTRIBUTES)
        return replace_variables(value, lambda variable: self._mark_variable(variable, escape, is_visible))

    def _mark_image(self, href: str) -> str:
        variable = parse_only_variable(_DATA_URI_PREFIX.sub("", href))
        if variable is None and not find_variables(href):
            return href  # braces of the CSS inside of a data: URI
        if variable is None:
            raise TemplateError(
                ErrorCode.TEMPLATE_IMAGE,
                f"the image URL {href[:60]!r} contains a variable: make the variable the whole URL,"
                " and give it an image as its value",
            )
        is_qr = variable.name in QR_VARIABLES
        return self._markers.add(
            QrPlaceholder(self._fonts) if is_qr else ImagePlaceholder(variable, self._sanitise_image)
        )

    def _mark_variable(self, variable: Variable, escape: Escaper, is_visible: bool) -> str:
        if isinstance(variable, TextVariable) and variable.default is None:
            variable = replace(variable, default=self._defaults.get(variable.name))
        return self._markers.add(ValuePlaceholder(variable, escape, is_visible))

    def _embed_image(self, view_box: ViewBox, href: str, image: etree._Element) -> str:
        uri = href if href.lower().startswith("data:") else self._embed(href)
        self._image_count += 1
        page_width = PIXELS_OF_PAGE if self._image_count <= _MAX_ENLARGED_IMAGES else 0.0
        return embed_image(uri, image, view_box, self._outline_texts, page_width=page_width)

    def _place_value_images(self, root: etree._Element, view_box: ViewBox) -> None:
        """Give the placeholders of images the sizes at which these are drawn."""
        for image in root.iter(_IMAGE):
            marker = get_href(image)
            placeholder = self._markers.find_placeholder(marker)
            if isinstance(placeholder, ImagePlaceholder):
                sanitise_value = partial(self._sanitise_image, placement=find_placement(image, view_box))
                self._markers.replace(marker, replace(placeholder, sanitise=sanitise_value))

    def _sanitise_image(self, uri: str, placement: ImagePlacement = ANYWHERE) -> str:
        return sanitise_image(uri, self._outline_texts, placement)

    def _mark_qr_codes(
        self, root: etree._Element, cascade: Cascade, view_box: ViewBox, order: DrawingOrder
    ) -> None:
        for image in list(root.iter(_IMAGE)):
            if isinstance(self._markers.find_placeholder(get_href(image)), QrPlaceholder):
                self._mark_qr_code(image, cascade, view_box, order)

    def _mark_qr_code(
        self, image: etree._Element, cascade: Cascade, view_box: ViewBox, order: DrawingOrder
    ) -> None:
        """Replace the <image> of a QR code by a group with a nested <svg> of the same position and size."""
        if not image.get("width") or not image.get("height"):
            error = TemplateError(
                ErrorCode.TEMPLATE_QR_SIZE, "the QR code's <image> lacks a width or a height: add both"
            )
            raise add_line(error, image.sourceline)
        if image.get("preserveAspectRatio") in ("none", "xMidYMid", "xMidYMid meet"):
            del image.attrib["preserveAspectRatio"]  # a QR code must not be stretched
        position = _find_qr_position(image) if cascade.has_no_effects(image, view_box) else None
        if position is not None and order.is_covered(image, [position.box]):
            position = None
        placeholder = QrPlaceholder(self._fonts, position, get_line(image))
        etree.strip_attributes(image, *HREFS)
        attributes = {
            name: str(image.attrib.pop(name)) for name in _VIEWPORT_ATTRIBUTES if name in image.attrib
        }
        image.tag = f"{{{SVG}}}g"
        view_box_marker = self._markers.add(QrViewBoxPlaceholder())
        code = etree.SubElement(image, f"{{{SVG}}}svg", attributes, viewBox=view_box_marker)
        code.text = self._markers.add(placeholder)

    def _create_converter(
        self,
        root: etree._Element,
        cascade: Cascade,
        view_box: ViewBox,
        data_uris: DataUris,
        findings: list[Finding],
    ) -> TextElementConverter:
        fonts = self._fonts.with_embedded(
            load_embedded_fonts(root, data_uris, self._fonts.installed, findings)
        )
        return TextElementConverter(view_box, cascade, fonts, self._markers.parse_content)

    def _mark_texts(self, root: etree._Element, order: DrawingOrder, converter: TextElementConverter) -> None:
        """Replace each <text> by a group with a marker."""
        try:
            converted = list(converter.convert(root))
        except TemplateError as error:
            raise TemplateError(error.code, self._markers.restore_references(str(error))) from error
        for element, placeholder in converted:
            if isinstance(placeholder, ClipTextPlaceholder):
                element.set("d", self._markers.add(placeholder))
                continue
            can_overlay = not placeholder.is_static and placeholder.is_overlaid
            if can_overlay and order.is_covered(element, placeholder.find_boxes()):
                placeholder = replace(placeholder, has_no_effects=False)
            element.text = self._markers.add(placeholder)
        remove_font_faces(root)
        _remove_text_properties(root)


def _remove_text_properties(root: etree._Element) -> None:
    """Remove what has been applied to outlines, and would apply to the invisible text over them once more."""
    for element in root.iter(etree.Element):
        for name in LAYOUT_PROPERTIES.intersection(map(str, element.attrib)):
            del element.attrib[name]


def _find_qr_position(image: etree._Element) -> QrPosition | None:
    """Return the position of an <image>; None if it is not absolute, or a preserveAspectRatio affects it."""
    x, y, width, height = (parse_length(image.get(name, "0")) for name in ("x", "y", "width", "height"))
    ctm = compute_ctm(image)
    if (
        ctm is None
        or x is None
        or y is None
        or not width
        or not height
        or "preserveAspectRatio" in image.attrib
    ):
        return None
    return QrPosition(x, y, width, height, ctm)


def _use_variable_names(identifier: str) -> str:
    """Replace the variables in an id, or in a reference to one, by their names, as values can be invalid in ids."""
    return replace_variables(identifier, lambda variable: variable.name)


def _encode_uri(literals: Sequence[str]) -> tuple[bytes, ...]:
    first, *rest = map(percent_encode, literals)
    return (_URI_PREFIX + first, *rest)


def _find_required_variables(placeholders: Sequence[Placeholder]) -> frozenset[str]:
    return frozenset(
        variable.name
        for placeholder in placeholders
        for variable in placeholder.variables
        if variable.default is None
    )


def _merge_static_text(
    literals: Sequence[str], placeholders: Sequence[Placeholder]
) -> tuple[list[str], list[Placeholder], Overlay]:
    """Fill the placeholders of text without variables.

    Returns:
        The literals with the filled text, the remaining placeholders, and the overlay of the text.
    """
    merged: list[str] = [literals[0]]
    remaining: list[Placeholder] = []
    overlay = Overlay()
    for placeholder, literal in zip(placeholders, literals[1:], strict=True):
        if isinstance(placeholder, TextPlaceholder) and placeholder.is_static:
            merged[-1] += placeholder.fill({}, _NO_QR).svg.decode() + literal
            overlay += placeholder.build_overlay({}, _NO_QR)
        else:
            remaining.append(placeholder)
            merged.append(literal)
    return merged, remaining, overlay
