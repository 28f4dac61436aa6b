"""The published files of an issuer, read from a storage folder instead of the web."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import orjson

from certbeam.badges.did_web import base_url_of_did
from certbeam.io.uri.address import FlagError


class PublishedFolder:
    """Function that returns the files of a folder for the URLs below ``base_url``.

    Args:
        folder: the storage folder.
        base_url: URL of the storage; None for the one in the folder's ``did.json``.

    Raises:
        FlagError: if ``base_url`` is not given and the folder has no valid ``did.json``.
    """

    def __init__(self, folder: Path, base_url: str | None = None) -> None:
        self._folder = folder.resolve()
        self._base_url = base_url.rstrip("/") if base_url else _base_url_in(self._folder)

    def __call__(self, url: str) -> bytes:
        """Return the content at a URL.

        Raises:
            LookupError: if the URL is not below ``base_url``, or the folder does not have the file.
        """
        name = unquote(urlsplit(url).path.removeprefix(urlsplit(self._base_url).path + "/"))
        file = (self._folder / name).resolve()
        if not url.startswith(f"{self._base_url}/") or not file.is_relative_to(self._folder):
            raise LookupError(f"{url} is not below {self._base_url}, and no other URL is fetched")
        try:
            return file.read_bytes()
        except OSError as error:
            raise LookupError(f"{url} is not in {self._folder}: {error.strerror}") from error


def _base_url_in(folder: Path) -> str:
    try:
        return base_url_of_did(orjson.loads((folder / "did.json").read_bytes())["id"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FlagError(
            "offline", str(folder), "it has no did.json with the URL of the storage: give --base_url"
        ) from error
