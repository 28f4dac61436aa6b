"""Normalise the background and the aspect ratio of the root element."""

import pytest

from certbeam.artwork.svg.root import normalise_root
from certbeam.artwork.svg.view_box import ViewBox, normalise_view_box
from certbeam.tests.artwork.css.normal_form import resolve, serialise_children


def normalise(attributes, body="<rect/>"):
    root, styles = resolve(body, attributes=attributes)
    view_box = normalise_root(root, normalise_view_box(root), styles.background)
    return root, view_box


@pytest.mark.parametrize(
    ("aspect_ratio", "transform"),
    [
        ("none", "matrix(2,0,0,4,-2,-8)"),
        ("xMinYMin meet", "matrix(2,0,0,2,-2,-4)"),
        ("xMidYMax", "matrix(2,0,0,2,-2,96)"),
        ("xMidYMid slice", "matrix(4,0,0,4,-104,-8)"),
    ],
)
def test_an_aspect_ratio_becomes_a_transform(aspect_ratio, transform):
    size = f'viewBox="1 2 100 50" width="200" height="200" preserveAspectRatio="{aspect_ratio}"'
    root, view_box = normalise(size)
    assert root.get("viewBox") == "0 0 200 200"
    assert view_box == ViewBox(0, 0, 200, 200, 200, 200)
    assert serialise_children(root) == f'<g transform="{transform}"><rect/></g>'


@pytest.mark.parametrize("aspect_ratio", ["xMidYMid", "xMidYMid meet", "bad"])
def test_the_default_aspect_ratio_needs_no_transform(aspect_ratio):
    size = f'viewBox="0 0 100 50" width="200" height="200" preserveAspectRatio="{aspect_ratio}"'
    assert serialise_children(normalise(size)[0]) == "<rect/>"


def test_a_background_covers_the_page():
    root, _ = normalise('viewBox="0 0 100 50" width="200" height="200" style="background:rgb(1 2 3 / 50%)"')
    assert dict(root[0].attrib) == {
        "x": "0", "y": "-25", "width": "100", "height": "100", "fill": "#010203", "stroke": "none",
        "fill-opacity": "0.502",
    }  # fmt: skip


def test_effects_on_the_root_apply_to_a_group():
    root, _ = normalise('viewBox="0 0 9 9" opacity=".5" style="background:transparent"')
    assert serialise_children(root) == '<g opacity="0.5"><rect/></g>'


def test_a_background_image_is_reported():
    _, styles = resolve("", attributes='viewBox="0 0 9 9" style="background:linear-gradient(red,blue)"')
    assert [finding.code for finding in styles.findings] == ["css-unsupported"]
