"""The JSON-LD contexts of Open Badges 2.0 assertions, published below ``base_url``."""

from typing import Any

from certbeam.badges.urls import PublishedUrls

_VOCABULARY = "https://w3id.org/openbadges/extensions#"


def build_context_documents(urls: PublishedUrls) -> dict[str, dict[str, Any]]:
    """Build the JSON-LD contexts, by object name."""
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
    terms |= {f"extensions:{type_name}": f"{_VOCABULARY}{type_name}" for type_name in types}
    context = {"@context": ["https://w3id.org/openbadges/v2", terms]}
    prefix = urls.base_url + "/"
    return {url.removeprefix(prefix): context for url in (urls.context, urls.signatory_context)}
