"""Documents that all certificates of an installation refer to."""

from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.json_ld_contexts import context_documents
from certbeam.badges.urls import Locations
from certbeam.certificates.artefact import Artefact, json_artefact


def installation_documents(base_url: str, issuer: CredentialIssuer | None) -> tuple[Artefact, ...]:
    """The documents that all certificates of an installation refer to."""
    documents = context_documents(Locations(base_url))
    if issuer:
        documents |= issuer.documents()
    return tuple(json_artefact(name, body) for name, body in documents.items())
