"""The URLs that templates and pictures may be fetched from: those below the prefixes of ``--template_allow``."""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit, uses_relative

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.uri.address import FlagError

FLAG = "template_allow"


@dataclass(frozen=True, slots=True)
class AllowList:
    """URL prefixes in canonical form, each with a trailing slash.

    Attributes:
        prefixes: the prefixes.
        base: URL that relative URLs are resolved against.
    """

    prefixes: tuple[str, ...]
    base: str

    def resolve(self, url: str) -> str:
        """Return the canonical absolute form of a URL.

        Raises:
            Rejected: ``template-refused`` if it is not below one of the prefixes.
        """
        try:
            absolute = canonical_url(_join(self.base, url))
        except ValueError as error:
            raise Rejected(ErrorCode.TEMPLATE_REFUSED, f"{url!r} is refused: {error}") from error
        if not any(absolute.startswith(prefix) for prefix in self.prefixes):
            raise Rejected(ErrorCode.TEMPLATE_REFUSED, f"{url!r} is not below a prefix of --template_allow")
        return absolute


def parse_allow_list(values: Sequence[str], base: str | None) -> AllowList:
    """Parse the allow-list of the flags.

    Args:
        values: values of ``--template_allow``: percent-encoded URL prefixes, or paths of folders, not encoded.
        base: value of ``--template_base``; None for the first prefix.

    Raises:
        FlagError: if a value is not a URL prefix.
    """
    prefixes = tuple(_prefix(value) for value in values)
    if not prefixes:
        raise FlagError(FLAG, "", "at least one URL prefix or folder is needed")
    if base is None:
        return AllowList(prefixes, prefixes[0])
    try:
        start = canonical_url(_as_url(base)).rstrip("/") + "/"
    except ValueError as error:
        raise FlagError("template_base", base, str(error)) from error
    if not any(start.startswith(prefix) for prefix in prefixes):
        raise FlagError("template_base", base, "it must be a prefix of --template_allow, or below one")
    return AllowList(prefixes, start)


def canonical_url(url: str) -> str:
    """Return the canonical form of a URL, which has no ``..``, no user, and no unnecessary escapes.

    Raises:
        ValueError: if the URL is ambiguous or incomplete, with the reason.
    """
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "")
    if scheme == "file" and host not in ("", "localhost"):
        raise ValueError("a file URL must not have a host")
    if scheme != "file" and not host:
        raise ValueError("it has no host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("it has a user name")
    path = unquote(parts.path)
    # A server may decode a path again. A file's path is decoded once, so its name may have a per cent sign.
    if _escapes_folder(path) or (scheme != "file" and "%" in path):
        raise ValueError("its path is outside of its folder, or is encoded more than once")
    path = posixpath.normpath("/" + path.lstrip("/")) + (
        "/" if path.endswith("/") and path.strip("/") else ""
    )
    port = f":{parts.port}" if parts.port else ""
    name = f"[{host}]" if ":" in host else host  # an IPv6 address
    authority = "" if scheme == "file" else f"{name}{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{authority}{quote(path)}{query}"


def _escapes_folder(path: str) -> bool:
    """Return True if a decoded path, or the result of decoding it again, could be outside of its folder."""
    if "\\" in path or "\0" in path or ".." in path.split("/"):
        return True
    decoded = unquote(path)
    return decoded != path and _escapes_folder(decoded)


def _join(base: str, url: str) -> str:
    """Resolve a URL against a base. urllib does not resolve relative URLs for the schemes of object stores."""
    scheme, rest = base.split(":", 1)
    if scheme in uses_relative or urlsplit(url).scheme:
        return urljoin(base, url)
    return f"{scheme}:{urljoin(f'http:{rest}', url).removeprefix('http:')}"


def _prefix(value: str) -> str:
    try:
        url = canonical_url(_as_url(value))
    except ValueError as error:
        raise FlagError(FLAG, value, str(error)) from error
    if "?" in url:
        raise FlagError(FLAG, value, "a prefix must not have a query")
    # The slash makes it whole segments: …/templates must not allow …/templates-of-others.
    return url.rstrip("/") + "/"


def _as_url(value: str) -> str:
    return value if "://" in value else _without_parents(Path(value).absolute()).as_uri()


def _without_parents(path: Path) -> Path:
    """Return an absolute path without ``..``; links before a ``..`` are resolved first, as by the operating system."""
    parts = path.parts
    if ".." not in parts:
        return path
    end = len(parts) - parts[::-1].index("..")
    return Path(*parts[:end]).resolve().joinpath(*parts[end:])
