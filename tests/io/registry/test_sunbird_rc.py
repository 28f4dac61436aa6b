"""Sunbird RC, by the requests that are made of it."""

from dataclasses import replace

import httpx
import orjson
import pytest

from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.ports import Revocation, Standing
from certbeam.io.registry.sunbird_rc import RcRegistry
from certbeam.tests.io.web import Web
from certbeam.tests.support import BASE_URL, ETS, registry_entry

VALID = Standing(None)
ACTIVE = {"osid": "1-a", "status": "ACTIVE", "recipient": {"id": "u-1"}}
NOTHING = (200, {"data": []})
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
    def test_an_entity_is_looked_for_before_it_is_made(self):
        rc, web = registry(NOTHING, MADE)
        assert rc.add([entry()]) == [VALID]
        (search, create) = web.requests
        url = f"{BASE_URL}/batch-1/a.json"
        assert search == ("POST", "/search", {"filters": {"jsonUrl": {"eq": url}}, "limit": 1})
        assert create[:2] == ("POST", "")
        assert create[2]["jsonUrl"] == url
        assert create[2]["signatory"] == [{"identity": "S", "designation": "D", "image": "i", "name": "M"}]

    def test_one_that_is_there_is_not_made_again(self):
        rc, web = registry(found(ACTIVE))
        assert rc.add([entry()]) == [VALID]
        assert len(web.requests) == 1

    @pytest.mark.parametrize("body", [[ACTIVE], {"data": [{"osid": "1-a"}]}])
    def test_older_versions_answer_otherwise(self, body):
        rc, web = registry((200, body))
        assert rc.add([entry()]) == [VALID]
        assert len(web.requests) == 1

    def test_one_that_was_revoked_says_so(self):
        rc, _ = registry(found({**ACTIVE, "status": "REVOKED"}))
        assert rc.add([entry()]) == [Standing("revoked")]

    def test_after_a_lost_answer_it_is_looked_for_and_not_made_twice(self):
        rc, web = registry(NOTHING, httpx.ReadTimeout(""), found(ACTIVE))
        assert rc.add([entry()]) == [VALID]
        assert [path for _, path, _ in web.requests] == ["/search", "", "/search"]

    def test_where_it_was_not_made_the_lost_answer_is_the_failure(self):
        rc, web = registry(NOTHING, httpx.ReadTimeout(""), NOTHING)
        (error,) = rc.add([entry()])
        assert isinstance(error, Unavailable)
        assert len(web.requests) == 3

    def test_what_is_made_in_the_background_is_pending_until_it_is_found(self):
        rc, _ = registry(NOTHING, (200, {"result": {}}), NOTHING)
        (error,) = rc.add([entry()])
        assert (type(error), error.code) == (Unavailable, "registry-pending")
        rc, _ = registry(NOTHING, (200, {"result": {}}), NOTHING, found(ACTIVE), seconds=5.0)
        assert rc.add([entry()]) == [VALID]

    def test_what_it_refuses_fails_alone(self):
        rc, _ = registry(NOTHING, (400, {}), found(ACTIVE))
        error, standing = [*rc.add([entry("a")]), *rc.add([entry("b")])]
        assert (type(error), error.code, standing) == (Rejected, "registry-refused", VALID)


class TestRevoking:
    def test_the_entity_is_deleted_by_the_id_that_rc_gave(self):
        rc, web = registry(found({**ACTIVE, "osid": "1-a/b"}), (200, {}))
        assert rc.revoke([Revocation("a", "why", ETS)]) == [True]
        assert web.requests == [
            ("POST", "/search", {"filters": {"jsonUrl": {"endsWith": "/a.json"}}, "limit": 1}),
            ("DELETE", "/1-a%2Fb", None),
        ]

    @pytest.mark.parametrize(("held", "asked"), [("u-1", "U-1"), ("U-1", "u-1"), ("u-1", "u-1")])
    def test_a_learners_id_is_the_same_in_any_case(self, held, asked):
        rc, web = registry(found({**ACTIVE, "recipient": {"id": held}}), (200, {}))
        assert rc.revoke([Revocation("a", "why", ETS, asked)]) == [True]
        assert len(web.requests) == 2

    @pytest.mark.parametrize("entity", [{**ACTIVE, "recipient": {"id": "u-2"}}, {"osid": "1-a"}])
    def test_the_certificate_of_another_learner_is_left_alone(self, entity):
        rc, web = registry(found(entity), (200, {}))
        assert rc.revoke([Revocation("a", "why", ETS, "u-1")]) == [False]
        assert len(web.requests) == 1

    def test_what_is_not_known_is_no_learners(self):
        rc, web = registry(NOTHING, (200, {}))
        assert rc.revoke([Revocation("a", "why", ETS, "u-1")]) == [False]
        assert len(web.requests) == 1

    def test_one_that_is_revoked_already_is_not_deleted_again(self):
        rc, web = registry(found({**ACTIVE, "status": "REVOKED"}))
        assert rc.revoke([Revocation("a", "why", ETS)]) == [True]
        assert len(web.requests) == 1

    def test_an_id_of_rcs_own_is_deleted_as_it_is(self):
        rc, web = registry(NOTHING, (200, {}))
        assert rc.revoke([Revocation("1-old", "why", ETS)]) == [True]
        assert web.requests[1] == ("DELETE", "/1-old", None)

    def test_what_is_not_there_is_not_revoked(self):
        rc, _ = registry(NOTHING, (404, {}))
        assert rc.revoke([Revocation("a", "why", ETS)]) == [False]
        rc, _ = registry(found(ACTIVE), (404, {}))
        assert rc.revoke([Revocation("a", "why", ETS)]) == [True]

    def test_a_refusal_is_raised(self):
        rc, _ = registry(found(ACTIVE), (403, {}))
        with pytest.raises(Rejected, match="403"):
            rc.revoke([Revocation("a", "why", ETS)])
