"""The JSON-LD contexts that Open Badges 2.0 assertions name, published under ``base_url``."""

from typing import Any

from certbeam.badges.urls import Locations

_VOCABULARY = "https://w3id.org/openbadges/extensions#"


def context_documents(at: Locations) -> dict[str, dict[str, Any]]:
    """The contexts, by object name."""
    members = (
        "printUri",
        "signature",
        "signatory",
        "credentialStatus",
        "validFrom",
        "designation",
        "identity",
    )
    terms: dict[str, Any] = {member: f"{_VOCABULARY}{member}" for member in members}
    types = ("CertificateExtension", "TrainingEvidence", "SignatoryExtension")
    terms |= {f"extensions:{one}": f"{_VOCABULARY}{one}" for one in types}
    context = {"@context": ["https://w3id.org/openbadges/v2", terms]}
    prefix = at.base_url + "/"
    return {url.removeprefix(prefix): context for url in (at.context, at.signatory_context)}
