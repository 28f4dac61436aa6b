"""Compiling the source of a template to constant bytes and slots."""

import hashlib
import re
from collections.abc import Callable

from lxml import etree

from certbeam.credentials.template import escape
from certbeam.credentials.template.canvas import Canvas, set_canvas
from certbeam.credentials.template.compiled import CompiledTemplate, encode_uri
from certbeam.credentials.template.errors import Finding, TemplateError
from certbeam.credentials.template.images import clean_image
from certbeam.credentials.template.parse import SVG, XLINK, read_svg
from certbeam.credentials.template.sanitise import sanitise
from certbeam.credentials.template.slots import Slot, ValueSlot, qr_code, qr_view_box
from certbeam.credentials.template.tokens import QR_NAMES, Token, Variable, replace_tokens, sole_token

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


def compile_template(source: bytes, *, embed: Callable[[str], str]) -> CompiledTemplate:
    """Parse a template, check it, and make it ready to be filled.

    Args:
        source: an SVG document with Sunbird's ``${…}`` or Sunbird RC's ``{{…}}`` tokens.
        embed: gives the ``data:`` URI of each image that the template names by an address, or raises
            TemplateError; the compiler itself fetches nothing.

    Raises:
        TemplateError: the template is malformed, too large, hostile, or holds a token that is none.
    """
    return _Compiler(source, embed).compile()


class _Compiler:
    """One compilation; in the tree, a mark that the source cannot hold stands for each slot."""

    def __init__(self, source: bytes, embed: Callable[[str], str]) -> None:
        self._source = source
        self._embed = embed
        self._mark = f"slot{hashlib.sha256(source).hexdigest()[:32]}n"
        self._marks = re.compile(rf"{self._mark}(\d+)e")
        self._slots: list[Slot] = []
        self._defaults: dict[str, str] = {}

    def compile(self) -> CompiledTemplate:
        root = read_svg(self._source)
        canvas = set_canvas(root)
        self._defaults = {name: f"{canvas.height * part:.0f}" for name, part in _FONT_SIZE_DEFAULTS.items()}
        for element in root.iter(etree.Element):
            self._mark_element(element)
        for image in list(root.iter(_IMAGE)):
            mark = self._qr_mark(image)
            if mark is not None:
                self._place_qr(image, mark)
        findings = sanitise(root, self._image, self._marks)
        return self._split(etree.tostring(root, encoding="unicode", with_tail=False), canvas, findings)

    def _mark_element(self, element: etree._Element) -> None:
        written = escape.style if element.tag == _STYLE else escape.text
        element.text = self._mark_text(element.text, written)
        for child in element:
            child.tail = self._mark_text(child.tail, written)
        for name, value in element.attrib.items():
            if "{" in value:
                element.set(name, self._mark_attribute(element, str(name), str(value)))

    def _mark_text(self, text: str | None, written: escape.Escape) -> str | None:
        return text and replace_tokens(text, lambda token: self._value_slot(token, written))

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
        return replace_tokens(value, lambda token: self._value_slot(token, written))

    def _mark_image(self, element: etree._Element, value: str) -> str:
        token = sole_token(value)
        if token is None:
            raise TemplateError(
                "template-image",
                f"line {element.sourceline}: the image address {value[:60]!r} has a token in it:"
                " let the token be the whole address, and its value the image",
            )
        if token.name in QR_NAMES:
            return self._slot(qr_code)
        return self._value_slot(token, escape.image)

    def _value_slot(self, token: Token, written: escape.Escape) -> str:
        if isinstance(token, Variable) and token.default is None and token.name in self._defaults:
            token = Variable(token.name, self._defaults[token.name])
        return self._slot(ValueSlot(token, written))

    def _slot(self, slot: Slot) -> str:
        self._slots.append(slot)
        return f"{self._mark}{len(self._slots) - 1}e"

    def _image(self, href: str) -> str:
        return clean_image(href if href.lower().startswith("data:") else self._embed(href))

    def _qr_mark(self, image: etree._Element) -> str | None:
        marks = (self._marks.fullmatch(str(image.get(name, ""))) for name in _HREFS)
        return next((mark[0] for mark in marks if mark and self._slots[int(mark[1])] is qr_code), None)

    def _place_qr(self, image: etree._Element, mark: str) -> None:
        """Make an <image> the group of the QR code, drawn in the image's place and with its transform."""
        if not image.get("width") or not image.get("height"):
            raise TemplateError(
                "template-qr-size",
                f"line {image.sourceline}: the QR code's <image> needs a width and a height",
            )
        etree.strip_attributes(image, *_HREFS)
        place = {name: str(image.attrib.pop(name)) for name in _PLACE_ATTRIBUTES if name in image.attrib}
        image.tag = f"{{{SVG}}}g"
        code = etree.SubElement(image, f"{{{SVG}}}svg", place, viewBox=self._slot(qr_view_box))
        code.text = mark

    def _split(self, markup: str, canvas: Canvas, findings: list[Finding]) -> CompiledTemplate:
        pieces = self._marks.split(markup)
        constants = pieces[::2]
        slots = tuple(self._slots[int(number)] for number in pieces[1::2])
        tokens = [slot.token for slot in slots if isinstance(slot, ValueSlot)]
        return CompiledTemplate(
            constants=tuple(constant.encode() for constant in constants),
            uri_constants=tuple(encode_uri(constant).encode("ascii") for constant in constants),
            slots=slots,
            variables=frozenset(token.name for token in tokens if token.default is None),
            width=canvas.width,
            height=canvas.height,
            findings=tuple(findings),
        )


def _name_tokens(identifier: str) -> str:
    """An id, or a reference to one, with the plain names of its variables: a person's name would break it."""
    return replace_tokens(identifier, lambda token: token.name)
