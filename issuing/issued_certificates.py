"""The learner's list of certificates (``user_enrolments.issued_certificates``, contracts §2.2) and its changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.claim import Claim
from certbeam.issuing.learning_records import IssuedEntry
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode


@dataclass(frozen=True, slots=True)
class Change:
    """What recording a certificate does to a learner's list.

    Attributes:
        entries: the new list.
        replaced: ids of the certificates that are no longer in it.
    """

    entries: tuple[IssuedEntry, ...]
    replaced: tuple[str, ...]


def issued_entry(request: CertificateRequest, access_code: str) -> dict[str, str]:
    """The list's entry of a new certificate; an event that names no template leaves the id out."""
    entry = {
        "name": request.name,
        "identifier": request.certificate_id,
        "token": access_code,
        "lastIssuedOn": _moment(request.ets),
    }
    if request.template_id:
        entry["templateId"] = request.template_id
    return entry


def held(
    entries: Sequence[IssuedEntry], *, certificate_id: str, template_id: str, name: str, reissue: bool
) -> IssuedEntry | None:
    """The entry that makes a request needless: this very certificate or, for a first issue, any of its template."""
    for entry in entries:
        if entry.get("identifier") == certificate_id:
            return entry
    return None if reissue else of_template(entries, template_id, name)


def of_template(entries: Sequence[IssuedEntry], template_id: str, name: str) -> IssuedEntry | None:
    """The first certificate of one template."""
    return next((entry for entry in entries if _is_of_template(entry, template_id, name)), None)


def record(entries: Sequence[IssuedEntry], new: IssuedEntry, old_id: str = "") -> Change:
    """Put ``new`` at the end of the list, in place of the certificates of its template and of ``old_id``."""

    def goes(entry: IssuedEntry) -> bool:
        named = bool(old_id) and entry.get("identifier") == old_id
        return named or _is_of_template(entry, new.get("templateId", ""), new["name"])

    identifiers = (entry.get("identifier") or "" for entry in entries if goes(entry))
    kept = tuple(entry for entry in entries if not goes(entry))
    return Change((*kept, new), tuple(identifier for identifier in identifiers if identifier))


def already_issued(claim: Claim, entry: IssuedEntry, *, certificate_id: str, ets: int | None) -> Outcome:
    """The outcome of a claim whose learner holds the certificate of ``entry``; old entries may have no id.

    An entry of the id that the claim's certificate would have, and of its event's moment, is of this very event.
    """
    identifier = entry.get("identifier") or None
    reason = f"the learner holds certificate {identifier or 'without an id, known by its name'}"
    same = ets is not None and identifier == certificate_id and entry.get("lastIssuedOn") == _moment(ets)
    return Outcome(
        claim, "already-issued", ReasonCode.ALREADY_ISSUED, reason, identifier, ets if same else None
    )


def _moment(ets: int) -> str:
    """As the reference's entries have it: UTC, to the millisecond."""
    return f"{datetime.fromtimestamp(ets / 1000, timezone.utc):%Y-%m-%dT%H:%M:%S}.{ets % 1000:03d}+0000"


def _is_of_template(entry: IssuedEntry, template_id: str, name: str) -> bool:
    """By template id; by name, in any case, where the entry or the request has none (as the reference's have)."""
    held_id = entry.get("templateId")
    if held_id and template_id:
        return held_id == template_id
    return (entry.get("name") or "").strip().lower() == name.strip().lower()
