"""What an issuer has published, read from a storage folder instead of the web."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import orjson

from certbeam.badges.did_web import base_url_of_did
from certbeam.io.uri.address import FlagError


class PublishedFolder:
    """Answers the URLs under ``base_url`` with the files of a folder; there is no other answer.

    Args:
        folder: a storage folder.
        base_url: None for that of the folder's ``did.json``.

    Raises:
        FlagError: when the base_url is not given, and cannot be told from the folder.
    """

    def __init__(self, folder: Path, base_url: str | None = None) -> None:
        self._folder = folder.resolve()
        self._base_url = base_url.rstrip("/") if base_url else _base_url_in(self._folder)

    def __call__(self, url: str) -> bytes:
        """The bytes that are published at a URL.

        Raises:
            LookupError: when the folder does not hold them.
        """
        name = unquote(urlsplit(url).path.removeprefix(urlsplit(self._base_url).path + "/"))
        file = (self._folder / name).resolve()
        if not url.startswith(f"{self._base_url}/") or not file.is_relative_to(self._folder):
            raise LookupError(f"{url} is not under {self._base_url}, and nothing is fetched")
        try:
            return file.read_bytes()
        except OSError as error:
            raise LookupError(f"{url} is not in {self._folder}: {error.strerror}") from error


def _base_url_in(folder: Path) -> str:
    try:
        return base_url_of_did(orjson.loads((folder / "did.json").read_bytes())["id"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FlagError(
            "offline", str(folder), "it holds no did.json that says whose it is: give --base_url"
        ) from error
