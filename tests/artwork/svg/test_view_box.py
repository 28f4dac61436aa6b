"""Determine the view box and the page size of a template."""

import pytest
from lxml import etree

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg.view_box import normalise_view_box


def normalise(**attributes):
    root = etree.Element("svg")
    for name, value in attributes.items():
        root.set(name, value)
    return normalise_view_box(root), dict(root.items())


def test_size_and_view_box_are_written_in_absolute_numbers():
    view_box, attributes = normalise(width="210mm", height="297mm", viewBox="10 20 210 297")
    assert (view_box.x, view_box.y, view_box.width, view_box.height) == (10, 20, 210, 297)
    assert attributes == {"width": "793.701", "height": "1122.52", "viewBox": "10 20 210 297"}


def test_a_missing_side_follows_from_the_view_box():
    view_box, _ = normalise(width="100", viewBox="0 0 400 300")
    assert (view_box.page_width, view_box.page_height) == (100, 75)
    view_box, _ = normalise(height="75", viewBox="0 0 400 300")
    assert (view_box.page_width, view_box.page_height) == (100, 75)


def test_a_view_box_larger_than_a_page_has_a_page_of_usual_size():
    view_box, _ = normalise(viewBox="0 0 29700 21000")
    assert (view_box.width, view_box.height) == (29700, 21000)
    assert (round(view_box.page_width), round(view_box.page_height)) == (1123, 794)
    view_box, _ = normalise(viewBox="0 0 29700 21000", width="297mm", height="210mm")
    assert round(view_box.page_width) == 1123


@pytest.mark.parametrize(
    ("attributes", "fits"),
    [
        ({"viewBox": "0 0 20000 20000"}, True),
        ({"viewBox": "0 0 1000000 1000000"}, True),
        ({"viewBox": "0 0 1000001 1000000"}, False),
        ({"viewBox": "0 0 inf 300"}, False),
        ({"viewBox": "0 0 2000 100"}, True),
        ({"viewBox": "0 0 2001 100"}, False),
        ({"viewBox": "0 0 100 2001"}, False),
        ({"viewBox": "0 0 400 300", "width": "20001"}, False),
        ({"viewBox": "0 0 0 300"}, False),
        ({}, False),
    ],
)
def test_an_unusable_size_is_rejected(attributes, fits):
    if fits:
        assert normalise(**attributes)
    else:
        with pytest.raises(TemplateError) as error:
            normalise(**attributes)
        assert error.value.code == "template-size"
