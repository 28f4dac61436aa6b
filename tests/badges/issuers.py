"""An issuer with fixed keys, and generated requests, for tests of signing."""

from datetime import datetime, timezone
from typing import Any

from hypothesis import strategies as st

from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.key_set import KeySet, new_key_set, parse_key_set, sign
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.tests.support import BASE_URL, certificate

CREATED = 1_700_000_000
NAMES = (
    "Zoë Thorsdóttir",
    'O\'Brien "the quick" \\ Jones',
    "आशा वैद्यनाथ",
    "தமிழ்ச்செல்வி",
    "తెలుగు",
    "বাংলা নাম",
    "മലയാളം പേര്",
    "عائشہ نور خیل",
    "李小龍",
    "🎓 Élève &<>]]>",
    "two\nlines",
    "tab\tand\x7fdelete",
    "\U0001f469\u200d\U0001f393\ufffe\uffff",
)
ODD_URLS = (
    "https://aranya.example.org/लोगो é.png",
    "https://aranya.example.org/लोगो.png",
    "https://[::1]/x?{y}",
)


def key_set(seed: bytes = b"1" * 32) -> KeySet:
    return parse_key_set(new_key_set(BASE_URL, seed=seed, secret=b"2" * 32, created=CREATED))


def issuer(keys: KeySet | None = None, suites: tuple[str, ...] = ("eddsa-rdfc-2022",)) -> CredentialIssuer:
    keys = keys or key_set()
    return CredentialIssuer(
        BASE_URL, keys.public, lambda key, message: sign(keys.private[key.kid], message), suites
    )


def request(recipient: str = "Asha Rao", user: str = "u-asha", **edata: object) -> CertificateRequest:
    """Return a checked certificate request; ``edata`` are members of a generate event's ``edata``."""
    return certificate(**{"data": [{"recipientName": recipient, "recipientId": user}], **edata})


texts = st.one_of(st.sampled_from(NAMES), st.text(min_size=1, max_size=20)).filter(lambda text: text.strip())
moments = st.datetimes(
    min_value=datetime(2000, 1, 1),
    max_value=datetime(2037, 1, 1),
    timezones=st.just(timezone.utc),
).map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"))


@st.composite
def requests(draw: st.DrawFn) -> CertificateRequest:
    """Draw requests with any text in every member, with and without optional members."""
    signatories = draw(st.lists(st.tuples(texts, texts), min_size=1, max_size=3))
    edata: dict[str, Any] = {
        "recipient": draw(texts),
        "user": draw(texts),
        "name": draw(texts),
        "courseName": draw(st.one_of(st.just(""), texts)),
        "description": draw(st.one_of(st.just(""), texts)),
        "logo": draw(st.sampled_from(["", "https://aranya.example.org/logo.png", "logo.png", *ODD_URLS])),
        "criteria": {"narrative": draw(texts)},
        "issuer": {
            "name": draw(texts),
            "url": draw(st.sampled_from(["https://aranya.example.org", "none", *ODD_URLS])),
        },
        "signatoryList": [
            {"name": name, "designation": role, "id": "S", "image": "x"} for name, role in signatories
        ],
    }
    expiry = draw(st.one_of(st.none(), moments))
    return request(**edata | ({"expiry": expiry} if expiry else {}))
