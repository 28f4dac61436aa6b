"""Templates and pictures in local folders."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.protocols import Fetched
from certbeam.io.templates.allow_list import AllowList
from certbeam.io.templates.limits import check_size
from certbeam.io.templates.networks import Networks
from certbeam.io.uri.address import Address


def open_folder_templates(address: Address, allowed: AllowList, networks: Networks) -> "FolderTemplates":  # noqa: ARG001 - as every opener of templates
    """Open the source of templates in the folders of an allow-list."""
    return FolderTemplates(allowed.prefixes)


class FolderTemplates:
    """:class:`~certbeam.io.protocols.TemplateSource` of ``file`` URLs.

    The version of a file is its modification time and size.

    Args:
        prefixes: canonical URL prefixes. Only a file below one of the ``file`` prefixes is read.
    """

    def __init__(self, prefixes: Sequence[str]) -> None:
        self._folders = tuple(_path_of(prefix) for prefix in prefixes if prefix.startswith("file:"))

    def fetch(self, url: str, known_version: str = "") -> Fetched | None:
        """See :class:`~certbeam.io.protocols.TemplateSource`."""
        with _readable(url):
            file = _path_of(url).resolve(strict=True)
            if not any(file.is_relative_to(folder.resolve()) for folder in self._folders):
                raise Rejected(
                    ErrorCode.TEMPLATE_REFUSED, f"{url} is outside of the folders of --template_allow"
                )
            state = file.stat()
            version = f"{state.st_mtime_ns}-{state.st_size}"
            if version == known_version:
                return None
            check_size(url, state.st_size)
            return Fetched(file.read_bytes(), version)

    def close(self) -> None:
        """Do nothing: no resource is open."""


def read_template(path: Path) -> bytes:
    """Read a template that the user of a command named by its path; no allow-list restricts it.

    Raises:
        Rejected: ``template-missing`` if it cannot be read, ``template-too-large`` if it is too large.
    """
    with _readable(str(path)):
        check_size(str(path), path.stat().st_size)
        return path.read_bytes()


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Rejected(ErrorCode.TEMPLATE_MISSING, f"{name} cannot be read: {error.strerror}") from error


def _path_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))
