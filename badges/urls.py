"""URLs and object names of everything that is published under the base URL."""

from dataclasses import dataclass
from functools import lru_cache

from certbeam.badges.award import Award
from certbeam.badges.key_set import PublicKey
from certbeam.foundation.uuids import derive_uuid


@dataclass(frozen=True, slots=True)
class Locations:
    """The URLs of what is published under ``base_url`` (no trailing slash)."""

    base_url: str

    def assertion(self, tag: str, certificate_id: str) -> str:
        """The assertion's own id."""
        return f"{self.base_url}/{tag}/{certificate_id}"

    def artefact(self, tag: str, certificate_id: str, extension: str) -> str:
        """Where one of a certificate's files is served."""
        return f"{self.base_url}/{tag}/{certificate_id}.{extension}"

    def document(self, name: str) -> str:
        """Where the object of this name in the storage is served."""
        return f"{self.base_url}/{name}"

    @property
    def context(self) -> str:
        """The JSON-LD context of assertions."""
        return f"{self.base_url}/v1/context.json"

    @property
    def signatory_context(self) -> str:
        """The JSON-LD context of the signatory extension."""
        return f"{self.base_url}/v1/extensions/SignatoryExtension/context.json"


def issuer_name(award: Award) -> str:
    """The object name of the issuer's profile; every issuer has its own."""
    return f"issuers/{_issuer_uuid(award)}.json"


def key_name(award: Award, key: PublicKey) -> str:
    """The object name of a key's document; it names its owner, so every issuer has its own of each key."""
    return f"keys/{key.kid}/{_issuer_uuid(award)}.json"


def service_key_name(award: Award, key_id: str) -> str:
    """The object name of a key that the encryption service holds; readers take its id from the last part."""
    return f"keys/{_issuer_uuid(award)}/{key_id}_publicKey.json"


def badge_class_name(award: Award) -> str:
    """The object name of the badge class, made from what it says: two certificates of a batch do not share one."""
    says = (award.course_name or award.name, award.description, award.logo, award.narrative)
    return f"{award.tag}/Badge-{_uuid('badge', *says, _issuer_uuid(award))}.json"


def evidence_name(award: Award) -> str:
    """The object name of the evidence of training."""
    return f"{award.tag}/Evidence-{_uuid('evidence', award.course_name)}.json"


def _issuer_uuid(award: Award) -> str:
    return _uuid("issuer", str(award.issuer["name"]), str(award.issuer["url"]))


@lru_cache(maxsize=1024)
def _uuid(*parts: str) -> str:
    # The certificates of a batch have most of their documents in common.
    return derive_uuid(*parts)
