"""Check a template for errors, and for what will look wrong on its certificates, before any is issued."""

import difflib
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import PIL.Image
import PIL.ImageStat
from lxml import etree

from certbeam.artwork.authoring.preview import preview
from certbeam.artwork.authoring.samples import LONG_NAME, SAMPLE_ACCESS_CODE, SAMPLE_URL
from certbeam.artwork.errors import Finding, TemplateError, find_error_line
from certbeam.artwork.overlay import Color, TextLine
from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.svg.images import TRANSPARENT_IMAGE
from certbeam.artwork.svg.parse import parse_svg
from certbeam.artwork.svg.tree import HREFS, SVG, get_line
from certbeam.artwork.template.compiled import CompiledTemplate, FilledTemplate
from certbeam.artwork.template.compiler import compile_template
from certbeam.artwork.template.qr_placeholders import QrPlaceholder
from certbeam.artwork.template.text_placeholders import TextPlaceholder
from certbeam.artwork.template.variables import QR_VARIABLES, Variable, find_variables
from certbeam.artwork.text import FontLibrary
from certbeam.artwork.text.font_families import GENERIC_FAMILIES, UNRESOLVED_GENERIC_FAMILIES

_EXPECTED_VARIABLES = ("recipientName",)
_OPTIONAL_VARIABLES = re.compile(
    r"signatory\d+\w+|(?:max|min)FontSize"
)  # these may be absent from a certificate
_GENERIC_FAMILIES = UNRESOLVED_GENERIC_FAMILIES | set(GENERIC_FAMILIES)
_FONT_FAMILY = re.compile(r"font-family\s*:\s*([^;}]+)")
_EMBEDDED_FONT_FAMILY = re.compile(r"@font-face\s*{[^}]*font-family\s*:\s*['\"]?([^;'\"}]+)")
_MAX_HREF_LENGTH = 100_000  # characters
_MIN_SCALE = 0.6  # of a long name; a smaller name no longer stands out from the rest of the certificate
_MIN_CONTRAST = 3.0  # WCAG 2.2, 1.4.3, for large text
_MIN_MODULE_WIDTH = 0.3  # millimetres on paper that a phone's camera can resolve
_MILLIMETRES = 25.4 / 96  # of a CSS pixel


def lint(
    source: bytes,
    *,
    examples: Mapping[str, str],
    empty: Collection[str] = (),
    embed: Callable[[str], str],
    fonts: FontLibrary,
) -> list[Finding]:
    """Check a template and return the findings, sorted by line.

    Args:
        source: the template.
        examples: an example of the value of each variable that certificates have, except those of signatories.
        empty: those of these variables that most certificates leave empty.
        embed: returns the ``data:`` URI for the URL of an image, or raises TemplateError.
        fonts: the fonts for the template's text.
    """
    findings: list[Finding] = []

    def embed_or_report(url: str) -> str:
        try:
            return embed(url)
        except TemplateError as error:
            message = f"the image {url[:60]!r} cannot be embedded: {error}"
            findings.append(Finding(error.code, _find_image_line(source, url), message, is_error=True))
            return TRANSPARENT_IMAGE

    try:
        template = compile_template(source, embed=embed_or_report, fonts=fonts, merge_static_text=False)
        root = parse_svg(source)
        findings += template.findings
        findings += _check_variables(root, template, examples, empty)
        findings += _check_fonts(root, fonts)
        findings += _check_image_sizes(root)
        findings += _check_preview(template, examples)
    except TemplateError as error:
        findings.append(Finding(error.code, find_error_line(str(error)), str(error), is_error=True))
    return sorted(findings, key=lambda finding: (finding.line, finding.code, finding.message))


def _find_image_line(source: bytes, url: str) -> int:
    elements = parse_svg(source).iter(etree.Element)
    images = (element for element in elements if url in element.attrib.values())
    return next(map(get_line, images), 0)


def _check_variables(
    root: etree._Element, template: CompiledTemplate, known: Collection[str], empty: Collection[str]
) -> Iterator[Finding]:
    """Report variables that certificates do not have, and variables that each certificate should show."""
    for variable, line in _find_variable_lines(root).items():
        name = variable.name
        if name in empty and variable.default is None:
            message = f"the variable {name!r} is empty on certificates of issue events: remove it, or give it a default"
            yield Finding("empty-variable", line, message)
        if name in known or name in QR_VARIABLES or _OPTIONAL_VARIABLES.fullmatch(name):
            continue
        similar = difflib.get_close_matches(name, known, 1)
        remedy = (
            f"did you mean {similar[0]!r}?"
            if similar
            else f"if your events bring it, run lint with --known {name}"
        )
        message = f"issue events do not bring the variable {name!r}: {remedy}"
        yield Finding("unknown-variable", line, message, is_error=variable.default is None)
    used = {variable.name for placeholder in template.placeholders for variable in placeholder.variables}
    for name in _EXPECTED_VARIABLES:
        if name not in used:
            yield Finding(
                "unused-variable", 0, f"the template does not use the variable {name!r}: add ${{{name}}}"
            )
    if not any(isinstance(placeholder, QrPlaceholder) for placeholder in template.placeholders):
        yield Finding(
            "no-qr",
            0,
            'the template has no QR code: add an <image href="${qrCodeImage}"/> with a width and a height',
        )


def _find_variable_lines(root: etree._Element) -> dict[Variable, int]:
    """Return the line of the first reference to each variable, with each of its defaults."""
    lines: dict[Variable, int] = {}
    for element in root.iter(etree.Element):
        texts = [element.text, *(child.tail for child in element), *map(str, element.attrib.values())]
        for variable in (variable for text in texts if text for variable in find_variables(text)):
            lines.setdefault(variable, get_line(element))
    return lines


def _check_fonts(root: etree._Element, fonts: FontLibrary) -> Iterator[Finding]:
    """Report font families that are neither installed nor embedded."""
    known: set[str] = set()
    for element in root.iter(etree.Element):
        css = element.text or "" if element.tag == f"{{{SVG}}}style" else str(element.get("style", ""))
        declared = [str(element.get("font-family", "")), *_FONT_FAMILY.findall(css)]
        known |= {family.strip().lower() for family in _EMBEDDED_FONT_FAMILY.findall(css)}
        for families in filter(None, declared):
            family = families.split(",")[0].strip(" '\"")
            if family.lower() in known | _GENERIC_FAMILIES or fonts.has_family(family):
                continue
            known.add(family.lower())
            yield Finding(
                "font-missing",
                get_line(element),
                f"the font family {family!r} is neither installed nor embedded, and another font replaces it:"
                " embed it with @font-face, or install it",
            )


def _check_image_sizes(root: etree._Element) -> Iterator[Finding]:
    for element in root.iter(etree.Element):
        size = max((len(str(element.get(name, ""))) for name in HREFS), default=0)
        if size > _MAX_HREF_LENGTH:
            yield Finding(
                "image-heavy",
                get_line(element),
                f"the image adds {size // 1000:,} KB to each certificate, {size / 1e3:,.0f} GB for a million"
                " certificates: scale it down, or replace it by shapes",
            )


def _check_preview(template: CompiledTemplate, examples: Mapping[str, str]) -> Iterator[Finding]:
    """Report long names that shrink, QR codes that are too small, and text with little contrast."""
    filled = preview(template, {}, examples)
    for placeholder in template.placeholders:
        if isinstance(placeholder, TextPlaceholder) and "recipientName" in {
            variable.name for variable in placeholder.variables
        }:
            yield from _check_long_name(placeholder, filled.values)
        if isinstance(placeholder, QrPlaceholder):
            yield from _check_qr_size(placeholder, template)
    yield from _check_contrast(template, filled)


def _check_long_name(placeholder: TextPlaceholder, values: Mapping[str, str]) -> Iterator[Finding]:
    remedy = "give it more room or a smaller font size"
    name = f"a name of {len(LONG_NAME)} characters"
    try:
        blocks = placeholder.lay_out({**values, "recipientName": LONG_NAME}).blocks
    except TemplateError as error:
        yield Finding("text-overflow", placeholder.line, f"{name} does not fit ({error}): {remedy}")
        return
    lines = [line for block, _ in blocks for line in block.lines]
    scale = min((line.scale for line in lines), default=1.0)
    if scale < _MIN_SCALE:
        wraps = " and wraps" if len(lines) > len(blocks) else ""
        yield Finding("text-overflow", placeholder.line, f"{name} shrinks to {scale:.0%}{wraps}: {remedy}")


def _check_qr_size(placeholder: QrPlaceholder, template: CompiledTemplate) -> Iterator[Finding]:
    position = placeholder.position
    if position is None:
        return
    qr = make_qr(SAMPLE_URL, SAMPLE_ACCESS_CODE)
    pixels_per_unit = (
        math.hypot(position.ctm.a, position.ctm.b) * template.view_box.page_width / template.view_box.width
    )
    module = min(position.width / qr.width, position.height / qr.height)
    module_width = module * pixels_per_unit * _MILLIMETRES
    if module_width < _MIN_MODULE_WIDTH:
        needed = qr.width * _MIN_MODULE_WIDTH / _MILLIMETRES / pixels_per_unit
        yield Finding(
            "qr-small",
            placeholder.line,
            f"the QR code's modules are {module_width:.2f} mm wide, too small to scan from paper:"
            f" make its <image> at least {needed:.0f} wide and 10 % higher than wide",
        )


def _check_contrast(template: CompiledTemplate, filled: FilledTemplate) -> Iterator[Finding]:
    """Report text whose colour is close to that of the background."""
    from certbeam.artwork.render.typst_engine import svg_to_image

    view_box = template.view_box
    svg = template.background_svg(filled.background_contents)
    image = svg_to_image(svg, round(view_box.page_width))
    scale = image.width / view_box.width
    for placeholder in template.placeholders:
        if not isinstance(placeholder, TextPlaceholder):
            continue
        overlay = placeholder.build_overlay(filled.values, filled.qr)
        for outline, words in zip(overlay.glyph_runs, overlay.text_lines, strict=False):
            background = _average_color(image, words, scale, view_box.x, view_box.y)
            if background is None:
                continue
            contrast = _contrast_ratio(outline.color, background)
            if contrast < _MIN_CONTRAST:
                yield Finding(
                    "contrast-low",
                    placeholder.line,
                    f"the text has a contrast of {contrast:.1f} to its background, less than the minimum of"
                    f" {_MIN_CONTRAST:.0f} for readable text: change the colour of the text or of its background",
                )
                break


def _average_color(image: PIL.Image.Image, words: TextLine, scale: float, x: float, y: float) -> Color | None:
    """Return the average colour of an image behind a line of text.

    Args:
        image: the rendered background.
        words: the line of text.
        scale: pixels for each user unit.
        x: the left edge of the image, in user units.
        y: its upper edge, in user units.

    Returns:
        None if the line is outside of the image.
    """
    left, right = (round((edge - x) * scale) for edge in (words.x, words.x + words.width))
    top, bottom = (round((edge - y) * scale) for edge in (words.y - words.font_size / 2, words.y))
    left, right, top, bottom = max(left, 0), min(right, image.width), max(top, 0), min(bottom, image.height)
    if left >= right or top >= bottom:
        return None
    red, green, blue = PIL.ImageStat.Stat(image.crop((left, top, right, bottom))).mean
    return red / 255, green / 255, blue / 255


def _contrast_ratio(color: Color, other: Color) -> float:
    """Return the contrast ratio of two colours, as WCAG 2.2 defines it."""
    lighter, darker = sorted((_relative_luminance(color), _relative_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _relative_luminance(color: Iterable[float]) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in color
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
