"""Make QR codes as vector graphics, such as the URL of a certificate with its access code as a caption."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import add

from certbeam.artwork.qr.mask_patterns import VERSIONS
from certbeam.artwork.qr.symbols import encode_symbol

QUIET_ZONE = 4  # light modules on each side, ISO/IEC 18004:2015 §9.1
CAPTION_HEIGHT = 5  # modules below the quiet zone


@dataclass(frozen=True)
class QrCode:
    """QR code, measured in modules.

    Attributes:
        rows: the modules of each row without the quiet zone, eight in a byte. Bit ``x % 8`` of byte ``x // 8`` is
            set if the module in column x is dark.
        caption: the text under the code; empty if there is none.
        data: the text that a scanner reads.
    """

    rows: tuple[bytes, ...]
    caption: str
    data: str

    @property
    def width(self) -> int:
        """Width with the quiet zone."""
        return len(self.rows) + 2 * QUIET_ZONE

    @property
    def height(self) -> int:
        """Height with the quiet zone and the caption."""
        return self.width + (CAPTION_HEIGHT if self.caption else 0)

    @property
    def view_box(self) -> str:
        """SVG view box of the code with the quiet zone and the caption."""
        return f"0,0,{self.width},{self.height}"

    @property
    def path(self) -> str:
        """Dark modules as SVG path data; the stroke must be one module wide."""
        row_bytes = len(self.rows[0])
        strokes = list(map(_STROKES.__getitem__, b"".join(self.rows)))
        strokes[::row_bytes] = map(add, _row_starts(len(self.rows)), strokes[::row_bytes])
        return "".join(strokes)

    @cached_property
    def dark_runs(self) -> tuple[tuple[int, int, int], ...]:
        """Runs of adjacent dark modules in each row: left edge, row and length, with the quiet zone."""
        return tuple(
            (start + QUIET_ZONE, y, end - start)
            for y, row in enumerate(self.rows, QUIET_ZONE)
            for start, end in _runs_of_set_bits(int.from_bytes(row, "little"))
        )


def _runs_of_set_bits(bits: int) -> list[tuple[int, int]]:
    """Return the start and the end of each run of set bits, from the lowest bit."""
    edges = bits ^ bits << 1
    positions = [position for position in range(edges.bit_length()) if edges >> position & 1]
    return list(zip(positions[::2], positions[1::2], strict=True))


def _stroke_path(modules: int) -> str:
    """Return relative path data that strokes the dark ones of eight modules and ends behind the last module.

    Args:
        modules: a byte of :attr:`QrCode.rows`.
    """
    commands = []
    x = 0
    for start, end in _runs_of_set_bits(modules):
        commands.append(f"m{start - x},0h{end - start}" if start > x else f"h{end - start}")
        x = end
    return "".join(commands) + (f"m{8 - x},0" if x < 8 else "")


@lru_cache(VERSIONS)
def _row_starts(rows: int) -> tuple[str, ...]:
    """Return the path command that moves to the start of each row."""
    return tuple(f"M{QUIET_ZONE},{y}.5" for y in range(QUIET_ZONE, QUIET_ZONE + rows))


_STROKES = [_stroke_path(modules) for modules in range(256)]


def make_qr(data: str, caption: str = "") -> QrCode:
    """Return the QR code of a text at error correction level H, which restores up to 30 % of the codewords.

    Args:
        data: the text that a scanner reads, such as the URL of a certificate.
        caption: the text that a person reads under the code, such as an access code.

    Raises:
        ValueError: ``data`` is empty or longer than a QR code can hold.
    """
    mask_patterns, symbol = encode_symbol(data)
    return QrCode(tuple(mask_patterns.unpack_rows(mask_patterns.apply_best(symbol))), caption, data)
