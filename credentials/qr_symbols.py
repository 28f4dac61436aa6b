"""QR symbols before a mask is chosen, put together from what each character changes in them.

With its version and mask given, and the same of its characters in bytes, a symbol is linear over GF(2) in the bits of
these: error correction is a linear code, and nothing else depends on the text (ISO/IEC 18004:2015 §7.3 to §7.7). What
a character changes is the same whatever stands beside it: it is learned from the encoder, once. The symbol of a
certificate's address takes 7 µs then, where the encoder takes 80, and 10 more to read its pixels.
"""

import math
import re
from collections.abc import Iterator
from functools import lru_cache, reduce
from itertools import count, repeat
from operator import xor

import zxingcpp

from certbeam.credentials.qr_masks import Masks

_LEARNT = re.compile(r"[ -~]{1,160}")
_MAX_CHANGES = 32_768  # of 1 KB at most; addresses of one length need some 700
_MAX_FOLDERS = 1024

# The encoder chooses modes (§7.4) by the kinds of characters; here each is told by one of its kind.
_DIGITS = dict.fromkeys(map(ord, "0123456789"), "0")
_ALPHANUMERIC = _DIGITS | dict.fromkeys(map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"), "A")
_KINDS = {code: _ALPHANUMERIC.get(code, "a") for code in range(128)}


def symbol_of(data: str) -> tuple[Masks, int]:
    """The symbol of a text at error correction level H with mask 0, and before it the masks that it can wear.

    Of an address, what stands behind the last slash is in bytes; so is the rest where that makes it no larger.

    Raises:
        ValueError: ``data`` is empty or longer than a QR code can hold.
    """
    folder, slash, name = data.rpartition("/")
    if not (slash and _LEARNT.fullmatch(data)):
        return _encoded(data)
    masks, symbol, before = _nameless(folder + slash, len(name))
    return masks, reduce(xor, _changes(before, len(name), name), symbol)


@lru_cache(_MAX_FOLDERS)
def _nameless(folder: str, length: int) -> tuple[Masks, int, str]:
    """Masks, a symbol and ``before`` for the names of a length in a folder; the symbol's has letters a alone."""
    masks, symbol = _letters(folder, length)
    whole = len(folder) + length
    masks_of_bytes, letters = _letters("", whole)
    if masks_of_bytes != masks:
        return masks, symbol, folder.translate(_KINDS)
    return masks, reduce(xor, _changes("", whole, folder), letters), "a" * len(folder)


def _changes(before: str, length: int, text: str) -> Iterator[int]:
    return map(_change, repeat(before), repeat(length), count(), text)


@lru_cache(_MAX_CHANGES)
def _change(before: str, length: int, place: int, character: str) -> int:
    """What a character in bytes changes in a symbol that has letters a alone.

    Args:
        before: a text of the kinds that the characters before the bytes have.
        length: how many bytes follow.
        place: of the character, among these.
        character: the one in place of an a.
    """
    if ord(character) in _ALPHANUMERIC:
        # The encoder might not take it as a byte. Two that it must take so change as much together.
        return reduce(xor, (_change(before, length, place, one) for one in _PAIRS[character]))
    _, symbol = _encoded(before + ("a" * place + character).ljust(length, "a"))
    return symbol ^ _letters(before, length)[1]


@lru_cache(_MAX_FOLDERS)
def _letters(before: str, length: int) -> tuple[Masks, int]:
    return _encoded(before + "a" * length)


def _pair(code: int) -> tuple[str, str]:
    """Two characters that bytes alone can say, and whose bits differ where those of a third and of an a do."""
    difference = code ^ ord("a")
    bytes_alone = set(range(0x21, 0x7F)) - _ALPHANUMERIC.keys()
    one = min(one for one in bytes_alone if one ^ difference in bytes_alone)
    return chr(one), chr(one ^ difference)


_PAIRS = {chr(code): _pair(code) for code in _ALPHANUMERIC}


def _encoded(data: str) -> tuple[Masks, int]:
    pixels = _encode(data, mask=0)
    masks = _masks(math.isqrt(len(pixels)))
    return masks, masks.symbol(pixels)


def _encode(data: str, mask: int, **options: int) -> bytes:
    barcode = zxingcpp.create_barcode(
        data, zxingcpp.BarcodeFormat.QRCode, ec_level="H", data_mask=mask, **options
    )
    return memoryview(barcode.to_image(scale=1, add_quiet_zones=False)).tobytes()


@lru_cache(maxsize=40)  # there are forty sizes
def _masks(size: int) -> Masks:
    version = (size - 17) // 4  # ISO/IEC 18004 §5.3.1.1
    return Masks.of(size, lambda mask: _encode("-", mask, version=version))
