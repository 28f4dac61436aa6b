"""What one certificate's picture costs, step by step: python bench/drawing.py [TEMPLATE…].

Medians in milliseconds of processor time, over certificates that differ in name, date and address, as a course's do.
"""

import datetime
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from certbeam.credentials.qr import make_qr
from certbeam.credentials.render import Attachment, PdfMetadata, Renderer
from certbeam.credentials.template import FilledTemplate, compile_template
from certbeam.credentials.template.samples import SAMPLES, sample_values
from certbeam.credentials.text import Span, TextStyle, set_text
from certbeam.credentials.text.layout import Place
from certbeam.io.templates.fonts import system_fonts

EXAMPLES = Path(__file__).parent.parent / "examples" / "templates"
ROUNDS = 100
MOMENT = datetime.datetime(2026, 3, 5, tzinfo=datetime.timezone.utc)
ATTACHMENT = Attachment("credential.json", bytes(3000), "application/ld+json")
METADATA = PdfMetadata("Certificate", "hi", MOMENT, ATTACHMENT)
ADDRESS = "https://certs.example.org/certs/0123456789/1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f"
BLANK = "data:image/svg+xml,%3Csvg viewBox='0 0 1 1'/%3E"


def median(step: Callable[[int], object]) -> float:
    """The median time of a step that is given the number of its round, in milliseconds."""
    step(-1)  # what is made once
    times = []
    for number in range(ROUNDS):
        start = time.thread_time()
        step(number)
        times.append(time.thread_time() - start)
    return statistics.median(times) * 1e3


def measure(path: Path) -> dict[str, float]:
    """The costs of one template's certificates."""
    template = compile_template(path.read_bytes(), embed=lambda _: BLANK, fonts=system_fonts())
    values = sample_values(template.variables, SAMPLES["Devanagari"])
    codes = {number: make_qr(f"{ADDRESS}{number}", "A1B2C3") for number in range(-1, ROUNDS)}
    renderer = Renderer()

    def fill(number: int) -> FilledTemplate:
        return template.fill(
            {**values, "recipientName": f"{values['recipientName']} {number}"}, codes[number]
        )

    times = {"fill, to SVG": median(lambda number: fill(number).svg)}
    filled = {number: fill(number) for number in range(-1, ROUNDS)}
    return times | {
        "data URI": median(lambda number: filled[number].data_uri),
        "PNG, 1600 px": median(lambda number: renderer.png(filled[number])),
        "PDF": median(lambda number: renderer.pdf(filled[number], METADATA)),
    }


def main() -> None:
    """Print a row for each template, and the costs that are the same for all."""
    fonts = system_fonts()
    print(f"{median(lambda number: make_qr(f'{ADDRESS}{number}', 'A1B2C3')):8.3f} ms  a QR code")  # noqa: T201
    for script, sample in SAMPLES.items():
        spans = [Span(sample.name, TextStyle(40))]
        time_taken = median(lambda _, spans=spans: set_text(spans, Place(0, 0), fonts))
        print(f"{time_taken:8.3f} ms  a name in {script}")  # noqa: T201
    for path in map(Path, sys.argv[1:] or sorted(EXAMPLES.glob("*.svg"))):
        print(path.name)  # noqa: T201
        for step, time_taken in measure(path).items():
            print(f"{time_taken:8.3f} ms  {step}")  # noqa: T201


if __name__ == "__main__":
    main()
