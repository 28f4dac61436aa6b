"""Test a sheet of names in every script against the golden image ``scripts.png``, which readers of them can check."""

import io
from pathlib import Path

import PIL.Image
import PIL.ImageChops

from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.render.typst_engine import svg_to_png
from certbeam.artwork.template import compile_template
from certbeam.artwork.text import FaceIndex, FontLibrary
from certbeam.io.templates.fonts import find_faces

GOLDEN_IMAGE = Path(__file__).with_name("scripts.png")
# The golden image shows these fonts; the installed ones may be of another version.
FONTS = FontLibrary(FaceIndex(find_faces([Path(__file__).with_name("fonts")])))
LINE_HEIGHT = 44
# Part of the golden image, so it is never reworded.
LONG_TEXT = (
    "A name too long for its place is made smaller, then wraps in two lines, if that is not enough for it"
)


def render_row(x, y, **values):
    body = f'<svg viewBox="0 0 840 700"><text x="{x}" y="{y}" font-size="26" text-anchor="middle">${{n}}</text></svg>'
    template = compile_template(body.encode(), embed=str, fonts=FONTS)
    return template.fill(values, make_qr("https://certs.example.org/certs/1")).svg.decode()


def render_sheet():
    """Return an SVG of two columns of names, then a long text that shrinks and is broken into lines."""
    rows = [
        render_row(
            210 + 420 * (index % 2),
            LINE_HEIGHT * (index // 2 + 1),
            n=sample.name,
            language=sample.language,
        )
        for index, sample in enumerate(SAMPLES.values())
    ]
    rows.append(render_row(420, 650, n=LONG_TEXT, minFontSize="24"))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 840 700">{"".join(rows)}</svg>'.encode()


def test_names_in_every_script_look_like_the_golden_image(tmp_path):
    image_file = tmp_path / "scripts.png"
    image_file.write_bytes(svg_to_png(render_sheet(), width=840))
    golden = PIL.Image.open(io.BytesIO(GOLDEN_IMAGE.read_bytes())).convert("L")
    difference = PIL.ImageChops.difference(golden, PIL.Image.open(image_file).convert("L"))
    assert sum(difference.histogram()[64:]) == 0, (
        f"{image_file} differs from the golden image: check it, and if it is right, replace {GOLDEN_IMAGE.name}"
    )
