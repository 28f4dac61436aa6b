"""The award that assertions and credentials are built from: one achievement of one recipient."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol


class Signatory(Protocol):
    """A person who signs the certificate."""

    @property
    def identity(self) -> str:
        """Return the signatory's id."""

    @property
    def name(self) -> str:
        """Return the signatory's name."""

    @property
    def designation(self) -> str:
        """Return the signatory's designation, such as ``Director``."""

    @property
    def image(self) -> str:
        """Return the URL of an image of the handwritten signature."""


class Award(Protocol):
    """One achievement of one recipient.

    It is a Protocol, so that this package does not depend on events and their parsing.
    """

    @property
    def certificate_id(self) -> str:
        """Return the certificate's UUID."""

    @property
    def tag(self) -> str:
        """Return the folder of the certificate's files, a part of their object names."""

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
        """Return the criteria narrative of the achievement."""

    @property
    def logo(self) -> str:
        """Return the URL of the badge image, or an empty string."""

    @property
    def issued_on(self) -> datetime:
        """Return midnight UTC of the issue date."""

    @property
    def expires(self) -> datetime | None:
        """Return the time at which the certificate expires, or None."""

    @property
    def valid_from(self) -> datetime | None:
        """Return the start of the validity period, or None if the event does not set it."""

    @property
    def issuer(self) -> Mapping[str, Any]:
        """Return the issuer of the event, with ``name`` and ``url``."""

    @property
    def signatories(self) -> Sequence[Signatory]:
        """Return the people who sign the certificate."""

    @property
    def key_id(self) -> str:
        """Return the id of the signing key that the event requests, or an empty string."""
