"""The source of a template as lines."""

import gzip

import pytest

from certbeam.artwork.authoring.listing import Line, decode_source, list_lines


def test_lines_are_numbered_from_one():
    assert list_lines(b"<svg>\r\n<g/>\n</svg>", set()) == [
        Line(1, "<svg>"),
        Line(2, "<g/>"),
        Line(3, "</svg>"),
    ]


def test_a_long_line_is_cut():
    (line,) = list_lines(b"x" * 5000, set())
    assert (len(line.text), line.omitted) == (1000, 4000)


def test_a_long_template_is_cut_but_not_around_its_findings():
    lines = list_lines(b"\n" * 9999, {0, 1, 5000, 10_000})
    numbers = [line.number for line in lines]
    assert numbers == [*range(1, 2001), *range(4997, 5004), *range(9997, 10_001)]


@pytest.mark.parametrize(
    "source",
    [
        "é".encode(),
        "\ufeffé".encode(),
        "é".encode("utf-16"),
        gzip.compress("é".encode(), mtime=0),
        '<?xml version="1.0" encoding="latin-1"?>é'.encode("latin-1"),
        '<?xml version="1.0" encoding="no-such"?>é'.encode(),
        '<?xml version="1.0" encoding="undefined"?>é'.encode(),
        '<?xml version="1.0" encoding="utf-16"?>é'.encode(),
    ],
)
def test_the_source_is_decoded_as_the_parser_does(source):
    assert decode_source(source).endswith("é")


def test_bytes_that_cannot_be_decoded_are_replaced():
    assert decode_source(b"a\xff") == "a\ufffd"
    assert decode_source(b"\x1f\x8bbroken") == ""
