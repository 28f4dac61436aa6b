"""Convert QR codes of the encoder and of certbeam to rows of booleans, which are True for dark modules."""

from collections.abc import Sequence

import numpy as np
import zxingcpp


def encoder_modules(data: str, **options: int) -> list[list[bool]]:
    """Return the symbol that the encoder makes of a text at error correction level H."""
    barcode = zxingcpp.create_barcode(data, zxingcpp.BarcodeFormat.QRCode, ec_level="H", **options)
    levels = np.asarray(barcode.to_image(scale=1, add_quiet_zones=False))
    return (levels == 0).tolist()


def unpack_modules(rows: Sequence[bytes]) -> list[list[bool]]:
    """Return the modules of certbeam's rows, which have eight modules in a byte."""
    return [[bool(row[x // 8] >> x % 8 & 1) for x in range(len(rows))] for row in rows]
