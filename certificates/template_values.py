"""The values of template variables (docs/contracts.md, "Template variables")."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from certbeam.issuing.certificate_request import CertificateRequest


@dataclass(frozen=True)
class StandardVariable:
    """Variable that every certificate has.

    Attributes:
        meaning: its value, in words.
        example: an example of the value.
        is_in_issue_events: False if its value is empty unless another producer writes it into a generate event.
    """

    meaning: str
    example: str
    is_in_issue_events: bool = True


STANDARD_VARIABLES = {
    "recipientName": StandardVariable("the recipient's name", "Asha Verma"),
    "recipientId": StandardVariable("the recipient's user id", "u-4711"),
    "courseName": StandardVariable("the name of the course", "Soil and Water"),
    "certificateName": StandardVariable("the name of the batch's template", "Certificate of Completion"),
    "type": StandardVariable("the same, from `related`", "Certificate of Completion"),
    "issuerName": StandardVariable("the name of the issuer", "Example Board"),
    "issuedDate": StandardVariable("the issue date, in English", "05 March 2026"),
    "issuanceDate": StandardVariable("the issue date for `dateFormat`", "2026-03-05"),
    "batchId": StandardVariable("the id of the batch", "batch-01"),
    "courseId": StandardVariable("the id of the course", "do_3101"),
    "language": StandardVariable("the language of the course as a BCP 47 tag, if it is known", "en"),
    "certificateDescription": StandardVariable("the description", "A course of 20 hours", False),
    "expiryDate": StandardVariable("the end of validity, in English", "05 March 2027", False),
    "logo": StandardVariable("the URL of an image, which becomes part of the certificate", "logo.svg", False),
}
"""Variables that every certificate has. Signatories and ``related`` add further variables."""

NOT_IN_ISSUE_EVENTS = frozenset(
    name for name, variable in STANDARD_VARIABLES.items() if not variable.is_in_issue_events
)
"""Variables that are empty on certificates of issue events."""

_SIGNATORY = re.compile(r"signatory\d+(Name|Designation|Image|Id)")
_SIGNATORY_IMAGE = re.compile(r"signatory\d+Image")


def build_template_values(request: CertificateRequest, variables: Iterable[str]) -> dict[str, str]:
    """Return the values of a request by variable name.

    A value of ``related``, which includes the additional properties, has its dotted path as its name. It also has the
    last part of the path, unless another variable has that name. Standard variables are never overridden.

    Args:
        request: the certificate request.
        variables: the variables of a template. A signatory variable without a signatory is empty, because templates
            may have room for more signatories than the request has.
    """
    values = {
        "certificateName": request.name,
        "certificateDescription": request.description,
        "courseName": request.course_name,
        "issuedDate": format_long_date(request.issued_on.date()),
        "issuanceDate": request.issued_on.date().isoformat(),
        "expiryDate": format_long_date(request.expires.date()) if request.expires else "",
        "recipientId": request.recipient_id,
        "recipientName": request.recipient_name,
        "issuerName": str(request.issuer["name"]),
        "logo": request.logo,
        "language": request.language,
    }
    for index, signatory in enumerate(request.signatories):
        values[f"signatory{index}Id"] = signatory.identity
        values[f"signatory{index}Name"] = signatory.name
        values[f"signatory{index}Designation"] = signatory.designation
        values[f"signatory{index}Image"] = signatory.image
    related = list(_flatten(request.related))
    for name, value in related:
        values.setdefault(name, value)
    for name, value in related:
        values.setdefault(name.rpartition(".")[2], value)
    for name in variables:
        if _SIGNATORY.fullmatch(name):
            values.setdefault(name, "")
    return values


def is_image_variable(name: str) -> bool:
    """Return True if the value of this variable is the URL of an image."""
    return name == "logo" or _SIGNATORY_IMAGE.fullmatch(name) is not None


EXAMPLES = {
    name: "" if is_image_variable(name) else variable.example for name, variable in STANDARD_VARIABLES.items()
}
"""Example of the value of each standard variable; ``""`` for an image, because it must be fetched first."""


@lru_cache(maxsize=4096)
def format_long_date(day: date) -> str:
    """Return a date as certificates print it, such as ``27 May 2021``."""
    return format_date(day, "dd MMMM y", locale="en")


def _flatten(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, entry in value.items():
        if isinstance(entry, Mapping):
            yield from _flatten(entry, f"{prefix}{name}.")
        else:
            yield prefix + name, _to_text(entry)


def _to_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(_to_text(member) for member in value)
    return str(value)
