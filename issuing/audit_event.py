"""Build the audit event of a certificate (docs/contracts.md, "Audit event"), the same on every replay."""

from typing import Any

from certbeam.foundation.uuids import derive_uuid
from certbeam.issuing.outcome import Outcome


def build_audit_event(issued: Outcome) -> dict[str, Any]:
    """Build the event by which the platform's telemetry learns that a certificate was issued."""
    identifier, claim = issued.certificate_id or "", issued.claim
    return {
        "eid": "AUDIT",
        "ets": issued.issued_at,
        "mid": f"LP.AUDIT.{issued.issued_at}.{derive_uuid('audit', identifier)}",
        "ver": "3.0",
        "actor": {"id": claim.user_id, "type": "User"},
        "context": {
            "channel": "in.ekstep",
            "env": "Course",
            "sid": derive_uuid("audit-session", identifier),
            "did": derive_uuid("audit-device", identifier),
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
