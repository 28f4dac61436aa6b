"""Strokes of paint servers are separated from fills in one colour."""

import pytest
from lxml import etree

from certbeam.artwork.svg.gradient_strokes import find_layers, separate_gradient_strokes


def _separate(content: str) -> etree._Element:
    root = etree.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{content}</svg>')
    separate_gradient_strokes(root)
    return root


def test_a_shape_is_replaced_by_a_group_with_its_fill_and_its_stroke():
    root = _separate('<rect id="a" x="1" width="2" height="3" fill="#fff" stroke="url(#g)" opacity=".5"/>')
    group = root[0]
    assert dict(group.items()) == {"id": "a", "fill": "#fff", "stroke": "url(#g)", "opacity": ".5"}
    geometry = {"x": "1", "width": "2", "height": "3"}
    assert [dict(shape.items()) for shape in group] == [
        {
            **geometry,
            "stroke": "none",
            "marker-end": "none",
            "marker-mid": "none",
            "marker-start": "none",
        },
        {**geometry, "fill": "none"},
    ]


def test_the_stroke_is_first_if_the_paint_order_says_so():
    root = _separate('<g stroke="url(#g)"><circle r="5" paint-order="stroke"/></g>')
    assert [shape.get("fill") for shape in root.iter("{*}circle")] == ["none", None]


@pytest.mark.parametrize(
    "content",
    [
        '<rect fill="none" stroke="url(#g)"/>',
        '<rect fill="url(#h)" stroke="url(#g)"/>',
        '<rect fill="#fff" stroke="#000"/>',
        '<clipPath><rect fill="#fff" stroke="url(#g)"/></clipPath>',
        '<path id="p" d="M0 0h9" stroke="url(#g)"/><text><textPath href="#p">a</textPath></text>',
        '<path id="p" d="M0 0h9" stroke="url(#g)"/><clipPath><use href="#p"/></clipPath>',
    ],
)
def test_other_shapes_remain_as_they_are(content):
    root = _separate(content)
    assert not list(root.iter("{*}g"))


def test_the_layers_of_a_style_are_in_the_order_in_which_they_are_painted():
    gradient = {"stroke": "url(#g)"}
    assert find_layers({"stroke": "#000"}) == ("",)
    assert find_layers(gradient) == ("stroke:none", "fill:none")
    assert find_layers({**gradient, "paint-order": "stroke"}) == ("fill:none", "stroke:none")
