"""Requests to Sunbird RC."""

import time
from dataclasses import replace
from typing import Any

import httpx
import orjson
import pytest

from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.registry.sunbird_rc import RcRegistry
from certbeam.tests.io.web import Web
from certbeam.tests.support import BASE_URL, ETS, registry_entry

VALID = RegistryState(None)
ACTIVE = {"osid": "1-a", "status": "ACTIVE", "recipient": {"id": "u-1"}}
NOTHING: tuple[int, dict[str, Any]] = (200, {"data": []})
MADE = (200, {"result": {"TrainingCertificate": {"osid": "1-a"}}})


def entry(identifier="a", **changes):
    data = {
        "issuedOn": "2026-03-31T00:00:00Z",
        "recipient": {"name": "Asha"},
        "badge": {"name": "Soil", "issuer": {"url": "https://a", "name": "A"}},
        "signatory": [{"identity": "S", "designation": "D", "image": "i", "name": "M", "type": ["x"]}],
    }
    return replace(registry_entry(identifier), data=orjson.dumps(data).decode(), **changes)


def found(*entities):
    return (200, {"data": list(entities)})


def registry(*answers, seconds=0.0):
    web = Web(*answers, retry_seconds=20.0)
    return RcRegistry(web.service, async_seconds=seconds), web


class TestAdding:
    def test_an_entity_is_searched_for_before_it_is_created(self):
        rc, web = registry(NOTHING, MADE)
        assert rc.add([entry()]) == [VALID]
        (search, create) = web.requests
        url = f"{BASE_URL}/batch-1/a.json"
        assert search == ("POST", "/search", {"filters": {"jsonUrl": {"eq": url}}, "limit": 1})
        assert create[:2] == ("POST", "")
        assert create[2]["jsonUrl"] == url
        assert create[2]["signatory"] == [{"identity": "S", "designation": "D", "image": "i", "name": "M"}]

    def test_an_existing_entity_is_not_created_again(self):
        rc, web = registry(found(ACTIVE))
        assert rc.add([entry()]) == [VALID]
        assert len(web.requests) == 1

    @pytest.mark.parametrize("body", [[ACTIVE], {"data": [{"osid": "1-a"}]}])
    def test_responses_of_older_versions_are_read(self, body):
        rc, web = registry((200, body))
        assert rc.add([entry()]) == [VALID]
        assert len(web.requests) == 1

    def test_a_revoked_entity_is_returned_as_revoked(self):
        rc, _ = registry(found({**ACTIVE, "status": "REVOKED"}))
        assert rc.add([entry()]) == [RegistryState("revoked")]

    def test_after_a_lost_response_the_entity_is_searched_for_and_not_created_twice(self):
        rc, web = registry(NOTHING, httpx.ReadTimeout(""), found(ACTIVE))
        assert rc.add([entry()]) == [VALID]
        assert [path for _, path, _ in web.requests] == ["/search", "", "/search"]

    def test_a_lost_response_is_a_failure_if_no_entity_is_found(self):
        rc, web = registry(NOTHING, httpx.ReadTimeout(""), NOTHING)
        (error,) = rc.add([entry()])
        assert isinstance(error, Unavailable)
        assert len(web.requests) == 3

    def test_an_entity_created_asynchronously_is_pending_until_it_is_found(self):
        rc, _ = registry(NOTHING, (200, {"result": {}}), NOTHING)
        (error,) = rc.add([entry()])
        assert (type(error), error.code) == (Unavailable, "registry-pending")
        rc, _ = registry(NOTHING, (200, {"result": {}}), NOTHING, found(ACTIVE), seconds=5.0)
        assert rc.add([entry()]) == [VALID]

    def test_a_rejected_entity_does_not_affect_others(self):
        rc, _ = registry(NOTHING, (400, {}), found(ACTIVE))
        (error,), (standing,) = rc.add([entry("a")]), rc.add([entry("b")])
        assert (type(error), error.code, standing) == (Rejected, "registry-refused", VALID)


class TestRevoking:
    def test_the_entity_is_deleted_by_its_osid(self):
        rc, web = registry(found({**ACTIVE, "osid": "1-a/b"}), (200, {}))
        assert rc.revoke([Revocation("a", "why", ETS)]) == [True]
        assert web.requests == [
            ("POST", "/search", {"filters": {"jsonUrl": {"endsWith": "/a.json"}}, "limit": 1}),
            ("DELETE", "/1-a%2Fb", None),
        ]

    @pytest.mark.parametrize(("held", "asked"), [("u-1", "U-1"), ("U-1", "u-1"), ("u-1", "u-1")])
    def test_learner_ids_are_compared_without_case(self, held, asked):
        rc, web = registry(found({**ACTIVE, "recipient": {"id": held}}), (200, {}))
        assert rc.revoke([Revocation("a", "why", ETS, asked)]) == [True]
        assert len(web.requests) == 2

    @pytest.mark.parametrize("entity", [{**ACTIVE, "recipient": {"id": "u-2"}}, {"osid": "1-a"}])
    def test_the_certificate_of_another_learner_is_not_revoked(self, entity):
        rc, web = registry(found(entity), (200, {}))
        assert rc.revoke([Revocation("a", "why", ETS, "u-1")]) == [False]
        assert len(web.requests) == 1

    def test_an_unknown_certificate_of_a_learner_is_not_revoked(self):
        rc, web = registry(NOTHING, (200, {}))
        assert rc.revoke([Revocation("a", "why", ETS, "u-1")]) == [False]
        assert len(web.requests) == 1

    def test_a_revoked_entity_is_not_deleted_again(self):
        rc, web = registry(found({**ACTIVE, "status": "REVOKED"}))
        assert rc.revoke([Revocation("a", "why", ETS)]) == [True]
        assert len(web.requests) == 1

    def test_an_osid_as_certificate_id_is_deleted(self):
        rc, web = registry(NOTHING, (200, {}))
        assert rc.revoke([Revocation("1-old", "why", ETS)]) == [True]
        assert web.requests[1] == ("DELETE", "/1-old", None)

    def test_a_missing_entity_counts_as_revoked_only_if_it_was_found_before(self):
        rc, _ = registry(NOTHING, (404, {}))
        assert rc.revoke([Revocation("a", "why", ETS)]) == [False]
        rc, _ = registry(found(ACTIVE), (404, {}))
        assert rc.revoke([Revocation("a", "why", ETS)]) == [True]

    def test_a_rejected_deletion_raises(self):
        rc, _ = registry(found(ACTIVE), (403, {}))
        with pytest.raises(Rejected, match="403"):
            rc.revoke([Revocation("a", "why", ETS)])


def test_after_a_lost_response_the_entity_is_searched_for_by_its_url():
    rc, web = registry(NOTHING, httpx.ReadTimeout(""), found(ACTIVE))
    rc.add([entry()])
    before, _, after = [body for _, _, body in web.requests]
    assert after == before


def test_the_back_off_until_an_entity_is_made_doubles_and_is_bounded(monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    rc, _ = registry(NOTHING, (200, {"result": {}}), *[NOTHING] * 7, found(ACTIVE), seconds=20.0)
    assert rc.add([entry()]) == [VALID]
    assert waits == pytest.approx([0.05, 0.1, 0.2, 0.4, 0.8, 1, 1])
