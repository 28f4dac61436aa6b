"""Ids, access codes and tags: the same on every replay, and nothing else's."""

import hmac
import itertools
import re
import uuid
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certbeam.foundation.errors import Rejected
from certbeam.foundation.uuids import derived_uuid
from certbeam.issuing.ids import access_code, certificate_id, check_tag

KEY = b"a secret of 16 bytes"
FIRST = {"batch_id": "b", "course_id": "c", "user_id": "u", "template_id": "t"}


def test_the_same_claim_has_the_same_id_for_ever():
    assert certificate_id(**FIRST) == certificate_id(**FIRST)
    # A change of this value would issue every certificate of every installation again.
    assert certificate_id(**FIRST) == str(
        uuid.uuid5(uuid.UUID("6f2f8d0e-2b5d-5c0a-9f0b-0a6d3c1f7e52"), '["b","c","u","t",""]')
    )


@pytest.mark.parametrize("part", [*FIRST, "reissue_of"])
def test_every_part_of_a_claim_makes_another_certificate(part):
    assert certificate_id(**{**FIRST, part: "other"}) != certificate_id(**FIRST)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.text('ab",[]\\', max_size=3)] * 5), min_size=2, max_size=2, unique=True))
def test_no_two_claims_share_an_id(claims):
    first, second = (
        certificate_id(batch_id=b, course_id=c, user_id=u, template_id=t, reissue_of=r)
        for b, c, u, t, r in claims
    )
    assert first != second


def test_derived_uuids_keep_their_parts_apart():
    assert derived_uuid("a", "bc") == derived_uuid("a", "bc")
    assert len({derived_uuid("a", "bc"), derived_uuid("ab", "c"), derived_uuid("abc")}) == 3


def test_an_access_code_is_three_letters_and_digits_that_nobody_mistakes():
    for number in range(2_000):
        assert re.fullmatch(r"([A-HJ-NP-Z][1-9]){3}", access_code(str(number), KEY))


def test_access_codes_are_well_spread():
    codes = [access_code(derived_uuid(str(number)), KEY) for number in range(10_000)]
    # Of 10,077,696 possible codes, about five are expected to fall on a taken one.
    assert len(set(codes)) >= 9_980
    for position, alphabet in zip(range(6), itertools.cycle((24, 9)), strict=False):
        counts = Counter(code[position] for code in codes)
        assert len(counts) == alphabet
        assert max(counts.values()) < 1.5 * min(counts.values())


def test_an_access_code_encodes_the_hmac_of_the_id_from_its_lowest_digits():
    digest = int.from_bytes(hmac.new(KEY, b"id-1", "sha256").digest(), "big")
    letters, digits = "ABCDEFGHJKLMNPQRSTUVWXYZ", "123456789"
    expected = ""
    for alphabet in (letters, digits, letters, digits, letters, digits):
        expected += alphabet[digest % len(alphabet)]
        digest //= len(alphabet)
    assert access_code("id-1", KEY) == expected


def test_an_access_code_depends_on_the_key_alone_and_the_id():
    assert access_code("id-1", KEY) == access_code("id-1", KEY)
    other = [access_code(str(number), b"another key of 20 b.") for number in range(50)]
    assert other != [access_code(str(number), KEY) for number in range(50)]


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
def test_a_tag_that_is_no_plain_name_is_refused(tag):
    with pytest.raises(Rejected) as error:
        check_tag(tag)
    assert error.value.code == "tag-unsafe"


@pytest.mark.parametrize("tag", ["issuers", "keys", "status", "v1", "Issuers", "Keys", "STATUS", "V1"])
def test_the_issuers_own_folders_are_no_tags(tag):
    with pytest.raises(Rejected, match="issuer's documents"):
        check_tag(tag)
