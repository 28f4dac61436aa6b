"""Symbols put together from learnt parts, against the encoder's own and as a scanner reads them."""

import string

import numpy as np
import pytest
import zxingcpp
from hypothesis import example, given
from hypothesis import strategies as st

from certbeam.credentials import qr_symbols
from certbeam.credentials.qr_symbols import symbol_of
from certbeam.tests.credentials.qr_codes import drawn, encoders

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


def encoded(data):
    return encoders(data, data_mask=0)


def made(data):
    masks, symbol = symbol_of(data)
    return drawn(masks.rows(symbol))


def read(data):
    """What a scanner reads off a symbol."""
    light = np.pad(~np.array(made(data)), 4, constant_values=True)
    pixels = np.kron(light, np.full((4, 4), 255, np.uint8))
    return zxingcpp.read_barcode(pixels, formats=zxingcpp.BarcodeFormat.QRCode)


@pytest.mark.parametrize("folder", FOLDERS)
@given(name=st.text(string.ascii_lowercase, min_size=1, max_size=60))
def test_with_a_name_of_letters_it_is_as_small_as_the_encoders(folder, name):
    assert len(made(f"{folder}/{name}")) == len(encoded(f"{folder}/{name}"))


@given(st.text(string.ascii_lowercase, min_size=1, max_size=60))
def test_of_letters_it_is_the_encoders(name):
    assert made(f"{COURSE}/{name}") == encoded(f"{COURSE}/{name}")


@pytest.mark.parametrize("length", range(1, 60))
def test_so_it_is_where_digits_make_it_smaller(length):
    data = f"{'9' * 60}/{'z' * length}"
    assert made(data) == encoded(data)


@pytest.mark.parametrize("folder", FOLDERS)
@given(name=st.text(PRINTABLE, min_size=1, max_size=90))
@example(name=UUID)
@example(name="0" * 36)
@example(name="~" * 36)
def test_a_scanner_reads_every_printable_name(folder, name):
    barcode = read(f"{folder}/{name}")
    assert (barcode.text, barcode.ec_level) == (f"{folder}/{name}", "H")


@given(st.text(PRINTABLE, min_size=1, max_size=120))
def test_a_scanner_reads_every_printable_folder(folder):
    assert read(f"{folder}/{UUID}").text == f"{folder}/{UUID}"


@pytest.mark.parametrize("length", [160, 161])
def test_a_scanner_reads_long_texts(length):
    data = f"{COURSE}/{UUID}".ljust(length, "7")
    assert read(data).text == data


@pytest.mark.parametrize("data", [UUID, "1", f"{COURSE}/".ljust(161, "7")])
def test_of_what_is_no_address_or_a_long_one_it_is_the_encoders(data):
    assert made(data) == encoded(data)


def test_what_is_learnt_of_one_text_serves_all_of_its_length(monkeypatch):
    qr_symbols._change.cache_clear()
    calls = []
    encode = qr_symbols._encode
    monkeypatch.setattr(
        qr_symbols, "_encode", lambda *given, **options: calls.append(given) or encode(*given, **options)
    )
    learnt = []
    for name in (UUID, UUID[::-1], UUID[::-1]):
        calls.clear()
        symbol_of(f"{COURSE}/{name}")
        learnt.append(len(calls))
    assert learnt[0] >= len(UUID)
    assert 0 < learnt[1] <= 2 * len(UUID)
    assert learnt[2] == 0
