"""Golden values of ids, access codes, names, URLs and printed texts."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from certbeam.artwork.template.dates import convert_moment_pattern, format_date
from certbeam.badges.did_web import base_url_of_did, build_did
from certbeam.badges.status_list import candidate_entries, status_list_object_name
from certbeam.badges.timestamps import format_timestamp
from certbeam.badges.urls import (
    badge_class_object_name,
    evidence_object_name,
    issuer_object_name,
    key_object_name,
    service_key_object_name,
)
from certbeam.certificates.template_values import build_template_values, format_long_date
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.uuids import derive_uuid
from certbeam.io.keys.access_codes import read_access_code_key
from certbeam.io.storage.concurrent_upload import cache_control
from certbeam.issuing.dates import parse_expiry
from certbeam.issuing.ids import derive_access_code, derive_certificate_id
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.tests.golden.inputs import AT, KEY_SETS, request_of
from certbeam.tests.support import requests_of


def slots_of(identifier: str) -> list[str]:
    """Every candidate for a status list index, in order: ``LIST/INDEX``."""
    return [f"{slot.list_number}/{slot.index}" for slot in candidate_entries(identifier)]


def request_members(event: Mapping[str, Any]) -> dict[str, Any]:
    """All fields of the request read from a generate event."""
    (request,) = requests_of(event)
    members = asdict(request)
    claim = members.pop("claim")
    for name, value in members.items():
        if isinstance(value, datetime):
            members[name] = value.isoformat()
    told = ("job", "mid", "batch_id", "course_id", "user_id", "template_id")
    return {"claim": {name: claim[name] for name in told}, **members, "enrolment": list(request.enrolment)}


def locations_of(event: str) -> dict[str, Any]:
    """The names of a certificate's files and documents, and their URLs."""
    request = request_of(event)
    one = (request.tag, request.certificate_id)
    key = KEY_SETS["rotated"]().public[0]
    names = {
        "badge class": badge_class_object_name(request),
        "issuer": issuer_object_name(request),
        "evidence": evidence_object_name(request),
        "key": key_object_name(request, key),
        "service key": service_key_object_name(request, "18"),
    }
    return {
        "names": names,
        "urls": {name: AT.document(value) for name, value in names.items()},
        "assertion": AT.assertion(*one),
        "files": {kind: AT.artefact(*one, kind) for kind in ("json", "vc.json", "svg", "png", "pdf")},
        "contexts": [AT.context, AT.signatory_context],
        "status list": AT.document(status_list_object_name(7)),
    }


def printed_values(event: str) -> dict[str, str]:
    """The texts that templates print."""
    return build_template_values(request_of(event), ["signatory7Name", "signatory7Image"])


def date_of(written: Mapping[str, Any]) -> str:
    """A date as it is printed or stored."""
    if "expiry" in written:
        issued = datetime.fromisoformat(written["issued"])
        return format_timestamp(parse_expiry(written["expiry"], issued))
    if "pattern" in written:
        return format_date(written["date"], convert_moment_pattern(written["pattern"]), written["language"])
    if "moment" in written:
        return format_timestamp(datetime.fromisoformat(written["moment"]))
    return format_long_date(date.fromisoformat(written["date"]))


def did_of(base_url: str) -> list[str]:
    """The DID of a base_url, and the base_url of that DID."""
    did = build_did(base_url)
    return [did, base_url_of_did(did)]


TOPICS: dict[str, Callable[[Any], Any]] = {
    "certificate_ids": lambda parts: derive_certificate_id(**parts),
    "derived_uuids": lambda parts: derive_uuid(*parts),
    "access_codes": lambda given: derive_access_code(given["certificate"], given["key"].encode()),
    "access_code_keys": lambda base_url: read_access_code_key("", "", base_url).decode(),
    "status_slots": slots_of,
    "requests": request_members,
    "locations": locations_of,
    "printed_values": printed_values,
    "dates": date_of,
    "dids": did_of,
    "cache_control": cache_control,
    "error_codes": lambda code: {"retriable": ErrorCode(code).description.is_retriable},
    "reason_codes": lambda code: ReasonCode(code).value,
}
