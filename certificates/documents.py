"""Published documents that all certificates of an installation share."""

from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.json_ld_contexts import build_context_documents
from certbeam.badges.urls import PublishedUrls
from certbeam.certificates.artefact import Artefact, build_json_artefact


def build_installation_documents(base_url: str, issuer: CredentialIssuer | None) -> tuple[Artefact, ...]:
    """Build the JSON-LD contexts, and the DID documents of the issuer if there is one, as files."""
    documents = build_context_documents(PublishedUrls(base_url))
    if issuer:
        documents |= issuer.build_did_documents()
    return tuple(build_json_artefact(name, body) for name, body in documents.items())
