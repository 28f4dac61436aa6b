"""What a certificate's template can name, and the text that goes there (contracts §6.1, templates)."""

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
"""What every certificate has a value for; signatories and additional properties come on top."""

_SIGNATORY = re.compile(r"signatory\d+(Name|Designation|Image|Id)")
_SIGNATORY_IMAGE = re.compile(r"signatory\d+Image")


def build_template_values(request: CertificateRequest, wanted: Iterable[str]) -> dict[str, str]:
    """The values of a request under the names that templates use.

    The standard names come first; every value of ``related`` (with the additional properties) can also be
    named, by its dotted path or, where that is not taken, by its last part alone. A ``wanted`` signatory
    whom the request does not have is empty: templates have room for more signatories than sign.
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
    related = list(_flat(request.related))
    for name, value in related:
        values.setdefault(name, value)
    for name, value in related:
        values.setdefault(name.rpartition(".")[2], value)
    for name in wanted:
        if _SIGNATORY.fullmatch(name):
            values.setdefault(name, "")
    return values


def is_image_variable(name: str) -> bool:
    """Whether the value of this name is the URL of a picture."""
    return name == "logo" or _SIGNATORY_IMAGE.fullmatch(name) is not None


@lru_cache(maxsize=4096)
def format_long_date(day: date) -> str:
    """A date as certificates print it: ``27 May 2021``."""
    return format_date(day, "dd MMMM y", locale="en")


def _flat(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, entry in value.items():
        if isinstance(entry, Mapping):
            yield from _flat(entry, f"{prefix}{name}.")
        else:
            yield prefix + name, _as_text(entry)


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(_as_text(one) for one in value)
    return str(value)
