"""``certbeam lint``: what is wrong with templates, and what to do about it."""

import sys

import click

from certbeam.artwork.authoring.lint import lint as findings_of
from certbeam.certificates.template_values import STANDARD_VARIABLES
from certbeam.foundation.errors import Rejected
from certbeam.io.templates.fonts import system_fonts
from certbeam.pipelines.cli.template_files import allow_option, networks_option, open_template


@click.command()
@click.argument("templates", nargs=-1, required=True, metavar="TEMPLATE…")
@click.option(
    "--known",
    metavar="NAME",
    multiple=True,
    help="A variable of your own, from additionalProps or related; repeatable.",
)
@allow_option
@networks_option
def lint(
    templates: tuple[str, ...], known: tuple[str, ...], allow: tuple[str, ...], networks: tuple[str, ...]
) -> None:
    """Say what is wrong, or will look wrong, with each TEMPLATE (a file or URL), by line.

    Exit status 1 when a certificate could not be made from one of them.
    """
    broken = False
    for template in templates:
        body, embed = open_template(template, allow, networks)
        try:
            found = findings_of(body, known={*STANDARD_VARIABLES, *known}, embed=embed, fonts=system_fonts())
        except Rejected as error:
            click.echo(f"{template}: error: {error.reason} [{error.code}]")
            broken = True
            continue
        for finding in found:
            place = f"{template}:{finding.line}" if finding.line else template
            click.echo(
                f"{place}: {'error' if finding.is_error else 'warning'}: {finding.message} [{finding.code}]"
            )
        broken = broken or any(finding.is_error for finding in found)
        if not found:
            click.echo(f"{template}: nothing to remark")
    sys.exit(1 if broken else 0)
