"""Fixed inputs of the golden files: generate events, key sets, templates."""

from collections.abc import Callable
from functools import cache
from typing import Any

from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.key_set import (
    KeySet,
    add_ed25519_key,
    add_rsa_key,
    new_key_set,
    parse_key_set,
    sign,
)
from certbeam.badges.urls import PublishedUrls
from certbeam.io.protocols import Fetched
from certbeam.io.template_sources import AllowedSource
from certbeam.io.templates.allow_list import parse_allow_list
from certbeam.io.templates.cache import Templates
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.tests.badges.rsa_key import RSA_KEY
from certbeam.tests.golden.files import cases_of
from certbeam.tests.support import BASE_URL, requests_of

AT = PublishedUrls(BASE_URL)
CREATED = 1_700_000_000
# RFC 8037, appendix A.1.
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
NEWER_SEED = bytes(range(32))
SECRET = b"the secret of the access codes"

FORMATS = ("json", "vc", "svg")
"""Formats whose bytes do not depend on installed libraries or fonts."""
VERIFY_URL = "{base_url}/{tag}/{id}"

TEMPLATES_URL = "https://templates.example.org/certs"
_SIGNATURE = (
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000d494441547801010200fdff000000020001"
    "7e050dd20000000049454e44ae426082"
)
TEMPLATES = {
    "signature.png": bytes.fromhex(_SIGNATURE),
    "plain.svg": (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300">'
        b"<title>${certificateName}</title>"
        b'<text x="200" y="60" font-size="20" text-anchor="middle">${recipientName}</text>'
        b'<text x="200" y="100" font-size="12" text-anchor="middle">${courseName}, ${issuedDate}</text>'
        b'<image href="${qrCodeImage}" x="300" y="200" width="80" height="88"/>'
        b'<image href="${signatory0Image}" x="20" y="220" width="60" height="30"/></svg>'
    ),
    "other.svg": (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300">'
        b'<rect width="400" height="300" fill="#eef"/>'
        b'<text x="20" y="60" font-size="20">${recipientName}</text></svg>'
    ),
    "broken.svg": (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><text y="60">${grade}</text></svg>'
    ),
}
"""Templates and a picture of one black pixel, by the last segment of their URLs."""


def _one_key() -> bytes:
    return new_key_set(BASE_URL, seed=SEED, secret=SECRET, created=CREATED)


def _rotated() -> bytes:
    return add_ed25519_key(_one_key(), seed=NEWER_SEED, created=CREATED + 86_400)


def _with_rsa() -> bytes:
    return add_rsa_key(_rotated(), RSA_KEY, created=CREATED + 2 * 86_400)


KEY_SET_TEXTS: dict[str, Callable[[], bytes]] = {"one": _one_key, "rotated": _rotated, "rsa": _with_rsa}
"""Texts of key sets: one Ed25519 key; an older and a newer one; both and an RSA key."""

KEY_SETS: dict[str, Callable[[], KeySet]] = {
    name: cache(lambda text=text: parse_key_set(text())) for name, text in KEY_SET_TEXTS.items()
}


def issuer_of(keys: str, suites: tuple[str, ...] = ("eddsa-rdfc-2022",)) -> CredentialIssuer:
    """The issuer with one of the key sets."""
    held = KEY_SETS[keys]()
    return CredentialIssuer(
        BASE_URL, held.public, lambda key, message: sign(held.private[key.kid], message), suites
    )


@cache
def _events() -> dict[str, Any]:
    return {name: case["input"] for name, case in cases_of("requests").items()}


def event_of(name: str) -> dict[str, Any]:
    """A generate event of ``requests.json``."""
    event: dict[str, Any] = _events()[name]
    return event


def request_of(name: str) -> CertificateRequest:
    """The request of a generate event of ``requests.json``."""
    (request,) = requests_of(event_of(name))
    return request


class _InMemory:
    """A source of templates in memory."""

    def fetch(self, url: str, known_version: str = "") -> Fetched | None:  # noqa: ARG002 - as the port
        return Fetched(TEMPLATES[url.rpartition("/")[2]], "1")

    def close(self) -> None:
        pass


def templates() -> Templates:
    """The compiled templates and pictures of :data:`TEMPLATES`."""
    allowed = parse_allow_list([TEMPLATES_URL], None)
    return Templates(AllowedSource(allowed, {"https": _InMemory()}), max_bytes=1_000_000, seconds=300)
