"""Base58 as Multibase writes it."""

import pytest

from certbeam.badges.multibase import decode_base58btc, encode_base58btc


@pytest.mark.parametrize(
    ("data", "text"),
    [
        # draft-msporny-base58-03, section 5.
        (b"Hello World!", "z2NEpo7TZRRrLZSi2U"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "zUSm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
        (bytes.fromhex("0000287fb4cd"), "z11233QC4"),
        (b"", "z"),
        (b"\0", "z1"),
    ],
)
def test_bytes_are_encoded_and_decoded(data, text):
    assert encode_base58btc(data) == text
    assert decode_base58btc(text) == data


@pytest.mark.parametrize("text", ["", "2NEpo7", "z0", "zO", "zI", "zl", "z2NEpo7 "])
def test_other_texts_are_rejected(text):
    with pytest.raises(ValueError, match="not Multibase base58btc"):
        decode_base58btc(text)
