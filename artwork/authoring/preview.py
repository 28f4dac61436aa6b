"""Fill a template with sample values, so that authors see the result before any certificate is issued."""

from collections.abc import Collection, Mapping

from certbeam.artwork.authoring.samples import SAMPLE_ACCESS_CODE, SAMPLE_URL, SAMPLES, sample_values
from certbeam.artwork.authoring.scenarios import Scenario, scenario_values
from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.svg.tree import SVG, XLINK
from certbeam.artwork.template.compiled import CompiledTemplate, FilledTemplate

_COLUMNS = 5
_SHEET_WIDTH = 2400.0  # pixels
_GAP = 20.0  # pixels


def preview(
    template: CompiledTemplate,
    values: Mapping[str, str],
    examples: Mapping[str, str],
    *,
    script: str = "Latin",
    url: str = SAMPLE_URL,
    access_code: str = SAMPLE_ACCESS_CODE,
) -> FilledTemplate:
    """Fill a template with the given values, and with samples for its other variables.

    A variable with neither a value nor an example is filled with a mark: see
    :func:`~certbeam.artwork.authoring.samples.sample_values`.

    Args:
        template: the compiled template.
        values: values by the names of variables.
        examples: an example of the value of each variable that certificates have.
        script: a key of SAMPLES.
        url: the data of the QR code.
        access_code: the caption of the QR code.

    Raises:
        MissingVariable: a date has neither a value nor an example.
        TemplateError: a value cannot be used.
    """
    samples = sample_values(template, SAMPLES[script], {**examples, **values})
    return template.fill(samples | dict(values), make_qr(url, access_code))


def preview_scenario(
    template: CompiledTemplate,
    scenario: Scenario,
    values: Mapping[str, str],
    examples: Mapping[str, str],
    empty: Collection[str],
) -> FilledTemplate:
    """Fill a template with the values of a scenario.

    The arguments are those of :func:`~certbeam.artwork.authoring.scenarios.scenario_values`.

    Raises:
        MissingVariable: a date or a part of CSS has neither a value nor an example.
        TemplateError: a value cannot be used.
    """
    filled = scenario_values(template, scenario, values, examples, empty)
    return template.fill(filled, make_qr(SAMPLE_URL, SAMPLE_ACCESS_CODE))


def preview_sheet(
    template: CompiledTemplate, values: Mapping[str, str], examples: Mapping[str, str]
) -> bytes:
    """Render a contact sheet as SVG: the template filled with the sample of each script.

    Args:
        template: the compiled template.
        values: values by the names of variables.
        examples: an example of the value of each variable that certificates have.

    Raises:
        TemplateError: a value cannot be used, or no font has the characters of a script.
    """
    width = (_SHEET_WIDTH - _GAP) / _COLUMNS - _GAP
    height = width * template.view_box.page_height / template.view_box.page_width
    rows = -(-len(SAMPLES) // _COLUMNS)
    sheet_height = _GAP + rows * (height + _GAP)
    cells = []
    for index, script in enumerate(SAMPLES):
        row, column = divmod(index, _COLUMNS)
        x, y = _GAP + column * (width + _GAP), _GAP + row * (height + _GAP)
        svg = preview(template, values, examples, script=script).svg.decode()
        scale = width / template.view_box.page_width
        cells.append(f'<g transform="translate({x:g} {y:g}) scale({scale:g})">{svg}</g>')
    return (
        f'<svg xmlns="{SVG}" xmlns:xlink="{XLINK}" width="{_SHEET_WIDTH:g}" height="{sheet_height:g}"'
        f' viewBox="0 0 {_SHEET_WIDTH:g} {sheet_height:g}"><rect width="100%" height="100%" fill="#ddd"/>'
        f"{''.join(cells)}</svg>"
    ).encode()
