"""Compiling the source of a template to constant bytes and slots."""

import hashlib
import re
from collections.abc import Callable, Sequence

from lxml import etree

from certbeam.credentials.drawing import Overlay
from certbeam.credentials.qr import make_qr
from certbeam.credentials.template import escape
from certbeam.credentials.template.cascade import Cascade
from certbeam.credentials.template.compiled import CompiledTemplate
from certbeam.credentials.template.custom_properties import resolve_variables
from certbeam.credentials.template.data_uris import DataUrls
from certbeam.credentials.template.embedded_fonts import embedded_fonts, remove_font_faces
from certbeam.credentials.template.errors import TemplateError, at_line
from certbeam.credentials.template.image_patterns import draw_image_patterns
from certbeam.credentials.template.images import clean_image
from certbeam.credentials.template.markers import Marks
from certbeam.credentials.template.parse import read_svg
from certbeam.credentials.template.percent_encoding import percent_encode
from certbeam.credentials.template.placeholders import Slot, ValueSlot
from certbeam.credentials.template.qr_placeholders import QrCodeSlot, QrPlace, QrViewBoxSlot
from certbeam.credentials.template.references import check_references
from certbeam.credentials.template.sanitise import sanitise
from certbeam.credentials.template.split_variables import join_tokens
from certbeam.credentials.template.text_elements import Typesetter
from certbeam.credentials.template.text_placeholders import TextSlot
from certbeam.credentials.template.transforms import to_canvas
from certbeam.credentials.template.tree import HREFS, SVG, href_of, in_default_namespace, line_of
from certbeam.credentials.template.variables import QR_NAMES, Token, Variable, replace_tokens, sole_token
from certbeam.credentials.template.view_box import Canvas, pixels, set_canvas
from certbeam.credentials.text import FontLibrary

_URI_PREFIX = b"data:image/svg+xml,"
_IMAGE = f"{{{SVG}}}image"
_LINK = f"{{{SVG}}}a"
_STYLE = f"{{{SVG}}}style"
_TEXT = f"{{{SVG}}}text"
_LOCAL_URL = re.compile(r"url\(\s*['\"]?#[^)]*\)")
# Values are whole data: URIs, which some templates expect to write the beginning of.
_DATA_PREFIX = re.compile(r"\s*data:image/[\w.+-]+;base64,(?=[${])")
_PLACE_ATTRIBUTES = ("x", "y", "width", "height", "preserveAspectRatio")
# The attributes that can hold CSS with a url() in it.
_STYLE_ATTRIBUTES = frozenset({"style", "fill", "stroke", "filter", "mask", "clip-path", "marker", "cursor"})
_STYLE_ATTRIBUTES |= {"marker-start", "marker-mid", "marker-end"}
# What describes the picture, and does not show in it.
_DESCRIPTIONS = frozenset({f"{{{SVG}}}title", f"{{{SVG}}}desc"})
_UNSEEN_ATTRIBUTES = ("aria-", "data-", "lang", "role", "{")
# The largest and smallest size of a name, as parts of the canvas's height, where nobody gives any.
_FONT_SIZE_DEFAULTS = {"maxFontSize": 0.045, "minFontSize": 0.02}


def compile_template(
    source: bytes, *, embed: Callable[[str], str], fonts: FontLibrary, fold: bool = True
) -> CompiledTemplate:
    """Parse a template, check it, and make it ready to be filled.

    Args:
        source: an SVG document with Sunbird's ``${…}`` or Sunbird RC's ``{{…}}`` tokens.
        embed: gives the ``data:`` URI of each image that the template names by an address, or raises
            TemplateError; the compiler itself fetches nothing.
        fonts: what its texts are set in.
        fold: whether texts that nothing is filled into become constants, as for issuing; else each is a slot.

    Raises:
        TemplateError: the template is malformed, too large, hostile, or holds a token that is none.
    """
    return _Compiler(source, embed, fonts).compile(fold=fold)


class _Compiler:
    """One compilation."""

    def __init__(self, source: bytes, embed: Callable[[str], str], fonts: FontLibrary) -> None:
        self._source = source
        self._embed = embed
        self._fonts = fonts
        self._marks = Marks(source)
        self._defaults: dict[str, str] = {}

    def compile(self, *, fold: bool) -> CompiledTemplate:
        root = read_svg(self._source)
        canvas = set_canvas(root)
        self._defaults = {name: f"{canvas.height * part:.0f}" for name, part in _FONT_SIZE_DEFAULTS.items()}
        join_tokens(root)
        for element in root.iter(etree.Element):
            try:
                self._mark_element(element)
            except TemplateError as error:
                raise at_line(element.sourceline, error) from error
        urls = DataUrls(root)
        resolve_variables(root)  # first, for what comes out of it is to be cleaned
        findings = sanitise(root, self._image, self._marks.pattern)
        root = in_default_namespace(root)
        check_references(root)
        draw_image_patterns(root)
        cascade = Cascade(root)
        for image in list(root.iter(_IMAGE)):
            if isinstance(self._marks.slot(href_of(image)), QrCodeSlot):
                self._place_qr(image, cascade, canvas)
        fonts = self._fonts.with_embedded(embedded_fonts(root, urls))
        typesetter = Typesetter(canvas, cascade, fonts, self._marks.resolve)
        for element, text in typesetter.slots(root, findings):
            element.text = self._marks.add(text)
        if next(root.iter(_TEXT), None) is None:
            remove_font_faces(root)
        urls.restore(root)
        all_literals, all_slots = self._marks.cut(etree.tostring(root, encoding="unicode", with_tail=False))
        constants, slots, overlay = (
            _fold(all_literals, all_slots) if fold else (all_literals, all_slots, Overlay())
        )
        return CompiledTemplate(
            constants=tuple(constant.encode() for constant in constants),
            uri_constants=_as_uri(constants),
            slots=tuple(slots),
            variables=frozenset(
                token.name for slot in slots for token in slot.tokens if token.default is None
            ),
            canvas=canvas,
            findings=tuple(findings),
            constant_words=overlay.words,
            digest=hashlib.sha256("\0".join(constants).encode()).hexdigest(),
        )

    def _mark_element(self, element: etree._Element) -> None:
        written = escape.style if element.tag == _STYLE else escape.text
        seen = element.tag not in _DESCRIPTIONS
        element.text = self._mark_text(element.text, written, seen)
        for child in element:
            child.tail = self._mark_text(child.tail, written, seen)
        for name, value in element.attrib.items():
            if "{" in value:
                element.set(name, self._mark_attribute(element, str(name), str(value)))

    def _mark_text(self, text: str | None, written: escape.Escape, seen: bool) -> str | None:
        return text and replace_tokens(text, lambda token: self._mark_value(token, written, seen))

    def _mark_attribute(self, element: etree._Element, name: str, value: str) -> str:
        if name == "id" or (name in HREFS and value.startswith("#")):
            return _name_tokens(value)
        if name in HREFS and element.tag == _IMAGE:
            return self._mark_image(value)
        if name in HREFS and element.tag != _LINK:
            return value  # no reference but a link or an image may differ: sanitising removes it
        value = _LOCAL_URL.sub(lambda match: _name_tokens(match[0]), value)
        written = escape.style if name in _STYLE_ATTRIBUTES else escape.attribute
        if name in HREFS:
            written = escape.link if sole_token(value) else escape.url_part
        seen = name not in HREFS and not name.startswith(_UNSEEN_ATTRIBUTES)
        return replace_tokens(value, lambda token: self._mark_value(token, written, seen))

    def _mark_image(self, value: str) -> str:
        token = sole_token(_DATA_PREFIX.sub("", value))
        if token is None:
            raise TemplateError(
                "template-image",
                f"the image address {value[:60]!r} has a token in it:"
                " let the token be the whole address, and its value the image",
            )
        is_qr = token.name in QR_NAMES
        return self._marks.add(QrCodeSlot(self._fonts) if is_qr else ValueSlot(token, escape.image))

    def _mark_value(self, token: Token, written: escape.Escape, seen: bool) -> str:
        if isinstance(token, Variable) and token.default is None and token.name in self._defaults:
            token = Variable(token.name, self._defaults[token.name])
        return self._marks.add(ValueSlot(token, written, seen))

    def _image(self, href: str) -> str:
        return clean_image(href if href.lower().startswith("data:") else self._embed(href))

    def _place_qr(self, image: etree._Element, cascade: Cascade, canvas: Canvas) -> None:
        """Make the <image> of a QR code the group of the code, in the image's place."""
        if not image.get("width") or not image.get("height"):
            raise TemplateError(
                "template-qr-size",
                f"line {image.sourceline}: the QR code's <image> needs a width and a height",
            )
        if image.get("preserveAspectRatio") in ("none", "xMidYMid", "xMidYMid meet"):
            del image.attrib["preserveAspectRatio"]  # a code is never stretched
        place = _qr_place(image) if cascade.is_plain(image, canvas) else None
        slot = QrCodeSlot(self._fonts, place, line_of(image))
        etree.strip_attributes(image, *HREFS)
        sides = {name: str(image.attrib.pop(name)) for name in _PLACE_ATTRIBUTES if name in image.attrib}
        image.tag = f"{{{SVG}}}g"
        code = etree.SubElement(image, f"{{{SVG}}}svg", sides, viewBox=self._marks.add(QrViewBoxSlot()))
        code.text = self._marks.add(slot)


def _qr_place(image: etree._Element) -> QrPlace | None:
    """Where an <image> stands; None if that is not plain numbers, or the code does not fill it."""
    x, y, width, height = (pixels(image.get(name, "0")) for name in ("x", "y", "width", "height"))
    matrix = to_canvas(image)
    if (
        matrix is None
        or x is None
        or y is None
        or not width
        or not height
        or "preserveAspectRatio" in image.attrib
    ):
        return None
    return QrPlace(x, y, width, height, matrix)


def _name_tokens(identifier: str) -> str:
    """An id, or a reference to one, with the plain names of its variables: a person's name would break it."""
    return replace_tokens(identifier, lambda token: token.name)


def _as_uri(constants: Sequence[str]) -> tuple[bytes, ...]:
    first, *others = map(percent_encode, constants)
    return (_URI_PREFIX + first, *others)


def _fold(literals: Sequence[str], slots: Sequence[Slot]) -> tuple[list[str], list[Slot], Overlay]:
    """Constants and slots; the texts that nothing is filled into are constants, and their words are given."""
    constants: list[str] = [literals[0]]
    kept: list[Slot] = []
    overlay = Overlay()
    for slot, literal in zip(slots, literals[1:], strict=True):
        if isinstance(slot, TextSlot) and not slot.tokens:
            constants[-1] += slot({}, _NO_QR).svg.decode() + literal
            overlay += slot.draw({}, _NO_QR)
        else:
            kept.append(slot)
            constants.append(literal)
    return constants, kept, overlay


_NO_QR = make_qr("-")  # what has no token has no QR code either
