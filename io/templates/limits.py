"""The limit of the size of a template or picture."""

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected

MAX_BYTES = 16 * 1024 * 1024
"""Real templates have several MB because of embedded pictures. The limit protects the memory of workers."""


def check_size(url: str, size: int) -> None:
    """Refuse a file that is too large.

    Args:
        url: URL of the file, for the error.
        size: its size in bytes.

    Raises:
        Rejected: ``template-too-large``.
    """
    if size > MAX_BYTES:
        raise Rejected(ErrorCode.TEMPLATE_TOO_LARGE, f"{url} is larger than {MAX_BYTES // 1024 // 1024} MiB")
