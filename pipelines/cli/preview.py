"""``certbeam preview``: draw a template with sample values."""

import datetime
from collections.abc import Callable
from pathlib import Path

import click

from certbeam.artwork.authoring.preview import preview as fill_preview
from certbeam.artwork.authoring.preview import preview_sheet
from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.artwork.render import PdfMetadata, Renderer
from certbeam.artwork.template import compile_template
from certbeam.certificates.template_values import EXAMPLES
from certbeam.foundation.errors import Rejected
from certbeam.io.templates.fonts import system_fonts
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.cli.authoring.command import run_server
from certbeam.pipelines.cli.authoring.values import read_values
from certbeam.pipelines.cli.template_files import (
    allow_option,
    check_drawing,
    networks_option,
    open_template,
)

ALL = "all"
_FORMATS = (".svg", ".png", ".pdf")
_DATE = datetime.datetime(2026, 3, 5, tzinfo=datetime.timezone.utc)


@click.command()
@click.argument("template")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write. Its ending selects the format: .svg, .png or .pdf.",
)
@click.option(
    "--serve",
    is_flag=True,
    help="Show SVG, PNG and PDF on a page in the browser, with the findings of 'certbeam lint' at their lines. The"
    " page reloads after each save. Stop it with Ctrl-C.",
)
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(1024, 65535),
    help="Port of --serve on 127.0.0.1. Default: any free port.",
)
@click.option("--no-browser", is_flag=True, help="With --serve, do not open the browser.")
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file that maps names of variables to values. Other variables have samples, or a mark if certificates do"
    " not have them.",
)
@click.option(
    "--script",
    metavar="SCRIPT",
    type=click.Choice([ALL, *SAMPLES], case_sensitive=False),
    default="Latin",
    show_default=True,
    help=f"Script of the sample values in the file of --out: {', '.join(SAMPLES)}; or 'all' for one sheet with all"
    " scripts.",
)
@allow_option
@networks_option
def preview(
    template: str,
    out: Path | None,
    serve: bool,
    port: int | None,
    no_browser: bool,
    data: Path | None,
    script: str,
    allow: tuple[str, ...],
    networks: tuple[str, ...],
) -> None:
    """Draw a template with sample values, or with your own values, into a file or on a page in the browser.

    TEMPLATE is a file or a URL. Give either --out or --serve.
    """
    if (out is None) != serve:
        raise click.UsageError("give either --out FILE, to write a file, or --serve, to open a page")
    if out is None:
        run_server(template, data, allow, networks, port=port, opens_browser=not no_browser)
    elif port is not None or no_browser:
        raise click.UsageError("--port and --no-browser are for --serve: remove them")
    elif out.suffix not in _FORMATS:
        remedy = f"the format is unknown: end the name in one of {', '.join(_FORMATS)}"
        raise FlagError("out", str(out), remedy)
    else:
        check_drawing(out.suffix.removeprefix("."))
        picture = _draw(template, out, data, script, open_template(template, allow, networks))
        out.write_bytes(picture)
        click.echo(f"{out}: {len(picture):,} bytes")


def _draw(
    template: str, out: Path, data: Path | None, script: str, opened: tuple[bytes, Callable[[str], str]]
) -> bytes:
    """Return the content of the file of ``--out``."""
    body, embed = opened
    try:
        compiled = compile_template(body, embed=embed, fonts=system_fonts())
        values = read_values(data)
        if script == ALL:
            return _render_sheet(preview_sheet(compiled, values, EXAMPLES), out.suffix)
        filled, renderer = fill_preview(compiled, values, EXAMPLES, script=script), Renderer()
        if out.suffix == ".svg":
            return filled.svg
        if out.suffix == ".png":
            return renderer.render_png(filled)
        return renderer.render_pdf(filled, PdfMetadata(out.stem, "en", _DATE))
    except Rejected as error:
        raise click.ClickException(f"{template}: {error.reason}") from error


def _render_sheet(sheet: bytes, suffix: str) -> bytes:
    if suffix == ".svg":
        return sheet
    from certbeam.artwork.render.typst_engine import svg_to_pdf, svg_to_png

    if suffix == ".png":
        return svg_to_png(sheet)
    return svg_to_pdf(sheet, created=_DATE)
