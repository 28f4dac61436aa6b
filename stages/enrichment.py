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
    """Decide all claims of some users, looking each key up once; pairs of position and result."""
    return _Enrichment(worker).decide(claims)


@dataclass
class _Candidate:
    """A claim on its way through the questions, with what has been learnt of it so far."""

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
        """Whether the criteria, the certificate's values or its date depend on assessments."""
        asked = self.criteria.score or "score" in self.template.additional_props.get("assessment", ())
        return bool(asked) or self.enrolment.completed_on is None

    def not_eligible(self, why: NotEligible | None) -> Outcome | None:
        return Outcome(self.claim, "not-eligible", why.code, why.reason) if why else None


class _Enrichment:
    """One bundle's decisions: each question is put to all candidates that are still open, after one look-up."""

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
            self._request_certificates()
        except Rejected as error:
            # A look-up failed after all retries: nothing is known of those who are still open.
            self._results += [(one.position, Failure(one.claim, error)) for one in self._open]
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
                self._open += self._candidates(position, claim, batches.get(key))
            except Exception as error:
                self._results.append((position, Failure(claim, to_rejection(STAGE, error))))

    def _candidates(
        self, position: int, claim: Claim, templates: Mapping[str, JsonObject] | None
    ) -> list[_Candidate]:
        """The user's claims to each template; templates that cannot be read fail here, the others go on."""
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
            self._settle(
                position,
                Outcome(
                    claim, "not-eligible", ReasonCode.NO_TEMPLATE, "the batch has no certificate template"
                ),
            )
        candidates = []
        for identifier, row in templates.items():
            narrowed = claim.narrow_to_template(identifier, shares_event=len(templates) > 1)
            try:
                template, criteria = self._template(claim, identifier, row)
                if template.is_svg:
                    candidates.append(_Candidate(position, narrowed, template, criteria))
                else:
                    reason = "the template is not an .svg file"
                    self._settle(position, Outcome(narrowed, "not-eligible", ReasonCode.NOT_SVG, reason))
            except Exception as error:
                self._settle(position, Failure(narrowed, to_rejection(STAGE, error)))
        return candidates

    def _template(self, claim: Claim, identifier: str, row: JsonObject) -> tuple[BatchTemplate, Criteria]:
        """Return a template of the claim's batch and its criteria, parsed once for all the batch's learners."""
        key = (claim.course_id, claim.batch_id, identifier)
        if key not in self._templates:
            template = parse_batch_template(identifier, row)
            self._templates[key] = template, parse_criteria(template.criteria)
        return self._templates[key]

    def _check_enrolments(self) -> None:
        enrolments = self._look_up(self._worker.learning.enrolments, {one.key for one in self._open})

        def check(one: _Candidate) -> Outcome | None:
            enrolment = enrolments.get(one.key)
            if enrolment is None:
                return one.not_eligible(
                    NotEligible(ReasonCode.NOT_ENROLLED, "the user is not enrolled in the batch")
                )
            if not enrolment.is_active:
                return one.not_eligible(NotEligible(ReasonCode.INACTIVE, "the enrolment is not active"))
            one.enrolment = enrolment
            return _already_issued(one) or one.not_eligible(check_enrolment(one.criteria, enrolment))

        self._sift(check)

    def _check_scores(self) -> None:
        keys = {one.key for one in self._open if one.needs_scores}
        scores = self._look_up(self._worker.learning.scores, keys)
        contents = self._look_up(
            self._worker.courses.records,
            {content for found in scores.values() for content in found.find_contents()},
        )
        assessed_types = self._worker.enrichment.assessed_types

        def check(one: _Candidate) -> Outcome | None:
            found = scores.get(one.key, Scores())
            assessed = tuple(
                content
                for content in found.find_contents()
                if read_content_type(_had(contents.get(content, {}))) in assessed_types
            )
            one.percentages = found.compute_percentages(assessed)
            one.assessed_on = found.find_newest_time(tuple(one.percentages))
            unmet = check_score(one.criteria, one.percentages)
            unknown = [content for content in found.find_contents() if content not in contents]
            if unmet and unknown:
                raise Rejected(
                    ErrorCode.CONTENT_MISSING,
                    f"content {unknown[0]} is not known, so its score cannot be judged",
                )
            return one.not_eligible(unmet)

        self._sift(check)

    def _request_certificates(self) -> None:
        users = self._look_up(self._worker.users.users, {one.key.user_id for one in self._open})
        courses = self._look_up(self._worker.courses.records, {one.claim.course_id for one in self._open})

        def request(one: _Candidate) -> Outcome | EarnedCertificate | None:
            user = _had(users.get(one.key.user_id))
            if user is None:
                raise Rejected(ErrorCode.USER_MISSING, f"user {one.key.user_id} is not known")
            if user.is_blocked:
                return one.not_eligible(NotEligible(ReasonCode.USER_BLOCKED, "the user's account is blocked"))
            unmet = one.not_eligible(check_user(one.criteria, user))
            if unmet:
                return unmet
            return self._earned(one, user, _had(courses.get(one.claim.course_id)))

        self._sift(request)

    def _earned(self, one: _Candidate, user: User, course: JsonObject | None) -> EarnedCertificate:
        if not user.name:
            raise Rejected(
                ErrorCode.NAME_BLANK, f"user {one.key.user_id} has neither a first nor a last name"
            )
        if course is None:
            raise Rejected(ErrorCode.COURSE_MISSING, f"course {one.claim.course_id} is not known")
        claim, template = one.claim, one.template
        course_name = remove_control_characters(read_string(course, "name"))
        return EarnedCertificate(
            claim=claim,
            template=template,
            template_url=fill_cloud_placeholder(template.url, self._worker.settings.templates.root),
            issue_date=derive_issue_date(
                one.enrolment, one.assessed_on, claim.ets, self._worker.enrichment.zone
            ),
            recipient_name=user.name,
            organisation_id=user.record.get("rootOrgId") or "",
            course_name=course_name,
            language=read_course_language(course),
            related=build_related(
                claim,
                template,
                enrolment=one.enrolment,
                percentages=one.percentages,
                user=user,
                course_name=course_name,
            ),
            replaces=one.replaces,
        )

    def _look_up(self, port: Callable[[set[Any]], Mapping[Any, Any]], keys: set[Any]) -> Mapping[Any, Any]:
        return port(keys) if keys else {}

    def _sift(self, question: Callable[[_Candidate], Any]) -> None:
        """Put a question to each open candidate; those it answers with a result, or an error, are decided."""
        still_open = []
        for candidate in self._open:
            try:
                answer = question(candidate)
            except Exception as error:
                answer = Failure(candidate.claim, to_rejection(STAGE, error))
            if answer is None:
                still_open.append(candidate)
            else:
                self._settle(candidate.position, answer)
        self._open = still_open

    def _settle(self, position: int, result: Any) -> None:
        self._results.append((position, result))


def _had(found: T | Rejected) -> T:
    """What a look-up found; where it could not be had, that is this claim's failure alone."""
    if isinstance(found, Rejected):
        raise found
    return found


def _already_issued(one: _Candidate) -> Outcome | None:
    """The outcome for a learner who holds what is asked for; a re-issue notes what it will replace."""
    issued, template, reissue = one.enrolment.issued, one.template, one.claim.is_reissue
    identifier = derive_certificate_id(
        batch_id=one.claim.batch_id,
        course_id=one.claim.course_id,
        user_id=one.key.user_id,
        template_id=template.identifier,
        reissue_of=(one.claim.mid or "") if reissue else "",
    )
    entry = find_existing(
        issued,
        certificate_id=identifier,
        template_id=template.identifier,
        name=template.name,
        reissue=reissue,
    )
    if entry:
        return already_issued(one.claim, entry, certificate_id=identifier, ets=one.claim.ets)
    if reissue:
        old = find_entry_of_template(issued, template.identifier, template.name)
        one.replaces = (old.get("identifier") or "") if old else ""
    return None
