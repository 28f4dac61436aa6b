"""Status lists: places claimed for certificates, and lists published as the places stand."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.status_list import StatusListEntry, candidate_entries, status_list_object_name
from certbeam.certificates.artefact import CONTENT_TYPES, Artefact
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.protocols import Revocation, StatusSlots, Storage
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.stages.worker import Worker


def claim_slots(identifiers: Collection[str], slots: StatusSlots) -> dict[str, StatusListEntry]:
    """Claim a place for each certificate: the first of its own places that no other has.

    It is the same whenever it is asked for, since no place is ever given back.

    Raises:
        Rejected: ``status-lists-full``, or when the adapter does not answer.
    """
    return _try_places({one: _places_or_refusal(one) for one in identifiers}, slots.claim)


def find_slots(identifiers: Collection[str], slots: StatusSlots) -> dict[str, StatusListEntry]:
    """The places of those certificates that have one.

    A certificate has the first of its own places that no other had, so behind one that nobody has it has none.
    """
    return _try_places(
        {one: candidate_entries(one) for one in identifiers},
        lambda tried: slots.holders([slot for slot, _ in tried]),
    )


def _places_or_refusal(identifier: str) -> Iterator[StatusListEntry]:
    yield from candidate_entries(identifier)
    raise Rejected(
        ErrorCode.STATUS_LISTS_FULL, "every status list index that the certificate may have is in use"
    )


def _try_places(
    candidates: Mapping[str, Iterator[StatusListEntry]],
    ask: Callable[[Sequence[tuple[StatusListEntry, str]]], Sequence[str | None]],
) -> dict[str, StatusListEntry]:
    """Ask who holds the first place of each certificate, then the next of those whose place another holds."""
    found: dict[str, StatusListEntry] = {}
    left = list(candidates)
    while tried := [(slot, one) for one in left if (slot := next(candidates[one], None))]:
        answers = list(zip(tried, ask(tried), strict=True))
        found |= {one: slot for (slot, one), holder in answers if holder == one}
        left = [one for (_, one), holder in answers if holder not in (None, one)]
    return found


def revoke_slots(
    revocations: Sequence[Revocation], slots: StatusSlots, issuer: CredentialIssuer, storage: Storage
) -> dict[str, StatusListEntry]:
    """Set the bits of revoked certificates and publish the lists they are on, each once; the places of those on one.

    Raises:
        Rejected: when it could not be done to the end; doing it again is safe.
    """
    places = find_slots({one.id for one in revocations}, slots)
    if places:
        slots.revoke([(places[one.id], one.at) for one in revocations if one.id in places])
    publish_status_lists({slot.list_number for slot in places.values()}, slots, issuer, storage)
    return places


def publish_status_lists(
    numbers: Iterable[int], slots: StatusSlots, issuer: CredentialIssuer, storage: Storage
) -> None:
    """Publish lists as they stand.

    Raises:
        Rejected: when a list could not be stored.
    """
    for number in sorted(numbers):
        published = None
        # Asked again after writing: another writer may have read before and written after somebody's revocation.
        while (revoked := slots.revoked(number)) != published:
            body = issuer.sign_status_list(number, revoked)
            error = storage.put([Artefact(status_list_object_name(number), CONTENT_TYPES["vc"], (body,))])[0]
            if error:
                raise error
            published = revoked


def claim(requests: Sequence[CertificateRequest], worker: Worker) -> dict[str, StatusListEntry]:
    """The places of some certificates, by id; a list that this worker meets for the first time is published.

    Raises:
        Rejected: when places cannot be claimed, or a list cannot be published.
    """
    slots = claim_slots([request.certificate_id for request in requests], worker.status_slots)
    lists = {slot.list_number for slot in slots.values()} - worker.known_lists
    if lists and worker.credential_issuer:
        publish_status_lists(lists, worker.status_slots, worker.credential_issuer, worker.storage)
        worker.known_lists.update(lists)
    return slots
