"""Convert transforms, clipping shapes, paths and strokes to attributes."""

import pytest

from certbeam.artwork.css.path_data import format_path, is_complete_path, parse_path
from certbeam.artwork.css.transforms import parse_transform_attribute
from certbeam.artwork.geometry import Matrix
from certbeam.tests.artwork.css.normal_form import resolve, resolve_first

RECT = '<rect x="10" y="20" width="40" height="20" {}/>'


@pytest.mark.parametrize(
    ("attributes", "transform"),
    [
        ('transform="scale(2)"', "scale(2)"),
        ('transform="translate(1-2)"', "translate(1,-2)"),
        ('transform="rotate(20deg)"', None),
        ('transform="translate(1) bogus"', None),
        ('style="transform:translate(50%,1em)"', "translate(200,16)"),
        ('style="transform:scale(2);transform-origin:10px 20px"', "matrix(2,0,0,2,-10,-20)"),
        ('transform="scale(2)" style="transform-box:fill-box"', "matrix(2,0,0,2,-10,-20)"),
        (
            'transform="scale(2)" style="transform-box:fill-box;transform-origin:center"',
            "matrix(2,0,0,2,-30,-30)",
        ),
        ('style="scale:2;transform-box:fill-box;transform-origin:bottom right"', "matrix(2,0,0,2,-50,-40)"),
        ('style="translate:1px 2px;scale:3;transform:translateX(4px)"', "matrix(3,0,0,3,13,2)"),
        ('style="rotate:0.25turn"', "matrix(0,1,-1,0,0,0)"),
        ('transform="scale(2)" style="transform:none"', None),
        ('style="transform:rotateY(60deg)"', "matrix(0.5,0,0,1,0,0)"),
        ('stroke="red" stroke-width="4" style="scale:2;transform-box:stroke-box"', "matrix(2,0,0,2,-8,-18)"),
    ],
)
def test_css_transforms_become_an_attribute(attributes, transform):
    assert resolve_first(RECT.format(attributes)).get("transform") == transform


def test_the_box_of_a_group_surrounds_its_transformed_content():
    group = RECT.format('transform="translate(10,0)"')
    body = f'<g style="scale:2;transform-box:fill-box">{group}<path d="M0 90C0 100 0 100 0 90"/></g>'
    assert resolve_first(body, "g")["transform"] == "matrix(2,0,0,2,0,-20)"


def test_a_nested_svg_is_transformed_by_a_group():
    root, _ = resolve('<svg style="scale:2"/>')
    assert root[0].get("transform") == "matrix(2,0,0,2,0,0)"
    assert "transform" not in root[0][0].attrib


@pytest.mark.parametrize(
    ("shape", "data"),
    [
        ("inset(10%)", "M14 22L46 22L46 38L14 38Z"),
        ("inset(0 1px 2px 3px)", "M13 20L49 20L49 38L13 38Z"),
        ("polygon(0 0, 100% 0, 50% 100%)", "M10 20L50 20L30 40Z"),
        ("xywh(1px 2px 3px 4px)", "M11 22L14 22L14 26L11 26Z"),
        ("rect(auto 10px 5px auto)", "M10 20L20 20L20 25L10 25Z"),
        ("path('M1 1h1')", "M11 21L12 21"),
        ("fill-box", "M10 20L50 20L50 40L10 40Z"),
    ],
)
def test_a_clipping_shape_becomes_a_clipping_path(shape, data):
    root, _ = resolve(RECT.format(f'style="clip-path:{shape}"'))
    assert root[0].get("id") == "clip-shape-1"
    assert root[0][0].get("d") == data
    assert root[1].get("clip-path") == "url(#clip-shape-1)"


@pytest.mark.parametrize(
    ("shape", "radius"), [("circle()", 10), ("circle(5px at 0 0)", 5), ("circle(farthest-side)", 20)]
)
def test_a_circle_is_relative_to_its_box(shape, radius):
    root, _ = resolve(RECT.format(f'style="clip-path:{shape}"'))
    assert f"A{radius} {radius} 0 0 1" in root[0][0].get("d")


@pytest.mark.parametrize("style", ["clip-path:shape(from 0 0, close)", "clip-path:circle(50%) url(#a)"])
def test_an_unknown_shape_has_no_effect(style):
    assert "clip-path" not in resolve_first(RECT.format(f'style="{style}"'))


def test_what_depends_on_the_size_of_text_is_reported():
    _, styles = resolve('<text style="scale:2;transform-box:fill-box">a</text>')
    assert [finding.code for finding in styles.findings] == ["css-unsupported"]


@pytest.mark.parametrize(
    ("data", "written"),
    [
        ("M100,100 150-50.5.5-1e1z", "M100 100L150 -50.5L0.5 -10Z"),
        ("m1 1h2.5.5v-1", "M1 1L3.5 1L4 1L4 0"),
        ("M0 0a1 1 0 0110 0", "M0 0A1 1 0 0 1 10 0"),
        ("M0 0c1 1 2 2 3 3s1 1 2 2q1 1 2 0t2 0", "M0 0C1 1 2 2 3 3C4 4 4 4 5 5Q6 6 7 5Q8 4 9 5"),
        ("M1 1zl1 1", "M1 1ZL2 2"),
        ("M1 1L2", "M1 1"),
        ("L1 1", ""),
        ("", ""),
    ],
)
def test_path_data_is_written_with_separators_up_to_its_first_error(data, written):
    assert format_path(parse_path(data)) == written


def test_css_needs_path_data_without_errors():
    assert is_complete_path("M1 1L2 2 ")
    assert not is_complete_path("M1 1L2")
    assert "d" not in resolve_first("<path style=\"d:path('M1 1L2')\"/>", "path")
    assert resolve_first("<path style=\"d:path('M1 1.5.5.5')\"/>", "path")["d"] == "M1 1.5L0.5 0.5"


def test_a_stroke_that_is_not_scaled_is_divided_by_the_scale():
    body = '<g transform="scale(4)"><rect width="9" height="9" stroke="red" vector-effect="non-scaling-stroke"/></g>'
    assert resolve_first(body)["stroke-width"] == "0.25"


def test_a_shape_with_an_unevenly_scaled_stroke_is_drawn_on_the_page():
    body = '<g transform="scale(4,2)"><rect width="9" height="9" stroke="red" vector-effect="non-scaling-stroke"/></g>'
    path = resolve_first(body, "path")
    assert path["d"] == "M0 0L36 0L36 18L0 18Z"
    assert parse_transform_attribute(path["transform"]) == Matrix(a=0.25, d=0.5)
