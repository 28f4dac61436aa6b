"""Templates as the ``preview`` and ``lint`` commands find them: a file or a URL, and the pictures beside it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from certbeam.credentials.errors import Rejected
from certbeam.credentials.template import TemplateError
from certbeam.io.adapters import open_templates
from certbeam.io.templates.cache import Templates

allow_option = click.option(
    "--template_allow",
    "allow",
    metavar="URL",
    multiple=True,
    help="URL prefix or folder that the template and its pictures may come from; repeatable."
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

    Raises:
        click.ClickException: when it cannot be read.
    """
    folder = template.rpartition("/")[0] or "."
    source = open_templates(tuple(allow) or (folder,), folder if allow else None, networks)
    templates = Templates(source, max_bytes=_CACHE_BYTES, seconds=_SECONDS)

    def embed(url: str) -> str:
        try:
            return templates.image(url)
        except TemplateError:
            raise
        except Rejected as error:
            raise TemplateError(error.code, error.reason) from error

    try:
        address = template if "://" in template else Path(template).absolute().as_uri()
        fetched = source.fetch(address)
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    if fetched is None:
        raise click.ClickException(f"{template} is empty")
    return fetched.body, embed
