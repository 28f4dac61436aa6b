"""Convert the lengths of attributes that are no properties, such as those of lines and text, to user units."""

from lxml import etree

from certbeam.artwork.css.bounds import find_local_name
from certbeam.artwork.css.computed import ComputedStyle
from certbeam.artwork.css.lengths import LengthContext, compute_length
from certbeam.artwork.css.tokens import format_number, has_marker, parse_value, split_at_commas

_HORIZONTAL = frozenset({"x", "x1", "x2", "cx", "fx", "dx", "width", "markerWidth", "refX", "textLength"})
_DIAGONAL = frozenset({"r", "fr"})
_TEXT = frozenset({"x", "y", "dx", "dy", "textLength"})
_RECTANGLE = frozenset({"x", "y", "width", "height"})
# The attributes of each element, and the attribute whose value makes percentages parts of the bounding box.
_LENGTHS: dict[str, tuple[frozenset[str], str, str]] = {
    "line": (frozenset({"x1", "y1", "x2", "y2"}), "", ""),
    "linearGradient": (frozenset({"x1", "y1", "x2", "y2"}), "gradientUnits", "objectBoundingBox"),
    "radialGradient": (frozenset({"cx", "cy", "r", "fx", "fy", "fr"}), "gradientUnits", "objectBoundingBox"),
    "pattern": (_RECTANGLE, "patternUnits", "objectBoundingBox"),
    "mask": (_RECTANGLE, "maskUnits", "objectBoundingBox"),
    "filter": (_RECTANGLE, "filterUnits", "objectBoundingBox"),
    "marker": (frozenset({"markerWidth", "markerHeight"}), "", ""),
    "text": (_TEXT, "", ""),
    "tspan": (_TEXT, "", ""),
    "textPath": (frozenset({"textLength"}), "", ""),
}


def resolve_lengths(element: etree._Element, style: ComputedStyle) -> None:
    """Convert the lengths of an element's attributes to numbers, and remove those that are invalid."""
    names, units, relative = _LENGTHS.get(find_local_name(element), (frozenset(), "", ""))
    is_relative = bool(units) and element.get(units, relative) == relative
    for name in sorted(names.intersection(map(str, element.attrib))):
        value = str(element.get(name))
        if _is_plain(value) or has_marker(value) or (is_relative and "%" in value):
            continue
        if has_marker(style.values.get("font-size", "")):
            continue
        converted = _convert(value, name, style.context)
        if converted is None:
            del element.attrib[name]
        else:
            element.set(name, converted)


def _is_plain(value: str) -> bool:
    """Return True if a value has numbers without units, in a form that every engine parses."""
    return all(character.isdigit() or character in "-. ," for character in value)


def _convert(value: str, name: str, context: LengthContext) -> str | None:
    """Convert a list of lengths; a percentage of an unknown viewport remains as it is."""
    base = context.width if name in _HORIZONTAL else context.height
    base = context.diagonal if name in _DIAGONAL else base
    if base is None and "%" in value:
        return value
    parts = [token for part in split_at_commas(parse_value(value)) for token in part]
    lengths = [compute_length([part], context, base) for part in parts]
    known = [format_number(length) for length in lengths if length is not None]
    return " ".join(known) if known and len(known) == len(lengths) else None
