"""QR codes as rows of booleans, True where dark: the encoder's own, and certbeam's."""

from collections.abc import Sequence

import zxingcpp


def encoders(data: str, **options: int) -> list[list[bool]]:
    """The encoder's own symbol at error correction level H."""
    barcode = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.QRCode, ec_level="H", **options)
    pixels = memoryview(barcode.to_image(scale=1, add_quiet_zones=False)).tolist()
    return [[level == 0 for level in row] for row in pixels]


def drawn(rows: Sequence[bytes]) -> list[list[bool]]:
    """A symbol of certbeam's, of its rows with eight modules in a byte."""
    return [[bool(row[x // 8] >> x % 8 & 1) for x in range(len(rows))] for row in rows]
