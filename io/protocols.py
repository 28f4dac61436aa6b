"""The interfaces of the ports: everything that certbeam uses of other services.

Every adapter of a port passes the port's contract test. A look-up takes all keys of a batch at once; a key that does
not exist is missing from the result. An adapter of a remote service retries transient errors for a limited time, and
then raises :class:`~certbeam.foundation.errors.Unavailable`.
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
"""Key and value of a message to a sink. A file has only the value."""


@dataclass(frozen=True, slots=True)
class IssuedChange:
    """Replace a learner's list of certificates by ``after`` if it still equals ``before`` (compare-and-set)."""

    key: EnrolmentKey
    before: tuple[IssuedEntry, ...]
    after: tuple[IssuedEntry, ...]


class LearningRecords(Protocol):
    """Batches, enrolments and scores of the learning platform (``docs/contracts.md``, "Tables")."""

    def batch_templates(self, keys: Collection[BatchKey]) -> Mapping[BatchKey, Mapping[str, JsonObject]]:
        """Return ``cert_templates`` of each batch that exists: the fields of each template by template id."""

    def enrolments(self, keys: Collection[EnrolmentKey]) -> Mapping[EnrolmentKey, Enrolment]:
        """Return the enrolments that exist."""

    def scores(self, keys: Collection[EnrolmentKey]) -> Mapping[EnrolmentKey, Scores]:
        """Return the scores of the learners who have any."""

    def replace_issued(self, changes: Sequence[IssuedChange]) -> list[bool]:
        """Make changes by compare-and-set.

        Returns:
            True for each change that was made, in order; False if the list has changed or the enrolment is missing.
        """

    def close(self) -> None:
        """Release the adapter's resources."""


class Users(Protocol):
    """The records of the learners (``docs/contracts.md``, "Users")."""

    def users(self, ids: Collection[str]) -> Mapping[str, User | Rejected]:
        """Return the users that exist, including blocked ones, or the error of each that cannot be read."""

    def close(self) -> None:
        """Release the adapter's resources."""


class Courses(Protocol):
    """Names of courses and types of contents (``docs/contracts.md``, "Courses and contents")."""

    def records(self, ids: Collection[str]) -> Mapping[str, JsonObject | Rejected]:
        """Return the courses and contents that exist, in the form of the content API, or their errors."""

    def close(self) -> None:
        """Release the adapter's resources."""


class Storage(Protocol):
    """A store of files: those of certificates, or messages that are too large for a dead letter."""

    def put(self, artefacts: Sequence[Artefact]) -> list[Rejected | None]:
        """Upload files, each atomically, replacing earlier ones.

        Returns:
            The error of each file, in order, or None.
        """

    def get(self, name: str) -> bytes:
        """Download a file.

        Args:
            name: the name of the uploaded artefact. The caller has checked that it is inside the storage.

        Raises:
            Rejected: ``storage-missing`` if there is no such file, ``storage-refused`` if it may not be read.
            Unavailable: if the storage does not answer.
        """

    def close(self) -> None:
        """Release the adapter's resources."""


@dataclass(frozen=True, slots=True)
class RegistryState:
    """The state of a certificate in the registry.

    Attributes:
        revoked: the reason of its revocation; None if it is valid.
    """

    revoked: str | None


@dataclass(frozen=True, slots=True)
class Revocation:
    """A certificate to revoke.

    Attributes:
        id: the certificate id.
        reason: why it is revoked.
        at: milliseconds since 1970.
        recipient_id: revoke only a certificate of this learner; None for any learner.
    """

    id: str
    reason: str
    at: int
    recipient_id: str | None = None


class Registry(Protocol):
    """The register of all certificates (``docs/contracts.md``, "cert_registry")."""

    def add(self, entries: Sequence[RegistryEntry]) -> Sequence[RegistryState | Rejected]:
        """Add the entries that are missing. certbeam's own registries also update the valid ones.

        Returns:
            The state of each entry, in order, or its error. A revoked entry is not changed.
        """

    def revoke(self, revocations: Sequence[Revocation]) -> list[bool]:
        """Revoke certificates. A certificate that is already revoked keeps its reason.

        Returns:
            True for each certificate that is revoked now, in order; False if it is unknown or another learner's.
        """

    def close(self) -> None:
        """Release the adapter's resources."""


class StatusLists(Protocol):
    """Status list indexes of certificates, and which of them are revoked."""

    def claim(self, claims: Sequence[tuple[StatusListEntry, str]]) -> list[str]:
        """Assign each index to its certificate unless another certificate has it. An assignment is permanent.

        Args:
            claims: indexes and the ids of the certificates that need them.

        Returns:
            The id of the certificate that has each index now, in order.
        """

    def holders(self, entries: Sequence[StatusListEntry]) -> list[str | None]:
        """Return the id of the certificate that has each index, in order; None if it is free."""

    def revoke(self, revoked: Sequence[tuple[StatusListEntry, int]]) -> None:
        """Mark indexes as revoked since a time in milliseconds since 1970. The earliest revocation wins."""

    def revoked(self, number: int) -> RevokedIndexes:
        """Return the state of the list with a number, with every revocation that was made before this call."""

    def lists(self) -> set[int]:
        """Return the numbers of all lists with an assigned index, and possibly of some where one was only requested."""

    def close(self) -> None:
        """Release the adapter's resources."""


class Signer(Protocol):
    """The issuer's keys. Private keys can stay in another service."""

    @property
    def keys(self) -> Sequence[PublicKey]:
        """Return all keys of the issuer, oldest first. The newest key of each algorithm signs."""

    def sign(self, key: PublicKey, message: bytes) -> bytes:
        """Return the signature of a message. It is deterministic."""

    def close(self) -> None:
        """Release the adapter's resources."""


class AssertionSigner(Protocol):
    """A service that signs assertions with its own keys and algorithm (``docs/contracts.md``, "enc-service")."""

    @property
    def default_key(self) -> str:
        """Return the id of the key for certificates that name no key; an empty string if those are not signed."""

    def sign(self, requests: Sequence[tuple[str, JsonObject]]) -> Sequence[ServiceSignature | Rejected]:
        """Sign assertions.

        Args:
            requests: key ids, and the assertions to sign with those keys.

        Returns:
            The signature of each assertion, in order, or its error.
        """

    def verify(self, signature: ServiceSignature, assertion: JsonObject) -> bool:
        """Return True if a signature is valid for an assertion.

        Raises:
            Rejected: if the service does not answer.
        """

    def close(self) -> None:
        """Release the adapter's resources."""


class Notifier(Protocol):
    """Notices to learners about their certificates (``docs/contracts.md``, "Notifications")."""

    def send(self, notices: Sequence[Notices]) -> Sequence[Rejected | None]:
        """Send the notices of each certificate at most once.

        Returns:
            The error of each certificate's notices, in order, or None.
        """

    def close(self) -> None:
        """Release the adapter's resources."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A template or picture that was fetched.

    Attributes:
        body: the content.
        version: identifies this state of the resource (ETag, generation, modification time).
    """

    body: bytes
    version: str


class TemplateSource(Protocol):
    """The source of templates and their pictures."""

    def fetch(self, url: str, known_version: str = "") -> Fetched | None:
        """Fetch a URL; return None if its version is still ``known_version``.

        Raises:
            Rejected: if it is not allowed, does not exist, or is too large.
            Unavailable: if the source does not answer.
        """

    def close(self) -> None:
        """Release the adapter's resources."""
