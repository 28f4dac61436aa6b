"""Responses of the test server and requests of the adapters match the OpenAPI description of the platform."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from certbeam.badges.enc_service import ServiceSignature, build_service_assertion
from certbeam.badges.urls import PublishedUrls
from certbeam.certificates.certificate import RegistryEntry
from certbeam.io.port_table import ASSERTION_SIGNER, NOTICES, REGISTRY
from certbeam.io.protocols import Revocation
from certbeam.issuing.notices import Notices
from certbeam.tests.integration.contracts.test_registry import _another, entry
from certbeam.tests.integration.platform_server import PlatformServer
from certbeam.tests.support import BASE_URL, certificate

__all__ = ["entry"]

DESCRIPTION = Path(__file__).with_name("platform.openapi.yaml")
OPENAPI = yaml.safe_load(DESCRIPTION.read_text())
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

schema = schemathesis.openapi.from_path(str(DESCRIPTION))
schema.config.generation.update(modes=schemathesis.GenerationMode.from_choice("positive"))


@schema.parametrize()
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_responses_of_the_server_match_the_description(case: schemathesis.Case, platform: PlatformServer):
    case.call_and_validate(base_url=platform.url, checks=CHECKS)


def test_requests_of_the_adapters_match_the_description_and_have_the_api_key(
    platform: PlatformServer, entry: RegistryEntry, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CERTBEAM_KEY", "hush")
    address = f"{platform.url}?api_key_env=CERTBEAM_KEY"
    for kind in ("certreg", "rc"):
        registry = REGISTRY.open(f"{kind}+{address}")
        registry.add([entry, replace(_another(entry), replaces=entry.id)])
        registry.revoke([Revocation(entry.id, "by mistake", 0)])
        registry.close()
    mail = {
        "firstName": "Ada",
        "TrainingName": "Water",
        "heldDate": "2026-03-31",
        "recipientUserIds": ["u-1"],
    }
    action = {"actionType": "certificateUpdate", "title": "Water", "description": "…", "identifier": "do_1"}
    feed = {
        "userId": "u-1",
        "category": "Notification",
        "priority": 1,
        "data": {"type": 1, "actionData": action},
    }
    signer = ASSERTION_SIGNER.open(f"enc+{address}")
    assertion = build_service_assertion(certificate(), PublishedUrls(BASE_URL), "1")
    (signature,) = signer.sign([("1", assertion)])
    assert isinstance(signature, ServiceSignature)
    signer.verify(signature, assertion)
    signer.close()
    board = NOTICES.open(address)
    board.send(
        [
            Notices(
                "c", {"request": feed}, {"request": {**mail, "body": "b"}}, {"request": {**mail, "body": "s"}}
            )
        ]
    )
    board.close()
    described = [path for path, operations in OPENAPI["paths"].items() if "post" in operations]
    asked = [(path.replace("/sign/1", "/sign/{keyId}"), body) for path, body in platform.posted]
    assert {path for path, _ in asked} == set(described)
    assert set(platform.keys) == {"hush"}
    for path, body in asked:
        jsonschema_rs.validate(_body_schema(path), body)


def _body_schema(path: str) -> dict[str, Any]:
    """Return the schema of the body of a request, with the schemas that it refers to."""
    content = OPENAPI["paths"][path]["post"]["requestBody"]["content"]["application/json"]
    return {**content["schema"], "components": OPENAPI["components"]}
