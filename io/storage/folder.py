"""Certificates in a folder of the local file system: the embedded default."""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.storage.concurrent_upload import missing
from certbeam.io.uri.address import Address, folder_of

_MAX_PARTS = os.sysconf("SC_IOV_MAX")
"""Parts that the kernel accepts in one call."""


def open_folder_storage(address: Address, *_: object) -> "FolderStorage":
    """Open a folder. It is created for the first file.

    Raises:
        FlagError: if the path is a file.
    """
    return FolderStorage(folder_of(address))


class FolderStorage:
    """:class:`~certbeam.io.protocols.Storage` in a folder.

    Each file is written under a temporary name and renamed, so that no reader sees a part of it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, artefacts: Sequence[Artefact]) -> list[Rejected | None]:
        """See :class:`~certbeam.io.protocols.Storage`."""
        return [self._put(artefact) for artefact in artefacts]

    def get(self, name: str) -> bytes:
        """See :class:`~certbeam.io.protocols.Storage`."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError as error:
            raise missing(name) from error
        except OSError as error:
            raise Unavailable(
                ErrorCode.STORAGE_UNAVAILABLE, f"{name} cannot be read: {error.strerror}"
            ) from error

    def close(self) -> None:
        """Do nothing: no resource is open."""

    def _put(self, artefact: Artefact) -> Rejected | None:
        folder, name = os.path.split(os.path.join(self._root, artefact.name))
        try:
            try:
                _write_whole(folder, name, artefact.parts)
            except FileNotFoundError:
                os.makedirs(folder, exist_ok=True)
                _write_whole(folder, name, artefact.parts)
        except OSError as error:
            return Unavailable(
                ErrorCode.STORAGE_UNAVAILABLE, f"{artefact.name} cannot be written: {error.strerror}"
            )
        return None


def _write_whole(folder: str, name: str, parts: Sequence[bytes]) -> None:
    """Write a file under a temporary name, and rename it.

    All writers of a file use the same temporary name, so that the next writer replaces the file of a killed one. A
    lock protects it from concurrent writers.
    """
    target, partial = f"{folder}/{name}", f"{folder}/.{name}.part"
    while True:
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            status = os.fstat(descriptor)
            if not _is_same_file(status, partial):
                continue  # another writer renamed it before this one had the lock
            if status.st_size:  # on ext4, truncating an empty file takes as long as everything else
                os.ftruncate(descriptor, 0)
            _write_all(descriptor, parts)
            os.rename(partial, target)
            return
        finally:
            os.close(descriptor)


def _is_same_file(status: os.stat_result, path: str) -> bool:
    try:
        return os.path.samestat(status, os.stat(path))
    except FileNotFoundError:
        return False


def _write_all(descriptor: int, parts: Sequence[bytes]) -> None:
    for start in range(0, len(parts), _MAX_PARTS):
        chunk = parts[start : start + _MAX_PARTS]
        written = os.writev(descriptor, chunk)
        rest = memoryview(b"".join(chunk))[written:] if written < sum(map(len, chunk)) else b""
        while rest:
            rest = rest[os.write(descriptor, rest) :]
