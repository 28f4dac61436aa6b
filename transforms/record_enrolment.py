"""RecordEnrolment: the certificate on the learner's enrolment; what it replaces is revoked first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from certbeam.credentials.claims import Outcome
from certbeam.credentials.errors import Rejected, Unavailable
from certbeam.credentials.issued_entries import held, issued_entry, record
from certbeam.credentials.learning import Enrolment, EnrolmentKey, IssuedEntry
from certbeam.credentials.requests import CertificateRequest
from certbeam.io.ports import IssuedChange, Revocation
from certbeam.transforms.stage import Failure, Stage, StageFn
from certbeam.transforms.status_lists import revoke_slots
from certbeam.transforms.store_certificate import Stored
from certbeam.transforms.worker import Worker

STAGE = "RecordEnrolment"

_MAX_ROUNDS = 20
"""How often a learner's list is read again because somebody else changed it in between."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A certificate that its learner now holds."""

    request: CertificateRequest


class _RecordFn(StageFn[Stored]):
    stage = STAGE

    def work(self, elements: Sequence[Stored]) -> Iterable[tuple[int, Any]]:
        return record_enrolments(elements, self.worker)


def record_enrolments(elements: Sequence[Stored], worker: Worker) -> Iterator[tuple[int, Any]]:
    """Put certificates on their learners' lists by compare and set, so that nothing of others is lost."""
    by_learner: dict[EnrolmentKey, list[int]] = defaultdict(list)
    for position, one in enumerate(elements):
        by_learner[one.request.enrolment].append(position)
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
        Unavailable("enrolment-contended", "the enrolment was changed by others again and again"),
    )


@dataclass(frozen=True, slots=True)
class _Plan:
    """What one learner's certificates do to the list, and what will be said of each once it is done."""

    change: IssuedChange
    revocations: tuple[Revocation, ...]
    results: tuple[tuple[int, Any], ...]


def _round(
    elements: Sequence[Stored], by_learner: dict[EnrolmentKey, list[int]], worker: Worker
) -> Iterator[tuple[EnrolmentKey, Sequence[tuple[int, Any]]]]:
    """Read, revoke, compare and set; what was decided, by learner. Learners who lost the race are left out."""
    enrolments = worker.learning.enrolments(set(by_learner))
    plans = {}
    for key, positions in by_learner.items():
        if key in enrolments:
            plans[key] = _plan(
                key, enrolments[key], [(position, elements[position]) for position in positions]
            )
        else:
            missing = Rejected(
                "enrolment-missing", f"user {key.user_id} is not enrolled in batch {key.batch_id}"
            )
            yield (
                key,
                [(position, Failure(elements[position].request.claim, missing)) for position in positions],
            )
    revocations = [revocation for plan in plans.values() for revocation in plan.revocations]
    worker.registry.revoke(revocations)
    if worker.credential_issuer:
        revoke_slots(revocations, worker.status_slots, worker.credential_issuer, worker.storage)
    changed = {key: plan for key, plan in plans.items() if plan.change.before != plan.change.after}
    made = dict(
        zip(changed, worker.learning.replace_issued([plan.change for plan in changed.values()]), strict=True)
    )
    for key, plan in plans.items():
        if made.get(key, True):
            yield key, plan.results


def _plan(key: EnrolmentKey, enrolment: Enrolment, certificates: Iterable[tuple[int, Stored]]) -> _Plan:
    entries: tuple[IssuedEntry, ...] = enrolment.issued
    revocations: list[Revocation] = []
    results: list[tuple[int, Any]] = []
    for position, one in certificates:
        request = one.request
        entry = held(
            entries,
            certificate_id=request.certificate_id,
            template_id=request.template_id,
            name=request.name,
            reissue=request.reissue,
        )
        if entry:
            identifier = entry.get("identifier")
            reason = f"the learner holds certificate {identifier}"
            results.append(
                (position, Outcome(request.claim, "already-issued", "already-issued", reason, identifier))
            )
            if identifier != request.certificate_id:
                # Another event was quicker, and the certificate registered meanwhile must not stand beside its own.
                revocations.append(
                    Revocation(request.certificate_id, f"superseded by {identifier}", request.ets)
                )
            continue
        change = record(entries, issued_entry(request, one.access_code))
        entries = change.entries
        replaced = tuple(dict.fromkeys((*change.replaced, *filter(None, [request.old_id]))))
        why = f"replaced by {request.certificate_id}"
        revocations += [Revocation(identifier, why, request.ets) for identifier in replaced]
        results += [(position, _issued(request, replaced)), (position, Recorded(request))]
    return _Plan(IssuedChange(key, enrolment.issued, entries), tuple(revocations), tuple(results))


def _issued(request: CertificateRequest, replaced: tuple[str, ...]) -> Outcome:
    if replaced:
        reason = f"in place of {', '.join(replaced)}, which is revoked"
        return Outcome(request.claim, "reissued", "reissued", reason, request.certificate_id)
    return Outcome(request.claim, "issued", "issued", f"certificate {request.name}", request.certificate_id)


def _failures(
    elements: Sequence[Stored], by_learner: dict[EnrolmentKey, list[int]], error: Rejected
) -> Iterator[tuple[int, Any]]:
    for positions in by_learner.values():
        yield from ((position, Failure(elements[position].request.claim, error)) for position in positions)


class RecordEnrolment(Stage):
    """From registered certificates to :class:`Recorded` ones, each with its outcome."""

    step = "Record on enrolments"
    stage_fn = _RecordFn
