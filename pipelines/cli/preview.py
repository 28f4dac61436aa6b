"""``certbeam preview``: draw a template with sample values."""

import datetime
from pathlib import Path

import click
import orjson

from certbeam.artwork.authoring.preview import preview as fill_preview
from certbeam.artwork.authoring.preview import preview_sheet
from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.artwork.render import PdfMetadata, Renderer
from certbeam.artwork.template import compile_template
from certbeam.certificates.template_values import EXAMPLES
from certbeam.foundation.errors import Rejected
from certbeam.io.templates.fonts import system_fonts
from certbeam.io.uri.address import FlagError
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
    required=True,
    help="File to write. Its ending selects the format: .svg, .png or .pdf.",
)
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
    help=f"Script of the sample values: {', '.join(SAMPLES)}; or 'all' for one sheet with all scripts.",
)
@allow_option
@networks_option
def preview(
    template: str,
    out: Path,
    data: Path | None,
    script: str,
    allow: tuple[str, ...],
    networks: tuple[str, ...],
) -> None:
    """Draw a template with sample values, or with your own values, into a file.

    TEMPLATE is a file or a URL.
    """
    if out.suffix not in _FORMATS:
        raise FlagError(
            "out", str(out), f"the format is unknown: end the name in one of {', '.join(_FORMATS)}"
        )
    check_drawing(out.suffix.removeprefix("."))
    body, embed = open_template(template, allow, networks)
    try:
        compiled = compile_template(body, embed=embed, fonts=system_fonts())
        values = _values(data)
        if script == ALL:
            picture = _render_sheet(preview_sheet(compiled, values, EXAMPLES), out.suffix)
        else:
            filled, renderer = fill_preview(compiled, values, EXAMPLES, script=script), Renderer()
            picture = {
                ".svg": lambda: filled.svg,
                ".png": lambda: renderer.render_png(filled),
                ".pdf": lambda: renderer.render_pdf(filled, PdfMetadata(out.stem, "en", _DATE)),
            }[out.suffix]()
    except Rejected as error:
        raise click.ClickException(f"{template}: {error.reason}") from error
    out.write_bytes(picture)
    click.echo(f"{out}: {len(picture):,} bytes")


def _render_sheet(sheet: bytes, suffix: str) -> bytes:
    if suffix == ".svg":
        return sheet
    from certbeam.artwork.render.typst_engine import svg_to_pdf, svg_to_png

    if suffix == ".png":
        return svg_to_png(sheet)
    return svg_to_pdf(sheet, created=_DATE)


def _values(data: Path | None) -> dict[str, str]:
    if data is None:
        return {}
    try:
        values = orjson.loads(data.read_bytes())
    except orjson.JSONDecodeError as error:
        raise FlagError("data", str(data), f"it is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise FlagError("data", str(data), "it is not a JSON object: map names of variables to values")
    return {name: str(value) for name, value in values.items()}
