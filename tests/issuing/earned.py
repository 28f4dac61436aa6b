"""An earned certificate for tests."""

from datetime import date

from certbeam.issuing.earned_certificate import EarnedCertificate
from certbeam.issuing.issue_event import parse_issue_event
from certbeam.issuing.learning_records import parse_batch_template
from certbeam.tests.support import COURSE, TEMPLATE, as_record, issue_event, template_row


def earned_certificate(*, event=None, template=None, **values):
    (claim,) = parse_issue_event(as_record(event or issue_event()))
    batch_template = parse_batch_template(TEMPLATE, template or template_row())
    standard = {
        "claim": claim.narrow_to_template(TEMPLATE),
        "template": batch_template,
        "template_url": batch_template.url,
        "issue_date": date(2026, 3, 31),
        "recipient_name": "Asha u-1",
        "organisation_id": "org-1",
        "course_name": "Soil & Water",
        "language": "",
        "related": {"batchId": claim.batch_id, "courseId": COURSE, "type": batch_template.name},
        "replaces": "",
    }
    return EarnedCertificate(**{**standard, **values})
