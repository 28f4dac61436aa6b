"""Test symbols that are built from differences, against those of the encoder and with a decoder."""

import string

import numpy as np
import pytest
import zxingcpp
from hypothesis import example, given
from hypothesis import strategies as st

from certbeam.artwork.qr import symbols as qr_symbols
from certbeam.artwork.qr.symbols import encode_symbol
from certbeam.tests.artwork.qr.qr_codes import encoder_modules, unpack_modules
from certbeam.tests.support import Recorder

COURSE = "https://certs.example.org/certs/course"
FOLDERS = [
    COURSE,
    "https://certs.example.org/certs/0130598559365038081",
    "HTTPS://CERTS.EXAMPLE.ORG/C",
    "/0/A/a",
    "",
]
PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
UUID = "1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f11"


def encoder_symbol(data):
    return encoder_modules(data, data_mask=0)


def own_symbol(data):
    mask_patterns, symbol = encode_symbol(data)
    return unpack_modules(mask_patterns.unpack_rows(symbol))


def scan(data):
    """Return what a scanner reads from a symbol."""
    light = np.pad(~np.array(own_symbol(data)), 4, constant_values=True)
    pixels = np.kron(light, np.full((4, 4), 255, np.uint8))
    return zxingcpp.read_barcode(pixels, formats=zxingcpp.BarcodeFormat.QRCode)


@pytest.mark.parametrize("folder", FOLDERS)
@given(name=st.text(string.ascii_lowercase, min_size=1, max_size=60))
def test_the_symbol_is_as_small_as_that_of_the_encoder_if_the_name_has_letters_only(folder, name):
    assert len(own_symbol(f"{folder}/{name}")) == len(encoder_symbol(f"{folder}/{name}"))


@given(st.text(string.ascii_lowercase, min_size=1, max_size=60))
def test_the_symbol_equals_that_of_the_encoder_if_the_text_has_letters_only(name):
    assert own_symbol(f"{COURSE}/{name}") == encoder_symbol(f"{COURSE}/{name}")


@pytest.mark.parametrize("length", range(1, 60))
def test_the_symbol_equals_that_of_the_encoder_if_numeric_mode_makes_it_smaller(length):
    data = f"{'9' * 60}/{'z' * length}"
    assert own_symbol(data) == encoder_symbol(data)


@pytest.mark.parametrize("folder", FOLDERS)
@given(name=st.text(PRINTABLE, min_size=1, max_size=90))
@example(name=UUID)
@example(name="0" * 36)
@example(name="~" * 36)
def test_a_scanner_reads_every_printable_name(folder, name):
    barcode = scan(f"{folder}/{name}")
    assert (barcode.text, barcode.ec_level) == (f"{folder}/{name}", "H")


@given(st.text(PRINTABLE, min_size=1, max_size=120))
def test_a_scanner_reads_every_printable_folder(folder):
    assert scan(f"{folder}/{UUID}").text == f"{folder}/{UUID}"


@pytest.mark.parametrize("length", [160, 161])
def test_a_scanner_reads_long_texts(length):
    data = f"{COURSE}/{UUID}".ljust(length, "7")
    assert scan(data).text == data


@pytest.mark.parametrize("data", [UUID, "1", f"{COURSE}/".ljust(161, "7")])
def test_the_encoder_makes_the_symbol_of_a_text_that_is_long_or_has_no_slash(data):
    assert own_symbol(data) == encoder_symbol(data)


def test_the_differences_of_one_text_are_used_for_all_texts_of_its_length(monkeypatch):
    qr_symbols._difference.cache_clear()
    encode_pixels = Recorder(qr_symbols._encode_pixels)
    monkeypatch.setattr(qr_symbols, "_encode_pixels", encode_pixels)
    call_counts = []
    for name in (UUID, UUID[::-1], UUID[::-1]):
        encode_pixels.calls.clear()
        encode_symbol(f"{COURSE}/{name}")
        call_counts.append(len(encode_pixels.calls))
    assert call_counts[0] >= len(UUID)
    assert 0 < call_counts[1] <= 2 * len(UUID)
    assert call_counts[2] == 0
