"""Multibase base58btc, the encoding of keys and signatures (W3C Controlled Identifiers §2.4)."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIR = 58 * 58
_WORD_PAIRS = 5  # the largest number of pairs that fit in 64 bits
_WORD = _PAIR**_WORD_PAIRS
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]


def encode_base58btc(data: bytes) -> str:
    """Encode bytes as Multibase base58btc: ``z`` and the digits."""
    number = int.from_bytes(data, "big")
    pairs = []
    while number:
        # Division of a long number is expensive, division of a 64-bit word is not.
        number, word = divmod(number, _WORD)
        for _ in range(_WORD_PAIRS):
            word, pair = divmod(word, _PAIR)
            pairs.append(_PAIRS[pair])
    digits = "".join(reversed(pairs)).lstrip("1")
    return "z" + "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def decode_base58btc(text: str) -> bytes:
    """Decode a Multibase base58btc text.

    Raises:
        ValueError: if the text is not Multibase base58btc.
    """
    if not text.startswith("z"):
        raise ValueError("not Multibase base58btc: it does not begin with z")
    digits = text[1:]
    number = 0
    for digit in digits:
        value = _ALPHABET.find(digit)
        if value < 0:
            raise ValueError("not Multibase base58btc: a character is not in its alphabet")
        number = number * 58 + value
    zeros = len(digits) - len(digits.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
