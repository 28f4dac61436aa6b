"""Find what browsers render and the engine for PNG and PDF draws in another way."""

from collections.abc import Iterator

from lxml import etree

from certbeam.artwork.errors import Finding
from certbeam.artwork.svg.conditions import has_foreign_alternative
from certbeam.artwork.svg.tree import SVG, get_line

_EFFECTS = (f"{{{SVG}}}feTile", f"{{{SVG}}}feDisplacementMap")
_RADIAL_GRADIENT = f"{{{SVG}}}radialGradient"
_SWITCH = f"{{{SVG}}}switch"


def find_engine_limits(root: etree._Element) -> Iterator[Finding]:
    """Yield a finding for each element of a template that is not drawn as in a browser.

    Args:
        root: the root element, before its conditions are resolved.
    """
    for element in root.iter(*_EFFECTS):
        name = etree.QName(element).localname
        message = f"PNG and PDF do not show <{name}> as browsers do: embed the effect as an image"
        yield Finding("drawing-differs", get_line(element), message)
    for gradient in root.iter(_RADIAL_GRADIENT):
        if gradient.get("fr", "0").strip("0.%px"):
            message = (
                "PDF does not show the radius fr of a <radialGradient>: move the first stop outwards instead"
            )
            yield Finding("drawing-differs", get_line(gradient), message)
    for switch in root.iter(_SWITCH):
        if has_foreign_alternative(switch):
            message = (
                "the <foreignObject> of a <switch> is what browsers show: remove it, the alternative is drawn"
            )
            yield Finding("drawing-differs", get_line(switch), message)
