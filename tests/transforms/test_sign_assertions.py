"""SignAssertions: assertions that a service signs, and the choice of the key."""

import pytest

from certbeam.badges.enc_service import ServiceSignature
from certbeam.badges.key_set import new_key_set
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.keys.jwk_file import write_key_set
from certbeam.tests.badges.issuers import CREATED, key_set
from certbeam.tests.support import BASE_URL, generate_event, put_port, requested, run_to_lists
from certbeam.transforms.sign_assertions import SignAssertions

OURS = key_set().public[0].kid


class Service:
    """A fake service; a signature is the id of the assertion."""

    def __init__(self, default_key=""):
        self.default_key = default_key
        self.signed = []

    def sign(self, wanted):
        self.signed += wanted
        return [ServiceSignature(key, document["id"]) for key, document in wanted]

    def close(self):
        pass


@pytest.fixture
def sign(platform):
    """Run the stage over generate events with a fake service."""
    write_key_set(
        platform.folder / "keys.json",
        new_key_set(BASE_URL, seed=b"1" * 32, secret=b"2" * 32, created=CREATED),
    )

    def run(service, *events):
        changes = {"signer": str(platform.folder / "keys.json"), "assertion_signer": "enc+http://x"}
        with platform.worker(**changes) as worker:
            put_port(worker, "assertion_signer", service)
            found, _ = run_to_lists(requested(*events), SignAssertions(worker.settings))
        return found

    return run


def test_the_service_signs_with_the_requested_or_the_default_key(sign):
    service = Service("18")
    found = sign(
        service,
        generate_event("u-1"),
        generate_event("u-2", keys={"id": "19"}),
        generate_event("u-3", keys={"id": OURS}),
    )
    signatures = {one.claim.user_id: one.signature and one.signature.key_id for one in found.main}
    assert signatures == {"u-1": "18", "u-2": "19", "u-3": None}
    assert len(service.signed) == 2


def test_without_a_default_key_only_requests_with_a_key_are_signed(sign):
    found = sign(Service(), generate_event("u-1"), generate_event("u-2", keys={"id": "19"}))
    assert {one.claim.user_id: bool(one.signature) for one in found.main} == {"u-1": False, "u-2": True}


def test_an_unsafe_key_id_fails_its_certificate_only(sign):
    service = Service("18")
    found = sign(service, generate_event("u-1", keys={"id": "../x"}), generate_event("u-2"))
    assert [one.claim.user_id for one in found.main] == ["u-2"]
    assert [(one.claim.user_id, one.code) for one in found.outcomes] == [("u-1", "field-invalid")]
    assert len(service.signed) == 1


def test_a_rejected_signature_fails_the_certificate(sign):
    class Refusing(Service):
        def sign(self, wanted):
            return [Rejected(ErrorCode.SIGNING_REFUSED, "why") for _ in wanted]

    found = sign(Refusing("18"), generate_event("u-1"))
    assert [(one.verdict, one.code) for one in found.outcomes] == [("failed", "signing-refused")]


def test_the_signed_assertion_is_a_hosted_badge_without_print_uri(sign):
    service = Service("18")
    sign(service, generate_event("u-1"))
    ((key, document),) = service.signed
    assert key == "18"
    assert {"printUri", "signature", "credentialStatus"}.isdisjoint(document)
    assert document["verification"] == {"type": "HostedBadge"}
    assert document["badge"]["issuer"]["publicKey"][-1].endswith("/18_publicKey.json")
