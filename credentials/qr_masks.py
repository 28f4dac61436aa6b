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

# What counts how much; N1 = 3 for five modules of a colour in a row and 1 for each more is 3 for each five of them,
# less 2 for each that another begins right behind.
_WEIGHTS = np.array([3, *(3, -2, 40), *(3, -2, 40)])
"""Of blocks (N2); then across and down: of fives (N1), of fives that go on, of what is like a finder (N3)."""

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

    def rows(self, symbol: int) -> list[bytes]:
        """The rows of a symbol, eight modules in a byte: column x is bit ``x % 8`` of byte ``x // 8``."""
        step, width = self.stride // 8, -(-self.size // 8)
        modules = symbol.to_bytes(self.span // 8, "little")
        starts = range(_MARGIN * step, (_MARGIN + self.size) * step, step)
        return [modules[start : start + width] for start in starts]

    def best(self, symbol: int) -> int:
        """A symbol with mask 0, with the mask of the lowest penalty instead."""
        width = self.span // 8
        masked = int.from_bytes(symbol.to_bytes(width, "little") * MASKS, "little") ^ self.differences
        penalties = self._penalties(masked)
        mask = penalties.index(min(penalties))
        return symbol ^ (self.differences >> mask * self.span & (1 << self.span) - 1)

    def _penalties(self, dark: int) -> list[int]:
        frame = _frame(self.size)
        beside, marks_across = _marks(dark, frame.everything, frame.fives_across, 1)
        below, marks_down = _marks(dark, frame.everything, frame.fives_down, self.stride)
        blocks = beside & beside >> self.stride & below & frame.blocks
        dark_modules, *counts = self._counts([dark, blocks, *marks_across, *marks_down])
        area = self.size**2
        balance = abs(dark_modules * 20 - area * 10) // area
        penalties: list[int] = (_WEIGHTS @ counts + _BALANCE_WEIGHT * balance).tolist()
        return penalties

    def _counts(self, found: Sequence[int]) -> "_Counts":
        """How many bits of each integer are set in each of the masked symbols."""
        width = self.span // 8 * MASKS
        words = np.frombuffer(b"".join([bits.to_bytes(width, "little") for bits in found]), np.uint64)
        counts: _Counts = np.bitwise_count(words).reshape(len(found), MASKS, -1).sum(axis=2, dtype=np.int64)
        return counts


_BITS = bytes(ord("0") if level else ord("1") for level in range(256))


def _marks(dark: int, everything: int, fives_within: int, step: int) -> tuple[int, tuple[int, int, int]]:
    """Where things begin in one direction.

    Args:
        dark: the modules.
        everything: all bits, with the margins.
        fives_within: the modules that four others follow.
        step: from a module to its neighbour.

    Returns:
        Two of a colour, also in the margins; and what counts: five of a colour, five that go on, and dark 1:1:3:1:1
        with four modules that are not dark before it or after.
    """
    edges = dark ^ dark >> step
    alike = everything ^ edges
    threes = alike & alike >> step
    fives = threes & threes >> 2 * step & fives_within
    dark_ends = edges & dark
    light_ends = edges ^ dark_ends
    finders = dark_ends & (threes & dark) >> 2 * step & light_ends >> 5 * step
    light_fours = threes & alike >> 2 * step & (everything ^ dark)
    finders &= light_fours >> 7 * step | light_fours << 4 * step
    return alike, (fives, fives & fives >> step, finders)


@dataclass(frozen=True)
class _Frame:
    """What is where in eight symbols.

    Attributes:
        everything: all bits, with the margins.
        blocks: the modules that have three others beside, below and between.
        fives_across, fives_down: the modules that four others follow in their row, in their column.
    """

    everything: int
    blocks: int
    fives_across: int
    fives_down: int


@lru_cache(maxsize=40)  # there are forty sizes
def _frame(size: int) -> _Frame:
    masks = Masks(size, 0)
    one = masks.symbol(bytes(size * size))
    cells = sum(one << mask * masks.span for mask in range(MASKS))
    down = masks.stride
    pairs = cells & cells >> 1
    return _Frame(
        everything=(1 << MASKS * masks.span + _MARGIN * down) - 1,
        blocks=pairs & pairs >> down,
        fives_across=cells & cells >> 4,
        fives_down=cells & cells >> 4 * down,
    )
