"""Golden values written to registries, enrolments and topics for one certificate."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from certbeam.artwork.render import Renderer
from certbeam.badges.status_list import StatusListEntry
from certbeam.certificates.artefact import CONTENT_TYPES
from certbeam.certificates.certificate import Certificate, IssuerSettings, RegistryEntry
from certbeam.certificates.maker import CertificateInput, CertificateMaker
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.limits import MAX_MESSAGE_BYTES
from certbeam.io.protocols import Revocation
from certbeam.io.registry.cassandra_registry import CassandraRegistry
from certbeam.io.registry.certificate_registry_api import CertregRegistry
from certbeam.io.registry.sqlite_registry import SqliteRegistry
from certbeam.io.registry.sunbird_rc import RcRegistry
from certbeam.issuing.claim import Claim
from certbeam.issuing.dead_letter import DeadLetter, restore_original_message
from certbeam.issuing.ids import derive_access_code
from certbeam.issuing.issued_certificates import add_entry, build_entry
from certbeam.issuing.learning_records import User
from certbeam.issuing.notices import build_notices
from certbeam.issuing.outcome import Outcome
from certbeam.stages.messages import audit_messages, dead_letter_message, outcome_message
from certbeam.tests.golden.files import as_json, readable
from certbeam.tests.golden.inputs import (
    FORMATS,
    SECRET,
    TEMPLATES_URL,
    VERIFY_URL,
    issuer_of,
    request_of,
    templates,
)
from certbeam.tests.io.cassandra import Session
from certbeam.tests.io.web import Web
from certbeam.tests.support import BASE_URL
from certbeam.transforms.notify_learners import notice_messages


@cache
def certificate_of(event: str, *, pdf: bool = False) -> Certificate:
    """The certificate of a generate event, signed by the newer of two keys."""
    formats = (*FORMATS, "pdf") if pdf else FORMATS
    sources = templates()
    maker = CertificateMaker(
        IssuerSettings(BASE_URL, VERIFY_URL, formats),
        sources.template,
        sources.image,
        lambda identifier: derive_access_code(identifier, SECRET),
        Renderer(),
        issuer_of("rotated"),
    )
    (made,) = maker.make([CertificateInput(request_of(event), StatusListEntry(1, 5))])
    assert isinstance(made, Certificate), made
    return made


def _statements(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "statement": statement.query,
            "parameters": [str(one) if hasattr(one, "isoformat") else one for one in statement.parameters],
        }
        for statement in session.made
    ]


def _requests(web: Web) -> list[dict[str, Any]]:
    return [{"request": f"{method} {path}", "body": body} for method, path, body in web.requests]


def _sqlite_rows(entries: Sequence[RegistryEntry], revocations: Sequence[Revocation] = ()) -> list[Any]:
    with TemporaryDirectory() as folder:
        file = Path(folder, "registry.db")
        registry = SqliteRegistry(file)
        registry.add(entries)
        registry.revoke(revocations)
        registry.close()
        connection = sqlite3.connect(file)
        connection.row_factory = sqlite3.Row
        rows = [dict(row) for row in connection.execute("SELECT * FROM cert_registry")]
        connection.close()
    return rows


def registry_entry(event: str) -> dict[str, Any]:
    """Row, statements and requests with which each registry adds or updates a certificate."""
    entry = certificate_of(event, pdf=True).entry
    new, stale = Session([{}]), Session([{"data": "another"}], [{}])
    certreg = Web((200, {}))
    rc = Web((200, {"data": []}), (200, {"result": {"TrainingCertificate": {"osid": "1-a"}}}))
    CassandraRegistry(new).add([entry])
    CassandraRegistry(stale).add([entry])
    CertregRegistry(certreg.service).add([entry])
    RcRegistry(rc.service).add([entry])
    written = {
        "sqlite": _sqlite_rows([entry]),
        "cassandra": [*_statements(new), *_statements(stale)[1:]],
        "certreg": _requests(certreg),
        "rc": _requests(rc),
    }
    data = as_json(entry.data.encode())
    return {"data": data, **_with_name("(data)", data, _with_name("(data)", entry.data, written))}


def _with_name(name: str, one: Any, value: Any) -> Any:
    """A value with each occurrence of ``one`` replaced by a name."""
    if readable(value) == readable(one):
        return name
    if isinstance(value, dict):
        return {key: _with_name(name, one, member) for key, member in value.items()}
    return [_with_name(name, one, member) for member in value] if isinstance(value, list | tuple) else value


def revocation(given: Mapping[str, Any]) -> dict[str, Any]:
    """Row, statements and requests with which each registry revokes a certificate."""
    entry = certificate_of(given["event"]).entry
    one = Revocation(entry.id, given["reason"], given["at"], given["recipient"])
    cassandra = Session([{"recipient": entry.recipient}], [{}])
    found = {"osid": "1-a b", "status": "ACTIVE", "recipient": {"id": given["held by"]}}
    rc = Web((200, {"data": [found]}), (200, {}))
    revoked = {
        "cassandra": CassandraRegistry(cassandra).revoke([one]),
        "rc": RcRegistry(rc.service).revoke([one]),
        "certreg": CertregRegistry(Web((200, {})).service).revoke([one]),
    }
    columns = ("isrevoked", "reason", "updatedat", "updatedby")
    (row,) = _sqlite_rows([entry], [one])
    return {
        "revoked": revoked,
        "sqlite": {name: row[name] for name in columns},
        "cassandra": _statements(cassandra),
        "rc": _requests(rc),
    }


def enrolment(given: Mapping[str, Any]) -> dict[str, Any]:
    """The learner's list after a certificate is recorded, and the ids of replaced certificates."""
    request = request_of(given["event"])
    change = add_entry(given["held"], build_entry(request, "A1B2C3"), request.old_id)
    return {"entries": list(change.entries), "replaced": list(change.replaced)}


def _message(message: tuple[bytes, bytes]) -> dict[str, Any]:
    key, value = message
    return {"key": key.decode(), "value": as_json(value)}


def outcome(given: Mapping[str, Any]) -> dict[str, Any]:
    """Key and line of an outcome."""
    return _message(outcome_message(_outcome(given)))


def _outcome(given: Mapping[str, Any]) -> Outcome:
    claim = request_of(given["event"]).claim if "event" in given else Claim(**given["claim"])
    told = ("verdict", "code", "reason", "certificate_id", "issued_at")
    return Outcome(claim, **{name: given[name] for name in told if name in given})


def dead_letter(given: Mapping[str, Any]) -> dict[str, Any]:
    """Key and line of a dead letter, and the replayed message."""
    event = given["bytes"].encode() if "bytes" in given else given["object"]
    fault = Rejected(ErrorCode(given["code"]), given["error"])
    letter = DeadLetter(
        event, given["job"], given["stage"], fault.code, fault.reason, given["source"], given["key"]
    )
    return {
        **_message(dead_letter_message(letter)),
        "replayed": restore_original_message(letter.serialise()).decode(),
    }


def audit(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Audit events of an outcome, with their keys."""
    return [_message(one) for one in audit_messages(_outcome(given), again=given["again"])]


def notices(given: Mapping[str, Any]) -> dict[str, Any]:
    """Notices of a certificate: request bodies and messages."""
    request = request_of(given["event"])
    user = User(given["user"]) if given["user"] else None
    made = build_notices(request, user, given["template"], f"{TEMPLATES_URL}/")
    return {
        "feed": made.feed,
        "email": made.email,
        "sms": made.sms,
        "messages": [_message(one) for one in notice_messages(made, max_message_bytes=MAX_MESSAGE_BYTES)],
    }


TOPICS: dict[str, Callable[[Any], Any]] = {
    "registry_entries": registry_entry,
    "revocations": revocation,
    "issued_certificates": enrolment,
    "outcomes": outcome,
    "dead_letters": dead_letter,
    "audit_events": audit,
    "notices": notices,
    "content_types": lambda formats: {one: CONTENT_TYPES[one] for one in formats},
}
