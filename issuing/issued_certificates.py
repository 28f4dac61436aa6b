"""Search and change the list of issued certificates of an enrolment (docs/contracts.md, "user_enrolments")."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.claim import Claim
from certbeam.issuing.learning_records import IssuedEntry
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode


@dataclass(frozen=True, slots=True)
class ListChange:
    """Change of a list of issued certificates.

    Attributes:
        entries: the new list.
        replaced: ids of the certificates that are removed from it.
    """

    entries: tuple[IssuedEntry, ...]
    replaced: tuple[str, ...]


def build_entry(request: CertificateRequest, access_code: str) -> dict[str, str]:
    """Build the entry of a new certificate, without ``templateId`` if the event has none."""
    entry = {
        "name": request.name,
        "identifier": request.certificate_id,
        "token": access_code,
        "lastIssuedOn": _format_time(request.ets),
    }
    if request.template_id:
        entry["templateId"] = request.template_id
    return entry


def find_existing(
    entries: Sequence[IssuedEntry], *, certificate_id: str, template_id: str, name: str, reissue: bool
) -> IssuedEntry | None:
    """Find the entry for which no new certificate is issued.

    Returns:
        The entry of this certificate. For a first issue, else the first entry of its template. Otherwise None.
    """
    for entry in entries:
        if entry.get("identifier") == certificate_id:
            return entry
    return None if reissue else find_entry_of_template(entries, template_id, name)


def check_issued(entries: Sequence[IssuedEntry], request: CertificateRequest) -> Outcome | None:
    """Return the outcome of a request whose learner has the certificate already; None if the learner has not.

    Args:
        entries: the learner's list.
        request: the request.
    """
    entry = find_existing(
        entries,
        certificate_id=request.certificate_id,
        template_id=request.template_id,
        name=request.name,
        reissue=request.reissue,
    )
    if entry is None:
        return None
    return already_issued(request.claim, entry, certificate_id=request.certificate_id, ets=request.ets)


def find_entry_of_template(entries: Sequence[IssuedEntry], template_id: str, name: str) -> IssuedEntry | None:
    """Find the first entry of a template."""
    return next((entry for entry in entries if _is_of_template(entry, template_id, name)), None)


def add_entry(entries: Sequence[IssuedEntry], new: IssuedEntry, old_id: str = "") -> ListChange:
    """Add an entry to the end of a list, and remove the entries that it replaces.

    Args:
        entries: the list.
        new: the entry, which replaces those of its template.
        old_id: id of another certificate that it replaces; ``""`` for none.
    """

    def is_replaced(entry: IssuedEntry) -> bool:
        is_old = bool(old_id) and entry.get("identifier") == old_id
        return is_old or _is_of_template(entry, new.get("templateId", ""), new["name"])

    identifiers = (entry.get("identifier") or "" for entry in entries if is_replaced(entry))
    kept = tuple(entry for entry in entries if not is_replaced(entry))
    return ListChange((*kept, new), tuple(identifier for identifier in identifiers if identifier))


def already_issued(claim: Claim, entry: IssuedEntry, *, certificate_id: str, ets: int | None) -> Outcome:
    """Build the outcome of a claim whose learner has the certificate already.

    Args:
        claim: the claim.
        entry: the certificate's entry; old entries may have no id.
        certificate_id: id of the certificate that the claim is for. If the entry has this id and the time ``ets``,
            this event has issued the certificate, and was read before.
        ets: time of the claim's event in milliseconds since 1970; None if it has none.
    """
    identifier = entry.get("identifier") or None
    reason = (
        f"the learner has certificate {identifier}"
        if identifier
        else "the learner has a certificate of this name"
    )
    is_same_event = (
        ets is not None and identifier == certificate_id and entry.get("lastIssuedOn") == _format_time(ets)
    )
    return Outcome(
        claim, "already-issued", ReasonCode.ALREADY_ISSUED, reason, identifier, ets if is_same_event else None
    )


def _format_time(ets: int) -> str:
    """Format a time as in entries of Sunbird's collection-certificate-generator: UTC, in milliseconds."""
    return f"{datetime.fromtimestamp(ets / 1000, timezone.utc):%Y-%m-%dT%H:%M:%S}.{ets % 1000:03d}+0000"


def _is_of_template(entry: IssuedEntry, template_id: str, name: str) -> bool:
    """Compare by template id; if the entry or the request has none, by name in any case.

    Entries of Sunbird's collection-certificate-generator have no template id.
    """
    entry_id = entry.get("templateId")
    if entry_id and template_id:
        return entry_id == template_id
    return (entry.get("name") or "").strip().lower() == name.strip().lower()
