"""The audit event of a recorded certificate (contracts §1.4), the same on every replay."""

from typing import Any

from certbeam.foundation.uuids import derived_uuid
from certbeam.issuing.outcome import Outcome


def audit_event(issued: Outcome) -> dict[str, Any]:
    """The event that tells the platform's telemetry that a certificate was issued."""
    identifier, claim = issued.certificate_id or "", issued.claim
    return {
        "eid": "AUDIT",
        "ets": issued.issued_at,
        "mid": f"LP.AUDIT.{issued.issued_at}.{derived_uuid('audit', identifier)}",
        "ver": "3.0",
        "actor": {"id": claim.user_id, "type": "User"},
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
            "cdata": [{"type": "CourseBatch", "id": claim.batch_id}],
        },
        "object": {"id": identifier, "type": "Certificate", "rollup": {"l1": claim.course_id}},
        "edata": {"props": ["certificates"], "type": "certificate-issued-svg"},
    }
