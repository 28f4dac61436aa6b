"""Compiling the source of a template to constant bytes and slots."""

import re
from collections.abc import Callable, Sequence

from lxml import etree

from certbeam.credentials.qr import make_qr
from certbeam.credentials.template import escape
from certbeam.credentials.template.canvas import set_canvas
from certbeam.credentials.template.cascade import Cascade
from certbeam.credentials.template.compiled import CompiledTemplate
from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.images import clean_image
from certbeam.credentials.template.marks import Marks
from certbeam.credentials.template.parse import SVG, XLINK, read_svg
from certbeam.credentials.template.percent import percent_encode
from certbeam.credentials.template.sanitise import sanitise
from certbeam.credentials.template.slots import QrCodeSlot, QrViewBoxSlot, Slot, ValueSlot
from certbeam.credentials.template.text_slots import TextSlot
from certbeam.credentials.template.tokens import QR_NAMES, Token, Variable, replace_tokens, sole_token
from certbeam.credentials.template.typeset import Typesetter
from certbeam.credentials.text import FontLibrary

_HREFS = ("href", f"{{{XLINK}}}href")
_IMAGE = f"{{{SVG}}}image"
_LINK = f"{{{SVG}}}a"
_STYLE = f"{{{SVG}}}style"
_LOCAL_URL = re.compile(r"url\(\s*['\"]?#[^)]*\)")
_PLACE_ATTRIBUTES = ("x", "y", "width", "height", "preserveAspectRatio")
# The attributes that can hold CSS with a url() in it.
_STYLE_ATTRIBUTES = frozenset({"style", "fill", "stroke", "filter", "mask", "clip-path", "marker", "cursor"})
_STYLE_ATTRIBUTES |= {"marker-start", "marker-mid", "marker-end"}
# The largest and smallest size of a name, as parts of the canvas's height, where nobody gives any.
_FONT_SIZE_DEFAULTS = {"maxFontSize": 0.045, "minFontSize": 0.02}


def compile_template(source: bytes, *, embed: Callable[[str], str], fonts: FontLibrary) -> CompiledTemplate:
    """Parse a template, check it, and make it ready to be filled.

    Args:
        source: an SVG document with Sunbird's ``${…}`` or Sunbird RC's ``{{…}}`` tokens.
        embed: gives the ``data:`` URI of each image that the template names by an address, or raises
            TemplateError; the compiler itself fetches nothing.
        fonts: what its texts are set in.

    Raises:
        TemplateError: the template is malformed, too large, hostile, or holds a token that is none.
    """
    return _Compiler(source, embed, fonts).compile()


class _Compiler:
    """One compilation."""

    def __init__(self, source: bytes, embed: Callable[[str], str], fonts: FontLibrary) -> None:
        self._source = source
        self._embed = embed
        self._fonts = fonts
        self._marks = Marks(source)
        self._defaults: dict[str, str] = {}

    def compile(self) -> CompiledTemplate:
        root = read_svg(self._source)
        canvas = set_canvas(root)
        self._defaults = {name: f"{canvas.height * part:.0f}" for name, part in _FONT_SIZE_DEFAULTS.items()}
        for element in root.iter(etree.Element):
            self._mark_element(element)
        for image in list(root.iter(_IMAGE)):
            self._place_qr(image)
        findings = sanitise(root, self._image, self._marks.pattern)
        typesetter = Typesetter(canvas, Cascade(root), self._fonts, self._marks.resolve)
        for element, slot in typesetter.slots(root, findings):
            element.text = self._marks.add(slot)
        constants, slots = _fold(*self._marks.cut(etree.tostring(root, encoding="unicode", with_tail=False)))
        return CompiledTemplate(
            constants=tuple(constant.encode() for constant in constants),
            uri_constants=tuple(percent_encode(constant) for constant in constants),
            slots=tuple(slots),
            variables=frozenset(
                token.name for slot in slots for token in slot.tokens if token.default is None
            ),
            width=canvas.width,
            height=canvas.height,
            findings=tuple(findings),
        )

    def _mark_element(self, element: etree._Element) -> None:
        written = escape.style if element.tag == _STYLE else escape.text
        element.text = self._mark_text(element.text, written)
        for child in element:
            child.tail = self._mark_text(child.tail, written)
        for name, value in element.attrib.items():
            if "{" in value:
                element.set(name, self._mark_attribute(element, str(name), str(value)))

    def _mark_text(self, text: str | None, written: escape.Escape) -> str | None:
        return text and replace_tokens(text, lambda token: self._mark_value(token, written))

    def _mark_attribute(self, element: etree._Element, name: str, value: str) -> str:
        if name == "id" or (name in _HREFS and value.startswith("#")):
            return _name_tokens(value)
        if name in _HREFS and element.tag == _IMAGE:
            return self._mark_image(element, value)
        if name in _HREFS and element.tag != _LINK:
            return value  # no reference but a link or an image may differ: sanitising removes it
        value = _LOCAL_URL.sub(lambda match: _name_tokens(match[0]), value)
        written = escape.style if name in _STYLE_ATTRIBUTES else escape.attribute
        if name in _HREFS:
            written = escape.link if sole_token(value) else escape.url_part
        return replace_tokens(value, lambda token: self._mark_value(token, written))

    def _mark_image(self, element: etree._Element, value: str) -> str:
        token = sole_token(value)
        if token is None:
            raise TemplateError(
                "template-image",
                f"line {element.sourceline}: the image address {value[:60]!r} has a token in it:"
                " let the token be the whole address, and its value the image",
            )
        return self._marks.add(QrCodeSlot() if token.name in QR_NAMES else ValueSlot(token, escape.image))

    def _mark_value(self, token: Token, written: escape.Escape) -> str:
        if isinstance(token, Variable) and token.default is None and token.name in self._defaults:
            token = Variable(token.name, self._defaults[token.name])
        return self._marks.add(ValueSlot(token, written))

    def _image(self, href: str) -> str:
        return clean_image(href if href.lower().startswith("data:") else self._embed(href))

    def _place_qr(self, image: etree._Element) -> None:
        """Make the <image> of a QR code the group of the code, in the image's place."""
        hrefs = (str(image.get(name, "")) for name in _HREFS)
        mark = next((href for href in hrefs if isinstance(self._marks.slot(href), QrCodeSlot)), None)
        if mark is None:
            return
        if not image.get("width") or not image.get("height"):
            raise TemplateError(
                "template-qr-size",
                f"line {image.sourceline}: the QR code's <image> needs a width and a height",
            )
        etree.strip_attributes(image, *_HREFS)
        place = {name: str(image.attrib.pop(name)) for name in _PLACE_ATTRIBUTES if name in image.attrib}
        image.tag = f"{{{SVG}}}g"
        code = etree.SubElement(image, f"{{{SVG}}}svg", place, viewBox=self._marks.add(QrViewBoxSlot()))
        code.text = mark


def _name_tokens(identifier: str) -> str:
    """An id, or a reference to one, with the plain names of its variables: a person's name would break it."""
    return replace_tokens(identifier, lambda token: token.name)


def _fold(literals: Sequence[str], slots: Sequence[Slot]) -> tuple[list[str], list[Slot]]:
    """Constants and slots, with the texts that nothing is filled into among the constants."""
    constants, kept = [literals[0]], []
    for slot, literal in zip(slots, literals[1:], strict=True):
        if isinstance(slot, TextSlot) and not slot.tokens:
            constants[-1] += slot({}, _NO_QR) + literal
        else:
            kept.append(slot)
            constants.append(literal)
    return constants, kept


_NO_QR = make_qr("-")  # what has no token has no QR code either
