"""GenerateCert: certificates from requests and templates."""

import gc

import pytest

from certbeam.certificates.certificate import Certificate
from certbeam.certificates.maker import CertificateInput
from certbeam.foundation.errors import Rejected
from certbeam.stages.generation import generate
from certbeam.tests.support import generate_event, requested, run_to_lists
from certbeam.transforms.generate_cert import GenerateCert


def test_a_request_becomes_a_certificate(worker):
    (made,) = generate(requested(generate_event("u-7")), worker)
    assert isinstance(made, Certificate)
    assert [artefact.name for artefact in made.artefacts] == [
        f"batch-1/{made.id}.json",
        f"batch-1/{made.id}.svg",
        f"batch-1/{made.id}",
    ]
    assert b"Learner u-7" in made.artefacts[1].body


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("missing.svg", "template-missing"),
        ("../lms.json", "template-refused"),
        ("https://evil.example/a.svg", "template-refused"),
        ("unknown.svg", "missing-variable"),
    ],
)
def test_a_template_that_cannot_be_used_is_rejected_with_its_code(platform, worker, url, code):
    platform.add_template("unknown.svg", "${grade}")
    (error,) = generate(requested(generate_event(svgTemplate=url)), worker)
    assert isinstance(error, Rejected)
    assert error.code == code


def test_a_signature_outside_of_the_allow_list_is_refused(platform, worker):
    path = platform.add_template("signed.svg")
    path.write_text(
        path.read_text().replace("<text", '<image width="9" height="9" href="${signatory0Image}"/><text')
    )
    signatory = {"name": "M", "id": "S", "designation": "D", "image": "file:///etc/hostname"}
    (error,) = generate(
        requested(generate_event(svgTemplate="signed.svg", signatoryList=[signatory])), worker
    )
    assert isinstance(error, Rejected)
    assert error.code == "template-refused"


@pytest.mark.parametrize("name", ["a" + "\u0301" * 12, "\ue000", "\x01"])
def test_a_failed_certificate_keeps_no_reference_to_its_input(platform, name):
    data = [{"recipientName": one, "recipientId": f"u-{one}"} for one in ("A", name, "B")]
    wanted = requested(generate_event(data=data))
    gc.collect()
    gc.disable()
    try:
        found, _ = run_to_lists(wanted, GenerateCert(platform.settings()))
        assert (len(found.main), len(found.dead_letters)) == (2, 1)
        assert not [one for one in gc.get_objects() if isinstance(one, CertificateInput)]
    finally:
        gc.enable()


def test_a_failed_recipient_does_not_affect_the_others_and_the_cache_is_counted(platform):
    events = [
        generate_event(data=[{"recipientName": "A", "recipientId": "u-1"}, {"recipientId": "u-2"}]),
        generate_event("u-3"),
        generate_event("u-4", svgTemplate="missing.svg"),
        generate_event("u-5", svgTemplate="missing.svg"),
    ]
    found, counted = run_to_lists(requested(*events), GenerateCert(platform.settings()))
    assert sorted(one.request.recipient_id for one in found.main) == ["u-1", "u-3"]
    assert sorted((one.claim.user_id, one.verdict) for one in found.outcomes) == [
        (user, "failed") for user in ("u-2", "u-4", "u-5")
    ]
    assert counted == {
        "outcome:failed": 3,
        "dead-letter:field-missing": 1,
        "dead-letter:template-missing": 2,
        "template-cache:misses": 2,
        "template-cache:hits": 2,
    }
