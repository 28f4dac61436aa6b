"""The secret of the access codes: in a file of its own, or in the issuer's key set."""

from pathlib import Path

from certbeam.io.keys.jwk_file import read_key_set
from certbeam.io.uri.address import FlagError

_MIN_KEY_BYTES = 16


def read_access_code_key(file: str, key_set: str, base_url: str) -> bytes:
    """The secret that access codes are made with.

    Args:
        file: the one that holds it; "" where it is in the key set, or nowhere.
        key_set: the file of the issuer's keys; "" where there is none.
        base_url: where the storage is served.

    Raises:
        FlagError: when a file cannot be read, or holds too short a secret.
    """
    if file:
        return _secret(file)
    held = read_key_set(Path(key_set)).access_code_key if key_set else None
    # Not secret, but the same wherever the same base_url is served, as a replay needs it.
    return held or b"certbeam access codes of " + base_url.encode()


def _secret(file: str) -> bytes:
    try:
        key = Path(file).read_bytes().strip()
    except OSError as error:
        raise FlagError("access_code_key", file, f"it cannot be read: {error.strerror}") from error
    if len(key) < _MIN_KEY_BYTES:
        raise FlagError("access_code_key", file, f"the secret in it must be {_MIN_KEY_BYTES} bytes or more")
    return key
