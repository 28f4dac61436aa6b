"""Status lists: places claimed for certificates, and lists published as the places stand."""

from collections.abc import Collection, Iterable, Sequence

from certbeam.credentials.certificates import CONTENT_TYPES, Artefact
from certbeam.credentials.errors import Rejected
from certbeam.credentials.signing import CredentialIssuer
from certbeam.credentials.status_list import StatusSlot, candidate_slots, status_list_name
from certbeam.io.ports import Revocation, StatusSlots, Storage


def claim_slots(identifiers: Collection[str], slots: StatusSlots) -> dict[str, StatusSlot]:
    """Claim a place for each certificate: the first of its own places that no other has.

    It is the same whenever it is asked for, since no place is ever given back.

    Raises:
        Rejected: ``status-lists-full``, or when the adapter does not answer.
    """
    found: dict[str, StatusSlot] = {}
    candidates = {identifier: candidate_slots(identifier) for identifier in identifiers}
    while candidates:
        wanted = [(next(places, None), identifier) for identifier, places in candidates.items()]
        claims = [(slot, identifier) for slot, identifier in wanted if slot]
        if len(claims) < len(wanted):
            raise Rejected("status-lists-full", "every place that the certificate may take is taken")
        for (slot, identifier), holder in zip(claims, slots.claim(claims), strict=True):
            if holder == identifier:
                found[identifier] = slot
                del candidates[identifier]
    return found


def find_slots(identifiers: Collection[str], slots: StatusSlots) -> dict[str, StatusSlot]:
    """The places of those certificates that have one.

    A certificate has the first of its own places that no other had, so behind one that nobody has it has none.
    """
    found: dict[str, StatusSlot] = {}
    candidates = {identifier: candidate_slots(identifier) for identifier in identifiers}
    while candidates:
        places = {identifier: slot for identifier, own in candidates.items() if (slot := next(own, None))}
        holders = dict(zip(places, slots.holders(list(places.values())), strict=True))
        found |= {
            identifier: places[identifier] for identifier, holder in holders.items() if holder == identifier
        }
        candidates = {
            identifier: candidates[identifier]
            for identifier, holder in holders.items()
            if holder not in (None, identifier)
        }
    return found


def revoke_slots(
    revocations: Sequence[Revocation], slots: StatusSlots, issuer: CredentialIssuer, storage: Storage
) -> dict[str, StatusSlot]:
    """Set the bits of revoked certificates and publish the lists they are on, each once; the places of those on one.

    Raises:
        Rejected: when it could not be done to the end; doing it again is safe.
    """
    places = find_slots({one.id for one in revocations}, slots)
    if places:
        slots.revoke([(places[one.id], one.at) for one in revocations if one.id in places])
    publish_status_lists({slot.number for slot in places.values()}, slots, issuer, storage)
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
            body = issuer.status_list(number, revoked)
            error = storage.put([Artefact(status_list_name(number), CONTENT_TYPES["vc"], (body,))])[0]
            if error:
                raise error
            published = revoked
