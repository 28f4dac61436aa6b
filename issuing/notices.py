"""Build the notices of a new certificate to its learner (docs/contracts.md, "Notifications")."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from certbeam.foundation.json_values import JsonObject, parse_field, read_string
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.earned_certificate import fill_cloud_placeholder
from certbeam.issuing.learning_records import User

_FEED_TEXT = "You have earned a certificate! Download it from your profile page."
_EMAIL_TEXT = "email body"
"""Placeholder that the notification service replaces by its own template."""
_SMS_TEXT = (
    "Congratulations! Download your course certificate from your profile page. If you have a problem downloading"
    " it on the mobile, update your app"
)


@dataclass(frozen=True, slots=True)
class Notices:
    """Notices of one certificate, as bodies of API requests.

    Attributes:
        feed: entry of the learner's feed.
        email: None if the batch's template has no ``notifyTemplate`` or the user is not known.
        sms: None if there is no email, or the learner has no telephone number; sent after the email.
    """

    certificate_id: str
    feed: JsonObject
    email: JsonObject | None
    sms: JsonObject | None


def build_notices(
    request: CertificateRequest, user: User | None, template: JsonObject, template_root: str
) -> Notices:
    """Build the notices of a certificate.

    Args:
        request: content of the certificate.
        user: the learner; None if not known, which leaves only the feed.
        template: the batch's template, a value of ``cert_templates``.
        template_root: replaces the cloud placeholder in the values of ``notifyTemplate``.

    Raises:
        Rejected: ``template-field`` if ``notifyTemplate`` is not a JSON object.
    """
    mail_template = parse_field(template.get("notifyTemplate"), name="notifyTemplate", kind=dict)
    if user is None or not mail_template:
        return Notices(request.certificate_id, _build_feed(request), None, None)
    mail = {
        **{name: _fill_cloud_placeholders(value, template_root) for name, value in mail_template.items()},
        "firstName": read_string(user.record, "firstName"),
        "TrainingName": request.course_name,
        "heldDate": request.issued_on.date().isoformat(),
        "recipientUserIds": [request.recipient_id],
    }
    telephone = read_string(user.record, "maskedPhone")
    return Notices(
        request.certificate_id,
        _build_feed(request),
        {"request": {**mail, "body": _EMAIL_TEXT}},
        {"request": {**mail, "body": _SMS_TEXT}} if telephone else None,
    )


def _build_feed(request: CertificateRequest) -> dict[str, Any]:
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


def _fill_cloud_placeholders(value: Any, template_root: str) -> Any:
    """Replace the cloud placeholder in all texts of a value.

    Sunbird's collection-certificate-generator replaces it only in a member that no template has.
    """
    if isinstance(value, str):
        return fill_cloud_placeholder(value, template_root)
    if isinstance(value, Mapping):
        return {name: _fill_cloud_placeholders(member, template_root) for name, member in value.items()}
    return value
