"""Test that font files of all kinds are opened, and that damaged and oversized ones are refused."""

import io
import struct
import tracemalloc
import zlib

import brotli
import pytest
from fontTools.ttLib import TTFont

from certbeam.artwork.text.font_file import MAX_FONT_SIZE, FontFileError, open_font_file
from certbeam.tests.artwork.text.built_fonts import build_collection, build_font


@pytest.mark.parametrize("flavor", [None, "woff", "woff2"])
def test_a_font_is_opened_with_its_names_and_its_style(flavor):
    face = open_font_file(build_font("My Brand", "Bold Italic", weight=700, italic=True, flavor=flavor))
    assert face.families == ("My Brand",)
    assert set(face.full_names) == {"My Brand Bold Italic", "MyBrand-BoldItalic"}
    assert (face.weight, face.is_italic) == ((700, 700), True)
    assert face.covers("A")
    assert not face.covers("C")


def test_the_first_face_of_a_collection_is_opened():
    face = open_font_file(build_collection(build_font("One"), build_font("Two")))
    assert face.families == ("One",)


def test_a_variable_font_has_the_range_of_its_axes():
    face = open_font_file(build_font(axes=[("wght", 100, 400, 900), ("wdth", 75, 100, 100)]))
    assert (face.weight, face.stretch) == ((100, 900), (75, 100))


def test_an_opentype_font_with_cff_outlines_is_opened(fonts):
    content = bytes(fonts.installed.find_face("NotoSansCJKsc-Regular").open_face().blob.data)
    font = TTFont(io.BytesIO(content), fontNumber=0, lazy=True)
    assert "CFF " in font
    assert open_font_file(content).covers("王")


@pytest.mark.parametrize("flavor", [None, "woff", "woff2"])
@pytest.mark.parametrize("share", [0, 0.02, 0.1, 0.5, 0.8])
def test_a_font_that_is_cut_off_is_damaged(flavor, share):
    content = build_font(flavor=flavor)
    with pytest.raises(FontFileError, match=r"it is damaged|it is not a font"):
        open_font_file(content[: int(len(content) * share)])


def test_a_font_whose_outlines_are_overwritten_is_damaged():
    content = build_font()
    offset = TTFont(io.BytesIO(content)).reader.tables["loca"].offset
    with pytest.raises(FontFileError, match="it is damaged"):
        open_font_file(content[:offset] + b"\xff" * 12 + content[offset + 12 :])


def test_a_font_whose_axis_has_an_invalid_tag_is_damaged():
    content = build_font(axes=[("wght", 100, 400, 900)])
    offset = content.index(b"wght", TTFont(io.BytesIO(content)).reader.tables["fvar"].offset)
    with pytest.raises(FontFileError, match="it is damaged"):
        open_font_file(content[:offset] + b"\xff\xfe\xfd\xfc" + content[offset + 4 :])


def test_a_file_that_is_not_a_font_is_refused():
    with pytest.raises(FontFileError, match="it is not a font in TrueType, OpenType, WOFF or WOFF 2"):
        open_font_file(b"<svg/>")


def open_bomb(content):
    """Check that a font file is refused as damaged and takes little memory."""
    tracemalloc.start()
    try:
        with pytest.raises(FontFileError, match="it is damaged"):
            open_font_file(content)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def build_woff_with_table(declared_length, data):
    """Return a WOFF file with one table."""
    header = struct.pack(
        ">4s4sLHHLHHLLLLL", b"wOFF", b"\0\1\0\0", 64 + len(data), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )
    return header + struct.pack(">4sLLLL", b"glyf", 64, len(data), declared_length, 0) + data


def test_a_woff_font_that_declares_too_large_tables_is_refused():
    with pytest.raises(FontFileError, match="it has more than 30 MB without compression"):
        open_font_file(build_woff_with_table(MAX_FONT_SIZE + 1, zlib.compress(b"")))


def test_a_woff_font_whose_tables_are_larger_than_declared_is_refused_early():
    bomb = zlib.compress(bytes(200_000_000), 9)
    open_bomb(build_woff_with_table(1_000_000, bomb))


def test_a_woff2_font_whose_stream_is_larger_than_declared_is_refused_early():
    bomb = brotli.compress(bytes(200_000_000), quality=5)
    header = struct.pack(
        ">4sLLHHLLHHLLLLL",
        *(b"wOF2", 0x00010000, 100 + len(bomb), 1, 0, 1000, len(bomb), 1, 0, 0, 0, 0, 0, 0),
    )
    entry = bytes([0x01]) + bytes([0x87, 0x68])  # head, 1000 bytes
    open_bomb(header + entry + bomb)
