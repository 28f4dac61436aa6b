"""Port addresses: the URIs in flags, read and refused before anything is submitted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit


class FlagError(ValueError):
    """A flag that cannot be used: names the flag, its value and the remedy."""

    def __init__(self, flag: str, value: str, remedy: str) -> None:
        super().__init__(flag, value, remedy)
        self.flag = flag
        self.value = value
        self.remedy = remedy

    def __str__(self) -> str:
        return f"--{self.flag}={self.value}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Address:
    """The value of a flag that names a port's adapter.

    Attributes:
        scheme: lower case; ``file`` for a plain path.
        path: what follows ``scheme:``; for ``file`` a path without the scheme.
    """

    flag: str
    text: str
    scheme: str
    path: str

    def refuse(self, remedy: str) -> FlagError:
        """The error that says what to do about this address."""
        return FlagError(self.flag, self.text, remedy)

    def without_options(self) -> "Address":
        """The same address with nothing behind the ``?``."""
        return Address(self.flag, self.text.partition("?")[0], self.scheme, self.path.partition("?")[0])


def parse_address(flag: str, text: str) -> Address:
    """Read ``scheme:rest``, ``scheme://rest`` or a plain path.

    Raises:
        FlagError: for an empty value.
    """
    if not text.strip():
        raise FlagError(flag, text, "a path or a URI is needed")
    scheme, colon, rest = text.partition(":")
    # One letter before a colon is a drive; a path may hold a colon further on.
    if not colon or len(scheme) < 2 or not scheme.replace("+", "").isalnum():
        return Address(flag, text, "file", text)
    if scheme.lower() == "file":
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost"):
            raise FlagError(
                flag, text, f"a file URL names no host; did you mean file:///{parts.netloc}{parts.path}?"
            )
        return Address(flag, text, "file", unquote(parts.path))
    return Address(flag, text, scheme.lower(), rest)


def sqlite_file(address: Address, *, must_exist: bool) -> Path:
    """The database file of ``sqlite:PATH``, relative or absolute (``sqlite:///abs`` too).

    Raises:
        FlagError: when the path is missing, or leads to no file that must be there.
    """
    path = address.path
    if path.startswith("//"):
        path = path[2:]
    if not path:
        raise address.refuse("a file is needed after 'sqlite:', such as sqlite:certbeam.db")
    file = Path(path)
    if must_exist and not file.is_file():
        raise address.refuse("there is no such file; make it with 'certbeam lms load FILE.json --lms …'")
    if not file.absolute().parent.is_dir():
        raise address.refuse(f"the folder {file.parent} does not exist")
    return file.absolute()


def folder_of(address: Address) -> Path:
    """Return the folder that a path stands for; it need not exist.

    Raises:
        FlagError: if the path is a file.
    """
    folder = Path(address.path)
    if folder.exists() and not folder.is_dir():
        raise address.refuse("it is a file, and a folder is needed")
    return folder.absolute()


@contextmanager
def needs_extra(address: Address, extra: str) -> Iterator[None]:
    """Report a failed import as a missing extra of certbeam.

    Args:
        address: the address that needs the import.
        extra: the extra that brings the libraries; an empty string if certbeam itself does.

    Raises:
        FlagError: if the libraries of the extra are not installed.
    """
    try:
        yield
    except ImportError as error:
        if not extra:
            raise
        remedy = f"{error.name} is not installed; pip install 'certbeam[{extra}]'"
        raise address.refuse(remedy) from error


def unknown_scheme(address: Address, known: str) -> FlagError:
    """The error for an address whose scheme no adapter has."""
    return address.refuse(f"unknown scheme {address.scheme!r}; known: {known}")
