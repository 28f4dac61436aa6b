"""QR codes as vectors: the address of a certificate, with its access code under it."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import add

from certbeam.credentials.qr_symbols import symbol_of

QUIET_ZONE = 4  # modules on each side, ISO/IEC 18004 §9.1
CAPTION_HEIGHT = 5  # modules that the caption's line takes, under the quiet zone


@dataclass(frozen=True)
class QrCode:
    """A QR code, measured in modules.

    Attributes:
        rows: the modules of each row without the quiet zone, eight in a byte: bit ``x % 8`` of byte ``x // 8`` is
            set where column x is dark.
        caption: the text under the code; empty if there is none.
    """

    rows: tuple[bytes, ...]
    caption: str

    @property
    def width(self) -> int:
        """With the quiet zone."""
        return len(self.rows) + 2 * QUIET_ZONE

    @property
    def height(self) -> int:
        """With the quiet zone and the caption's line."""
        return self.width + (CAPTION_HEIGHT if self.caption else 0)

    @property
    def view_box(self) -> str:
        """The SVG view box that holds the code."""
        return f"0,0,{self.width},{self.height}"

    @property
    def path(self) -> str:
        """The dark modules as SVG path data, to be stroked one module wide."""
        width = len(self.rows[0])
        strokes = list(map(_STROKES.__getitem__, b"".join(self.rows)))
        strokes[::width] = map(add, _row_starts(len(self.rows)), strokes[::width])
        return "".join(strokes)

    @cached_property
    def runs(self) -> tuple[tuple[int, int, int], ...]:
        """The neighbouring dark modules of each row: left end, row, length."""
        return tuple(
            (start + QUIET_ZONE, y, end - start)
            for y, row in enumerate(self.rows, QUIET_ZONE)
            for start, end in _runs(int.from_bytes(row, "little"))
        )


def _runs(row: int) -> list[tuple[int, int]]:
    """Where the runs of set bits begin and end, from the lowest."""
    edges = row ^ row << 1
    ends = [place for place in range(edges.bit_length()) if edges >> place & 1]
    return list(zip(ends[::2], ends[1::2], strict=True))


def _strokes(modules: int) -> str:
    """The path that strokes the dark ones of eight modules and ends behind the last of them."""
    parts = []
    pen = 0
    for start, end in _runs(modules):
        parts.append(f"m{start - pen},0h{end - start}" if start > pen else f"h{end - start}")
        pen = end
    return "".join(parts) + (f"m{8 - pen},0" if pen < 8 else "")


@lru_cache(maxsize=40)  # there are forty sizes
def _row_starts(rows: int) -> tuple[str, ...]:
    return tuple(f"M{QUIET_ZONE},{y}.5" for y in range(QUIET_ZONE, QUIET_ZONE + rows))


_STROKES = [_strokes(modules) for modules in range(256)]


def make_qr(data: str, caption: str = "") -> QrCode:
    """The QR code of a text at error correction level H (30 % of it may be lost).

    Args:
        data: what a scanner reads, such as the URL of a certificate.
        caption: what a person reads under the code, such as an access code.

    Raises:
        ValueError: ``data`` is empty or longer than a QR code can hold.
    """
    masks, symbol = symbol_of(data)
    return QrCode(tuple(masks.rows(masks.best(symbol))), caption)
