"""QR codes as vectors: the address of a certificate, with its access code under it."""

import math
import re
from dataclasses import dataclass
from functools import cache

import zxingcpp

QUIET_ZONE = 4  # modules on each side, ISO/IEC 18004 §9.1
CAPTION_HEIGHT = 5  # modules that the caption's line takes, under the quiet zone
_DARK_RUN = re.compile(rb"\x00+")


@dataclass(frozen=True)
class QrCode:
    """A QR code, measured in modules.

    Attributes:
        width: with the quiet zone.
        height: with the quiet zone and the caption's line.
        runs: the neighbouring dark modules of each row: left end, row, length.
        caption: the text under the code; empty if there is none.
    """

    width: int
    height: int
    runs: tuple[tuple[int, int, int], ...]
    caption: str

    @property
    def view_box(self) -> str:
        """The SVG view box that holds the code."""
        return f"0,0,{self.width},{self.height}"

    @property
    def path(self) -> str:
        """The dark modules as SVG path data, to be stroked one module wide."""
        parts = []
        row = end = -1
        for x, y, length in self.runs:
            parts.append(_step(x - end, length) if y == row else f"M{x},{y}.5h{length}")
            row, end = y, x + length
        return "".join(parts)


@cache
def _step(gap: int, length: int) -> str:
    return f"m{gap},0h{length}"


def make_qr(data: str, caption: str = "") -> QrCode:
    """The QR code of a text at error correction level H (30 % of it may be lost).

    Args:
        data: what a scanner reads, such as the URL of a certificate.
        caption: what a person reads under the code, such as an access code.

    Raises:
        ValueError: ``data`` is empty or longer than a QR code can hold.
    """
    barcode = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.QRCode, ec_level="H")
    pixels = memoryview(barcode.to_image(scale=1, add_quiet_zones=False)).tobytes()
    size = math.isqrt(len(pixels))
    runs = [
        (run.start() + QUIET_ZONE, row + QUIET_ZONE, run.end() - run.start())
        for row in range(size)
        for run in _DARK_RUN.finditer(pixels[row * size : (row + 1) * size])
    ]
    side = size + 2 * QUIET_ZONE
    return QrCode(side, side + (CAPTION_HEIGHT if caption else 0), tuple(runs), caption)
