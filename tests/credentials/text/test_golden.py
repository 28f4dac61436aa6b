"""A sheet of names in every script, to be looked at by people who read them: ``scripts.png``."""

import io
from functools import partial
from pathlib import Path

import PIL.Image
import PIL.ImageChops
import uharfbuzz

from certbeam.credentials.qr import make_qr
from certbeam.credentials.render.svg import to_png
from certbeam.credentials.template import compile_template
from certbeam.credentials.template.samples import SAMPLES
from certbeam.credentials.text import FontLibrary
from certbeam.io.templates.fonts import font_files

GOLDEN = Path(__file__).with_name("scripts.png")
# The picture is of these fonts, which may differ from those installed.
FONTS = FontLibrary(
    {
        name: partial(uharfbuzz.Blob.from_file_path, str(path))
        for name, path in font_files([Path(__file__).with_name("fonts")]).items()
    }
)
LINE = 44
SHRUNK = (
    "A name too long for its place is made smaller, then wraps in two lines, if that is not enough for it"
)


def row(x, y, **values):
    body = f'<svg viewBox="0 0 840 700"><text x="{x}" y="{y}" font-size="26" text-anchor="middle">${{n}}</text></svg>'
    filled = compile_template(body.encode(), embed=str, fonts=FONTS).fill(
        values, make_qr("https://certs.example.org/certs/1")
    )
    return filled.svg.decode()


def sheet():
    """Two columns of names, then a long one that shrinks and wraps."""
    rows = [
        row(210 + 420 * (index % 2), LINE * (index // 2 + 1), n=sample.name, language=sample.language)
        for index, sample in enumerate(SAMPLES.values())
    ]
    rows.append(row(420, 650, n=SHRUNK, minFontSize="24"))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 840 700">{"".join(rows)}</svg>'.encode()


def test_names_in_every_script_look_as_they_should(tmp_path):
    drawn = tmp_path / "scripts.png"
    drawn.write_bytes(to_png(sheet(), width=840))
    golden = PIL.Image.open(io.BytesIO(GOLDEN.read_bytes())).convert("L")
    difference = PIL.ImageChops.difference(golden, PIL.Image.open(drawn).convert("L"))
    assert sum(difference.histogram()[64:]) == 0, f"look at {drawn}; if it is right, make it {GOLDEN.name}"
