"""Which of the eight masks a QR code wears: ISO/IEC 18004:2015 §7.8.3, on all eight at once.

The encoder takes 0.41 of its 0.45 ms to try the masks one module at a time. Here a symbol is one long integer, a
module a bit, and the eight masked symbols stand one after another in one integer more: a rule is a few shifts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

MASKS = 8
_MARGIN = 4
"""Light modules that the rules look at beyond the edge; the quiet zone is as wide."""

_RUN_WEIGHT = 1  # N1 = 3 for five modules of a colour in a row and 1 for each more: 1 a window of five, …
_RUN_START_WEIGHT = 2  # … and 2 where the windows begin
_BLOCK_WEIGHT = 3  # N2
_FINDER_WEIGHT = 40  # N3
_BALANCE_WEIGHT = 10  # N4, for each 5 % that the dark modules are away from half

_Counts = npt.NDArray[np.int64]  # one for each integer and mask


@dataclass(frozen=True)
class Masks:
    """The masks of all symbols of one size.

    A symbol's module in column x of row y is bit ``(y + 4) * stride + x`` of its integer; set is dark.

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

    @cached_property
    def stride(self) -> int:
        """Bits of a row, with the margin that it shares with the next, in whole bytes."""
        return -(-(self.size + _MARGIN) // 8) * 8

    @cached_property
    def span(self) -> int:
        """Bits of a symbol with the margin above it, in whole words of 64 bits."""
        return -(-self.stride * (self.size + _MARGIN) // 64) * 64

    def symbol(self, pixels: bytes) -> int:
        """The integer of a symbol.

        Args:
            pixels: a byte a module, row by row: 0 is dark, 255 light.
        """
        digits = pixels.translate(_BITS)[::-1]
        margin = b"0" * (self.stride - self.size)
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
        beside, below = (
            cells & ~(dark ^ dark >> step) for cells, step in zip(frame.pairs, self._steps, strict=True)
        )  # cells of the same colour as their neighbour
        marks = [(_BLOCK_WEIGHT, beside & beside >> self.stride & below)]
        around = frame.everything ^ dark
        for step, alike in zip(self._steps, (beside, below), strict=True):
            threes = alike & alike >> step
            fives = threes & threes >> 2 * step
            marks += [
                (_RUN_WEIGHT, fives),
                (_RUN_START_WEIGHT, fives & ~(fives << step)),
                (_FINDER_WEIGHT, _finder_like(dark, around, step)),
            ]
        weights, found = zip(*marks, strict=True)
        area = self.size**2
        dark_modules, *counts = self._counts([dark, *found])
        balance = abs(dark_modules * 20 - area * 10) // area
        penalties: list[int] = (weights @ np.array(counts) + _BALANCE_WEIGHT * balance).tolist()
        return penalties

    @property
    def _steps(self) -> tuple[int, int]:
        """From a module to the one beside it, and to the one below it."""
        return 1, self.stride

    def _counts(self, found: Sequence[int]) -> "_Counts":
        """How many bits of each integer are set in each of the masked symbols."""
        width = self.span // 8 * MASKS
        words = np.frombuffer(b"".join([bits.to_bytes(width, "little") for bits in found]), np.uint64)
        counts: _Counts = np.bitwise_count(words).reshape(len(found), MASKS, -1).sum(axis=2, dtype=np.int64)
        return counts


_BITS = bytes(ord("0") if level else ord("1") for level in range(256))


def _finder_like(dark: int, around: int, step: int) -> int:
    """Where dark 1:1:3:1:1 begins with four modules that are not dark before it or after."""
    pairs = dark & dark >> step
    core = (
        dark & around >> step & pairs >> 2 * step & pairs >> 3 * step & around >> 5 * step & dark >> 6 * step
    )
    light_pairs = around & around >> step
    fours = light_pairs & light_pairs >> 2 * step
    return core & (fours >> 7 * step | fours << 4 * step)


@dataclass(frozen=True)
class _Frame:
    """Where things are in eight symbols.

    Attributes:
        pairs: the modules that have one beside them, and those that have one below them.
        everything: all bits, with the margins.
    """

    pairs: tuple[int, int]
    everything: int


@lru_cache(maxsize=40)  # there are forty sizes
def _frame(size: int) -> _Frame:
    masks = Masks(size, 0)
    one = masks.symbol(bytes(size * size))
    cells = sum(one << mask * masks.span for mask in range(MASKS))
    return _Frame(
        (cells & cells >> 1, cells & cells >> masks.stride),
        (1 << MASKS * masks.span + _MARGIN * masks.stride) - 1,
    )
