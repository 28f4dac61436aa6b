"""What the learning platform knows: batches and their templates, enrolments, scores, users, courses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from babel import Locale

from certbeam.foundation.json_values import JsonObject, parse_field, text

IssuedEntry = Mapping[str, str]
"""One element of ``user_enrolments.issued_certificates`` (contracts §2.2)."""


class BatchKey(NamedTuple):
    """Primary key of ``course_batch``."""

    course_id: str
    batch_id: str


class EnrolmentKey(NamedTuple):
    """Primary key of ``user_enrolments``, and with it of a learner's scores in ``user_activity_agg``."""

    user_id: str
    course_id: str
    batch_id: str


@dataclass(frozen=True, slots=True)
class BatchTemplate:
    """A certificate template as a batch carries it (``course_batch.cert_templates``, contracts §2.1).

    Attributes:
        issuer: passed through to the assertion.
        signatories: as the template lists them.
        additional_props: which enrolment columns, scores, user and location values go on the certificate.
    """

    identifier: str
    name: str
    url: str
    criteria: JsonObject
    issuer: JsonObject
    signatories: tuple[JsonObject, ...]
    additional_props: Mapping[str, tuple[str, ...]]

    @property
    def is_svg(self) -> bool:
        """Whether this is one of the templates that can be filled in here (old batches also list others)."""
        return ".svg" in self.url


def parse_batch_template(identifier: str, row: JsonObject) -> BatchTemplate:
    """A template from the map under its id in ``cert_templates``; JSON columns may be text or parsed.

    Raises:
        Rejected: ``template-field``, naming the field.
    """
    props = parse_field(row.get("additionalProps"), name="additionalProps", kind=dict)
    return BatchTemplate(
        identifier=identifier,
        name=text(row, "name"),
        url=text(row, "url"),
        criteria=parse_field(row.get("criteria"), name="criteria", kind=dict),
        issuer=parse_field(row.get("issuer"), name="issuer", kind=dict),
        signatories=tuple(parse_field(row.get("signatoryList"), name="signatoryList", kind=list)),
        additional_props={
            group: tuple(str(name) for name in parse_field(names, name=f"additionalProps.{group}", kind=list))
            for group, names in props.items()
        },
    )


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A row of ``user_enrolments``: every column of the table, in lower case, None where it is null."""

    columns: Mapping[str, Any]

    @property
    def active(self) -> bool:
        """Whether the learner still takes part."""
        return self.columns.get("active") is True

    @property
    def completed_on(self) -> datetime | None:
        """When the learner completed the batch; aware."""
        found = self.columns.get("completedon")
        return found if isinstance(found, datetime) else None

    @property
    def issued(self) -> tuple[IssuedEntry, ...]:
        """The certificates that the learner already holds."""
        return tuple(self.columns.get("issued_certificates") or ())


@dataclass(frozen=True, slots=True)
class Scores:
    """What ``user_activity_agg`` holds of a learner's assessments in a batch (contracts §2.3).

    Attributes:
        points: ``score:<content>`` and ``max_score:<content>`` to their values.
        updated: the same keys to the time of their last change; aware.
    """

    points: Mapping[str, Decimal] = field(default_factory=dict)
    updated: Mapping[str, datetime] = field(default_factory=dict)

    def contents(self) -> tuple[str, ...]:
        """The contents that have a score, in the order of their ids."""
        return tuple(sorted(key.removeprefix("score:") for key in self.points if key.startswith("score:")))

    def percentages(self, contents: tuple[str, ...]) -> dict[str, Decimal]:
        """Per cent reached in each of ``contents``; one with no possible points does not count as assessed."""
        reached = {}
        for content in contents:
            possible = self.points.get(f"max_score:{content}", Decimal(1))
            if possible > 0:
                reached[content] = self.points[f"score:{content}"] * 100 / possible
        return reached

    def newest(self, contents: tuple[str, ...]) -> datetime | None:
        """When the last of these contents' scores changed."""
        times = [self.updated[key] for content in contents if (key := f"score:{content}") in self.updated]
        return max(times, default=None)


@dataclass(frozen=True, slots=True)
class User:
    """A user record as the user API returns it (contracts §5)."""

    record: JsonObject
    blocked: bool = False

    @property
    def name(self) -> str:
        """First and last name; a literal "null" counts as nothing."""
        parts = (text(self.record, "firstName"), text(self.record, "lastName"))
        return " ".join(part for part in parts if part and part.lower() != "null")

    def location(self, kind: str) -> str:
        """The name of the user's location of one type (``state``, ``district``, …); "" where there is none."""
        locations = self.record.get("userLocations")
        for location in locations if isinstance(locations, list) else ():
            if isinstance(location, Mapping) and location.get("type") == kind:
                return text(location, "name")
        return ""


def clean_course_name(name: str) -> str:
    """A course or content name without control characters (contracts §4.3)."""
    return "".join(character for character in name if character >= " ").strip()


def course_language(record: JsonObject) -> str:
    """The BCP 47 tag of a course's first language, which records name in English; "" where none is known."""
    names = record.get("language")
    first = names[0] if isinstance(names, list) and names else names
    return _language_tags().get(first.strip().lower(), "") if isinstance(first, str) else ""


@cache
def _language_tags() -> Mapping[str, str]:
    english = {str(tag): str(name) for tag, name in Locale("en").languages.items()}
    return {tag: tag.replace("_", "-") for tag in english} | {
        name.lower(): tag.replace("_", "-") for tag, name in english.items()
    }


def content_type(record: JsonObject) -> str:
    """What kind of content a record is of, such as ``SelfAssess``."""
    return text(record, "contentType")
