"""Processor time of each step of drawing a certificate: python -m certbeam.bench.drawing [TEMPLATE…].

The certificates have different names and QR codes, like those of a course.
"""

import datetime
import sys
from pathlib import Path

from certbeam.artwork.authoring.samples import SAMPLES, sample_values
from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.render import Attachment, PdfMetadata, Renderer
from certbeam.artwork.template import FilledTemplate, compile_template
from certbeam.artwork.text import Placement, Span, TextStyle, lay_out_text
from certbeam.bench.make_input import EXAMPLES
from certbeam.bench.spread import Spread, print_steps, step_micros
from certbeam.io.templates.fonts import system_fonts

ROUNDS = 100
MOMENT = datetime.datetime(2026, 3, 5, tzinfo=datetime.timezone.utc)
ATTACHMENT = Attachment("credential.json", bytes(3000), "application/ld+json")
METADATA = PdfMetadata("Certificate", "hi", MOMENT, ATTACHMENT)
ADDRESS = "https://certs.example.org/certs/0123456789/1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f"
BLANK = "data:image/svg+xml,%3Csvg viewBox='0 0 1 1'/%3E"


def measure_names() -> dict[str, Spread]:
    """Measure the microseconds of typesetting a name, by script."""
    fonts = system_fonts()
    steps = {}
    for script, sample in SAMPLES.items():
        spans = [Span(sample.name, TextStyle(40))]
        typeset = step_micros(lambda _, spans=spans: lay_out_text(spans, Placement(0, 0), fonts), ROUNDS)  # type: ignore[misc]
        steps[script] = typeset
    return steps


def measure_template(svg: bytes) -> dict[str, Spread]:
    """Measure the microseconds of each step of drawing a template's certificates."""

    def compiled(_: int) -> object:
        return compile_template(svg, embed=lambda _: BLANK, fonts=system_fonts())

    template = compile_template(svg, embed=lambda _: BLANK, fonts=system_fonts())
    values = sample_values(template, SAMPLES["Devanagari"], dict.fromkeys(template.required_variables, ""))
    codes = {number: make_qr(f"{ADDRESS}{number}", "A1B2C3") for number in range(-1, ROUNDS)}
    renderer = Renderer()

    def fill(number: int) -> FilledTemplate:
        return template.fill(
            {**values, "recipientName": f"{values['recipientName']} {number}"}, codes[number]
        )

    steps = {
        "compile, once for each worker": step_micros(compiled, ROUNDS // 10),
        "fill, to SVG": step_micros(lambda number: fill(number).svg_parts, ROUNDS),
    }
    filled = {number: fill(number) for number in range(-1, ROUNDS)}
    return steps | {
        "data URI": step_micros(lambda number: filled[number].data_uri_parts, ROUNDS),
        "PDF": step_micros(lambda number: renderer.render_pdf(filled[number], METADATA), ROUNDS),
        "PNG, 1600 px": step_micros(lambda number: renderer.render_png(filled[number]), ROUNDS),
    }


def main() -> None:
    """Print the times of names, and of each template's certificates."""
    print_steps("Typesetting a name", measure_names())
    for path in [Path(one) for one in sys.argv[1:]] or sorted((EXAMPLES / "templates").glob("*.svg")):
        print_steps(path.name, measure_template(path.read_bytes()))


if __name__ == "__main__":
    main()
