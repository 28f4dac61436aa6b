"""Substitute CSS custom properties by their values, because the renderer of PNG and PDF does not support them."""

import re

from lxml import etree

from certbeam.artwork.svg.tree import SVG

_STYLE = f"{{{SVG}}}style"
_DECLARATION = re.compile(r"(--[\w-]+)\s*:\s*([^;{}]+)")
_USE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,((?:[^()]|\([^()]*\))*))?\)")
_MAX_ROUNDS = 5  # a value may refer to another custom property
_MAX_LENGTH = 1000  # characters of a value, which each round could double


def substitute_custom_properties(root: etree._Element) -> None:
    """Replace each ``var(--name, fallback)`` in style sheets and attributes by its value.

    The last declaration of a property applies to the whole document, because templates declare each property once,
    at the root.
    """
    elements = list(root.iter(etree.Element))
    values = _collect_values(elements)

    def find_value(use: re.Match[str]) -> str:
        value = values.get(use[1], (use[2] or "").strip())
        return value if value and len(value) <= _MAX_LENGTH else use[0]

    def substitute(css: str) -> str:
        for _ in range(_MAX_ROUNDS):
            css = _USE.sub(find_value, css) if len(css) <= _MAX_LENGTH else css
        return css

    for element in elements:
        for name, css in element.attrib.items():
            if "var(" in css:
                element.set(name, substitute(str(css)))
        if element.tag == _STYLE and "var(" in (element.text or ""):
            element.text = _USE.sub(lambda use: substitute(use[0]), element.text or "")


def _collect_values(elements: list[etree._Element]) -> dict[str, str]:
    """Return the value of each custom property that a ``style`` attribute or a style sheet declares."""
    sources = [str(element.get("style", "")) for element in elements]
    sources += [element.text or "" for element in elements if element.tag == _STYLE]
    return {name: value.strip() for css in sources for name, value in _DECLARATION.findall(css)}
