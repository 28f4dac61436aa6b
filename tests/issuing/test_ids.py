"""Certificate ids, access codes and tags."""

import hmac
import itertools
import re
import uuid
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.foundation.errors import Rejected
from certbeam.foundation.uuids import derive_uuid
from certbeam.issuing.ids import check_tag, derive_access_code, derive_certificate_id

KEY = b"a secret of 16 bytes"
FIRST = {"batch_id": "b", "course_id": "c", "user_id": "u", "template_id": "t"}


def test_the_same_claim_has_the_same_id_in_every_release():
    assert derive_certificate_id(**FIRST) == derive_certificate_id(**FIRST)
    # A change of this value would issue all certificates of all installations again.
    assert derive_certificate_id(**FIRST) == str(
        uuid.uuid5(uuid.UUID("6f2f8d0e-2b5d-5c0a-9f0b-0a6d3c1f7e52"), '["b","c","u","t",""]')
    )


@pytest.mark.parametrize("part", [*FIRST, "reissue_of"])
def test_the_id_depends_on_every_part(part):
    assert derive_certificate_id(**{**FIRST, part: "other"}) != derive_certificate_id(**FIRST)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.text('ab",[]\\', max_size=3)] * 5), min_size=2, max_size=2, unique=True))
def test_no_two_claims_share_an_id(claims):
    first, second = (
        derive_certificate_id(batch_id=b, course_id=c, user_id=u, template_id=t, reissue_of=r)
        for b, c, u, t, r in claims
    )
    assert first != second


def test_different_lists_of_texts_have_different_uuids():
    assert derive_uuid("a", "bc") == derive_uuid("a", "bc")
    assert len({derive_uuid("a", "bc"), derive_uuid("ab", "c"), derive_uuid("abc")}) == 3


def test_an_access_code_is_three_times_an_unmistakable_letter_and_digit():
    for number in range(2_000):
        assert re.fullmatch(r"([A-HJ-NP-Z][1-9]){3}", derive_access_code(str(number), KEY))


def test_access_codes_are_uniformly_distributed():
    codes = [derive_access_code(derive_uuid(str(number)), KEY) for number in range(10_000)]
    # There are 10,077,696 codes, so about five collisions are expected.
    assert len(set(codes)) >= 9_980
    for position, alphabet in zip(range(6), itertools.cycle((24, 9)), strict=False):
        counts = Counter(code[position] for code in codes)
        assert len(counts) == alphabet
        assert max(counts.values()) < 1.5 * min(counts.values())


def test_an_access_code_encodes_the_lowest_digits_of_the_hmac_of_the_id():
    digest = int.from_bytes(hmac.new(KEY, b"id-1", "sha256").digest(), "big")
    letters, digits = "ABCDEFGHJKLMNPQRSTUVWXYZ", "123456789"
    expected = ""
    for alphabet in (letters, digits, letters, digits, letters, digits):
        expected += alphabet[digest % len(alphabet)]
        digest //= len(alphabet)
    assert derive_access_code("id-1", KEY) == expected


def test_an_access_code_depends_on_the_key_and_the_id_only():
    assert derive_access_code("id-1", KEY) == derive_access_code("id-1", KEY)
    other = [derive_access_code(str(number), b"another key of 20 b.") for number in range(50)]
    assert other != [derive_access_code(str(number), KEY) for number in range(50)]


@pytest.mark.parametrize("tag", ["0123456789", "batch-reading-01", "a_b", "x" * 128])
def test_a_tag_may_hold_letters_digits_underscores_and_dashes(tag):
    assert check_tag(tag) == tag


@pytest.mark.parametrize(
    "tag",
    [
        "",
        ".",
        "..",
        "a/b",
        "a\\b",
        "a b",
        "a\n",
        "\n",
        "a%2e",
        "batch:1",
        "é",
        "١",
        "x" * 129,
        "a\0",
        "~",
        "a.b",
    ],
)
def test_a_tag_that_is_not_a_safe_name_is_rejected(tag):
    with pytest.raises(Rejected) as error:
        check_tag(tag)
    assert error.value.code == "tag-unsafe"


@pytest.mark.parametrize("tag", ["issuers", "keys", "status", "v1", "Issuers", "Keys", "STATUS", "V1"])
def test_the_names_of_the_issuers_folders_are_rejected(tag):
    with pytest.raises(Rejected, match="issuer's documents"):
        check_tag(tag)
