"""Golden values of signed and published documents: assertions, credentials, status lists, keys, contexts."""

from collections.abc import Callable, Mapping
from typing import Any

from certbeam.badges.did_web import verification_method_id
from certbeam.badges.enc_service import (
    ServiceSignature,
    add_service_signature,
    build_service_assertion,
    build_service_key_documents,
)
from certbeam.badges.json_ld_contexts import build_context_documents
from certbeam.badges.key_set import choose_assertion_key, choose_credential_key
from certbeam.badges.ob2_assertion import build_assertion, build_key_document
from certbeam.badges.status_list import RevokedIndexes, StatusListEntry, encode_list
from certbeam.tests.golden.files import as_json
from certbeam.tests.golden.inputs import AT, KEY_SET_TEXTS, KEY_SETS, issuer_of, request_of


def _slot(given: Mapping[str, Any]) -> StatusListEntry | None:
    return StatusListEntry(*given["slot"]) if "slot" in given else None


def signed_assertion(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the assertion of an event, signed by a key of a key set."""
    return issuer_of(given["keys"]).sign_assertion(request_of(given["event"]), _slot(given))


def service_signed(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the assertion of an event, signed by an enc-service, and the document of its key."""
    request = request_of(given["event"])
    keys = KEY_SETS[given["keys"]]().public if "keys" in given else ()
    signature = ServiceSignature(given["key"], given["signature"], given["pem"])
    document = build_service_assertion(request, AT, given["key"], keys=keys, status_entry=_slot(given))
    return {
        "assertion": add_service_signature(document, request, AT, signature),
        "documents": build_service_key_documents(request, AT, signature),
    }


def credential(given: Mapping[str, Any]) -> Any:
    """Return the signed credential of an event."""
    issuer = issuer_of(given["keys"], tuple(given["proofs"]))
    return as_json(issuer.sign_credential(request_of(given["event"]), _slot(given)))


def encoded(positions: list[int]) -> str:
    """The ``encodedList`` of a status list with these bits set."""
    return encode_list(positions)


def signed_status_list(given: Mapping[str, Any]) -> Any:
    """Return a signed status list."""
    state = RevokedIndexes(tuple(given["revoked"]), given["at"])
    return as_json(issuer_of(given["keys"]).sign_status_list(given["number"], state))


def keys_of(name: str) -> dict[str, Any]:
    """Return the text of a key set, and the published documents of its keys."""
    held, issuer, request = KEY_SETS[name](), issuer_of(name), request_of("first issue")
    return {
        "text": KEY_SET_TEXTS[name]().decode().splitlines(),
        "ids": [key.kid for key in held.public],
        "created": [key.created for key in held.public],
        "pem": [key.pem for key in held.public],
        "verification methods": [verification_method_id(issuer.did, key) for key in held.public],
        "documents": issuer.build_did_documents(),
        "key documents": issuer.build_key_documents(request),
        "key document": build_key_document(request, held.public[0], AT),
    }


def signing_key(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the ids of the keys that sign a credential and an assertion."""
    held = KEY_SETS[given["keys"]]().public
    asked = held[given["asked"]].kid if isinstance(given["asked"], int) else given["asked"]
    ed25519 = [key for key in held if key.algorithm == "EdDSA"]
    return {
        "credential": choose_credential_key(ed25519, asked).kid,
        "assertion": choose_assertion_key(held, asked).kid,
    }


TOPICS: dict[str, Callable[[Any], Any]] = {
    "hosted_assertions": lambda event: build_assertion(request_of(event), AT),
    "signed_assertions": signed_assertion,
    "service_assertions": service_signed,
    "credentials": credential,
    "encoded_lists": encoded,
    "status_lists": signed_status_list,
    "keys": keys_of,
    "signing_keys": signing_key,
    "contexts": lambda base_url: build_context_documents(type(AT)(base_url)),
}
