"""Resolve conditional processing: <switch>, ``systemLanguage`` and ``requiredExtensions`` (SVG 2 §5.7)."""

from lxml import etree

from certbeam.artwork.svg.tree import SVG, remove_element

_SWITCH = f"{{{SVG}}}switch"
_GROUP = f"{{{SVG}}}g"
_FOREIGN_OBJECT = f"{{{SVG}}}foreignObject"
_CONDITIONS = ("requiredExtensions", "requiredFeatures", "systemLanguage")


def find_languages(root: etree._Element) -> list[str]:
    """Return the languages for which parts of a document exist, as BCP 47 tags in lower case, in order."""
    tags = [tag for element in root.iter(etree.Element) for tag in _parse_languages(element)]
    return list(dict.fromkeys(tags))


def match_language(tags: list[str] | tuple[str, ...], language: str) -> str:
    """Return the longest of some tags that matches a language, such as ``pt`` for ``pt-BR``; empty if none does."""
    language = language.lower()
    matching = [tag for tag in tags if language == tag or language.startswith(f"{tag}-")]
    return max(matching, key=len, default="")


def resolve_conditions(root: etree._Element, language: str) -> None:
    """Keep what a viewer without extensions renders for a language.

    A <switch> becomes a group with the first child that can be rendered. Elements for other languages are removed.

    Args:
        root: the root element.
        language: BCP 47 tag; empty for a language for which no part exists.
    """
    for switch in list(root.iter(_SWITCH)):
        children = [child for child in switch if isinstance(child.tag, str) and _applies(child, language)]
        # A foreignObject is rendered only if there is no alternative, which sanitising then reports.
        children.sort(key=lambda child: child.tag == _FOREIGN_OBJECT)
        for child in list(switch):
            if child is not next(iter(children), None):
                remove_element(child)
        switch.tag = _GROUP
    for element in list(root.iter(etree.Element)):
        if (
            element is not root
            and element.getroottree().getroot() is root
            and not _applies(element, language)
        ):
            remove_element(element)
    for element in root.iter(etree.Element):
        for name in _CONDITIONS:
            element.attrib.pop(name, "")


def has_foreign_alternative(switch: etree._Element) -> bool:
    """Return True if a browser renders a <foreignObject> of a <switch>, which has an alternative after it."""
    children = [
        child for child in switch if isinstance(child.tag, str) and not child.get("requiredExtensions")
    ]
    return len(children) > 1 and children[0].tag == _FOREIGN_OBJECT


def _applies(element: etree._Element, language: str) -> bool:
    if element.get("requiredExtensions"):
        return False
    tags = _parse_languages(element)
    return "systemLanguage" not in element.attrib or bool(match_language(tags, language))


def _parse_languages(element: etree._Element) -> list[str]:
    tags = (tag.strip().lower() for tag in str(element.get("systemLanguage", "")).split(","))
    return [tag for tag in tags if tag]
