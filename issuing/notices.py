"""What a learner is told of a new certificate: the bodies of the feed and notification APIs (contracts §7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from certbeam.foundation.json_values import JsonObject, parse_field, text
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.generate_event import CLOUD_PLACEHOLDER
from certbeam.issuing.learning_records import User

_FEED_TEXT = "You have earned a certificate! Download it from your profile page."
_EMAIL_TEXT = "email body"
"""The notification service puts its own template in place of this."""
_SMS_TEXT = (
    "Congratulations! Download your course certificate from your profile page. If you have a problem downloading"
    " it on the mobile, update your app"
)


@dataclass(frozen=True, slots=True)
class Notices:
    """The notices of one certificate, as bodies of requests; None for one that is not sent.

    Attributes:
        email: where the batch's template says how mails look.
        sms: where the learner has a telephone number too; sent after the mail.
    """

    certificate_id: str
    feed: JsonObject
    email: JsonObject | None
    sms: JsonObject | None


def make_notices(
    request: CertificateRequest, user: User | None, template: JsonObject, template_root: str
) -> Notices:
    """The notices of a certificate.

    Args:
        request: what the certificate says.
        user: None where the user is not known; such a one is told in the feed only.
        template: the batch's template, as ``cert_templates`` holds it.
        template_root: what the cloud placeholder stands for.

    Raises:
        Rejected: when ``notifyTemplate`` is not a JSON object.
    """
    look = parse_field(template.get("notifyTemplate"), name="notifyTemplate", kind=dict)
    if user is None or not look:
        return Notices(request.certificate_id, _feed(request), None, None)
    mail = {
        **{name: _in_cloud(value, template_root) for name, value in look.items()},
        "firstName": text(user.record, "firstName"),
        "TrainingName": request.course_name,
        "heldDate": request.issued_on.date().isoformat(),
        "recipientUserIds": [request.recipient_id],
    }
    telephone = text(user.record, "maskedPhone")
    return Notices(
        request.certificate_id,
        _feed(request),
        {"request": {**mail, "body": _EMAIL_TEXT}},
        {"request": {**mail, "body": _SMS_TEXT}} if telephone else None,
    )


def _feed(request: CertificateRequest) -> dict[str, Any]:
    action = {
        "actionType": "certificateUpdate",
        "title": request.course_name,
        "description": _FEED_TEXT,
        "identifier": request.course_id,
    }
    feed = {
        "userId": request.recipient_id,
        "category": "Notification",
        "priority": 1,
        "data": {"type": 1, "actionData": action},
    }
    return {"request": feed}


def _in_cloud(value: Any, template_root: str) -> Any:
    """Whatever the key is called: the reference looks for one that no template has."""
    if isinstance(value, str):
        return value.replace(CLOUD_PLACEHOLDER, template_root.rstrip("/"))
    if isinstance(value, Mapping):
        return {name: _in_cloud(one, template_root) for name, one in value.items()}
    return value
