"""The mask of a QR code, against the standard's rules counted one module at a time and against the encoder's own."""

import re
import uuid

import pytest

from certbeam.credentials.qr import make_qr
from certbeam.tests.credentials.qr_codes import drawn, encoders

URL = "https://certs.example.org/certs/course/"
LETTERS = str.maketrans("0123456789", "ghijklmnop")  # which the encoder takes for bytes, as certbeam does


def penalty(rows):
    """ISO/IEC 18004:2015 §7.8.3.1, table 11."""
    size = len(rows)
    points = 0
    for lines in (rows, list(zip(*rows, strict=True))):
        for line in lines:
            text = "".join("#" if dark else "." for dark in line)
            points += sum(len(run[0]) - 2 for run in re.finditer(r"#{5,}|\.{5,}", text))
            framed = f"....{text}...."
            starts = [found.start() for found in re.finditer(r"(?=#\.###\.#)", framed)]
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
def test_the_mask_of_the_lowest_penalty_is_worn(length):
    for number in range(4):
        data = (uuid.UUID(int=number * 7919).hex * 13)[:length]
        candidates = [encoders(data, data_mask=mask) for mask in range(8)]
        assert drawn(make_qr(data).rows) == min(candidates, key=penalty)


def test_the_encoder_would_choose_the_same():
    for number in range(40):
        data = URL + uuid.UUID(int=number * 104729).hex.translate(LETTERS)
        assert drawn(make_qr(data).rows) == encoders(data)
