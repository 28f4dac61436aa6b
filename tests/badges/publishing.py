"""The published documents of an issuer, in memory."""

import orjson

from certbeam.badges.status_list import RevokedIndexes, status_list_object_name
from certbeam.certificates.documents import build_installation_documents
from certbeam.tests.badges.issuers import BASE_URL

REVOKED_AT = 1_775_100_000_000


class Publication(dict):
    """Published documents by URL; a call fetches one, so it can be passed to a verifier."""

    def __init__(self, issuer):
        super().__init__()
        for document in build_installation_documents(BASE_URL, issuer):
            self[f"{BASE_URL}/{document.name}"] = document.body

    def put(self, name, body):
        self[f"{BASE_URL}/{name}"] = body if isinstance(body, bytes) else orjson.dumps(body)

    def publish_list(self, issuer, number, *indexes):
        revoked = RevokedIndexes(indexes, REVOKED_AT if indexes else None)
        self.put(status_list_object_name(number), issuer.sign_status_list(number, revoked))

    def __call__(self, url):
        return self[url]
