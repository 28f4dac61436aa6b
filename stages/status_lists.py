"""Assign status list indexes to certificates, and publish status lists."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.status_list import StatusListEntry, candidate_entries, status_list_object_name
from certbeam.certificates.artefact import CONTENT_TYPES, Artefact
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.protocols import Revocation, StatusLists, Storage
from certbeam.stages.elements import Requesting, fail_all, make_inputs
from certbeam.stages.worker import Worker

STAGE = "ClaimStatus"


def claim_slots(identifiers: Collection[str], slots: StatusLists) -> dict[str, StatusListEntry]:
    """Assign an index to each certificate: the first of its candidates that no other certificate has.

    A replay gives the same index, because an assignment is permanent.

    Raises:
        Rejected: ``status-lists-full``, or if the adapter does not answer.
    """
    return _try_candidates(
        {identifier: _candidates_or_error(identifier) for identifier in identifiers}, slots.claim
    )


def find_slots(identifiers: Collection[str], slots: StatusLists) -> dict[str, StatusListEntry]:
    """Return the indexes of those certificates that have one.

    A certificate has the first of its candidates that was free. So if a candidate is free now, the certificate has no
    later candidate either.
    """
    return _try_candidates(
        {identifier: candidate_entries(identifier) for identifier in identifiers},
        lambda tried: slots.holders([entry for entry, _ in tried]),
    )


def _candidates_or_error(identifier: str) -> Iterator[StatusListEntry]:
    yield from candidate_entries(identifier)
    raise Rejected(
        ErrorCode.STATUS_LISTS_FULL, "every status list index that the certificate may have is in use"
    )


def _try_candidates(
    candidates: Mapping[str, Iterator[StatusListEntry]],
    look_up: Callable[[Sequence[tuple[StatusListEntry, str]]], Sequence[str | None]],
) -> dict[str, StatusListEntry]:
    """Look up the candidates of certificates in rounds.

    A certificate whose candidate belongs to another certificate takes part in the next round with its next candidate.
    """
    entries: dict[str, StatusListEntry] = {}
    open_identifiers = list(candidates)
    while tried := [
        (entry, identifier)
        for identifier in open_identifiers
        if (entry := next(candidates[identifier], None))
    ]:
        holders = list(zip(tried, look_up(tried), strict=True))
        entries |= {identifier: entry for (entry, identifier), holder in holders if holder == identifier}
        open_identifiers = [
            identifier for (_, identifier), holder in holders if holder not in (None, identifier)
        ]
    return entries


def revoke_slots(
    revocations: Sequence[Revocation], slots: StatusLists, issuer: CredentialIssuer, storage: Storage
) -> dict[str, StatusListEntry]:
    """Mark certificates as revoked and publish their status lists, each once.

    Returns:
        The indexes of the certificates that have one, by id.

    Raises:
        Rejected: if a step failed; repeating the call is safe.
    """
    entries = find_slots({revocation.id for revocation in revocations}, slots)
    if entries:
        slots.revoke(
            [
                (entries[revocation.id], revocation.at)
                for revocation in revocations
                if revocation.id in entries
            ]
        )
    publish_status_lists({entry.list_number for entry in entries.values()}, slots, issuer, storage)
    return entries


def publish_status_lists(
    numbers: Iterable[int], slots: StatusLists, issuer: CredentialIssuer, storage: Storage
) -> None:
    """Publish the current state of lists.

    Raises:
        Rejected: if a list could not be uploaded.
    """
    for number in sorted(numbers):
        published = None
        # Read again after the upload: another writer may have uploaded a state from before a revocation.
        while (revoked := slots.revoked(number)) != published:
            body = issuer.sign_status_list(number, revoked)
            error = storage.put([Artefact(status_list_object_name(number), CONTENT_TYPES["vc"], (body,))])[0]
            if error:
                raise error
            published = revoked


def assign_indexes(elements: Sequence[Requesting], worker: Worker) -> Iterator[tuple[int, Any]]:
    """Assign indexes to requested certificates, and publish each list that this worker uses for the first time.

    Yields:
        Positions with the input for a certificate, or with a failure.
    """
    inputs, failures = make_inputs(elements, STAGE)
    yield from failures
    try:
        entries = _assign(
            [certificate_input.request.certificate_id for certificate_input in inputs.values()], worker
        )
    except Rejected as error:
        yield from fail_all(inputs.items(), error)
        return
    for position, certificate_input in inputs.items():
        entry = entries[certificate_input.request.certificate_id]
        yield position, replace(certificate_input, status_entry=entry)


def _assign(identifiers: Collection[str], worker: Worker) -> dict[str, StatusListEntry]:
    entries = claim_slots(identifiers, worker.status_slots)
    lists = {entry.list_number for entry in entries.values()} - worker.known_lists
    if lists and worker.credential_issuer:
        publish_status_lists(lists, worker.status_slots, worker.credential_issuer, worker.storage)
        worker.known_lists.update(lists)
    return entries
