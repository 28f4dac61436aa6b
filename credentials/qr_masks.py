"""Which of the eight masks a QR code wears: ISO/IEC 18004:2015 §7.8.3, on all eight at once.

The encoder takes 0.41 of its 0.45 ms to try the masks one module at a time. Here a symbol is one long integer, a
module a bit, and the eight masked symbols stand one after another in one integer more: a rule is a few shifts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

MASKS = 8
_MARGIN = 4
"""Light modules that the rules look at beyond the edge; the quiet zone is as wide."""

_RUN_WEIGHT = 1  # N1 = 3 for five modules of a colour in a row and 1 for each more: 1 a window of five, …
_RUN_START_WEIGHT = 2  # … and 2 where the windows begin
_BLOCK_WEIGHT = 3  # N2
_FINDER_WEIGHT = 40  # N3
_BALANCE_WEIGHT = 10  # N4, for each 5 % that the dark modules are away from half


@dataclass(frozen=True)
class Masks:
    """The masks of all symbols of one size.

    A symbol's module in column x of row y is bit ``(y + 4) * stride + x`` of its integer.

    Attributes:
        size: modules on a side.
        differences: what turns a symbol with mask 0 into the same with each other mask, one after another.
    """

    size: int
    differences: int

    @staticmethod
    def of(size: int, encode: Callable[[int], bytes]) -> "Masks":
        """Find them out.

        Args:
            size: modules on a side.
            encode: the pixels of any symbol of that size with a given mask.
        """
        masks = Masks(size, 0)
        plain = masks.symbol(encode(0))
        packed = 0
        for mask in range(MASKS):
            packed |= (plain ^ masks.symbol(encode(mask))) << mask * masks.span
        return Masks(size, packed)

    @property
    def stride(self) -> int:
        """Bits of a row, with the margin that it shares with the next."""
        return self.size + _MARGIN

    @property
    def span(self) -> int:
        """Bits of a symbol with the margin above it, in whole bytes."""
        return -(-self.stride * (self.size + _MARGIN) // 8) * 8

    def symbol(self, pixels: bytes) -> int:
        """The integer of a symbol.

        Args:
            pixels: a byte a module, row by row: 0 is dark, 255 light.
        """
        digits = pixels.translate(_BITS)[::-1]
        margin = b"0" * _MARGIN
        rows = (digits[start : start + self.size] for start in range(0, len(digits), self.size))
        return int(margin.join(rows), 2) << _MARGIN * self.stride

    def rows(self, symbol: int) -> list[int]:
        """The rows of a symbol, each an integer with column x in bit x."""
        row = (1 << self.size) - 1
        return [symbol >> (y + _MARGIN) * self.stride & row for y in range(self.size)]

    def best(self, symbol: int) -> int:
        """A symbol with mask 0, with the mask of the lowest penalty instead."""
        width = self.span // 8
        masked = int.from_bytes(symbol.to_bytes(width, "little") * MASKS, "little") ^ self.differences
        penalties = self._penalties(masked)
        mask = penalties.index(min(penalties))
        return symbol ^ (self.differences >> mask * self.span & (1 << self.span) - 1)

    def _penalties(self, dark: int) -> list[int]:
        frame = _frame(self.size)
        light, around = frame.cells ^ dark, frame.everything ^ dark
        penalties = [
            _BALANCE_WEIGHT * (abs(count * 20 - self.size**2 * 10) // self.size**2)
            for count in self._counts(dark)
        ]
        marks: list[tuple[int, int]] = []
        for step in (1, self.stride):
            for cells in (dark, light):
                pairs = cells & cells >> step
                fives = pairs & pairs >> 2 * step & cells >> 4 * step
                marks += [(_RUN_WEIGHT, fives), (_RUN_START_WEIGHT, fives & ~(fives << step))]
            marks.append((_FINDER_WEIGHT, _finder_like(dark, light, around, step)))
        for cells in (dark, light):
            pairs = cells & cells >> 1
            marks.append((_BLOCK_WEIGHT, pairs & pairs >> self.stride))
        for weight, found in marks:
            for mask, count in enumerate(self._counts(found)):
                penalties[mask] += weight * count
        return penalties

    def _counts(self, bits: int) -> list[int]:
        """How many bits are set in each of the masked symbols."""
        width = self.span // 8
        data = bits.to_bytes(width * MASKS, "little")
        return [
            int.from_bytes(data[start : start + width], "little").bit_count()
            for start in range(0, len(data), width)
        ]


_BITS = bytes(ord("0") if level else ord("1") for level in range(256))


def _finder_like(dark: int, light: int, around: int, step: int) -> int:
    """Where dark 1:1:3:1:1 begins with four light modules before it or after."""
    core = (
        dark & light >> step & dark >> 2 * step & dark >> 3 * step & dark >> 4 * step & light >> 5 * step
    ) & dark >> 6 * step
    pairs = around & around >> step
    fours = pairs & pairs >> 2 * step
    return core & (fours >> 7 * step | fours << 4 * step)


@dataclass(frozen=True)
class _Frame:
    """Where modules are, and all bits with the margins, of eight symbols."""

    cells: int
    everything: int


@lru_cache(maxsize=40)  # there are forty sizes
def _frame(size: int) -> _Frame:
    masks = Masks(size, 0)
    one = masks.symbol(bytes(size * size))
    cells = sum(one << mask * masks.span for mask in range(MASKS))
    return _Frame(cells, (1 << MASKS * masks.span + _MARGIN * masks.stride) - 1)
