"""Which URLs templates and pictures may be fetched from: the prefixes of ``--template_allow``, nothing else."""

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
        base: what relative URLs are resolved against.
    """

    prefixes: tuple[str, ...]
    base: str

    def resolve(self, url: str) -> str:
        """The canonical absolute form of ``url``.

        Raises:
            Rejected: ``template-refused``, when it is not below one of the prefixes.
        """
        try:
            absolute = canonical_url(_joined(self.base, url))
        except ValueError as error:
            raise Rejected(ErrorCode.TEMPLATE_REFUSED, f"{url!r} is refused: {error}") from error
        if not any(absolute.startswith(prefix) for prefix in self.prefixes):
            raise Rejected(
                ErrorCode.TEMPLATE_REFUSED, f"{url!r} is outside of what --template_allow lets through"
            )
        return absolute


def parse_allow_list(values: Sequence[str], base: str | None) -> AllowList:
    """The allow-list of the flags' values: URL prefixes, percent-encoded, or plain paths of folders, as they are.

    Raises:
        FlagError: for a value that is no URL prefix.
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
        raise FlagError("template_base", base, "it must be one of --template_allow, or below one")
    return AllowList(prefixes, start)


def canonical_url(url: str) -> str:
    """``url`` with nothing left that could stand for another place: no ``..``, no user, no odd escapes.

    Raises:
        ValueError: saying what is wrong with it.
    """
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "")
    if scheme == "file" and host not in ("", "localhost"):
        raise ValueError("a file URL names no host")
    if scheme != "file" and not host:
        raise ValueError("it names no host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("it carries a user name")
    path = unquote(parts.path)
    # A server may decode a path again. A file's path is decoded once, so its name may hold a per cent sign.
    if _leads_elsewhere(path) or (scheme != "file" and "%" in path):
        raise ValueError("its path leads out of its folder, or hides where it leads")
    path = posixpath.normpath("/" + path.lstrip("/")) + (
        "/" if path.endswith("/") and path.strip("/") else ""
    )
    port = f":{parts.port}" if parts.port else ""
    name = f"[{host}]" if ":" in host else host  # an IPv6 address
    authority = "" if scheme == "file" else f"{name}{port}"
    query = f"?{parts.query}" if parts.query else ""
    return f"{scheme}://{authority}{quote(path)}{query}"


def _leads_elsewhere(path: str) -> bool:
    """Whether a decoded path, or what another decoding would make of it, could leave its folder."""
    if "\\" in path or "\0" in path or ".." in path.split("/"):
        return True
    decoded = unquote(path)
    return decoded != path and _leads_elsewhere(decoded)


def _joined(base: str, url: str) -> str:
    """``url`` as seen from ``base``, which may be of an object store: of those, the library knows none."""
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
        raise FlagError(FLAG, value, "a prefix has no query")
    # Whole segments: …/templates must not let …/templates-of-others through.
    return url.rstrip("/") + "/"


def _as_url(value: str) -> str:
    return value if "://" in value else _without_parents(Path(value).absolute()).as_uri()


def _without_parents(path: Path) -> Path:
    """An absolute path without ``..``: what stands before one is resolved first, as the operating system does."""
    parts = path.parts
    if ".." not in parts:
        return path
    end = len(parts) - parts[::-1].index("..")
    return Path(*parts[:end]).resolve().joinpath(*parts[end:])
