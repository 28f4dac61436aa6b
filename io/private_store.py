"""Check that large messages are not stored in the storage of certificates, which is public."""

from pathlib import Path

from certbeam.io.port_table import LARGE_MESSAGES, STORAGE
from certbeam.io.uri.address import Address, parse_address


def check_private(storage: str, large_messages: str) -> None:
    """Refuse a store of large messages inside the storage of certificates.

    Args:
        storage: value of ``--storage``.
        large_messages: value of ``--large_messages``.

    Raises:
        FlagError: with the flag of the store.
    """
    public, private = parse_address(STORAGE.flag, storage), parse_address(LARGE_MESSAGES.flag, large_messages)
    if public.scheme == private.scheme and _location(private).is_relative_to(_location(public)):
        raise private.refuse(
            "it is inside --storage, which is public, but it holds personal data: give a location outside"
        )


def _location(address: Address) -> Path:
    """Return the folder of a storage, or its bucket and prefix as one path."""
    path = Path(address.without_options().path)
    return path.resolve() if address.scheme == "file" else path
