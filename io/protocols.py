"""The ports: what certbeam asks of the world outside. Each adapter of a port passes the port's contract test.

Look-ups take all keys of a bundle at once; what is not there is missing from the answer. An adapter that asks
another machine retries what may heal, with an end; what then still fails is
:class:`~certbeam.foundation.errors.Unavailable`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from certbeam.badges.enc_service import ServiceSignature
from certbeam.badges.key_set import PublicKey
from certbeam.badges.status_list import RevokedIndexes, StatusListEntry
from certbeam.certificates.artefact import Artefact
from certbeam.certificates.certificate import RegistryEntry
from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject
from certbeam.issuing.learning_records import BatchKey, Enrolment, EnrolmentKey, IssuedEntry, Scores, User
from certbeam.issuing.notices import Notices

Message = tuple[bytes, bytes]
"""What goes to a sink: key and value, as Kafka takes them; a file keeps the value."""


@dataclass(frozen=True, slots=True)
class IssuedChange:
    """A learner's list of certificates to be replaced, provided that it is still ``before``."""

    key: EnrolmentKey
    before: tuple[IssuedEntry, ...]
    after: tuple[IssuedEntry, ...]


class LearningRecords(Protocol):
    """Batches, enrolments and scores of the learning platform (contracts §2.1 to §2.3)."""

    def batch_templates(self, keys: Collection[BatchKey]) -> Mapping[BatchKey, Mapping[str, JsonObject]]:
        """``cert_templates`` of each batch that exists: template id to the template's fields."""

    def enrolments(self, keys: Collection[EnrolmentKey]) -> Mapping[EnrolmentKey, Enrolment]:
        """The enrolments that exist."""

    def scores(self, keys: Collection[EnrolmentKey]) -> Mapping[EnrolmentKey, Scores]:
        """The scores of the learners who have any."""

    def replace_issued(self, changes: Sequence[IssuedChange]) -> list[bool]:
        """Compare and set: whether each change was made, in order. An enrolment that is not there is not made."""

    def close(self) -> None:
        """Give back what the adapter holds."""


class Users(Protocol):
    """Who the learners are (contracts §5)."""

    def users(self, ids: Collection[str]) -> Mapping[str, User | Rejected]:
        """The users that exist, blocked ones among them; or why one of them cannot be had."""

    def close(self) -> None:
        """Give back what the adapter holds."""


class Courses(Protocol):
    """Names of courses and types of contents (contracts §4, §5)."""

    def records(self, ids: Collection[str]) -> Mapping[str, JsonObject | Rejected]:
        """The courses and contents that exist, as the content API returns them; or why one cannot be had."""

    def close(self) -> None:
        """Give back what the adapter holds."""


class Storage(Protocol):
    """Where files are put: those of certificates, and messages that are too large to be sent."""

    def put(self, artefacts: Sequence[Artefact]) -> list[Rejected | None]:
        """Write each file whole, over what stands there, and say for each what went wrong, if anything."""

    def get(self, name: str) -> bytes:
        """Read a file that was put.

        Args:
            name: as of the artefact that was put; the caller has checked that it does not lead out of the storage.

        Raises:
            Rejected: ``storage-missing`` if there is no such file, ``storage-refused`` if it may not be read.
            Unavailable: if the storage does not answer.
        """

    def close(self) -> None:
        """Give back what the adapter holds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the registry holds of a certificate.

    Attributes:
        revoked: why it was revoked; None for a valid one.
    """

    revoked: str | None


@dataclass(frozen=True, slots=True)
class Revocation:
    """A certificate to be marked revoked.

    Attributes:
        at: milliseconds since 1970.
        recipient_id: only if the certificate is this learner's; None: whoever's it is.
    """

    id: str
    reason: str
    at: int
    recipient_id: str | None = None


class Registry(Protocol):
    """The register of all certificates (``cert_registry``, contracts §2.5)."""

    def add(self, entries: Sequence[RegistryEntry]) -> Sequence[Standing | Rejected]:
        """Insert the entries that are absent; a registry of our own also brings the valid ones up to date.

        Returns:
            How each stands now, in order, or what went wrong. A revoked one stays as it is.
        """

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """Mark certificates revoked; one that is revoked already keeps its reason.

        Returns:
            Whether each is revoked now; not so one that is not known, or another learner's.
        """

    def close(self) -> None:
        """Give back what the adapter holds."""


class StatusSlots(Protocol):
    """Which certificate has which place on the status lists, and which of them are revoked."""

    def claim(self, wanted: Sequence[tuple[StatusListEntry, str]]) -> list[str]:
        """Give each place to its certificate unless another has it; the ids of those who have them now, in order.

        A place once given is never taken back.
        """

    def holders(self, places: Sequence[StatusListEntry]) -> list[str | None]:
        """The ids of the certificates that have these places, in order; None where nobody has."""

    def revoke(self, revoked: Sequence[tuple[StatusListEntry, int]]) -> None:
        """Mark places as revoked since a moment, milliseconds since 1970; the first that was said of a place stands."""

    def revoked(self, number: int) -> RevokedIndexes:
        """The state of a list. It must hold every revocation that was made before it was asked for."""

    def lists(self) -> set[int]:
        """The numbers of all lists that have a place given on them, and maybe of some where one was only asked for."""

    def close(self) -> None:
        """Give back what the adapter holds."""


class Signer(Protocol):
    """The issuer's keys; private ones need not leave where they are kept."""

    @property
    def keys(self) -> Sequence[PublicKey]:
        """All keys of the issuer, oldest first; the last one of its kind signs."""

    def sign(self, key: PublicKey, message: bytes) -> bytes:
        """The signature of a message in the key's algorithm, the same every time."""

    def close(self) -> None:
        """Give back what the adapter holds."""


class AssertionSigner(Protocol):
    """A service that signs assertions with keys of its own, in its own way (contracts §5)."""

    @property
    def default_key(self) -> str:
        """The key of certificates that name none; ``""`` where those are not signed."""

    def sign(self, wanted: Sequence[tuple[str, JsonObject]]) -> Sequence[ServiceSignature | Rejected]:
        """The signature of each assertion by the key of an id, in order; or why it cannot be had."""

    def holds(self, signature: ServiceSignature, assertion: JsonObject) -> bool:
        """Whether a signature is that of an assertion.

        Raises:
            Rejected: when the service does not say.
        """

    def close(self) -> None:
        """Give back what the adapter holds."""


class NoticeBoard(Protocol):
    """How learners are told of their certificates (contracts §7)."""

    def send(self, notices: Sequence[Notices]) -> Sequence[Rejected | None]:
        """Send each certificate's notices once, and say for each what went wrong, if anything."""

    def close(self) -> None:
        """Give back what the adapter holds."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A template or picture as it stood at its URL.

    Attributes:
        version: what tells this state from a later one (ETag, generation, time of change).
    """

    body: bytes
    version: str


class TemplateSource(Protocol):
    """Where templates and the pictures in them come from."""

    def fetch(self, url: str, known_version: str = "") -> Fetched | None:
        """What stands at ``url``; None when that is still ``known_version``.

        Raises:
            Rejected: when it may not be fetched, is not there, or is too large.
        """

    def close(self) -> None:
        """Give back what the adapter holds."""
