"""Write the computed values of an element as presentation attributes."""

from lxml import etree

from certbeam.artwork.css.cascade import is_presentation_attribute
from certbeam.artwork.css.colors import CURRENT_COLOR, split_alpha
from certbeam.artwork.css.computed import ComputedStyle
from certbeam.artwork.css.properties import GEOMETRY, GEOMETRY_PROPERTIES, PROPERTIES
from certbeam.artwork.css.tokens import format_number, has_marker

_OPACITIES = {
    "fill": "fill-opacity",
    "stroke": "stroke-opacity",
    "stop-color": "stop-opacity",
    "flood-color": "flood-opacity",
}
_COLORS = frozenset({*_OPACITIES, "lighting-color", "color"})
# Converted elsewhere, because they depend on the geometry of the element.
DEFERRED = frozenset(
    {"transform", "transform-origin", "transform-box", "translate", "rotate", "scale", "background-color"}
)
_WITHOUT_EFFECT = {"isolation": "auto", "mix-blend-mode": "normal"}


def write_style(
    element: etree._Element, style: ComputedStyle, parent: ComputedStyle, *, is_instantiated: bool
) -> None:
    """Replace ``class``, ``style`` and the presentation attributes of an element by its computed values.

    Args:
        element: an SVG element.
        style: its computed values.
        parent: those of its parent.
        is_instantiated: True if a <use> can refer to the element, which then inherits from the <use>.
    """
    name = str(etree.QName(element).localname)
    attributes = _build_attributes(name, style, parent, is_instantiated=is_instantiated)
    in_style = {key: value for key, value in attributes.items() if not PROPERTIES[key].is_attribute}
    for attribute in list(map(str, element.attrib)):
        is_resolved = attribute in ("class", "style") or is_presentation_attribute(name, attribute)
        if is_resolved and attribute not in attributes and not (attribute == "style" and in_style):
            del element.attrib[attribute]
    for attribute, value in attributes.items():
        if attribute not in in_style:
            element.set(attribute, value)
    if in_style:
        element.set("style", ";".join(f"{key}:{value}" for key, value in sorted(in_style.items())))


def _build_attributes(
    name: str, style: ComputedStyle, parent: ComputedStyle, *, is_instantiated: bool
) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for key in sorted(style.declared):
        value = style.get(key)
        if key in DEFERRED or _WITHOUT_EFFECT.get(key) == value:
            continue
        if key in GEOMETRY_PROPERTIES and (key not in GEOMETRY.get(name, ()) or value == "auto"):
            continue
        attributes[key] = value
    _resolve_current_color(attributes, style, is_instantiated=is_instantiated)
    for key, opacity in _OPACITIES.items():
        _write_opacity(attributes, style, parent, key, opacity)
    if "lighting-color" in attributes:
        attributes["lighting-color"] = split_alpha(attributes["lighting-color"])[0]
    if "color" in attributes and not has_marker(attributes["color"]):
        attributes["color"] = split_alpha(attributes["color"])[0]
    if attributes.get("d") == "none":
        attributes["d"] = ""
    return attributes


def _resolve_current_color(
    attributes: dict[str, str], style: ComputedStyle, *, is_instantiated: bool
) -> None:
    """Replace ``currentColor`` by the colour, unless a <use> could set another one."""
    if is_instantiated:
        return
    color = style.get("color")
    for key in _COLORS - {"color"}:
        is_affected = key in attributes or (PROPERTIES[key].is_inherited and "color" in style.declared)
        if is_affected and style.get(key) == CURRENT_COLOR:
            attributes[key] = color


def find_color(style: ComputedStyle, key: str) -> str:
    """Return the value of a colour property, with ``currentColor`` replaced by the colour."""
    value = style.get(key)
    return style.get("color") if value == CURRENT_COLOR else value


def _write_opacity(
    attributes: dict[str, str], style: ComputedStyle, parent: ComputedStyle, key: str, opacity: str
) -> None:
    """Move the alpha value of a colour to the property for its opacity."""
    is_color_declared = key in attributes
    if is_color_declared and not has_marker(attributes[key]):
        attributes[key] = split_alpha(attributes[key])[0]
    if not is_color_declared and opacity not in attributes:
        return
    own = _find_opacity(style, key, opacity)
    if opacity not in attributes:
        inherited = _find_opacity(parent, key, opacity) if PROPERTIES[key].is_inherited else "1"
        if own == inherited:
            return
    attributes[opacity] = own


def _find_opacity(style: ComputedStyle, key: str, opacity: str) -> str:
    """Return the opacity of a paint: that of its colour times that of the property."""
    declared = style.get(opacity) or "1"
    alpha = split_alpha(find_color(style, key))[1]
    if has_marker(declared) or alpha == 1:
        return declared
    return format_number(round(alpha * float(declared), 4))
