"""What is wrong, or will look wrong, with a template: found before anybody is issued a certificate."""

import difflib
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import cairocffi
from lxml import etree

from certbeam.credentials.drawing import Color, Words
from certbeam.credentials.qr import make_qr
from certbeam.credentials.render.svg import to_bitmap
from certbeam.credentials.template.compiled import CompiledTemplate, FilledTemplate
from certbeam.credentials.template.compiler import compile_template
from certbeam.credentials.template.errors import Finding, TemplateError
from certbeam.credentials.template.images import TRANSPARENT
from certbeam.credentials.template.parse import read_svg
from certbeam.credentials.template.preview import preview
from certbeam.credentials.template.qr_placeholders import QrCodeSlot
from certbeam.credentials.template.samples import LONG_NAME
from certbeam.credentials.template.text_placeholders import TextSlot
from certbeam.credentials.template.tree import HREFS, SVG, line_of
from certbeam.credentials.template.variables import QR_NAMES, tokens_in
from certbeam.credentials.text import FontLibrary

_NEEDED = ("recipientName",)
_GENERIC_FAMILIES = frozenset({"serif", "sans-serif", "monospace", "cursive", "fantasy", "system-ui"})
_HEAVY_BYTES = 100_000
_LEAST_ZOOM = 0.6  # a long name made smaller than this looks lost among the rest
_LEAST_CONTRAST = 3.0  # WCAG 2.2, 1.4.3, for large text
_LEAST_MODULE = 0.3  # millimetres on paper that a phone's camera still tells apart
_MILLIMETRES = 25.4 / 96  # of a CSS pixel
_ADDRESS = "https://certs.example.org/certs/0123456789/00000000-0000-5000-8000-000000000000"


def lint(
    source: bytes,
    *,
    known: Collection[str],
    embed: Callable[[str], str],
    fonts: FontLibrary,
) -> list[Finding]:
    """Everything that is to be said about a template, by line.

    Args:
        source: the template.
        known: the names of the values that certificates have, those of signatories aside.
        embed: gives the ``data:`` URI of an image by its address, or raises TemplateError.
        fonts: what its texts are set in.
    """
    findings: list[Finding] = []

    def embed_or_report(url: str) -> str:
        try:
            return embed(url)
        except TemplateError as error:
            message = f"the image {url[:60]!r} cannot be embedded: {error}"
            findings.append(Finding(error.code, _line_of_image(source, url), message, is_error=True))
            return TRANSPARENT

    try:
        template = compile_template(source, embed=embed_or_report, fonts=fonts, fold=False)
        root = read_svg(source)
        findings += template.findings
        findings += _variables(root, template, known)
        findings += _fonts(root, fonts)
        findings += _images(root)
        findings += _filters(root)
        findings += _picture(template)
    except TemplateError as error:
        findings.append(Finding(error.code, _line(str(error)), str(error), is_error=True))
    return sorted(findings, key=lambda finding: (finding.line, finding.code, finding.message))


def _line(message: str) -> int:
    match = re.search(r"line (\d+)", message)
    return int(match[1]) if match else 0


def _line_of_image(source: bytes, url: str) -> int:
    images = (each for each in read_svg(source).iter(etree.Element) if url in each.attrib.values())
    return next(map(line_of, images), 0)


def _variables(root: etree._Element, template: CompiledTemplate, known: Collection[str]) -> Iterator[Finding]:
    """Variables that no certificate has, and those that every certificate should show."""
    lines = _lines_of_variables(root)
    for name, line in lines.items():
        if name in known or name in QR_NAMES or re.fullmatch(r"signatory\d+\w+|(?:max|min)FontSize", name):
            continue
        near = difflib.get_close_matches(name, known, 1)
        remedy = f"did you mean {near[0]!r}?" if near else "it must come with each event, or the issue fails"
        yield Finding("unknown-variable", line, f"{name!r} is no value that every certificate has: {remedy}")
    shown = {token.name for slot in template.slots for token in slot.tokens}
    for name in _NEEDED:
        if name not in shown:
            yield Finding("unused-variable", 0, f"the template does not show {name!r}: add ${{{name}}} to it")
    if not any(isinstance(slot, QrCodeSlot) for slot in template.slots):
        yield Finding("no-qr", 0, 'the template has no QR code: add an <image href="${qrCodeImage}"/> to it')


def _lines_of_variables(root: etree._Element) -> dict[str, int]:
    """The variables of a template and the lines they first stand on."""
    lines: dict[str, int] = {}
    for element in root.iter(etree.Element):
        texts = [element.text, *(child.tail for child in element), *map(str, element.attrib.values())]
        for token in (token for text in texts if text for token in tokens_in(text)):
            lines.setdefault(token.name, line_of(element))
    return lines


def _fonts(root: etree._Element, fonts: FontLibrary) -> Iterator[Finding]:
    """Families that are neither installed nor embedded."""
    seen: set[str] = set()
    for element in root.iter(etree.Element):
        css = element.text or "" if element.tag == f"{{{SVG}}}style" else str(element.get("style", ""))
        written = [str(element.get("font-family", "")), *re.findall(r"font-family\s*:\s*([^;}]+)", css)]
        embedded = set(re.findall(r"@font-face\s*{[^}]*font-family\s*:\s*['\"]?([^;'\"}]+)", css))
        seen |= {family.strip().lower() for family in embedded}
        for families in filter(None, written):
            family = families.split(",")[0].strip(" '\"")
            if family.lower() in seen | _GENERIC_FAMILIES or fonts.has_family(family):
                continue
            seen.add(family.lower())
            yield Finding(
                "font-missing",
                line_of(element),
                f"the font family {family!r} is neither installed nor embedded: Noto is taken for it;"
                " embed it with @font-face, or install it",
            )


def _images(root: etree._Element) -> Iterator[Finding]:
    """Images that make every certificate heavy."""
    for element in root.iter(etree.Element):
        size = max((len(str(element.get(name, ""))) for name in HREFS), default=0)
        if size > _HEAVY_BYTES:
            yield Finding(
                "image-heavy",
                line_of(element),
                f"an image adds {size // 1000:,} KB to every certificate, which is {size / 1e3:,.0f} GB"
                " for a million of them: scale it down, or draw it",
            )


def _filters(root: etree._Element) -> Iterator[Finding]:
    for element in root.iter(f"{{{SVG}}}filter"):
        yield Finding(
            "filter-ignored",
            line_of(element),
            "a filter, such as a shadow, shows in SVG but not in PNG and PDF: draw what must be seen",
        )


def _picture(template: CompiledTemplate) -> Iterator[Finding]:
    """What a certificate will look like: names that shrink, pale text, a code too small."""
    filled = preview(template, {})
    for slot in template.slots:
        if isinstance(slot, TextSlot) and "recipientName" in {token.name for token in slot.tokens}:
            yield from _long_name(slot, filled.values)
        if isinstance(slot, QrCodeSlot):
            yield from _code(slot, template)
    yield from _contrast(template, filled)


def _long_name(slot: TextSlot, values: Mapping[str, str]) -> Iterator[Finding]:
    remedy = "give it more room or a smaller size"
    name = f"a name of {len(LONG_NAME)} letters"
    try:
        blocks = slot.set({**values, "recipientName": LONG_NAME}).blocks
    except TemplateError as error:
        yield Finding("text-overflow", slot.line, f"{name} has no place ({error}): {remedy}")
        return
    lines = [line for block in blocks for line in block.lines]
    zoom = min((line.zoom for line in lines), default=1.0)
    if zoom < _LEAST_ZOOM:
        wraps = " and wraps" if len(lines) > len(blocks) else ""
        yield Finding("text-overflow", slot.line, f"{name} shrinks to {zoom:.0%}{wraps}: {remedy}")


def _code(slot: QrCodeSlot, template: CompiledTemplate) -> Iterator[Finding]:
    if slot.place is None:
        return
    qr = make_qr(_ADDRESS, "A1B2C3")
    scale = (
        math.hypot(slot.place.matrix.a, slot.place.matrix.b)
        * template.canvas.page_width
        / template.canvas.width
    )
    side = min(slot.place.width / qr.width, slot.place.height / qr.height) * scale * _MILLIMETRES
    if side < _LEAST_MODULE:
        needed = qr.width * _LEAST_MODULE / _MILLIMETRES / scale
        yield Finding(
            "qr-small",
            slot.line,
            f"the QR code's modules are {side:.2f} mm wide, too small to scan from paper:"
            f" make its image at least {needed:.0f} wide and a tenth higher",
        )


def _contrast(template: CompiledTemplate, filled: FilledTemplate) -> Iterator[Finding]:
    """Texts that hardly stand out from what is behind them."""
    canvas = template.canvas
    bitmap = to_bitmap(template.base_svg(filled.base_contents), round(canvas.page_width))
    scale = bitmap.get_width() / canvas.width
    for slot in template.slots:
        if not isinstance(slot, TextSlot):
            continue
        drawn = slot.draw(filled.values, filled.qr)
        for ink, words in zip(drawn.inks, drawn.words, strict=False):
            ground = _average(bitmap, words, scale, canvas.x, canvas.y)
            contrast = 0.0 if ground is None else _ratio(ink.color, ground)
            if ground is not None and contrast < _LEAST_CONTRAST:
                yield Finding(
                    "contrast-low",
                    slot.line,
                    f"a text has a contrast of {contrast:.1f} to what is behind it, {_LEAST_CONTRAST:.0f} is the"
                    " least that people read with ease: make it darker or what is behind it lighter",
                )
                break


def _average(surface: cairocffi.ImageSurface, words: Words, scale: float, x: float, y: float) -> Color | None:
    """The average colour of a bitmap where a line of text goes; None where it goes outside of it."""
    left, right = (round((edge - x) * scale) for edge in (words.x, words.x + words.width))
    top, bottom = (round((edge - y) * scale) for edge in (words.y - words.size / 2, words.y))
    width, height, stride = surface.get_width(), surface.get_height(), surface.get_stride()
    left, right, top, bottom = max(left, 0), min(right, width), max(top, 0), min(bottom, height)
    if left >= right or top >= bottom:
        return None
    pixels = memoryview(surface.get_data())
    rows = [bytes(pixels[row * stride + 4 * left : row * stride + 4 * right]) for row in range(top, bottom)]
    area = b"".join(rows)
    count = len(area) // 4
    blue, green, red = (sum(area[channel::4]) / count / 255 for channel in range(3))
    return red, green, blue


def _ratio(one: Color, other: Color) -> float:
    """The contrast ratio of two colours, as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Iterable[float]) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in color
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
