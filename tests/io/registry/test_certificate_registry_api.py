"""Requests to the certificate-registry API."""

from dataclasses import replace

import httpx
import pytest

from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.protocols import RegistryState, Revocation
from certbeam.io.registry.certificate_registry_api import CertregRegistry
from certbeam.tests.io.web import Web
from certbeam.tests.support import BASE_URL, ETS, registry_entry

VALID = RegistryState(None)
DATA = '{"recipient":{"name":"Asha"}}'
EXISTS = (400, {"params": {"errmsg": "The id already EXISTs"}})


def entry(**changes):
    return replace(registry_entry("a"), data=DATA, **changes)


def registry(*answers):
    web = Web(*answers)
    return CertregRegistry(web.service), web


def test_a_certificate_is_added_by_one_request():
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


def test_an_existing_certificate_counts_as_added():
    certreg, _ = registry(EXISTS)
    assert certreg.add([entry()]) == [VALID]


@pytest.mark.parametrize(
    "answer", [(400, {"params": {"errmsg": "no"}}), (409, {"errmsg": "exists"}), (403, {})]
)
def test_other_client_errors_are_failures(answer):
    certreg, _ = registry(answer)
    (error,) = certreg.add([entry()])
    assert (type(error), error.code) == (Rejected, "registry-refused")


def test_a_re_issue_is_retried_without_old_id_if_the_api_rejects_it():
    certreg, web = registry((400, {}), (200, {}))
    assert certreg.add([entry(replaces="old")]) == [VALID]
    assert [body["request"].get("oldId") for _, _, body in web.requests] == ["old", None]


def test_an_existing_re_issue_is_not_added_again():
    certreg, web = registry(EXISTS)
    assert certreg.add([entry(replaces="old")]) == [VALID]
    assert len(web.requests) == 1


def test_a_service_without_a_response_is_unavailable():
    certreg, _ = registry(httpx.ReadTimeout(""))
    (error,) = certreg.add([entry()])
    assert isinstance(error, Unavailable)


def test_revocations_without_a_recipient_count_as_made():
    certreg, web = registry((200, {}))
    assert certreg.revoke([Revocation("a", "why", ETS), Revocation("b", "why", ETS, "u-1")]) == [True, False]
    assert web.requests == []


def test_a_first_issue_that_the_api_rejects_is_not_sent_again():
    certreg, web = registry((400, {}), (200, {}))
    (error,) = certreg.add([entry()])
    assert isinstance(error, Rejected)
    assert len(web.requests) == 1


@pytest.mark.parametrize("answers", [[(200, {})], [(400, {}), httpx.ReadTimeout(""), (200, {})]])
def test_a_request_without_a_response_is_repeated_since_an_id_is_taken_once(answers):
    web = Web(httpx.ReadTimeout(""), *answers, retry_seconds=20.0)
    assert CertregRegistry(web.service).add([entry(replaces="old")]) == [VALID]
    assert len(web.requests) == 1 + len(answers)
