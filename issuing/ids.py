"""Derive certificate ids and access codes, and check folder names; a replay derives the same."""

import hmac
import re

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.foundation.uuids import derive_uuid

# Characters that are not mistaken for one another: no I, O or 0 (docs/contracts.md, "Access code").
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "123456789"

_NAME_PART = re.compile(r"[A-Za-z0-9_-]{1,128}")
# Folders of the issuer's documents in the root of the storage.
RESERVED_TAGS = frozenset({"issuers", "keys", "status", "v1"})


def derive_certificate_id(
    *, batch_id: str, course_id: str, user_id: str, template_id: str, reissue_of: str = ""
) -> str:
    """Derive the id of a certificate, a UUIDv5.

    Args:
        batch_id: the batch.
        course_id: the course.
        user_id: the learner.
        template_id: the template, or its name if it has no id.
        reissue_of: distinguishes re-issues: the ``mid`` of the issue event, or the id of the certificate that is
            replaced; ``""`` for a first issue.
    """
    return derive_uuid(batch_id, course_id, user_id, template_id, reissue_of)


def derive_access_code(certificate_id: str, key: bytes) -> str:
    """Derive the access code of a certificate from a keyed hash of its id.

    Returns:
        Six characters, three times a letter and a digit. Portals expect this form of Sunbird's
        collection-certificate-generator. The code cannot be guessed without the key.
    """
    digest = int.from_bytes(hmac.digest(key, certificate_id.encode(), "sha256"), "big")
    code = ""
    for alphabet in (_LETTERS, _DIGITS) * 3:
        digest, index = divmod(digest, len(alphabet))
        code += alphabet[index]
    return code


def check_tag(tag: str) -> str:
    """Return a tag if it is one safe segment of an object's name.

    Raises:
        Rejected: ``tag-unsafe``.
    """
    if not _NAME_PART.fullmatch(tag):
        raise Rejected(
            ErrorCode.TAG_UNSAFE,
            "edata.tag cannot be a folder's name: use 1 to 128 letters, digits, '_' and '-'",
        )
    if tag.lower() in RESERVED_TAGS:
        raise Rejected(
            ErrorCode.TAG_UNSAFE,
            f"edata.tag {tag!r} is reserved for a folder of the issuer's documents: use another tag",
        )
    return tag
