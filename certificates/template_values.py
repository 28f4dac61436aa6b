"""The values of template variables (docs/contracts.md, "Template variables")."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_date

from certbeam.issuing.certificate_request import CertificateRequest

STANDARD_VARIABLES = (
    "certificateName",
    "certificateDescription",
    "courseName",
    "issuedDate",
    "issuanceDate",
    "expiryDate",
    "recipientId",
    "recipientName",
    "issuerName",
    "logo",
    "batchId",
    "courseId",
    "type",
)
"""Variables that every certificate has. Signatories and additional properties add further variables."""

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
