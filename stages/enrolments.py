"""Record certificates on enrolments by compare-and-set."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.protocols import IssuedChange, Revocation
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.issued_certificates import add_entry, build_entry, check_issued
from certbeam.issuing.learning_records import EnrolmentKey, IssuedEntry
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.stages.elements import StoredCertificate, fail_all
from certbeam.stages.registration import revoked_since
from certbeam.stages.status_lists import revoke_slots
from certbeam.stages.worker import Worker

STAGE = "RecordEnrolment"

_MAX_ROUNDS = 20
"""Attempts of the compare-and-set on a learner's list."""


def record_enrolments(elements: Sequence[StoredCertificate], worker: Worker) -> Iterator[tuple[int, Any]]:
    """Add certificates to their learners' lists by compare-and-set, so that no concurrent change is lost.

    Yields:
        Positions with an outcome and, if the certificate is recorded, its request; or with a failure.
    """
    by_learner: dict[EnrolmentKey, list[int]] = defaultdict(list)
    for position, certificate in enumerate(elements):
        by_learner[certificate.request.enrolment].append(position)
    for _ in range(_MAX_ROUNDS):
        try:
            done = list(_round(elements, by_learner, worker))
        except Rejected as error:
            yield from _failures(elements, by_learner, error)
            return
        for key, results in done:
            del by_learner[key]
            yield from results
        if not by_learner:
            return
    yield from _failures(
        elements,
        by_learner,
        Unavailable(
            ErrorCode.ENROLMENT_CONTENDED,
            f"compare-and-set failed after {_MAX_ROUNDS} attempts: replay the event",
        ),
    )


def _round(
    elements: Sequence[StoredCertificate], by_learner: dict[EnrolmentKey, list[int]], worker: Worker
) -> Iterator[tuple[EnrolmentKey, Sequence[tuple[int, Any]]]]:
    """Read the lists, revoke replaced certificates, and write the lists.

    Yields:
        Learners with their results. Learners whose list has changed meanwhile have none.
    """
    enrolments = worker.learning.enrolments(set(by_learner))
    # Look up after the enrolments are read, so that all certificates replaced on these lists are already revoked.
    revoked = _find_revoked(
        [elements[position] for positions in by_learner.values() for position in positions], worker
    )
    plans = {}
    for key, positions in by_learner.items():
        certificates = [(position, elements[position]) for position in positions]
        if key in enrolments:
            plans[key] = plan = _Plan(key, enrolments[key].issued, revoked)
            for position, certificate in certificates:
                plan.add(position, certificate)
        else:
            missing = Rejected(
                ErrorCode.ENROLMENT_MISSING, f"user {key.user_id} is not enrolled in batch {key.batch_id}"
            )
            yield key, list(fail_all(certificates, missing))
    _revoke([revocation for plan in plans.values() for revocation in plan.revocations], worker)
    changed = {key: plan.change for key, plan in plans.items() if plan.change.before != plan.change.after}
    is_written = dict(zip(changed, worker.learning.replace_issued(list(changed.values())), strict=True))
    for key, plan in plans.items():
        if is_written.get(key, True):
            yield key, plan.results


def _find_revoked(certificates: Sequence[StoredCertificate], worker: Worker) -> dict[str, str]:
    """Return the reasons of revoked re-issued certificates, by id.

    First issues are not looked up: the certificate that replaced them is on their learner's list.
    """
    entries = [certificate.entry for certificate in certificates if certificate.request.reissue]
    revoked = {}
    for entry, standing in zip(entries, worker.registry.add(entries) if entries else (), strict=True):
        if isinstance(standing, Rejected):
            raise standing
        if standing.revoked is not None:
            revoked[entry.id] = standing.revoked
    return revoked


def _revoke(revocations: Sequence[Revocation], worker: Worker) -> None:
    is_revoked = worker.registry.revoke(revocations) if revocations else []
    if worker.credential_issuer:
        known = [revocation for revocation, done in zip(revocations, is_revoked, strict=True) if done]
        revoke_slots(known, worker.status_slots, worker.credential_issuer, worker.storage)


class _Plan:
    """Planned changes of one learner's list, and the results to emit after the list is written."""

    def __init__(
        self, key: EnrolmentKey, issued: tuple[IssuedEntry, ...], revoked: Mapping[str, str]
    ) -> None:
        self._key = key
        self._before = self._entries = issued
        self._revoked = dict(revoked)
        self.revocations: list[Revocation] = []
        self.results: list[tuple[int, Any]] = []

    @property
    def change(self) -> IssuedChange:
        """Return the list as it was read, and the new list."""
        return IssuedChange(self._key, self._before, self._entries)

    def add(self, position: int, certificate: StoredCertificate) -> None:
        """Add a certificate to the list, unless the learner already has it."""
        request = certificate.request
        outcome = check_issued(self._entries, request)
        if outcome:
            self.results.append((position, outcome))
            if outcome.certificate_id != request.certificate_id:
                # Another event was faster: revoke the certificate that was registered meanwhile.
                existing = outcome.certificate_id or "an older one"
                self._plan_revocation(request.certificate_id, f"superseded by {existing}", request)
        elif request.certificate_id in self._revoked:
            self.results.append((position, revoked_since(request, self._revoked[request.certificate_id])))
        else:
            change = add_entry(self._entries, build_entry(request, certificate.access_code), request.old_id)
            self._entries = change.entries
            replaced = tuple(dict.fromkeys((*change.replaced, *filter(None, [request.old_id]))))
            for identifier in replaced:
                # A certificate that only the event names may be another learner's.
                recipient_id = None if identifier in change.replaced else request.recipient_id
                reason = f"replaced by {request.certificate_id}"
                self._plan_revocation(identifier, reason, request, recipient_id)
            self.results += [(position, _build_outcome(request, replaced)), (position, request)]

    def _plan_revocation(
        self, identifier: str, reason: str, request: CertificateRequest, recipient_id: str | None = None
    ) -> None:
        self._revoked.setdefault(identifier, reason)
        self.revocations.append(Revocation(identifier, reason, request.ets, recipient_id))


def _build_outcome(request: CertificateRequest, replaced: tuple[str, ...]) -> Outcome:
    claim, identifier, ets = request.claim, request.certificate_id, request.ets
    if replaced:
        reason = f"in place of {', '.join(replaced)}, which is revoked"
        return Outcome(claim, "reissued", ReasonCode.REISSUED, reason, identifier, ets)
    return Outcome(claim, "issued", ReasonCode.ISSUED, f"certificate {request.name}", identifier, ets)


def _failures(
    elements: Sequence[StoredCertificate], by_learner: dict[EnrolmentKey, list[int]], error: Rejected
) -> Iterator[tuple[int, Any]]:
    for positions in by_learner.values():
        yield from fail_all(((position, elements[position]) for position in positions), error)
