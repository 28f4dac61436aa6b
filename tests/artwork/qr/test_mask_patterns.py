"""Test the choice of a mask pattern against the rules counted one module at a time, and against the encoder."""

import random
import re
import uuid

import pytest

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.qr.symbols import encode_symbol
from certbeam.tests.artwork.qr.qr_codes import encoder_modules, unpack_modules

URL = "https://certs.example.org/certs/course/"
# The encoder puts letters in byte mode, as certbeam does; it would put a run of digits in numeric mode.
DIGITS_TO_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def penalty(rows):
    """Return the penalty of a symbol by ISO/IEC 18004:2015 §7.8.3.1, table 11."""
    size = len(rows)
    points = 0
    for lines in (rows, list(zip(*rows, strict=True))):
        for line in lines:
            text = "".join("#" if dark else "." for dark in line)
            points += sum(len(run[0]) - 2 for run in re.finditer(r"#{5,}|\.{5,}", text))
            framed = f"....{text}...."
            starts = [match.start() for match in re.finditer(r"(?=#\.###\.#)", framed)]
            points += 40 * sum(
                framed[start - 4 : start] == "...." or framed[start + 7 : start + 11] == "...."
                for start in starts
            )
    points += 3 * sum(
        len({rows[y][x], rows[y][x + 1], rows[y + 1][x], rows[y + 1][x + 1]}) == 1
        for y in range(size - 1)
        for x in range(size - 1)
    )
    dark = sum(map(sum, rows))
    return points + 10 * int(abs(dark / size**2 * 100 - 50) / 5)


@pytest.mark.parametrize("length", [1, 20, 62, 99, 180, 400])
def test_a_qr_code_has_the_mask_pattern_of_the_lowest_penalty(length):
    for number in range(4):
        data = (uuid.UUID(int=number * 7919).hex * 13)[:length]
        candidates = [encoder_modules(data, data_mask=mask) for mask in range(8)]
        assert unpack_modules(make_qr(data).rows) == min(candidates, key=penalty)


def test_the_encoder_chooses_the_same_mask_pattern():
    for number in range(40):
        data = URL + uuid.UUID(int=number * 104729).hex.translate(DIGITS_TO_LETTERS)
        assert unpack_modules(make_qr(data).rows) == encoder_modules(data)


@pytest.mark.parametrize("dark_share", [0.2, 0.35, 0.65, 0.8])
def test_a_symbol_with_few_or_many_dark_modules_gets_the_mask_pattern_of_the_lowest_penalty(dark_share):
    mask_patterns, _ = encode_symbol("1")
    symbol_mask = (1 << mask_patterns.symbol_bits) - 1
    for seed in range(20):
        modules = random.Random(seed)  # noqa: S311
        pixels = bytes(255 * (modules.random() > dark_share) for _ in range(mask_patterns.size**2))
        symbol = mask_patterns.pack(pixels)
        candidates = [
            symbol ^ (mask_patterns.differences >> mask * mask_patterns.symbol_bits & symbol_mask)
            for mask in range(8)
        ]
        lowest = min(candidates, key=lambda each: penalty(unpack_modules(mask_patterns.unpack_rows(each))))
        assert mask_patterns.apply_best(symbol) == lowest
