"""Choose the mask pattern of a QR code by the penalties of ISO/IEC 18004:2015 §7.8.3, for all eight at once.

The encoder takes 0.41 of its 0.45 ms to score the mask patterns one module at a time. Here a symbol is one long
integer with a bit for each module. The eight masked symbols are joined into one longer integer, so that a penalty
rule takes a few shifts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

MASK_PATTERNS = 8

VERSIONS = 40
"""Number of symbol sizes."""

_MARGIN = 4
"""Light modules beyond each edge that the penalty rules look at; the quiet zone has as many."""

# Rule N1 scores a run of n >= 5 modules of one colour with n - 2. Such a run contains n - 4 windows of five modules
# and n - 5 pairs of adjacent windows: n - 2 = 3 * (n - 4) - 2 * (n - 5).
_WEIGHTS = np.array([3, *(3, -2, 40), *(3, -2, 40)])
"""Penalties of a 2 x 2 block (N2); then, across and down: of a window of five (N1), of a pair of adjacent windows
(N1), and of a finder-like pattern (N3)."""

_BALANCE_WEIGHT = 10
"""Penalty for each 5 % by which the share of dark modules deviates from one half (N4)."""

_Counts = npt.NDArray[np.int64]
"""Counts of set bits, by feature and mask pattern."""


@dataclass(frozen=True)
class MaskPatterns:
    """The eight mask patterns of all symbols of one size.

    A symbol is packed into an integer: the module in column x of row y is bit ``(y + 4) * row_bits + x``, and a set
    bit is dark.

    Attributes:
        size: modules on a side.
        differences: for each mask pattern, the bits in which a symbol with this pattern differs from the same symbol
            with pattern 000; pattern m starts at bit ``m * symbol_bits``.
    """

    size: int
    differences: int

    @staticmethod
    def from_encoder(size: int, encode: Callable[[int], bytes]) -> "MaskPatterns":
        """Derive the mask patterns from the symbols that an encoder makes with each of them.

        Args:
            size: modules on a side.
            encode: returns the pixels of any one symbol of that size with the given mask pattern.
        """
        patterns = MaskPatterns(size, 0)
        first = patterns.pack(encode(0))
        differences = 0
        for mask in range(MASK_PATTERNS):
            differences |= (first ^ patterns.pack(encode(mask))) << mask * patterns.symbol_bits
        return MaskPatterns(size, differences)

    @cached_property
    def row_bits(self) -> int:
        """Bits of a row with one margin, which it shares with the next row; a multiple of 8."""
        return -(-(self.size + _MARGIN) // 8) * 8

    @cached_property
    def symbol_bits(self) -> int:
        """Bits of a symbol with the margin above it; a multiple of 64."""
        return -(-self.row_bits * (self.size + _MARGIN) // 64) * 64

    def pack(self, pixels: bytes) -> int:
        """Return a symbol packed into an integer.

        Args:
            pixels: one byte for each module, row by row: 0 is dark, 255 is light.
        """
        digits = pixels.translate(_BINARY_DIGITS)[::-1]
        margin = b"0" * (self.row_bits - self.size)
        rows = (digits[start : start + self.size] for start in range(0, len(digits), self.size))
        return int(margin.join(rows), 2) << _MARGIN * self.row_bits

    def unpack_rows(self, symbol: int) -> list[bytes]:
        """Return the rows of a packed symbol, eight modules in a byte.

        Column x is bit ``x % 8`` of byte ``x // 8``.
        """
        step, width = self.row_bits // 8, -(-self.size // 8)
        modules = symbol.to_bytes(self.symbol_bits // 8, "little")
        starts = range(_MARGIN * step, (_MARGIN + self.size) * step, step)
        return [modules[start : start + width] for start in starts]

    def apply_best(self, symbol: int) -> int:
        """Return a symbol with the mask pattern of the lowest penalty.

        Args:
            symbol: the packed symbol with mask pattern 000.
        """
        width = self.symbol_bits // 8
        masked = int.from_bytes(symbol.to_bytes(width, "little") * MASK_PATTERNS, "little") ^ self.differences
        penalties = self._penalties(masked)
        mask = penalties.index(min(penalties))
        return symbol ^ (self.differences >> mask * self.symbol_bits & (1 << self.symbol_bits) - 1)

    def _penalties(self, dark: int) -> list[int]:
        """Return the penalty of each masked symbol.

        Args:
            dark: the eight masked symbols, one after another.
        """
        starts = _feature_starts(self.size)
        same_across, features_across = _find_features(dark, starts.all_bits, starts.fives_across, 1)
        same_down, features_down = _find_features(dark, starts.all_bits, starts.fives_down, self.row_bits)
        blocks = same_across & same_across >> self.row_bits & same_down & starts.blocks
        dark_modules, *counts = self._count_bits([dark, blocks, *features_across, *features_down])
        area = self.size**2
        imbalance = abs(dark_modules * 20 - area * 10) // area
        penalties: list[int] = (_WEIGHTS @ counts + _BALANCE_WEIGHT * imbalance).tolist()
        return penalties

    def _count_bits(self, features: Sequence[int]) -> "_Counts":
        """Return the number of bits of each integer that are set in each of the masked symbols."""
        width = self.symbol_bits // 8 * MASK_PATTERNS
        words = np.frombuffer(b"".join([bits.to_bytes(width, "little") for bits in features]), np.uint64)
        counts: _Counts = (
            np.bitwise_count(words).reshape(len(features), MASK_PATTERNS, -1).sum(axis=2, dtype=np.int64)
        )
        return counts


_BINARY_DIGITS = bytes(ord("0") if level else ord("1") for level in range(256))


def _find_features(dark: int, all_bits: int, five_starts: int, step: int) -> tuple[int, tuple[int, int, int]]:
    """Find the modules at which penalised features start, in one direction.

    Args:
        dark: the masked symbols, with their margins.
        all_bits: all bits of the symbols and their margins.
        five_starts: the modules that four others follow in this direction.
        step: distance in bits from a module to the next one in this direction.

    Returns:
        The bits whose next bit has the same colour, also in the margins. Then the starts of three features: windows
        of five modules of one colour; pairs of adjacent windows; finder-like patterns. A finder-like pattern has
        dark and light modules in the ratio 1:1:3:1:1, and four light modules before or after them.
    """
    edges = dark ^ dark >> step
    same = all_bits ^ edges
    threes = same & same >> step
    fives = threes & threes >> 2 * step & five_starts
    dark_ends = edges & dark
    light_ends = edges ^ dark_ends
    finders = dark_ends & (threes & dark) >> 2 * step & light_ends >> 5 * step
    light_fours = threes & same >> 2 * step & (all_bits ^ dark)
    finders &= light_fours >> 7 * step | light_fours << 4 * step
    return same, (fives, fives & fives >> step, finders)


@dataclass(frozen=True)
class _FeatureStarts:
    """Bits of eight symbols at which a feature can start.

    Attributes:
        all_bits: all bits, with the margins.
        blocks: the modules with a neighbour to the right, below, and diagonally between these.
        fives_across: the modules that four others follow in their row.
        fives_down: the modules that four others follow in their column.
    """

    all_bits: int
    blocks: int
    fives_across: int
    fives_down: int


@lru_cache(VERSIONS)
def _feature_starts(size: int) -> _FeatureStarts:
    patterns = MaskPatterns(size, 0)
    symbol = patterns.pack(bytes(size * size))
    modules = sum(symbol << mask * patterns.symbol_bits for mask in range(MASK_PATTERNS))
    down = patterns.row_bits
    pairs = modules & modules >> 1
    return _FeatureStarts(
        all_bits=(1 << MASK_PATTERNS * patterns.symbol_bits + _MARGIN * down) - 1,
        blocks=pairs & pairs >> down,
        fives_across=modules & modules >> 4,
        fives_down=modules & modules >> 4 * down,
    )
