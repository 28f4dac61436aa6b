"""``certbeam lint``: check templates for errors and warnings."""

import sys

import click

from certbeam.artwork.authoring.lint import lint as find_faults
from certbeam.certificates.template_values import EXAMPLES, NOT_IN_ISSUE_EVENTS
from certbeam.foundation.errors import Rejected
from certbeam.io.templates.fonts import system_fonts
from certbeam.pipelines.cli.template_files import (
    allow_option,
    check_drawing,
    networks_option,
    open_template,
)


@click.command()
@click.argument("templates", nargs=-1, required=True, metavar="TEMPLATE…")
@click.option(
    "--known",
    metavar="NAME",
    multiple=True,
    help="Name of a variable that your events define in additionalProps or related. Repeatable.",
)
@click.option("--strict", is_flag=True, help="Exit with status 1 for warnings too.")
@allow_option
@networks_option
def lint(
    templates: tuple[str, ...],
    known: tuple[str, ...],
    strict: bool,
    allow: tuple[str, ...],
    networks: tuple[str, ...],
) -> None:
    """Report the errors and warnings of each TEMPLATE, with their lines.

    TEMPLATE is a file or a URL. An error means that no certificate can be made from the template. The exit status is 1
    if there is an error, and with --strict also if there is a warning.
    """
    check_drawing("png")
    has_failed = False
    own = dict.fromkeys(known, "")
    for template in templates:
        body, embed = open_template(template, allow, networks)
        try:
            findings = find_faults(
                body, examples=EXAMPLES | own, empty=NOT_IN_ISSUE_EVENTS, embed=embed, fonts=system_fonts()
            )
        except Rejected as error:
            click.echo(f"{template}: error: {error.reason} [{error.code}]")
            has_failed = True
            continue
        for finding in findings:
            place = f"{template}:{finding.line}" if finding.line else template
            click.echo(
                f"{place}: {'error' if finding.is_error else 'warning'}: {finding.message} [{finding.code}]"
            )
        has_failed = has_failed or any(strict or finding.is_error for finding in findings)
        if not findings:
            click.echo(f"{template}: nothing to remark")
    sys.exit(1 if has_failed else 0)
