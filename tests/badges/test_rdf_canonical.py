"""Canonicalisation with prepared statements gives the same N-Quads as PyLD."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certbeam.badges import rdf_canonical
from certbeam.badges.ob3_credential import CONTEXTS, build_credential
from certbeam.badges.rdf_canonical import Canonicalizer, UndefinedTerm, canonicalize_with_pyld
from certbeam.badges.status_list import StatusListEntry
from certbeam.badges.urls import PublishedUrls
from certbeam.tests.badges.issuers import BASE_URL, NAMES, request, requests

AT = PublishedUrls(BASE_URL)
DID = "did:web:certs.example.org:certs"
canonicalizer = Canonicalizer()


def credential(one, status_entry=None):
    return build_credential(one, AT, issuer=DID, status_entry=status_entry)


# PyLD takes milliseconds for a document: the tests of this module compare thousands in a minute.
@settings(max_examples=1200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    requests(), st.one_of(st.none(), st.builds(StatusListEntry, st.integers(1, 9), st.integers(0, 131_071)))
)
def test_prepared_and_pyld_canonical_forms_are_equal(one, status_entry):
    document = credential(one, status_entry)
    assert canonicalizer.canonicalize(document) == canonicalize_with_pyld(document)


# Unlike credentials, these documents have control characters in their texts.
@settings(max_examples=800, deadline=None)
@given(
    st.lists(st.text(max_size=8) | st.sampled_from(NAMES), min_size=4, max_size=4),
    st.sampled_from(["urn:uuid:1", "https://a.example/%7E", "did:web:a", None]),
    st.booleans(),
)
def test_the_forms_are_equal_for_any_text_and_id(words, node, hashed):
    subject = {
        "type": ["AchievementSubject"],
        "identifier": [
            {"type": "IdentityObject", "identityHash": word, "hashed": hashed} for word in words[:2]
        ],
        "achievement": {
            "id": "https://a.example/1",
            "type": ["Achievement"],
            "name": words[2],
            "tag": words[2:],
        },
    }
    document = {
        "@context": CONTEXTS,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "credentialSubject": subject if node is None else {"id": node, **subject},
        "issuer": node or "did:web:b",
    }
    assert canonicalizer.canonicalize(document) == canonicalize_with_pyld(document)


@pytest.mark.parametrize("name", NAMES)
def test_the_forms_are_equal_for_names_in_every_script(name):
    document = credential(request(recipient=name, courseName=name))
    assert canonicalizer.canonicalize(document) == canonicalize_with_pyld(document)


def test_pyld_is_called_once_for_each_shape(monkeypatch):
    fresh = Canonicalizer()
    fresh.canonicalize(credential(request()))
    monkeypatch.setattr("certbeam.badges.rdf_canonical.JsonLdProcessor", None)
    assert fresh.canonicalize(credential(request(recipient="Zoë", user="u-zoë", description="Soil")))


@pytest.mark.parametrize("name", list("abcdefgh"))
def test_equal_values_of_a_blank_node_are_one_statement(name):
    achievement = {"type": ["Achievement"], "name": name}
    subject = {"type": ["AchievementSubject"], "achievement": achievement}
    document = {
        "@context": CONTEXTS,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "credentialSubject": subject,
        "issuer": "did:web:b",
    }
    for tags in (["one", "other"], ["same", "same"]):
        achievement["tag"] = tags
        assert canonicalizer.canonicalize(document) == canonicalize_with_pyld(document)


@pytest.mark.parametrize("names", ["ab", "ba", "cd", "dc"])
def test_blank_nodes_that_differ_only_by_their_neighbours_are_canonicalised_by_pyld(names):
    achievements = [{"type": ["Achievement"], "name": name, "criteria": {}} for name in names]
    document = {
        "@context": CONTEXTS,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "credentialSubject": {"type": ["AchievementSubject"], "achievement": achievements},
        "issuer": "did:web:b",
    }
    assert canonicalizer.canonicalize(document) == canonicalize_with_pyld(document)


def test_prepared_shapes_are_bounded(monkeypatch):
    assert rdf_canonical._MAX_SHAPES == 1024
    monkeypatch.setattr(rdf_canonical, "_MAX_SHAPES", 2)
    fresh = Canonicalizer()
    for changes in ({}, {"courseName": ""}, {"logo": "https://x/a.png"}, {"expiry": "1y"}):
        fresh.canonicalize(credential(request(**changes)))
        assert len(fresh._prepared) <= 2


def test_equal_blank_nodes_are_canonicalised_by_pyld():
    twins = [{"name": "M", "id": "1", "designation": "D", "image": "x"}] * 2
    document = credential(request(signatoryList=twins))
    assert canonicalizer.canonicalize(document) == canonicalize_with_pyld(document)


@pytest.mark.parametrize(
    "members",
    [
        {"undefined": "text"},
        {"undefined": {"name": "inside"}},
        {"undefined": True},
        {"credentialStatus": "no IRI"},
    ],
)
def test_members_that_a_proof_would_not_cover_are_rejected(members):
    with pytest.raises(UndefinedTerm):
        canonicalizer.canonicalize({**credential(request()), **members})


def test_a_context_that_is_not_pinned_is_rejected():
    document = {**credential(request()), "@context": [*CONTEXTS, "https://elsewhere.example.org/context"]}
    with pytest.raises(ValueError, match="known contexts"):
        canonicalizer.canonicalize(document)
