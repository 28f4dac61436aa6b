"""Records of the learning platform: batches and their templates, enrolments, scores, users, courses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from babel import Locale

from certbeam.foundation.json_values import JsonObject, parse_field, read_string

IssuedEntry = Mapping[str, str]
"""Entry of ``user_enrolments.issued_certificates`` (docs/contracts.md, "user_enrolments")."""


class BatchKey(NamedTuple):
    """Primary key of ``course_batch``."""

    course_id: str
    batch_id: str


class EnrolmentKey(NamedTuple):
    """Primary key of ``user_enrolments``, which identifies a learner's scores in ``user_activity_agg`` too."""

    user_id: str
    course_id: str
    batch_id: str


@dataclass(frozen=True, slots=True)
class BatchTemplate:
    """Certificate template of a batch (docs/contracts.md, "course_batch").

    Attributes:
        url: URL of the SVG file.
        issuer: copied to the assertion.
        signatories: as listed by the template.
        additional_props: names of the enrolment columns, scores, user and location values for the certificate, by
            group.
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
        """Return True if the template is an SVG file; old batches have templates of other types too."""
        return ".svg" in self.url


def parse_batch_template(identifier: str, row: JsonObject) -> BatchTemplate:
    """Parse a template of a batch.

    Args:
        identifier: the template's id, which is its key in ``cert_templates``.
        row: the value of the key. Members of JSON may be texts or parsed already.

    Raises:
        Rejected: ``template-field``; the reason names the member.
    """
    props = parse_field(row.get("additionalProps"), name="additionalProps", kind=dict)
    return BatchTemplate(
        identifier=identifier,
        name=read_string(row, "name"),
        url=read_string(row, "url"),
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
    """Row of ``user_enrolments``, with all columns by their names in lower case; None for null."""

    columns: Mapping[str, Any]

    @property
    def is_active(self) -> bool:
        """Return True if the learner still takes part in the batch."""
        return self.columns.get("active") is True

    @property
    def completed_on(self) -> datetime | None:
        """Time of completion, with its time zone; None if the learner has not completed the batch."""
        value = self.columns.get("completedon")
        return value if isinstance(value, datetime) else None

    @property
    def issued(self) -> tuple[IssuedEntry, ...]:
        """Entries of the certificates that the learner has."""
        return tuple(self.columns.get("issued_certificates") or ())


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of a learner's assessments in a batch (docs/contracts.md, "user_activity_agg").

    Attributes:
        points: points by ``score:<content>``, and possible points by ``max_score:<content>``.
        updated: time of the last change by the same keys, with its time zone.
    """

    points: Mapping[str, Decimal] = field(default_factory=dict)
    updated: Mapping[str, datetime] = field(default_factory=dict)

    def find_contents(self) -> tuple[str, ...]:
        """Return the ids of the contents that have a score, sorted."""
        return tuple(sorted(key.removeprefix("score:") for key in self.points if key.startswith("score:")))

    def compute_percentages(self, contents: tuple[str, ...]) -> dict[str, Decimal]:
        """Compute the score of each content in per cent; a content without possible points has none."""
        percentages = {}
        for content in contents:
            possible = self.points.get(f"max_score:{content}", Decimal(1))
            if possible > 0:
                percentages[content] = self.points[f"score:{content}"] * 100 / possible
        return percentages

    def find_newest_time(self, contents: tuple[str, ...]) -> datetime | None:
        """Return the time of the newest change of these contents' scores; None if it is not known."""
        times = [self.updated[key] for content in contents if (key := f"score:{content}") in self.updated]
        return max(times, default=None)


@dataclass(frozen=True, slots=True)
class User:
    """User record of the user API (docs/contracts.md, "User API")."""

    record: JsonObject
    is_blocked: bool = False

    @property
    def name(self) -> str:
        """First and last name, without a literal "null"."""
        parts = (read_string(self.record, "firstName"), read_string(self.record, "lastName"))
        return " ".join(part for part in parts if part and part.lower() != "null")

    def find_location(self, kind: str) -> str:
        """Return the name of the user's location of a type such as ``state``; ``""`` if not known."""
        locations = self.record.get("userLocations")
        for location in locations if isinstance(locations, list) else ():
            if isinstance(location, Mapping) and location.get("type") == kind:
                return read_string(location, "name")
        return ""


def remove_control_characters(name: str) -> str:
    """Remove control characters from the name of a course (docs/contracts.md, "Course names")."""
    return "".join(character for character in name if character >= " ").strip()


def read_course_language(record: JsonObject) -> str:
    """Return the BCP 47 tag of a course's first language, which its record names in English; ``""`` if unknown."""
    names = record.get("language")
    first = names[0] if isinstance(names, list) and names else names
    return _load_language_tags().get(first.strip().lower(), "") if isinstance(first, str) else ""


@cache
def _load_language_tags() -> Mapping[str, str]:
    english = {str(tag): str(name) for tag, name in Locale("en").languages.items()}
    return {tag: tag.replace("_", "-") for tag in english} | {
        name.lower(): tag.replace("_", "-") for tag, name in english.items()
    }


def read_content_type(record: JsonObject) -> str:
    """Return the type of a content, such as ``SelfAssess``."""
    return read_string(record, "contentType")
