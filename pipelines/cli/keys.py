"""``certbeam keys``: create, rotate and publish the issuer's keys."""

import secrets
import time
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from certbeam.badges.key_set import add_ed25519_key, add_rsa_key, new_key_set, parse_key_set
from certbeam.certificates.documents import build_installation_documents
from certbeam.foundation.errors import Rejected
from certbeam.io.keys.jwk_file import read_key_set, write_key_set
from certbeam.io.port_table import REGISTRY, STATUS_LISTS, STORAGE
from certbeam.pipelines.cli.issuer_options import (
    base_url_option,
    keys_option,
    open_issuer,
    status_slots_option,
)
from certbeam.pipelines.config.flags import find_flag
from certbeam.pipelines.config.job_settings import check_issuer_url, check_same_base_url, key_set_of
from certbeam.stages.status_lists import publish_status_lists

_SECRET_BYTES = 32
_RSA_EXPONENT, _RSA_BITS = 65537, 3072


@click.group()
def keys() -> None:
    """Create and publish the issuer's keys."""


@keys.command(short_help="Create a key set, or add a key to one.")
@click.option(
    "--out",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="JWK set file to create. An existing file gets one more key, which signs from then on.",
)
@click.option("--base_url", metavar="URL", required=True, help="URL under which the storage is served.")
@click.option(
    "--rsa",
    is_flag=True,
    help="Add an RSA key, which signs Open Badges 2.0 assertions for verifiers that support RS256 only. An existing"
    " file gets no Ed25519 key then.",
)
def new(out: Path, base_url: str, rsa: bool) -> None:
    """Create a key set with an Ed25519 key and the secret of the access codes, or add a key to a key set.

    Keep the file secret, and keep a copy. Without it, certificates cannot be re-issued with the same access codes.
    """
    base_url = base_url.rstrip("/")
    check_issuer_url(base_url)
    seed, created = secrets.token_bytes(_SECRET_BYTES), int(time.time())
    if out.exists():
        check_same_base_url(base_url, read_key_set(out), str(out))
        text = out.read_bytes() if rsa else add_ed25519_key(out.read_bytes(), seed=seed, created=created)
    else:
        text = new_key_set(base_url, seed=seed, secret=secrets.token_bytes(_SECRET_BYTES), created=created)
    if rsa:
        text = add_rsa_key(text, generate_private_key(_RSA_EXPONENT, _RSA_BITS), created=created)
    write_key_set(out, text)
    public_keys = parse_key_set(text).public
    click.echo(f"{out}: key {public_keys[-1].kid} signs from now on; {len(public_keys)} in all")


@keys.command(short_help="Publish the keys, and sign all status lists.")
@keys_option
@click.option(f"--{STORAGE.flag}", metavar="URI", required=True, help=find_flag(STORAGE.flag).help)
@base_url_option
@click.option(
    f"--{REGISTRY.flag}", metavar="URI", help=f"Value of --{STATUS_LISTS.flag} if that flag is missing."
)
@status_slots_option
def publish(
    keys: str, storage: str, base_url: str | None, registry: str | None, status_slots: str | None
) -> None:
    """Publish the issuer's public keys and documents, and sign all status lists with the newest key.

    Writes did.json, issuer.json, keys/ and the JSON-LD contexts. The pipelines write them, too, when they store their
    first certificate. They sign a status list when it changes. Without --status_slots and --registry, no status list is
    signed.
    """
    issuer = open_issuer(keys, key_set_of(keys, base_url), base_url)
    target = STORAGE.open(storage)
    address = status_slots or registry
    slots = STATUS_LISTS.open(address) if address else None
    documents = build_installation_documents(issuer.urls.base_url, issuer)
    for document, error in zip(documents, target.put(documents), strict=True):
        if error:
            raise click.ClickException(error.reason)
        click.echo(document.name)
    if slots is None:
        click.echo("status lists are as they were: give --registry or --status_slots to sign them anew")
        return
    try:
        lists = slots.lists()
        # After the documents, so that a reader of a list finds the key that signed it.
        publish_status_lists(lists, slots, issuer, target)
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    click.echo(f"{len(lists)} status lists signed")
