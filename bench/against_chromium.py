"""Names in every script as certbeam draws them, against Chromium's own setting: python bench/against_chromium.py.

Prints for each script how much of the ink the two share (intersection over union of the grey values): of the
PNG that CairoSVG draws, and of the same SVG in Chromium. Both set the name in the same installed font.
"""

import base64
import io
import subprocess
import sys
import tempfile
from pathlib import Path

import PIL.Image
import PIL.ImageChops

from certbeam.credentials.qr import make_qr
from certbeam.credentials.render import to_png
from certbeam.credentials.template import compile_template
from certbeam.credentials.template.escape import text
from certbeam.credentials.template.samples import SAMPLES, Sample
from certbeam.io.templates.fonts import system_fonts

WIDTH, HEIGHT, SIZE = 1000, 160, 60
BROWSER = [
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
    *("--disable-lcd-text", "--font-render-hinting=none"),
]
# The Noto families that are not called "Noto Sans" and the script.
FAMILIES = {
    **dict.fromkeys(["Latin", "Greek", "Cyrillic", "Mixed"], "Noto Sans"),
    "Odia": "Noto Sans Oriya",
    "Urdu": "Noto Nastaliq Urdu",
    "Chinese": "Noto Sans CJK SC",
    "Japanese": "Noto Sans CJK JP",
    "Korean": "Noto Sans CJK KR",
}


def ours(sample: Sample) -> bytes:
    """A name as a certificate has it."""
    body = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}"><text x="40" y="100" font-size="{SIZE}">${{n}}</text></svg>'
    template = compile_template(body.encode(), embed=str, fonts=system_fonts())
    return template.fill({"n": sample.name, "language": sample.language}, make_qr("-")).svg


def theirs(script: str, sample: Sample) -> str:
    """A name as text, for Chromium to set."""
    family = FAMILIES.get(script, f"Noto Sans {script}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"><text x="40" y="100"'
        f' font-size="{SIZE}" font-family="{family}" lang="{sample.language}">{text(sample.name)}</text></svg>'
    )


def photographed(documents: list[str]) -> list[PIL.Image.Image]:
    """SVG documents as Chromium shows them."""
    nastaliq = base64.b64encode(system_fonts().files["NotoNastaliqUrdu-Regular"]().data).decode()
    page = "".join(
        [
            '<meta charset="utf-8"><body style="margin:0">',
            # fontconfig takes this family's bold face for the regular one
            f"<style>@font-face{{font-family:'Noto Nastaliq Urdu';src:url(data:font/ttf;base64,{nastaliq})}}</style>",
            *(f'<div style="height:{HEIGHT}px;overflow:hidden">{document}</div>' for document in documents),
        ]
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.html").write_text(page, encoding="utf-8")
        size = f"--window-size={WIDTH},{HEIGHT * len(documents)}"
        picture = Path(folder, "page.png")
        subprocess.run(  # noqa: S603
            [*BROWSER, size, f"--screenshot={picture}", Path(folder, "page.html").as_uri()],
            check=True,
            capture_output=True,
            timeout=120,
        )
        whole = PIL.Image.open(io.BytesIO(picture.read_bytes())).convert("L")
    tops = range(0, HEIGHT * len(documents), HEIGHT)
    return [whole.crop((0, top, WIDTH, top + HEIGHT)) for top in tops]


def shared_ink(one: PIL.Image.Image, other: PIL.Image.Image) -> float:
    """Intersection over union of two pictures' ink."""
    one, other = (PIL.ImageChops.invert(picture) for picture in (one, other))
    return ink(PIL.ImageChops.darker(one, other)) / ink(PIL.ImageChops.lighter(one, other))


def ink(picture: PIL.Image.Image) -> int:
    """The sum of all grey values."""
    return sum(value * count for value, count in enumerate(picture.histogram()))


def main() -> None:
    """Print a row for each script."""
    svgs = [ours(sample) for sample in SAMPLES.values()]
    drawn = [PIL.Image.open(io.BytesIO(to_png(svg, width=WIDTH))).convert("L") for svg in svgs]
    shown = photographed([svg.decode() for svg in svgs])
    set_by_chromium = photographed([theirs(script, sample) for script, sample in SAMPLES.items()])
    for script, by_cairo, in_browser, reference in zip(SAMPLES, drawn, shown, set_by_chromium, strict=True):
        row = f"{script:12} PNG {shared_ink(by_cairo, reference):.3f}  SVG {shared_ink(in_browser, reference):.3f}"
        print(row, file=sys.stdout)  # noqa: T201


if __name__ == "__main__":
    main()
