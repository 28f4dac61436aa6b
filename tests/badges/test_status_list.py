"""Candidate entries of certificates, and the encoding of status lists."""

import base64
import gzip

import pytest

from certbeam.badges.status_list import (
    LIST_SIZE,
    RevokedIndexes,
    StatusListEntry,
    build_credential_status,
    build_status_list,
    candidate_entries,
    encode_list,
)
from certbeam.badges.urls import PublishedUrls
from certbeam.tests.support import BASE_URL, ETS

AT = PublishedUrls(BASE_URL)
LEVELS = [16**level for level in range(8)]
"""The number of lists on each level."""


def decoded(text):
    assert text[0] == "u"
    return gzip.decompress(base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)))


def test_a_list_has_131_072_entries():
    assert LIST_SIZE == 131_072
    assert len(decoded(encode_list([]))) * 8 == LIST_SIZE


def test_a_certificate_has_two_candidates_on_each_level():
    for number in range(50):
        entries = list(candidate_entries(str(number)))
        assert len(set(entries)) == len(entries) == 2 * len(LEVELS)
        first = 1
        for level, lists in enumerate(LEVELS):
            of_level = entries[2 * level : 2 * level + 2]
            assert all(first <= entry.list_number < first + lists for entry in of_level)
            assert all(0 <= entry.index < LIST_SIZE for entry in of_level)
            first += lists


def test_candidates_spread_over_all_lists_of_a_level():
    numbers = {
        slot.list_number for number in range(2_000) for slot in list(candidate_entries(str(number)))[2:4]
    }
    assert numbers == set(range(2, 18))


@pytest.mark.parametrize(
    ("position", "byte", "bit"), [(0, 0, 0x80), (7, 0, 0x01), (8, 1, 0x80), (LIST_SIZE - 1, -1, 0x01)]
)
def test_index_0_is_the_highest_bit_of_the_first_byte(position, byte, bit):
    bits = decoded(encode_list([position]))
    assert bits[byte] == bit
    assert sum(bits) == bit


def test_the_gzip_header_depends_on_neither_time_nor_python_version():
    packed = base64.urlsafe_b64decode(encode_list([1])[1:] + "==")
    assert packed[:10] == bytes.fromhex("1f8b0800000000000203")


def test_a_status_entry_names_its_list_and_index():
    url = f"{BASE_URL}/status/18.json"
    assert build_credential_status(StatusListEntry(18, 7), AT) == {
        "id": f"{url}#7",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": url,
    }


def test_a_list_is_valid_from_its_newest_revocation():
    assert "validFrom" not in build_status_list(1, RevokedIndexes((), None), issuer="did", urls=AT)
    listed = build_status_list(1, RevokedIndexes((5,), ETS), issuer="did", urls=AT)
    assert listed["validFrom"] == "2026-04-01T04:30:00Z"
