"""Templates as the ``preview`` and ``lint`` commands find them: a file or a URL, and the pictures beside it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from certbeam.artwork.template import TemplateError
from certbeam.foundation.errors import Rejected
from certbeam.io.templates.allow_list import parse_allow_list
from certbeam.io.templates.cache import Templates
from certbeam.io.templates.fetch import read_template
from certbeam.io.templates.sources import open_allowed

allow_option = click.option(
    "--template_allow",
    "allow",
    metavar="URL",
    multiple=True,
    help="URL prefix or folder that pictures, and a template given by its URL, may come from; repeatable."
    " Default: the folder of the template.",
)
networks_option = click.option(
    "--template_networks",
    "networks",
    metavar="NETWORK",
    multiple=True,
    help="A network such as 10.20.0.0/16 that the hosts in --template_allow may be in though it is not public;"
    " repeatable.",
)

_CACHE_BYTES = 64 * 1024 * 1024
_SECONDS = 3600.0


def open_template(
    template: str, allow: Sequence[str], networks: Sequence[str]
) -> tuple[bytes, Callable[[str], str]]:
    """The source of a template, and what embeds the pictures that it names.

    A relative name of a picture is resolved against the folder of the template.

    Args:
        template: a URL that the allow-list restricts, or a path, which is opened as it is.
        allow: values of ``--template_allow``; none for the folder of the template.
        networks: values of ``--template_networks``.

    Raises:
        click.ClickException: when it cannot be read.
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
    assert fetched is not None  # noqa: S101 - a source says None to a known version only
    return fetched.body, embed
