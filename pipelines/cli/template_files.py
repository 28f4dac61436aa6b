"""Opening of the templates that the ``preview`` and ``lint`` commands name, and of their pictures."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

from certbeam.artwork.render import load_renderers
from certbeam.artwork.template import TemplateError
from certbeam.foundation.errors import Rejected
from certbeam.io.port_table import TEMPLATES
from certbeam.io.template_sources import open_allowed
from certbeam.io.templates.allow_list import parse_allow_list
from certbeam.io.templates.cache import Templates
from certbeam.io.templates.folder_templates import read_template
from certbeam.pipelines.config.flags import find_flag

allow_option = click.option(
    "--template_allow",
    "allow",
    metavar="URL",
    multiple=True,
    help=f"Allowed origin of pictures, and of a template that is a URL: {TEMPLATES.forms}. Repeatable."
    " Default: the folder of the template.",
)
networks_option = click.option(
    "--template_networks",
    "networks",
    metavar="NETWORK",
    multiple=True,
    help=find_flag("template_networks").help,
)

_CACHE_BYTES = 64 * 1024 * 1024
_SECONDS = 3600.0


def check_drawing(file_format: str) -> None:
    """Import what draws a file format, so that a missing library fails before any template is read.

    Raises:
        click.ClickException: a library is not installed.
    """
    try:
        load_renderers([file_format])
    except (ImportError, OSError) as error:
        raise click.ClickException(f"the libraries that draw are not installed: {error}") from error


class TemplateReader:
    """Reader of a template, and of the pictures that it refers to.

    A relative reference to a picture is resolved against the folder of the template.
    """

    def __init__(self, template: str, allow: Sequence[str], networks: Sequence[str]) -> None:
        """Create a reader.

        Args:
            template: a URL, which the allow-list restricts, or a path, which it does not restrict.
            allow: values of ``--template_allow``; if empty, the folder of the template is allowed.
            networks: values of ``--template_networks``.

        Raises:
            FlagError: if one of the values cannot be used.
        """
        self._template = template
        self._is_url = "://" in template
        folder = template.rpartition("/")[0] if self._is_url else str(Path(template).parent)
        beside = parse_allow_list((folder,), None)
        self._allowed = replace(parse_allow_list(allow, None), base=beside.base) if allow else beside
        self._source = open_allowed(self._allowed, networks)

    def read(self) -> bytes:
        """Return the template's source.

        Raises:
            Rejected: if it cannot be read.
        """
        if not self._is_url:
            return read_template(Path(self._template))
        fetched = self._source.fetch(self._template)
        assert fetched is not None  # noqa: S101 - only a known version gives None
        return fetched.body

    def read_pictures(self) -> Callable[[str], str]:
        """Return a function that returns the ``data:`` URI of a picture; it reads each picture once.

        The function raises TemplateError if the picture cannot be read.
        """
        templates = Templates(self._source, max_bytes=_CACHE_BYTES, seconds=_SECONDS)

        def embed(url: str) -> str:
            try:
                return templates.image(url)
            except TemplateError:
                raise
            except Rejected as error:
                raise TemplateError(error.code, error.reason) from error

        return embed

    def find_template_file(self) -> Path | None:
        """Return the path of the template; None if it is not a file."""
        return self.find_file(self._template) if self._is_url else Path(self._template)

    def find_file(self, url: str) -> Path | None:
        """Return the path of a picture, which need not exist; None if it is not an allowed file."""
        try:
            parts = urlsplit(self._allowed.resolve(url))
        except Rejected:
            return None
        return Path(unquote(parts.path)) if parts.scheme == "file" else None

    def close(self) -> None:
        """Close the connections."""
        self._source.close()


def open_template(
    template: str, allow: Sequence[str], networks: Sequence[str]
) -> tuple[bytes, Callable[[str], str]]:
    """Read a template; the arguments are those of :class:`TemplateReader`.

    Returns:
        The template's source, and a function that returns a picture that it refers to as a data URI.

    Raises:
        click.ClickException: if the template cannot be read.
    """
    reader = TemplateReader(template, allow, networks)
    try:
        return reader.read(), reader.read_pictures()
    except Rejected as error:
        raise click.ClickException(error.reason) from error
