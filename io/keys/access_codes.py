"""The secret key of access codes, in its own file or in the issuer's key set."""

from pathlib import Path

from certbeam.io.keys.jwk_file import read_key_set
from certbeam.io.uri.address import FlagError

_MIN_KEY_BYTES = 16


def read_access_code_key(file: str, key_set: str, base_url: str) -> bytes:
    """Return the secret key that access codes are derived with.

    Args:
        file: file with the secret; an empty string to use the key set.
        key_set: file of the issuer's keys; an empty string for no key set.
        base_url: URL of the storage.

    Returns:
        The secret of the file or the key set. Without both, a value that is derived from ``base_url``.

    Raises:
        FlagError: if a file cannot be read, or its secret is too short.
    """
    if file:
        return _read_secret(file)
    key = read_key_set(Path(key_set)).access_code_key if key_set else None
    # The default is not secret, but a replay with the same base_url gives the same access codes.
    return key or b"certbeam access codes of " + base_url.encode()


def _read_secret(file: str) -> bytes:
    try:
        key = Path(file).read_bytes().strip()
    except OSError as error:
        raise FlagError("access_code_key", file, f"it cannot be read: {error.strerror}") from error
    if len(key) < _MIN_KEY_BYTES:
        raise FlagError("access_code_key", file, f"the secret in it must have {_MIN_KEY_BYTES} bytes or more")
    return key
