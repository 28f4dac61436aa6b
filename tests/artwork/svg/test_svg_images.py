"""Normalise SVG images inside of templates."""

import base64
import re
from urllib.parse import quote

import pytest
from lxml import etree

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg.image_placement import ImagePlacement
from certbeam.artwork.svg.images import sanitise_image

BOX = ImagePlacement(400.0, 200.0)
NS = 'xmlns="http://www.w3.org/2000/svg"'
SVG = "{http://www.w3.org/2000/svg}"
RECT = '<rect width="9" height="9"/>'


def leave_texts(root, data_uris):
    """Leave the texts of an image as they are."""


def as_uri(svg):
    return "data:image/svg+xml," + quote(svg)


def normalise(svg, placement=BOX):
    """Return the root of an SVG image after its normalisation."""
    uri = sanitise_image(as_uri(svg), leave_texts, placement)
    return etree.fromstring(base64.b64decode(uri.partition(",")[2]))


def find_viewport(root):
    return " ".join([root.get("width"), root.get("height"), root.get("viewBox")])


@pytest.mark.parametrize(
    ("attributes", "viewport"),
    [
        ("", "400 200 0 0 400 200"),
        ('viewBox="0 0 20 20"', "400 200 0 0 20 20"),
        ('width="100" height="100" viewBox="0 0 20 20"', "400 200 0 0 20 20"),
        ('width="100%" height="100%"', "400 200 0 0 400 200"),
    ],
)
def test_an_image_gets_the_size_at_which_it_is_drawn(attributes, viewport):
    assert find_viewport(normalise(f"<svg {NS} {attributes}>{RECT}</svg>")) == viewport


@pytest.mark.parametrize(
    ("attributes", "viewport"),
    [
        ("", "300 150 0 0 300 150"),
        ('viewBox="0 0 10 20"', "75 150 0 0 10 20"),
        ('width="40" viewBox="0 0 10 20"', "40 80 0 0 10 20"),
        ('width="1in" height="2in"', "96 192 0 0 96 192"),
        ('viewBox="0 0 10 20" preserveAspectRatio="none"', "300 150 0 0 300 150"),
    ],
)
def test_an_image_in_an_unknown_place_has_its_natural_size(attributes, viewport):
    root = normalise(f"<svg {NS} {attributes}>{RECT}</svg>", ImagePlacement(None, None))
    assert find_viewport(root) == viewport


def test_an_image_without_a_view_box_is_scaled_to_its_place():
    root = normalise(f'<svg {NS} width="100" height="100">{RECT}</svg>')
    assert root.xpath("string(//@transform)") == "matrix(4,0,0,2,0,0)"


def test_a_stretched_image_is_scaled_as_a_whole():
    placement = ImagePlacement(400.0, 400.0, is_stretched=True)
    root = normalise(f'<svg {NS} width="100" height="50">{RECT}</svg>', placement)
    assert find_viewport(root) == "100 50 0 0 100 50"


def test_the_styles_of_an_image_are_resolved():
    root = normalise(f"<svg {NS}><style>rect{{fill:rebeccapurple}}</style>{RECT}</svg>")
    assert root.find(f".//{SVG}g/{SVG}rect").get("fill") == "#663399"
    assert root.find(f".//{SVG}style") is None


def test_an_image_is_clipped_at_its_edges():
    root = normalise(f'<svg {NS} viewBox="0 0 100 100" id="viewport">{RECT}</svg>')
    (clip,) = root.iter(f"{SVG}clipPath")
    assert clip[0].items() == [("x", "-50"), ("y", "0"), ("width", "200"), ("height", "100")]
    assert [group.get("clip-path") for group in root.iter(f"{SVG}g")] == [f"url(#{clip.get('id')})"]
    assert clip.get("id") != root.get("id")


def nest(depth):
    svg = f'<svg {NS} viewBox="0 0 9 9">{RECT}</svg>'
    for _ in range(depth):
        svg = f'<svg {NS} viewBox="0 0 9 9"><image width="5" height="4" href="{as_uri(svg)}"/></svg>'
    return svg


def test_images_inside_of_an_image_are_normalised():
    inner = normalise(nest(1)).find(f".//{SVG}image").get("href")
    content = base64.b64decode(inner.partition(",")[2]).decode()
    assert re.search('width="5" height="4"|height="4" .*width="5"', content)


def test_images_are_nested_up_to_three_deep():
    assert normalise(nest(3)) is not None
    with pytest.raises(TemplateError, match="nested more than 3 deep") as error:
        normalise(nest(4))
    assert error.value.code == "template-too-complex"
