"""The two signers that one value of ``--keys`` can name: a key set, and a service that signs assertions."""

from pathlib import Path
from typing import NamedTuple

from certbeam.badges.key_set import KeySet
from certbeam.io.keys.jwk_file import read_key_set
from certbeam.io.port_table import ASSERTION_SIGNER, SIGNER
from certbeam.io.protocols import Signer
from certbeam.io.uri.address import parse_address, unknown_scheme


class SignerAddresses(NamedTuple):
    """Addresses of an installation's signers.

    Attributes:
        key_set: the file of a key set; an empty string for no key set.
        service: the address of an enc-service; an empty string for no service.
    """

    key_set: str
    service: str


def parse_signers(text: str) -> SignerAddresses:
    """Parse the value of ``--keys``.

    Raises:
        FlagError: if it names neither a file nor an enc-service.
    """
    address = parse_address(SIGNER.flag, text)
    if any(address.scheme in adapter.schemes for adapter in ASSERTION_SIGNER.adapters):
        from certbeam.io.assertion_signing.enc_service_api import parse_enc_address

        return SignerAddresses(parse_enc_address(address).key_set, text)
    if address.scheme != "file":
        raise unknown_scheme(address, f"{SIGNER.forms} or {ASSERTION_SIGNER.forms}")
    return SignerAddresses(address.path, "")


def open_signer(text: str) -> Signer:
    """Open the key set that the value of ``--keys`` names.

    Raises:
        FlagError: if it names no key set, or the file cannot be used.
    """
    file = parse_signers(text).key_set
    if not file:
        raise parse_address(SIGNER.flag, text).refuse(
            "an enc-service signs neither credentials nor status lists: add ?key_set=FILE to it"
        )
    return SIGNER.open(file)


def find_key_set(text: str) -> KeySet | None:
    """Read the key set that the value of ``--keys`` names; return None if it names only a service.

    Raises:
        FlagError: if the file cannot be used.
    """
    file = parse_signers(text).key_set
    return read_key_set(Path(file)) if file else None
