"""Parse addresses of ports, the URIs in flags, and refuse wrong ones before a job is submitted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit


class FlagError(ValueError):
    """A value of a flag that cannot be used.

    Args:
        flag: the name of the flag, without dashes.
        value: its value.
        remedy: what is wrong, and what to do.
    """

    def __init__(self, flag: str, value: str, remedy: str) -> None:
        super().__init__(flag, value, remedy)
        self.flag = flag
        self.value = value
        self.remedy = remedy

    def __str__(self) -> str:
        return f"--{self.flag}={self.value}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Address:
    """The value of a port's flag.

    Attributes:
        flag: the name of the flag, without dashes.
        text: the value.
        scheme: the scheme in lower case; ``file`` for a plain path.
        path: the text after ``scheme:``; for ``file`` the decoded path.
    """

    flag: str
    text: str
    scheme: str
    path: str

    def refuse(self, remedy: str) -> FlagError:
        """Return the error for this address, with what is wrong and what to do."""
        return FlagError(self.flag, self.text, remedy)

    def without_options(self) -> "Address":
        """Return the address without its options, which follow ``?``."""
        return Address(self.flag, self.text.partition("?")[0], self.scheme, self.path.partition("?")[0])


def parse_address(flag: str, text: str) -> Address:
    """Parse ``scheme:rest``, ``scheme://rest`` or a plain path.

    Args:
        flag: the name of the flag, without dashes.
        text: its value.

    Raises:
        FlagError: if the value is empty, or a file URL with a host.
    """
    if not text.strip():
        raise FlagError(flag, text, "a path or a URI is needed")
    scheme, colon, rest = text.partition(":")
    # A single letter before a colon is a drive. A plain path can contain a colon.
    if not colon or len(scheme) < 2 or not scheme.replace("+", "").isalnum():
        return Address(flag, text, "file", text)
    if scheme.lower() == "file":
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost"):
            raise FlagError(
                flag, text, f"a file URL has no host; did you mean file:///{parts.netloc}{parts.path}?"
            )
        return Address(flag, text, "file", unquote(parts.path))
    return Address(flag, text, scheme.lower(), rest)


def sqlite_file(address: Address, *, must_exist: bool) -> Path:
    """Return the database file of ``sqlite:PATH``; the path is relative or absolute (also ``sqlite:///PATH``).

    Args:
        address: the address.
        must_exist: True if a missing file is an error.

    Raises:
        FlagError: if the address has no path, or the file or its folder is missing.
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
    """Return the folder of a path. It need not exist.

    Raises:
        FlagError: if the path is a file.
    """
    folder = Path(address.path)
    if folder.exists() and not folder.is_dir():
        raise address.refuse("it is a file, and a folder is needed")
    return folder.absolute()


@contextmanager
def needs_extra(address: Address, extra: str) -> Iterator[None]:
    """Report a failed import in the block as a missing extra of certbeam.

    Args:
        address: the address that needs the import.
        extra: the extra that installs the libraries; an empty string if certbeam itself installs them.

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
    """Return the error for an address whose scheme no adapter has; ``known`` is a list of the known forms."""
    return address.refuse(f"unknown scheme {address.scheme!r}; known: {known}")
