"""The certificate-registry API, by the requests that are made of it."""

from dataclasses import replace

import httpx
import pytest

from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.ports import Revocation, Standing
from certbeam.io.registry.certificate_registry_api import CertregRegistry
from certbeam.tests.io.web import Web
from certbeam.tests.support import BASE_URL, ETS, registry_entry

VALID = Standing(None)
DATA = '{"recipient":{"name":"Asha"}}'
EXISTS = (400, {"params": {"errmsg": "The id already EXISTs"}})


def entry(**changes):
    return replace(registry_entry("a"), data=DATA, **changes)


def registry(*answers):
    web = Web(*answers)
    return CertregRegistry(web.service), web


def test_a_certificate_is_added_with_what_readers_ask_for():
    certreg, web = registry((200, {}))
    assert certreg.add([entry()]) == [VALID]
    assert web.requests == [
        (
            "POST",
            "",
            {
                "request": {
                    "id": "a",
                    "jsonUrl": f"{BASE_URL}/batch-1/a.json",
                    "jsonData": {"recipient": {"name": "Asha"}},
                    "accessCode": "A1B2C3",
                    "recipientName": "Asha",
                    "recipientId": "u-1",
                    "related": {},
                }
            },
        )
    ]


def test_one_that_exists_is_valid():
    certreg, _ = registry(EXISTS)
    assert certreg.add([entry()]) == [VALID]


@pytest.mark.parametrize(
    "answer", [(400, {"params": {"errmsg": "no"}}), (409, {"errmsg": "exists"}), (403, {})]
)
def test_another_refusal_is_a_failure(answer):
    certreg, _ = registry(answer)
    (error,) = certreg.add([entry()])
    assert (type(error), error.code) == (Rejected, "registry-refused")


def test_a_re_issue_names_the_old_one_and_is_added_without_it_where_that_is_refused():
    certreg, web = registry((400, {}), (200, {}))
    assert certreg.add([entry(replaces="old")]) == [VALID]
    assert [body["request"].get("oldId") for _, _, body in web.requests] == ["old", None]


def test_a_re_issue_that_exists_is_not_added_again():
    certreg, web = registry(EXISTS)
    assert certreg.add([entry(replaces="old")]) == [VALID]
    assert len(web.requests) == 1


def test_a_service_that_does_not_answer_is_unavailable():
    certreg, _ = registry(httpx.ReadTimeout(""))
    (error,) = certreg.add([entry()])
    assert isinstance(error, Unavailable)


def test_only_those_of_the_learners_own_list_are_known_to_be_revoked():
    certreg, web = registry((200, {}))
    assert certreg.revoke([Revocation("a", "why", ETS), Revocation("b", "why", ETS, "u-1")]) == [True, False]
    assert web.requests == []
