"""The audit event of a recorded certificate (contracts §1.4), the same on every replay."""

from typing import Any

from certbeam.credentials.ids import derived_uuid
from certbeam.credentials.requests import CertificateRequest


def audit_event(request: CertificateRequest) -> dict[str, Any]:
    """The event that tells the platform's telemetry that a certificate was issued."""
    identifier = request.certificate_id
    return {
        "eid": "AUDIT",
        "ets": request.ets,
        "mid": f"LP.AUDIT.{request.ets}.{derived_uuid('audit', identifier)}",
        "ver": "3.0",
        "actor": {"id": request.recipient_id, "type": "User"},
        "context": {
            "channel": "in.ekstep",
            "env": "Course",
            "sid": derived_uuid("audit-session", identifier),
            "did": derived_uuid("audit-device", identifier),
            "pdata": {
                "ver": "1.0",
                "id": "org.sunbird.learning.platform",
                "pid": "course-certificate-generator",
            },
            "cdata": [{"type": "CourseBatch", "id": request.batch_id}],
        },
        "object": {"id": identifier, "type": "Certificate", "rollup": {"l1": request.course_id}},
        "edata": {"props": ["certificates"], "type": "certificate-issued-svg"},
    }
