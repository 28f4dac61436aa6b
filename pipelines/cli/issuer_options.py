"""Options of the commands that sign as the issuer, and the issuer that they name."""

import click

from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.key_set import KeySet
from certbeam.io.port_table import SIGNER, STATUS_LISTS
from certbeam.io.signers import open_signer
from certbeam.pipelines.config.flags import find_flag
from certbeam.pipelines.config.job_settings import check_issuer_url

keys_option = click.option(
    f"--{SIGNER.flag}",
    "keys",
    metavar="URI",
    required=True,
    help="The issuer's keys: the value of --keys of the pipelines.",
)
base_url_option = click.option(
    "--base_url",
    metavar="URL",
    help="URL under which the storage is served. Default: the base URL in the key set.",
)
status_slots_option = click.option(
    f"--{STATUS_LISTS.flag}", metavar="URI", help=find_flag(STATUS_LISTS.flag).help
)


def open_issuer(keys: str, key_set: KeySet | None, base_url: str | None) -> CredentialIssuer:
    """Open the issuer that signs with the keys of ``--keys``.

    Args:
        keys: the value of ``--keys``.
        key_set: the key set that it names; None if it names only an enc-service.
        base_url: the value of ``--base_url``; None for that of the key set.

    Raises:
        FlagError: if the issuer can have no ``did:web``, or ``--keys`` names no key set.
    """
    url = (base_url or (key_set.base_url if key_set else "")).rstrip("/")
    check_issuer_url(url)
    signer = open_signer(keys)
    return CredentialIssuer(url, signer.keys, signer.sign)
