"""CSS's custom properties, put in where they are used: what draws PNG and PDF does not know them."""

import re

from lxml import etree

from certbeam.credentials.template.tree import SVG

_STYLE = f"{{{SVG}}}style"
_DECLARATION = re.compile(r"(--[\w-]+)\s*:\s*([^;{}]+)")
_USE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,((?:[^()]|\([^()]*\))*))?\)")
_ROUNDS = 5  # a value may use another one
_MAX_LENGTH = 1000  # of a value, which each round could double


def resolve_variables(root: etree._Element) -> None:
    """Replace each ``var(--name, default)`` in style sheets and attributes by its value.

    A property that is declared twice has its last value everywhere: templates declare theirs once, at the root.
    """
    elements = list(root.iter(etree.Element))
    written = [str(element.get("style", "")) for element in elements]
    written += [element.text or "" for element in elements if element.tag == _STYLE]
    values = {name: value.strip() for css in written for name, value in _DECLARATION.findall(css)}

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1], (match[2] or "").strip())
        return found if found and len(found) <= _MAX_LENGTH else match[0]

    def resolved(css: str) -> str:
        for _ in range(_ROUNDS):
            css = _USE.sub(value, css) if len(css) <= _MAX_LENGTH else css
        return css

    for element in elements:
        for name, css in element.attrib.items():
            if "var(" in css:
                element.set(name, resolved(str(css)))
        if element.tag == _STYLE and "var(" in (element.text or ""):
            element.text = _USE.sub(lambda match: resolved(match[0]), element.text or "")
