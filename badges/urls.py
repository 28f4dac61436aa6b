"""URLs and object names of all files that are published below the base URL.

An object name is a path in the storage, such as ``did.json``; the object is served at ``<base_url>/<object name>``.
"""

from dataclasses import dataclass
from functools import lru_cache

from certbeam.badges.award import Award
from certbeam.badges.key_set import PublicKey
from certbeam.foundation.uuids import derive_uuid


@dataclass(frozen=True, slots=True)
class PublishedUrls:
    """The URLs of published files.

    Attributes:
        base_url: the URL of the storage's root, without a trailing slash.
    """

    base_url: str

    def assertion(self, tag: str, certificate_id: str) -> str:
        """Return the id of an assertion."""
        return f"{self.base_url}/{tag}/{certificate_id}"

    def artefact(self, tag: str, certificate_id: str, extension: str) -> str:
        """Return the URL of one of a certificate's files."""
        return f"{self.base_url}/{tag}/{certificate_id}.{extension}"

    def document(self, object_name: str) -> str:
        """Return the URL of the object with this name."""
        return f"{self.base_url}/{object_name}"

    @property
    def context(self) -> str:
        """The URL of the JSON-LD context of assertions."""
        return f"{self.base_url}/v1/context.json"

    @property
    def signatory_context(self) -> str:
        """The URL of the JSON-LD context of the signatory extension."""
        return f"{self.base_url}/v1/extensions/SignatoryExtension/context.json"


def issuer_object_name(award: Award) -> str:
    """Return the object name of the issuer profile; each issuer has a profile of its own."""
    return f"issuers/{_issuer_uuid(award)}.json"


def key_object_name(award: Award, key: PublicKey) -> str:
    """Return the object name of a key document.

    A key document names its owner, so each issuer has its own document of each key.
    """
    return f"keys/{key.kid}/{_issuer_uuid(award)}.json"


def service_key_object_name(award: Award, key_id: str) -> str:
    """Return the object name of the key document of an enc-service's key.

    Verifiers parse the key id from the last part of the name.
    """
    return f"keys/{_issuer_uuid(award)}/{key_id}_publicKey.json"


def badge_class_object_name(award: Award) -> str:
    """Return the object name of the badge class.

    It is derived from the content, so certificates of a batch with different achievements do not share a badge class.
    """
    content = (award.course_name or award.name, award.description, award.logo, award.narrative)
    return f"{award.tag}/Badge-{_uuid('badge', *content, _issuer_uuid(award))}.json"


def evidence_object_name(award: Award) -> str:
    """Return the object name of the evidence of training."""
    return f"{award.tag}/Evidence-{_uuid('evidence', award.course_name)}.json"


def _issuer_uuid(award: Award) -> str:
    return _uuid("issuer", str(award.issuer["name"]), str(award.issuer["url"]))


@lru_cache(maxsize=1024)  # the certificates of a batch share most of their documents
def _uuid(*parts: str) -> str:
    return derive_uuid(*parts)
