"""Decide which certificates a batch of users has earned."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject, read_string
from certbeam.issuing.claim import Claim
from certbeam.issuing.earned_certificate import (
    EarnedCertificate,
    build_related,
    derive_issue_date,
    fill_cloud_placeholder,
)
from certbeam.issuing.eligibility import (
    Criteria,
    NotEligible,
    check_enrolment,
    check_score,
    check_user,
    parse_criteria,
)
from certbeam.issuing.ids import derive_certificate_id
from certbeam.issuing.issued_certificates import already_issued, find_entry_of_template, find_existing
from certbeam.issuing.learning_records import (
    BatchKey,
    BatchTemplate,
    Enrolment,
    EnrolmentKey,
    Scores,
    User,
    parse_batch_template,
    read_content_type,
    read_course_language,
    remove_control_characters,
)
from certbeam.issuing.outcome import Outcome
from certbeam.issuing.reason_codes import ReasonCode
from certbeam.stages.failure import Failure, to_rejection
from certbeam.stages.worker import Worker

STAGE = "IssueEnrich"

T = TypeVar("T")


def enrich(claims: Sequence[Claim], worker: Worker) -> list[tuple[int, Any]]:
    """Decide which certificates the users of claims have earned. Each key is looked up once for all claims.

    Returns:
        Positions with an earned certificate, an outcome or a failure. A claim has one result for each template.
    """
    return _Enrichment(worker).decide(claims)


@dataclass
class _Candidate:
    """Claim that is not decided yet, with the records that have been looked up for it.

    Attributes:
        position: position of the element that the claim comes from.
        replaces: id of the certificate that a re-issue replaces; ``""`` for none.
        percentages: the score of each assessed content in per cent.
        assessed_on: time of the newest change of these scores; None if it is not known.
    """

    position: int
    claim: Claim
    template: BatchTemplate
    criteria: Criteria
    enrolment: Enrolment = field(default_factory=lambda: Enrolment({}))
    replaces: str = ""
    percentages: Mapping[str, Decimal] = field(default_factory=dict)
    assessed_on: datetime | None = None

    @property
    def key(self) -> EnrolmentKey:
        return EnrolmentKey(self.claim.user_id or "", self.claim.course_id, self.claim.batch_id)

    @property
    def needs_scores(self) -> bool:
        """Return True if the criteria, the certificate's values or its date depend on scores."""
        uses_scores = self.criteria.score or "score" in self.template.additional_props.get("assessment", ())
        return bool(uses_scores) or self.enrolment.completed_on is None

    def to_outcome(self, unmet: NotEligible | None) -> Outcome | None:
        """Return the outcome of a criterion that is not met; None if there is no such criterion."""
        return Outcome(self.claim, "not-eligible", unmet.code, unmet.reason) if unmet else None


class _Enrichment:
    """Decision of a batch of claims. After each look-up, a check is applied to all candidates that are still open."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._open: list[_Candidate] = []
        self._results: list[tuple[int, Any]] = []
        self._templates: dict[tuple[str, str, str], tuple[BatchTemplate, Criteria]] = {}

    def decide(self, claims: Sequence[Claim]) -> list[tuple[int, Any]]:
        try:
            self._find_templates(claims)
            self._check_enrolments()
            self._check_scores()
            self._build_certificates()
        except Rejected as error:
            # A look-up failed after all retries, so that the open candidates cannot be decided.
            self._results += [
                (candidate.position, Failure(candidate.claim, error)) for candidate in self._open
            ]
        return self._results

    def _find_templates(self, claims: Sequence[Claim]) -> None:
        keys = [BatchKey(claim.course_id, claim.batch_id) for claim in claims]
        try:
            batches = self._worker.learning.batch_templates(set(keys))
        except Rejected as error:
            self._results += [(position, Failure(claim, error)) for position, claim in enumerate(claims)]
            return
        for position, (claim, key) in enumerate(zip(claims, keys, strict=True)):
            try:
                self._open += self._find_candidates(position, claim, batches.get(key))
            except Exception as error:
                self._results.append((position, Failure(claim, to_rejection(STAGE, error))))

    def _find_candidates(
        self, position: int, claim: Claim, templates: Mapping[str, JsonObject] | None
    ) -> list[_Candidate]:
        """Return a candidate for each template. An invalid template fails only its own claim."""
        if not claim.user_id:
            raise Rejected(ErrorCode.USER_INVALID, "edata.userIds holds an entry that is no user id")
        if templates is None:
            raise Rejected(
                ErrorCode.BATCH_MISSING, f"there is no batch {claim.batch_id} of course {claim.course_id}"
            )
        if claim.template_id is not None:
            if claim.template_id not in templates:
                raise Rejected(
                    ErrorCode.TEMPLATE_MISSING, f"batch {claim.batch_id} has no template {claim.template_id}"
                )
            templates = {claim.template_id: templates[claim.template_id]}
        if not templates:
            self._add_result(
                position,
                Outcome(
                    claim, "not-eligible", ReasonCode.NO_TEMPLATE, "the batch has no certificate template"
                ),
            )
        candidates = []
        for identifier, row in templates.items():
            narrowed = claim.narrow_to_template(identifier, shares_event=len(templates) > 1)
            try:
                template, criteria = self._parse_template(claim, identifier, row)
                if template.is_svg:
                    candidates.append(_Candidate(position, narrowed, template, criteria))
                else:
                    reason = "the template is not an .svg file"
                    self._add_result(position, Outcome(narrowed, "not-eligible", ReasonCode.NOT_SVG, reason))
            except Exception as error:
                self._add_result(position, Failure(narrowed, to_rejection(STAGE, error)))
        return candidates

    def _parse_template(
        self, claim: Claim, identifier: str, row: JsonObject
    ) -> tuple[BatchTemplate, Criteria]:
        """Return a template of the claim's batch and its criteria, parsed once for all the batch's learners."""
        key = (claim.course_id, claim.batch_id, identifier)
        if key not in self._templates:
            template = parse_batch_template(identifier, row)
            self._templates[key] = template, parse_criteria(template.criteria)
        return self._templates[key]

    def _check_enrolments(self) -> None:
        enrolments = self._look_up(
            self._worker.learning.enrolments, {candidate.key for candidate in self._open}
        )

        def check(candidate: _Candidate) -> Outcome | None:
            enrolment = enrolments.get(candidate.key)
            if enrolment is None:
                return candidate.to_outcome(
                    NotEligible(ReasonCode.NOT_ENROLLED, "the user is not enrolled in the batch")
                )
            if not enrolment.is_active:
                return candidate.to_outcome(NotEligible(ReasonCode.INACTIVE, "the enrolment is not active"))
            candidate.enrolment = enrolment
            return _find_issued(candidate) or candidate.to_outcome(
                check_enrolment(candidate.criteria, enrolment)
            )

        self._apply(check)

    def _check_scores(self) -> None:
        keys = {candidate.key for candidate in self._open if candidate.needs_scores}
        scores = self._look_up(self._worker.learning.scores, keys)
        contents = self._look_up(
            self._worker.courses.records,
            {content for of_learner in scores.values() for content in of_learner.find_contents()},
        )
        assessed_types = self._worker.enrichment.assessed_types

        def check(candidate: _Candidate) -> Outcome | None:
            learner_scores = scores.get(candidate.key, Scores())
            assessed = tuple(
                content
                for content in learner_scores.find_contents()
                if read_content_type(_raise_rejected(contents.get(content, {}))) in assessed_types
            )
            candidate.percentages = learner_scores.compute_percentages(assessed)
            candidate.assessed_on = learner_scores.find_newest_time(tuple(candidate.percentages))
            unmet = check_score(candidate.criteria, candidate.percentages)
            unknown = [content for content in learner_scores.find_contents() if content not in contents]
            if unmet and unknown:
                raise Rejected(
                    ErrorCode.CONTENT_MISSING,
                    f"content {unknown[0]} is not known, so its score cannot be judged",
                )
            return candidate.to_outcome(unmet)

        self._apply(check)

    def _build_certificates(self) -> None:
        users = self._look_up(self._worker.users.users, {candidate.key.user_id for candidate in self._open})
        courses = self._look_up(
            self._worker.courses.records, {candidate.claim.course_id for candidate in self._open}
        )

        def build(candidate: _Candidate) -> Outcome | EarnedCertificate | None:
            user = _raise_rejected(users.get(candidate.key.user_id))
            if user is None:
                raise Rejected(ErrorCode.USER_MISSING, f"user {candidate.key.user_id} is not known")
            if user.is_blocked:
                return candidate.to_outcome(
                    NotEligible(ReasonCode.USER_BLOCKED, "the user's account is blocked")
                )
            unmet = check_user(candidate.criteria, user)
            if unmet:
                return candidate.to_outcome(unmet)
            course = _raise_rejected(courses.get(candidate.claim.course_id))
            return self._build_certificate(candidate, user, course)

        self._apply(build)

    def _build_certificate(
        self, candidate: _Candidate, user: User, course: JsonObject | None
    ) -> EarnedCertificate:
        claim, template, recipient_name = candidate.claim, candidate.template, user.name
        if not recipient_name:
            raise Rejected(ErrorCode.NAME_BLANK, f"user {claim.user_id} has neither a first nor a last name")
        if course is None:
            raise Rejected(ErrorCode.COURSE_MISSING, f"course {claim.course_id} is not known")
        course_name = remove_control_characters(read_string(course, "name"))
        return EarnedCertificate(
            claim=claim,
            template=template,
            template_url=fill_cloud_placeholder(template.url, self._worker.settings.templates.root),
            issue_date=derive_issue_date(
                candidate.enrolment, candidate.assessed_on, claim.ets, self._worker.enrichment.zone
            ),
            recipient_name=recipient_name,
            organisation_id=user.record.get("rootOrgId") or "",
            course_name=course_name,
            language=read_course_language(course),
            related=build_related(
                claim,
                template,
                enrolment=candidate.enrolment,
                percentages=candidate.percentages,
                user=user,
                course_name=course_name,
            ),
            replaces=candidate.replaces,
        )

    def _look_up(self, port: Callable[[set[Any]], Mapping[Any, Any]], keys: set[Any]) -> Mapping[Any, Any]:
        return port(keys) if keys else {}

    def _apply(self, check: Callable[[_Candidate], Any]) -> None:
        """Apply a check to each open candidate. A candidate with a result or an error is decided."""
        still_open = []
        for candidate in self._open:
            try:
                result = check(candidate)
            except Exception as error:
                result = Failure(candidate.claim, to_rejection(STAGE, error))
            if result is None:
                still_open.append(candidate)
            else:
                self._add_result(candidate.position, result)
        self._open = still_open

    def _add_result(self, position: int, result: Any) -> None:
        self._results.append((position, result))


def _raise_rejected(result: T | Rejected) -> T:
    """Return the result of a look-up for one key, or raise its error, which fails only the claims of that key."""
    if isinstance(result, Rejected):
        raise result
    return result


def _find_issued(candidate: _Candidate) -> Outcome | None:
    """Return the outcome of a learner who has the certificate; for a re-issue, note which one it replaces."""
    claim, template = candidate.claim, candidate.template
    issued = candidate.enrolment.issued
    identifier = derive_certificate_id(
        batch_id=claim.batch_id,
        course_id=claim.course_id,
        user_id=claim.user_id or "",
        template_id=template.identifier,
        reissue_of=(claim.mid or "") if claim.is_reissue else "",
    )
    entry = find_existing(
        issued,
        certificate_id=identifier,
        template_id=template.identifier,
        name=template.name,
        reissue=claim.is_reissue,
    )
    if entry:
        return already_issued(claim, entry, certificate_id=identifier, ets=claim.ets)
    if claim.is_reissue:
        old = find_entry_of_template(issued, template.identifier, template.name)
        candidate.replaces = (old.get("identifier") or "") if old else ""
    return None
