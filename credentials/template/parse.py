"""Reading the source of an SVG: bounded, and without ever looking outside of it."""

from typing import Any

from lxml import etree

from certbeam.credentials.template.errors import TemplateError
from certbeam.credentials.template.tree import SVG

MAX_SOURCE_BYTES = 10_000_000  # what libxml2 lets one attribute hold; templates of 8 MB are real
MAX_ELEMENTS = 100_000
MAX_DEPTH = 100
_MAX_ENTITY_CHARACTERS = 200  # Illustrator's entities are the URLs of namespaces


def read_svg(source: bytes) -> etree._Element:
    """The root element of an SVG document.

    A byte order mark, UTF-16 and a declared encoding are honoured. No DTD is read and nothing is fetched;
    short internal entities are expanded, as Illustrator writes them for its namespaces.
    Elements that stand in no namespace are taken to be SVG's.

    Raises:
        TemplateError: ``template-too-large``, ``template-malformed``, ``template-entities``,
            ``template-too-deep`` or ``template-not-svg``.
    """
    if len(source) > MAX_SOURCE_BYTES:
        raise TemplateError(
            "template-too-large",
            f"the source holds {len(source):,} bytes, {MAX_SOURCE_BYTES:,} are allowed: make images smaller",
        )
    # lxml's stubs do not know that entities can be "internal".
    internal: Any = "internal"
    parser = etree.XMLParser(resolve_entities=internal, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(source.lstrip(b" \t\r\n"), parser)
    except etree.XMLSyntaxError as error:
        raise TemplateError("template-malformed", f"the template is not well-formed XML: {error}") from error
    _check_entities(root.getroottree())
    _check_extent(root)
    _check_namespaces(root)
    if root.tag == "svg":
        for element in root.iter("{}*"):
            element.tag = f"{{{SVG}}}{element.tag}"
    if root.tag != f"{{{SVG}}}svg":
        raise TemplateError("template-not-svg", f"the root element is {root.tag}: it must be an <svg>")
    return root


def _check_entities(tree: etree._ElementTree) -> None:
    dtd: Any = tree.docinfo.internalDTD
    for entity in () if dtd is None else dtd.iterentities():
        content = entity.content
        if content is None or "&" in content or len(content) > _MAX_ENTITY_CHARACTERS:
            raise TemplateError(
                "template-entities",
                f"the entity {entity.name!r} is external, nested or long: write its text where it is used",
            )


def _check_namespaces(root: etree._Element) -> None:
    """A namespace with a brace in its name could not be told from one with a token in it."""
    for _, declared in etree.iterwalk(root, events=("start-ns",)):
        if "{" in declared[1] or "}" in declared[1]:
            raise TemplateError(
                "template-malformed",
                f"the namespace {declared[1]!r} holds a brace: a namespace is a fixed name",
            )


def _check_extent(root: etree._Element) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise TemplateError(
                "template-too-deep",
                f"the template nests more than {MAX_DEPTH} elements or holds more than {MAX_ELEMENTS:,}:"
                " flatten its groups, or draw its background as an image",
            )
