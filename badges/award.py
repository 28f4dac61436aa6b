"""What a badge states about a recipient, as far as assertions and credentials read it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class Signatory(Protocol):
    """A person who signs the certificate. ``image`` is the URL of the picture of the signature."""

    @property
    def identity(self) -> str:
        """Return the signatory's id."""

    @property
    def name(self) -> str:
        """Return the signatory's name."""

    @property
    def designation(self) -> str:
        """Return the signatory's office."""

    @property
    def image(self) -> str:
        """Return the URL of the signature's picture."""


class Award(Protocol):
    """One achievement of one recipient.

    A Protocol, so that this package does not depend on the events that awards are read from.
    """

    @property
    def certificate_id(self) -> str:
        """Return the certificate's UUID."""

    @property
    def tag(self) -> str:
        """Return the folder of the certificate's files."""

    @property
    def ets(self) -> int:
        """Return the time of the event in milliseconds since 1970."""

    @property
    def recipient_id(self) -> str:
        """Return the recipient's user id."""

    @property
    def recipient_name(self) -> str:
        """Return the recipient's name."""

    @property
    def name(self) -> str:
        """Return the name of the certificate."""

    @property
    def course_name(self) -> str:
        """Return the name of the course, or an empty string."""

    @property
    def description(self) -> str:
        """Return the description of the achievement, or an empty string."""

    @property
    def narrative(self) -> str:
        """Return the criteria of the achievement, in words."""

    @property
    def logo(self) -> str:
        """Return the URL of the badge's picture, or an empty string."""

    @property
    def issued_on(self) -> datetime:
        """Return midnight UTC of the issue date."""

    @property
    def expires(self) -> datetime | None:
        """Return the end of validity, or None."""

    @property
    def valid_from(self) -> datetime | None:
        """Return the beginning of validity, or None for the issue date."""

    @property
    def issuer(self) -> Mapping[str, Any]:
        """Return the issuer as the event gives it; it has ``name`` and ``url``."""

    @property
    def signatories(self) -> Sequence[Signatory]:
        """Return the people who sign the certificate."""

    @property
    def key_id(self) -> str:
        """Return the id of the key that the event requests, or an empty string."""
