"""Opening of the templates that the ``preview`` and ``lint`` commands name, and of their pictures."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

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


def open_template(
    template: str, allow: Sequence[str], networks: Sequence[str]
) -> tuple[bytes, Callable[[str], str]]:
    """Read a template.

    Args:
        template: a URL, which the allow-list restricts, or a path, which it does not restrict.
        allow: values of ``--template_allow``; if empty, the folder of the template is allowed.
        networks: values of ``--template_networks``.

    Returns:
        The template's source, and a function that returns a picture that it refers to as a data URI. A relative
        reference is resolved against the folder of the template.

    Raises:
        click.ClickException: if the template cannot be read.
    """
    is_url = "://" in template
    folder = template.rpartition("/")[0] if is_url else str(Path(template).parent)
    beside = parse_allow_list((folder,), None)
    allowed = replace(parse_allow_list(allow, None), base=beside.base) if allow else beside
    source = open_allowed(allowed, networks)
    templates = Templates(source, max_bytes=_CACHE_BYTES, seconds=_SECONDS)

    def embed(url: str) -> str:
        try:
            return templates.image(url)
        except TemplateError:
            raise
        except Rejected as error:
            raise TemplateError(error.code, error.reason) from error

    try:
        if not is_url:
            return read_template(Path(template)), embed
        fetched = source.fetch(template)
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    assert fetched is not None  # noqa: S101 - only a known version gives None
    return fetched.body, embed
