"""RegisterCertificate: a row for each certificate, and no certificate is reinstated."""

from certbeam.io.protocols import Revocation
from certbeam.stages.elements import StoredCertificate
from certbeam.tests.support import ETS, certificate, is_down, registry_entry, run_to_lists, watch
from certbeam.transforms.register_certificate import RegisterCertificate


def stored(*users):
    requests = [certificate(user) for user in users]
    return [
        StoredCertificate(request, "A1B2C3", registry_entry(request.certificate_id)) for request in requests
    ]


def test_new_and_known_certificates_are_output(platform):
    elements = stored("u-1", "u-2")
    for _ in range(2):
        found, counted = run_to_lists(elements, RegisterCertificate(platform.settings()))
        assert sorted(one.request.recipient_id for one in found.main) == ["u-1", "u-2"]
        assert counted == {}


def test_a_revoked_certificate_is_not_reinstated(platform):
    elements = stored("u-1", "u-2")
    with platform.worker() as worker:
        worker.registry.add([elements[0].entry])
        worker.registry.revoke([Revocation(elements[0].entry.id, "a mistake", ETS)])
        found, _ = run_to_lists(elements, RegisterCertificate(platform.settings()))
    assert [one.request.recipient_id for one in found.main] == ["u-2"]
    (outcome,) = found.outcomes
    assert (outcome.verdict, outcome.certificate_id) == ("already-issued", elements[0].entry.id)
    assert outcome.reason.endswith("was issued and then revoked: a mistake")
    assert found.dead_letters == []


def test_a_registry_that_does_not_answer_fails_all_certificates(platform):
    with platform.worker() as worker:
        watch(worker, "registry", add=is_down)
        found, counted = run_to_lists(stored("u-1", "u-2"), RegisterCertificate(platform.settings()))
    assert found.main == []
    assert counted == {"outcome:failed": 2, "dead-letter:database-unavailable": 2}
