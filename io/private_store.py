"""Keep the store of large messages apart from the storage of certificates, which the public reads."""

from pathlib import Path

from certbeam.io.port_table import LARGE_MESSAGES, STORAGE
from certbeam.io.uri.address import Address, parse_address


def check_private(storage: str, large_messages: str) -> None:
    """Refuse a store of large messages inside the storage of certificates.

    Raises:
        FlagError: with the flag of the store.
    """
    public, kept = parse_address(STORAGE.flag, storage), parse_address(LARGE_MESSAGES.flag, large_messages)
    if public.scheme == kept.scheme and _location(kept).is_relative_to(_location(public)):
        raise kept.refuse(
            "it is in --storage, which the public reads, and holds personal data: give another place"
        )


def _location(address: Address) -> Path:
    """Return the folder of a storage, or its bucket and prefix as one path."""
    path = Path(address.without_options().path)
    return path.resolve() if address.scheme == "file" else path
