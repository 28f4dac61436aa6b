"""Seeing what a template will make, before anybody is issued one."""

from collections.abc import Mapping

from certbeam.credentials.qr import make_qr
from certbeam.credentials.template.compiled import CompiledTemplate, FilledTemplate
from certbeam.credentials.template.samples import SAMPLES, sample_values
from certbeam.credentials.template.tree import SVG, XLINK
from certbeam.credentials.template.variables import DateVariable

_COLUMNS = 5
_SHEET_WIDTH = 2400.0  # pixels
_GAP = 20.0


def preview(
    template: CompiledTemplate,
    values: Mapping[str, str],
    *,
    script: str = "Latin",
    address: str = "https://certs.example.org/certs/0123456789/00000000-0000-5000-8000-000000000000",
    access_code: str = "A1B2C3",
) -> FilledTemplate:
    """A template filled with given values, and with samples where there are none.

    Args:
        template: the compiled template.
        values: the given ones.
        script: a key of SAMPLES.
        address: what the QR code says.
        access_code: what stands under it.

    Raises:
        TemplateError: a value cannot be used.
    """
    samples = sample_values(template.variables, SAMPLES[script])
    tokens = [token for slot in template.slots for token in slot.tokens]
    dates = {token.name: "2026-03-05" for token in tokens if isinstance(token, DateVariable)}
    return template.fill(samples | dates | dict(values), make_qr(address, access_code))


def preview_sheet(template: CompiledTemplate, values: Mapping[str, str]) -> bytes:
    """One SVG with the template in every script of SAMPLES.

    Raises:
        TemplateError: a value cannot be used, or a script has no font.
    """
    width = (_SHEET_WIDTH - _GAP) / _COLUMNS - _GAP
    height = width * template.canvas.page_height / template.canvas.page_width
    rows = -(-len(SAMPLES) // _COLUMNS)
    sheet_height = _GAP + rows * (height + _GAP)
    cells = []
    for index, script in enumerate(SAMPLES):
        row, column = divmod(index, _COLUMNS)
        x, y = _GAP + column * (width + _GAP), _GAP + row * (height + _GAP)
        picture = preview(template, values, script=script).svg.decode()
        scale = width / template.canvas.page_width
        cells.append(f'<g transform="translate({x:g} {y:g}) scale({scale:g})">{picture}</g>')
    return (
        f'<svg xmlns="{SVG}" xmlns:xlink="{XLINK}" width="{_SHEET_WIDTH:g}" height="{sheet_height:g}"'
        f' viewBox="0 0 {_SHEET_WIDTH:g} {sheet_height:g}"><rect width="100%" height="100%" fill="#ddd"/>'
        f"{''.join(cells)}</svg>"
    ).encode()
