"""How large a template or picture may be."""

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected

MAX_BYTES = 16 * 1024 * 1024
"""Real templates reach several MB, for their images are inlined; this bounds what a bad one can take."""


def check_size(url: str, size: int) -> None:
    """Refuse what is too large.

    Raises:
        Rejected: ``template-too-large``.
    """
    if size > MAX_BYTES:
        raise Rejected(ErrorCode.TEMPLATE_TOO_LARGE, f"{url} is larger than {MAX_BYTES // 1024 // 1024} MiB")
