"""The issuer's keys in a JWK set file, which ``certbeam keys new`` writes or an orchestrator mounts."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from certbeam.badges.key_set import KeySet, PublicKey, parse_key_set, sign
from certbeam.foundation.errors import Rejected
from certbeam.io.uri.address import Address, FlagError

_ROOT = 0


def open_jwk_file(address: Address) -> "JwkFileSigner":
    """Open a key set file.

    Raises:
        FlagError: if it cannot be read, others can access it, or it has no keys.
    """
    return JwkFileSigner(Path(address.path))


class JwkFileSigner:
    """:class:`~certbeam.io.protocols.Signer` with the keys of a file, which is read once.

    Raises:
        FlagError: if the file cannot be read, others can access it, or it has no keys.
    """

    def __init__(self, file: Path) -> None:
        self._set = read_key_set(file)

    @property
    def keys(self) -> Sequence[PublicKey]:
        """See :class:`~certbeam.io.protocols.Signer`."""
        return self._set.public

    def sign(self, key: PublicKey, message: bytes) -> bytes:
        """See :class:`~certbeam.io.protocols.Signer`."""
        return sign(self._set.private[key.kid], message)

    def close(self) -> None:
        """Do nothing: no resource is open."""


def read_key_set(file: Path) -> KeySet:
    """Read a key set file.

    Raises:
        FlagError: if the file cannot be read, others can access it, or it has no keys.
    """
    try:
        with file.open("rb") as stream:
            # The status of the opened file, because another file may be moved to the path.
            status = os.fstat(stream.fileno())
            text = stream.read()
    except OSError as error:
        remedy = f"it cannot be read: {error.strerror}; 'certbeam keys new --out FILE' makes one"
        raise FlagError("keys", str(file), remedy) from error
    if is_open_to_others(status.st_mode, owner=status.st_uid, reader=os.geteuid()):
        raise FlagError(
            "keys", str(file), f"others than its owner may read or change it: run 'chmod 600 {file}'"
        )
    try:
        return parse_key_set(text)
    except Rejected as error:
        raise FlagError("keys", str(file), error.reason) from error


def is_open_to_others(mode: int, *, owner: int, reader: int) -> bool:
    """Return True if users other than the owner and the reader can access a secret's file.

    A group may read a file of root, because orchestrators mount secrets like this for processes of other users.

    Args:
        mode: mode of the file.
        owner: user id of its owner.
        reader: user id of this process.
    """
    by_group = owner == _ROOT != reader
    return bool(mode & (stat.S_IRWXO | (stat.S_IWGRP | stat.S_IXGRP if by_group else stat.S_IRWXG)))


def write_key_set(file: Path, text: bytes) -> None:
    """Write a key set file atomically, so that only its owner can read it.

    Raises:
        FlagError: if it cannot be written.
    """
    partial = file.with_name(f".{file.name}.part")
    try:
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
    except OSError as error:
        raise FlagError("out", str(file), f"it cannot be written: {error.strerror}") from error
