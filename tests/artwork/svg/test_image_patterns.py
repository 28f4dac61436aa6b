"""Rectangles that are filled with an image through a pattern."""

import io

import PIL.Image
import pytest

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.render.typst_engine import svg_to_png
from certbeam.artwork.template import compile_template
from certbeam.io.templates.fonts import system_fonts

# The left half of the image is red, the right one blue.
IMAGE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 20 10'%3E"
    "%3Crect width='10' height='10' fill='red'/%3E%3Crect x='10' width='10' height='10' fill='blue'/%3E%3C/svg%3E"
)
RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def render(rects, transform, uses=""):
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 200 100">
      {rects}<defs>
      <pattern id="p" patternContentUnits="objectBoundingBox" width="1" height="1">
      <use xlink:href="#i" transform="{transform}"/></pattern>
      <image id="i" width="20" height="10" xlink:href="{IMAGE}"/></defs>{uses}</svg>"""
    filled = compile_template(svg.encode(), embed=str, fonts=system_fonts()).fill({}, make_qr("x"))
    image = PIL.Image.open(io.BytesIO(svg_to_png(filled.svg, width=200))).convert("RGB")
    return filled.svg, image


def test_the_image_replaces_the_rectangle():
    svg, image = render('<rect x="100" y="50" width="80" height="40" fill="url(#p)"/>', "scale(0.05 0.1)")
    points = ((110, 70), (170, 70), (90, 70), (190, 70))
    assert [image.getpixel(point) for point in points] == [RED, BLUE, WHITE, WHITE]
    assert b"<pattern" not in svg
    assert svg.count(b"data:image") == 1


def test_an_image_larger_than_the_rectangle_is_clipped():
    _, image = render(
        '<rect x="100" y="50" width="80" height="40" fill="url(#p)"/>', "matrix(0.1 0 0 0.1 -0.5 0)"
    )
    points = ((110, 70), (170, 70), (90, 70), (190, 70))
    assert [image.getpixel(point) for point in points] == [RED, BLUE, WHITE, WHITE]


def test_the_data_of_an_image_in_two_rectangles_is_not_duplicated():
    rects = "".join(f'<rect x="{x}" y="50" width="80" height="40" fill="url(#p)"/>' for x in (0, 100))
    svg, image = render(rects, "scale(0.05 0.1)")
    points = ((10, 70), (70, 70), (110, 70), (170, 70))
    assert [image.getpixel(point) for point in points] == [RED, BLUE, RED, BLUE]
    assert svg.count(b"data:image") == 1


@pytest.mark.parametrize(
    "rect",
    [
        '<rect x="9" width="80" height="40" rx="5" fill="url(#p)"/>',
        '<rect x="9" width="80" height="40" stroke="red" fill="url(#p)"/>',
        '<circle r="9" fill="url(#p)"/>',
    ],
)
def test_a_rectangle_with_other_features_keeps_its_pattern(rect):
    svg, _ = render(rect, "scale(0.05 0.1)")
    assert b"<pattern" in svg
