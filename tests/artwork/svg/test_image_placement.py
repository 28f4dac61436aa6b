"""Sizes of <image> elements, and the pixels with which they are drawn."""

import base64
import io

import PIL.Image
import pytest

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.template import compile_template
from certbeam.io.templates.fonts import system_fonts

QR = make_qr("https://certs.example.org/certs/1")


def png(width, height):
    """Return the data: URI of an image with a red left half and a blue right half."""
    image = PIL.Image.new("RGB", (width, height), "#f00")
    image.paste("#00f", (width // 2, 0, width, height))
    output = io.BytesIO()
    image.save(output, "PNG")
    return "data:image/png;base64," + base64.b64encode(output.getvalue()).decode()


def fill(attributes, uri, values=None):
    """Return the attributes of the <image> in a filled template of 800 by 400 user units."""
    source = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 400"><image {attributes} href="{uri}"/></svg>'
    template = compile_template(source.encode(), embed=str, fonts=system_fonts())
    tag = template.fill(values or {}, QR).svg.decode().partition("<image")[2].partition(">")[0]
    return dict(
        part.split("=", 1) for part in tag.replace("/", " /").replace('"', "").split() if "=" in part
    ) | {"href": tag.partition('href="')[2].partition('"')[0]}


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ("", ("200", "100")),
        ('width="100"', ("100", "50")),
        ('height="25"', ("50", "25")),
        ('width="auto" height="auto"', ("200", "100")),
        ('width="-5" height="50"', ("100", "50")),
        ('style="width:100px"', ("100", "50")),
        ('width="20" height="30"', ("20", "30")),
        ('width="0" height="30"', ("0", "30")),
    ],
)
def test_an_image_has_the_size_that_browsers_give_it(attributes, size):
    image = fill(attributes, png(200, 100))
    assert (image["width"], image["height"]) == size


def decode(uri):
    return PIL.Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def test_a_pixelated_image_has_the_pixels_of_the_page():
    image = decode(fill('width="80" height="40" style="image-rendering:pixelated"', png(8, 4))["href"])
    assert image.size == (160, 80)
    assert {color for _, color in image.getcolors()} == {(255, 0, 0), (0, 0, 255)}


def test_an_image_of_few_pixels_is_smoothed():
    image = decode(fill('width="80" height="40"', png(8, 4))["href"])
    assert image.size == (160, 80)
    assert len(image.getcolors()) > 10


def test_an_image_of_enough_pixels_stays_as_it_is():
    assert fill('width="80" height="40"', png(100, 50))["href"] == png(100, 50)
    assert fill('width="80" height="40" image-rendering="pixelated"', png(160, 80))["href"] == png(160, 80)


def test_the_value_of_a_variable_is_placed_like_an_image():
    image = decode(fill('width="80" height="40"', "${logo}", {"logo": png(8, 4)})["href"])
    assert image.size == (160, 80)


def test_an_enlarged_image_has_a_limited_number_of_pixels():
    image = decode(fill('width="800" height="400" preserveAspectRatio="none"', png(2, 60))["href"])
    assert image.width * image.height <= 1_000_000


def test_only_the_first_images_of_a_template_are_enlarged():
    images = "".join(f'<image width="{width}" height="40" href="{png(8, 4)}"/>' for width in range(100, 140))
    source = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 400">{images}</svg>'
    svg = compile_template(source.encode(), embed=str, fonts=system_fonts()).fill({}, QR).svg.decode()
    assert svg.count(png(8, 4)) == 10


def test_rendering_for_speed_is_smooth_as_in_browsers():
    image = fill('width="80" height="40" image-rendering="optimizeSpeed"', png(100, 50))
    assert image["image-rendering"] == "auto"
