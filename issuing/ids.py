"""Identity: certificate ids, access codes and the names of stored objects, each the same on every replay."""

import hmac
import re

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.uuids import derived_uuid

# Letters and digits that nobody mistakes for one another: no I, O or 0 (contracts §6.1).
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "123456789"

_NAME_PART = re.compile(r"[A-Za-z0-9_-]{1,128}")
# The issuer's own documents live under these names at the root of the storage.
RESERVED_TAGS = frozenset({"issuers", "keys", "status", "v1"})


def certificate_id(
    *, batch_id: str, course_id: str, user_id: str, template_id: str, reissue_of: str = ""
) -> str:
    """The certificate's UUIDv5.

    ``reissue_of`` tells one re-issue from another: the ``mid`` of the event that asked for it, or the id of
    the certificate that it replaces; ``""`` for a first issue.
    """
    return derived_uuid(batch_id, course_id, user_id, template_id, reissue_of)


def access_code(certificate: str, key: bytes) -> str:
    """Six characters ``[A-Z][1-9]`` three times over, from a keyed hash of the certificate's id.

    The form is the reference's, which portals ask for; the value cannot be guessed without the key.
    """
    digest = int.from_bytes(hmac.digest(key, certificate.encode(), "sha256"), "big")
    code = ""
    for alphabet in (_LETTERS, _DIGITS) * 3:
        digest, index = divmod(digest, len(alphabet))
        code += alphabet[index]
    return code


def check_tag(tag: str) -> str:
    """``tag`` if it can be one segment of an object's name, and no more than that.

    Raises:
        Rejected: ``tag-unsafe``.
    """
    if not _NAME_PART.fullmatch(tag):
        raise Rejected(
            ErrorCode.TAG_UNSAFE,
            "edata.tag may hold letters, digits, '_' and '-' only (at most 128), for it names a folder",
        )
    if tag.lower() in RESERVED_TAGS:
        raise Rejected(
            ErrorCode.TAG_UNSAFE,
            f"edata.tag {tag!r} is the name of a folder that holds the issuer's documents",
        )
    return tag
