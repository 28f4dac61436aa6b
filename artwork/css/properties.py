"""Define the CSS properties of static SVG, and compute their values."""

from collections.abc import Mapping
from dataclasses import dataclass

from certbeam.artwork.css.lengths import LengthContext
from certbeam.artwork.css.property_values import (
    Compute,
    allow_keywords,
    allow_lengths,
    compute_any_value,
    compute_baseline_shift,
    compute_clip_path,
    compute_color_value,
    compute_dashes,
    compute_filter,
    compute_font_size,
    compute_font_weight,
    compute_image_rendering,
    compute_miter_limit,
    compute_opacity,
    compute_overflow,
    compute_paint,
    compute_paint_order,
    compute_path_data,
    compute_reference,
    compute_spacing,
)
from certbeam.artwork.css.tokens import has_marker


@dataclass(frozen=True)
class Property:
    """CSS property that an element of SVG can have.

    Attributes:
        compute: computes a value.
        is_inherited: True if children inherit it.
        initial: its initial value; empty to leave the property out.
        is_attribute: True if it is also a presentation attribute; False if it remains in a ``style`` attribute.
    """

    compute: Compute
    is_inherited: bool = True
    initial: str = ""
    is_attribute: bool = True


def _own(compute: Compute, *, is_attribute: bool = True) -> Property:
    return Property(compute, is_inherited=False, is_attribute=is_attribute)


_AUTO = {"auto": "auto"}
_STROKE_WIDTHS = {"thin": "1", "medium": "3", "thick": "5"}
_FONT_TEXT = {name: Property(compute_any_value, is_attribute=False) for name in (
    "font-feature-settings", "font-kerning", "font-optical-sizing", "font-synthesis", "font-variant-caps",
    "font-variant-east-asian", "font-variant-ligatures", "font-variant-numeric", "font-variant-position",
    "font-variation-settings", "hyphens", "tab-size", "text-indent", "text-orientation",
    "text-transform", "white-space", "-webkit-text-stroke", "text-align", "text-shadow",
)}  # fmt: skip
_FONT_TEXT |= {
    name: Property(compute_any_value, is_inherited=False, is_attribute=False)
    for name in ("text-decoration-color", "text-decoration-line", "text-decoration-style", "inline-size",
                 "text-decoration-thickness", "text-overflow", "shape-inside", "line-break")
}  # fmt: skip

PROPERTIES: Mapping[str, Property] = {
    "alignment-baseline": _own(compute_any_value),
    "baseline-shift": _own(compute_baseline_shift),
    "clip-path": _own(compute_clip_path),
    "clip-rule": Property(allow_keywords("nonzero evenodd"), initial="nonzero"),
    "color": Property(compute_color_value, initial="#000000"),
    "color-interpolation": Property(allow_keywords("auto srgb linearrgb"), initial="sRGB"),
    "color-interpolation-filters": Property(allow_keywords("auto srgb linearrgb"), initial="linearRGB"),
    "cx": _own(allow_lengths("width")),
    "cy": _own(allow_lengths("height")),
    "d": _own(compute_path_data),
    "direction": Property(allow_keywords("ltr rtl"), initial="ltr"),
    "display": _own(compute_any_value),
    "dominant-baseline": Property(compute_any_value, initial="auto"),
    "fill": Property(compute_paint, initial="#000000"),
    "fill-opacity": Property(compute_opacity, initial="1"),
    "fill-rule": Property(allow_keywords("nonzero evenodd"), initial="nonzero"),
    "filter": _own(compute_filter),
    "flood-color": _own(compute_color_value),
    "flood-opacity": _own(compute_opacity),
    "font-family": Property(compute_any_value, initial="serif"),
    "font-size": Property(compute_font_size, initial="16"),
    "font-size-adjust": Property(compute_any_value, is_attribute=False),
    "font-stretch": Property(compute_any_value, initial="normal"),
    "font-style": Property(compute_any_value, initial="normal"),
    "font-variant": Property(compute_any_value, initial="normal"),
    "font-weight": Property(compute_font_weight, initial="normal"),
    "height": _own(allow_lengths("height", keywords=_AUTO)),
    "image-rendering": Property(compute_image_rendering, initial="auto"),
    "isolation": _own(allow_keywords("auto isolate"), is_attribute=False),
    "letter-spacing": Property(compute_spacing, initial="normal"),
    "lighting-color": _own(compute_color_value),
    "marker-end": Property(compute_reference, initial="none"),
    "marker-mid": Property(compute_reference, initial="none"),
    "marker-start": Property(compute_reference, initial="none"),
    "mask": _own(compute_reference),
    "mask-type": _own(allow_keywords("luminance alpha")),
    "mix-blend-mode": _own(
        allow_keywords(
            "normal multiply screen overlay darken lighten color-dodge color-burn hard-light soft-light difference"
            " exclusion hue saturation color luminosity plus-lighter"
        ),
        is_attribute=False,
    ),
    "opacity": _own(compute_opacity),
    "overflow": _own(compute_overflow),
    "paint-order": Property(compute_paint_order, initial="normal"),
    "pointer-events": Property(compute_any_value, initial="auto"),
    "r": _own(allow_lengths("diagonal", negative=False)),
    "rx": _own(allow_lengths("width", negative=False, keywords=_AUTO)),
    "ry": _own(allow_lengths("height", negative=False, keywords=_AUTO)),
    "shape-rendering": Property(compute_any_value, initial="auto"),
    "stop-color": _own(compute_color_value),
    "stop-opacity": _own(compute_opacity),
    "stroke": Property(compute_paint, initial="none"),
    "stroke-dasharray": Property(compute_dashes, initial="none"),
    "stroke-dashoffset": Property(allow_lengths("diagonal"), initial="0"),
    "stroke-linecap": Property(allow_keywords("butt round square"), initial="butt"),
    "stroke-linejoin": Property(allow_keywords("miter round bevel miter-clip arcs"), initial="miter"),
    "stroke-miterlimit": Property(compute_miter_limit, initial="4"),
    "stroke-opacity": Property(compute_opacity, initial="1"),
    "stroke-width": Property(allow_lengths("diagonal", negative=False, keywords=_STROKE_WIDTHS), initial="1"),
    "text-anchor": Property(allow_keywords("start middle end"), initial="start"),
    "text-decoration": _own(compute_any_value),
    "text-rendering": Property(compute_any_value, initial="auto"),
    "transform": _own(compute_any_value),
    "unicode-bidi": _own(compute_any_value),
    "vector-effect": _own(compute_any_value),
    "visibility": Property(allow_keywords("visible hidden collapse"), initial="visible"),
    "width": _own(allow_lengths("width", keywords=_AUTO)),
    "word-spacing": Property(compute_spacing, initial="normal"),
    "writing-mode": Property(compute_any_value, initial="horizontal-tb"),
    "x": _own(allow_lengths("width")),
    "y": _own(allow_lengths("height")),
    # These have no attribute; they become one of the above.
    "background-color": _own(compute_color_value),
    "rotate": _own(compute_any_value),
    "scale": _own(compute_any_value),
    "transform-box": _own(allow_keywords("view-box fill-box stroke-box content-box border-box")),
    "transform-origin": _own(compute_any_value),
    "translate": _own(compute_any_value),
    **_FONT_TEXT,
}
"""The properties by name; all others have no effect on a certificate."""

GEOMETRY: Mapping[str, frozenset[str]] = {
    "circle": frozenset({"cx", "cy", "r"}),
    "ellipse": frozenset({"cx", "cy", "rx", "ry"}),
    "foreignObject": frozenset({"x", "y", "width", "height"}),
    "image": frozenset({"x", "y", "width", "height"}),
    "path": frozenset({"d"}),
    "rect": frozenset({"x", "y", "width", "height", "rx", "ry"}),
    "svg": frozenset({"x", "y", "width", "height"}),
    "use": frozenset({"x", "y", "width", "height"}),
}
"""The elements whose geometry CSS can set (SVG 2, 7.2), with the properties."""

GEOMETRY_PROPERTIES = frozenset().union(*GEOMETRY.values())

_CAMEL_CASE = {"srgb": "sRGB", "linearrgb": "linearRGB"}


def compute_value(name: str, value: str, context: LengthContext, *, needs_units: bool = True) -> str | None:
    """Compute the value of a property.

    Args:
        name: one of :data:`PROPERTIES`.
        value: the specified value, without variables and without keywords such as ``inherit``.
        context: what relative lengths refer to.
        needs_units: True if a length needs a unit, as in style sheets.

    Returns:
        None if the value is invalid. A value with the marker of a placeholder is returned as it is.
    """
    if has_marker(value):
        return value.strip()
    computed = PROPERTIES[name].compute(value, context, needs_units)
    return computed if computed is None else _CAMEL_CASE.get(computed, computed)
