"""Write computed values as presentation attributes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.artwork.css.resolve import resolve_styles
from certbeam.artwork.svg.view_box import normalise_view_box
from certbeam.tests.artwork.css.normal_form import resolve, resolve_first, serialise_children

MARKER = "mark0123456789abcdef0123456789abcdefn7e"


@pytest.mark.parametrize(
    ("style", "attributes"),
    [
        ("fill:rgb(1 2 3 / 50%)", {"fill": "#010203", "fill-opacity": "0.502"}),
        ("fill:rgb(1 2 3 / 50%);fill-opacity:50%", {"fill": "#010203", "fill-opacity": "0.251"}),
        ("stroke:#ff000080", {"stroke": "#ff0000", "stroke-opacity": "0.502"}),
        ("opacity:50%", {"opacity": "0.5"}),
        ("stroke-width:1mm", {"stroke-width": "3.77952756"}),
        ("stroke-width:thin", {"stroke-width": "1"}),
        ("stroke-dasharray:1mm 10%", {"stroke-dasharray": "3.77952756,31.6227766"}),
        ("width:50%;height:calc(10% + 1px);x:1em", {"width": "200", "height": "21", "x": "16"}),
        ("width:auto;rx:auto", {}),
        ("marker:url(#m)", dict.fromkeys(("marker-start", "marker-mid", "marker-end"), "url(#m)")),
        ("mix-blend-mode:multiply;isolation:isolate", {"style": "isolation:isolate;mix-blend-mode:multiply"}),
        ("mix-blend-mode:normal", {}),
        ("fill:url(#a) rgb(1 2 3)", {"fill": "url(#a) #010203"}),
        ("fill:url( '#a b' )", {"fill": "url('#a b')"}),
        ("color:red;fill:currentColor", {"color": "red", "fill": "red"}),
        ("margin:1px;unknown:x;cx:3px", {}),
        ("-webkit-transform:none;paint-order:stroke", {"paint-order": "stroke"}),
        ("color-interpolation:linearrgb", {"color-interpolation": "linearRGB"}),
        ("fill:inherit", {}),
        (f"fill:{MARKER};stroke-width:{MARKER}px", {"fill": MARKER, "stroke-width": f"{MARKER}px"}),
    ],
)
def test_each_value_is_written_in_the_form_of_svg(style, attributes):
    assert resolve_first(f'<rect style="{style}"/>') == attributes


def test_the_current_color_of_each_element_applies():
    root, _ = resolve('<g color="red" fill="currentColor"><rect/><rect color="blue"/></g>')
    assert serialise_children(root) == '<g color="red" fill="red"><rect/><rect color="blue" fill="blue"/></g>'


def test_the_current_color_of_a_use_remains():
    root, _ = resolve('<defs><rect id="r" fill="currentColor"/></defs><use href="#r" color="red"/>')
    assert serialise_children(root) == (
        '<defs><rect id="r" fill="currentColor"/></defs><use href="#r" color="red"/>'
    )


def test_a_child_does_not_inherit_the_alpha_value_of_another_color():
    root, _ = resolve('<g fill="#ff000080"><rect fill="blue"/><rect fill-opacity=".5"/></g>')
    assert serialise_children(root) == (
        '<g fill="#ff0000" fill-opacity="0.502"><rect fill="blue" fill-opacity="1"/>'
        '<rect fill-opacity="0.251"/></g>'
    )


@pytest.mark.parametrize(
    ("style", "size"),
    [
        ("font-size:2em", "40"),
        ("font-size:2rem", "16"),
        ("font-size:larger", "24"),
        ("font-size:150%", "30"),
        ("font-size:x-large", "24"),
        ("font-size:clamp(1px,50vw,100px)", "100"),
        ("font:italic 700 30px/1.2 'Noto Serif',serif", "30"),
        ("font:bold 20pt x", "26.6666667"),
        ("font:12px", None),
        (f"font-size:{MARKER}px", f"{MARKER}px"),
    ],
)
def test_a_font_size_is_computed_in_user_units(style, size):
    body = f'<g font-size="20"><text style="{style}">a</text></g>'
    attributes = resolve_first(body, "text", attributes='viewBox="0 0 400 200" font-size="8"')
    assert attributes.get("font-size") == size


def test_the_font_shorthand_sets_all_font_properties():
    attributes = resolve_first("<text style=\"font:italic 700 30px/1.2 'Noto Serif',serif\">a</text>", "text")
    assert attributes["font-family"] == '"Noto Serif",serif'
    assert (attributes["font-style"], attributes["font-weight"]) == ("italic", "700")


def test_lengths_of_attributes_are_converted():
    root, _ = resolve(
        '<line x1="10%" y1="1in" x2="2em" y2="5"/><text x="1em 50%" dy="10%">a</text>'
        '<linearGradient x1="10%" gradientUnits="userSpaceOnUse"/><linearGradient x1="10%"/>'
        '<svg width="50%" viewBox="0 0 10 10"><line x2="50%"/></svg>'
        '<symbol><rect width="50%"/></symbol><line x1="bad"/>'
    )
    assert serialise_children(root) == (
        '<line x1="40" y1="96" x2="32" y2="5"/><text x="16 200" dy="20">a</text>'
        '<linearGradient x1="40" gradientUnits="userSpaceOnUse"/><linearGradient x1="10%"/>'
        '<svg width="200" viewBox="0 0 10 10"><line x2="5"/></svg>'
        '<symbol><rect width="50%"/></symbol><line/>'
    )


def test_what_is_not_displayed_is_removed_unless_it_can_be_referred_to():
    root, _ = resolve(
        '<g display="none"><rect/></g><g style="display:none"><path id="p" d="M0 0"/></g><use href="#p"/>'
        '<text>a<tspan display="none">b</tspan>c</text><linearGradient display="none"/>'
    )
    assert serialise_children(root) == (
        '<g display="none"><path id="p" d="M0 0"/></g><use href="#p"/><text>ac</text>'
        '<linearGradient display="none"/>'
    )


def test_a_class_that_is_a_variable_is_reported():
    _, styles = resolve(f'<rect class="{MARKER}"/>')
    assert [(finding.code, finding.line) for finding in styles.findings] == [("css-unsupported", 1)]


VALUES = st.sampled_from(
    [
        "\n    fill:rgb(1 2 3 / 50%)",
        " stroke:hsl(1 2% 3%)",
        " fill:currentColor",
        " color:#1234",
        " opacity:30%",
        " r:2em",
        "\n    stroke-width:1vw",
        " transform:rotate(1rad)",
        " transform-origin:1px 20%",
        " font:2em serif",
        " scale:2",
        "\n    clip-path:circle(50%)",
        " mix-blend-mode:screen",
        " stroke-dasharray:1 2%",
        " x:3%",
        " width:calc(1px + 1%)",
        "\n    height:3em",
        " vector-effect:non-scaling-stroke",
        " stroke:#abc",
        " fill-opacity:.5",
        " visibility:hidden",
        "\n    d:path('m1 1h2.5.5')",
        " transform-box:fill-box",
        " background:red",
        " marker:none",
        " font-weight:bolder\n    ",
    ]
)
STYLES = st.lists(VALUES, max_size=6).map(";".join)


@given(STYLES, STYLES, STYLES)
@settings(max_examples=150, deadline=None)
def test_the_normal_form_is_resolved_to_itself(outer, inner, path):
    body = f'<g style="{outer}"><rect style="{inner}"/><path d="M0,0L9,9" style="{path}"/></g>'
    root, _ = resolve(body)
    once = serialise_children(root)
    resolve_styles(root, normalise_view_box(root))
    assert serialise_children(root) == once
