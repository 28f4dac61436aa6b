"""An invented template of 53 KB with gradients, fine lines and an inlined logo, like an export of a design program.

    python -m certbeam.bench.heavy_template FILE

It has the variables of older Sunbird templates, so that other programs can fill it, too. Its bytes are always the same.
"""

import base64
import colorsys
import io
import math
import random
import sys
from pathlib import Path

import PIL.Image

SIZE = 53_000
"""Size in bytes, up to one line of the border more."""

WIDTH, HEIGHT = 1123, 794
_LOGO_PIXELS = 61  # a square of noise, which cannot be compressed: 11 KB as PNG, 15 KB inlined
_SERIF, _SANS = "'Noto Serif', Georgia, serif", "'Noto Sans', Helvetica, sans-serif"


def heavy_template() -> bytes:
    """Return the template's SVG."""
    head = "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{WIDTH}"'
            f' height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">',
            "<defs>",
            *(_gradient(number) for number in range(6)),
            "</defs>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#shade0)"/>',
        ]
    )
    foot = "\n".join([*_texts(), _logo(), "</svg>", ""])
    lines = _border(SIZE - len(head.encode()) - len(foot.encode()))
    return "\n".join([head, *lines, foot]).encode()


def _gradient(number: int) -> str:
    lightness = 0.96 if number == 0 else 0.7
    stops = "".join(
        f'<stop offset="{step * 20}%" stop-color="{_color((number * 47 + step * 9) / 360, lightness)}"/>'
        for step in range(6)
    )
    return f'<linearGradient id="shade{number}" x1="0" y1="0" x2="1" y2="1">{stops}</linearGradient>'


def _color(hue: float, lightness: float) -> str:
    """Return a colour in hexadecimal, because CairoSVG does not support ``hsl()``."""
    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue % 1, lightness, 0.4))


def _border(size: int) -> list[str]:
    """Return rosettes of fine lines with a total size in bytes."""
    lines: list[str] = []
    number = 0
    while size > 0:
        lines.append(_rosette(number))
        size -= len(lines[-1]) + 1
        number += 1
    return lines


def _rosette(number: int) -> str:
    points = []
    for step in range(60):
        angle = step * math.tau / 60
        radius = 330 + 22 * math.sin(angle * (7 + number)) + number * 1.5
        x = WIDTH / 2 + radius * 1.55 * math.cos(angle)
        y = HEIGHT / 2 + radius * math.sin(angle)
        points.append(f"{x:.1f},{y:.1f}")
    curve = " ".join(points[1:])
    return (
        f'<path d="M{points[0]} L{curve}Z" fill="none" stroke="url(#shade{number % 6})" stroke-width="0.6"/>'
    )


def _texts() -> list[str]:
    placed = [
        (190, 16, _SANS, "${issuerName}"),
        (250, 44, _SERIF, "${certificateName}"),
        (300, 18, _SERIF, "This is to certify that"),
        (366, 46, _SERIF, "${recipientName}"),
        (430, 18, _SERIF, "has successfully completed"),
        (476, 27, _SERIF, "${courseName}"),
        (516, 15, _SANS, "${issuedDate}"),
    ]
    texts = [
        f'<text x="{WIDTH / 2}" y="{y}" text-anchor="middle" font-family="{font}" font-size="{size}">{words}</text>'
        for y, size, font, words in placed
    ]
    signatories = [
        f'<image x="{x}" y="574" width="200" height="66" xlink:href="${{signatory{number}Image}}"/>\n'
        f'<text x="{x + 100}" y="668" text-anchor="middle" font-family="{_SANS}" font-size="15">'
        f"${{signatory{number}Name}}</text>"
        for number, x in enumerate((170, 753))
    ]
    code = '<image id="QrCode" x="498.5" y="552" width="126" height="126" xlink:href="${qrCodeImage}"/>'
    return [*texts, *signatories, code]


def _logo() -> str:
    noise = random.Random(53).randbytes(3 * _LOGO_PIXELS**2)  # noqa: S311 - only bytes of a picture
    stream = io.BytesIO()
    PIL.Image.frombytes("RGB", (_LOGO_PIXELS, _LOGO_PIXELS), noise).save(stream, "PNG")
    body = base64.b64encode(stream.getvalue()).decode("ascii")
    return f'<image x="511" y="70" width="100" height="100" xlink:href="data:image/png;base64,{body}"/>'


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(heavy_template())
