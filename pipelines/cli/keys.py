"""``certbeam keys``: the issuer's keys, made, renewed and published."""

import secrets
import time
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from certbeam.badges.issuer import CredentialIssuer
from certbeam.badges.key_set import add_ed25519_key, add_rsa_key, new_key_set, parse_key_set
from certbeam.certificates.documents import build_installation_documents
from certbeam.foundation.errors import Rejected
from certbeam.io.keys.addresses import open_signer
from certbeam.io.keys.jwk_file import read_key_set, write_key_set
from certbeam.io.port_table import STATUS_LISTS, STORAGE
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.config.job_settings import check_issuer_url, key_set_of
from certbeam.stages.status_lists import publish_status_lists

_SECRET_BYTES = 32
_RSA_EXPONENT, _RSA_BITS = 65537, 3072


@click.group()
def keys() -> None:
    """Make and publish the issuer's keys."""


@keys.command()
@click.option(
    "--out",
    metavar="FILE",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="JWK set file. One that is there gets one more key, which signs from then on.",
)
@click.option("--base_url", metavar="URL", required=True, help="Where the storage is served.")
@click.option(
    "--rsa",
    is_flag=True,
    help="Make an RSA key, which signs Open Badges 2.0 assertions for verifiers that know RS256 only.",
)
def new(out: Path, base_url: str, rsa: bool) -> None:
    """Make an Ed25519 key, and with the first one the secret of the access codes.

    Keep the file secret, and keep a copy: certificates cannot be re-issued under the same codes without it.
    """
    base_url = base_url.rstrip("/")
    check_issuer_url(base_url)
    seed, created = secrets.token_bytes(_SECRET_BYTES), int(time.time())
    if out.exists():
        before = read_key_set(out)
        if before.base_url not in ("", base_url):
            raise FlagError("base_url", base_url, f"the keys in {out} were made for {before.base_url}")
        text = out.read_bytes() if rsa else add_ed25519_key(out.read_bytes(), seed=seed, created=created)
    else:
        text = new_key_set(base_url, seed=seed, secret=secrets.token_bytes(_SECRET_BYTES), created=created)
    if rsa:
        text = add_rsa_key(text, generate_private_key(_RSA_EXPONENT, _RSA_BITS), created=created)
    write_key_set(out, text)
    held = parse_key_set(text).public
    click.echo(f"{out}: key {held[-1].kid} signs from now on; {len(held)} in all")


@keys.command()
@click.option("--keys", "address", metavar="FILE", required=True, help="The issuer's keys.")
@click.option("--storage", metavar="URI", required=True, help="Where the files of certificates go.")
@click.option("--base_url", metavar="URL", help="Where the storage is served. Default: as the keys say.")
@click.option("--registry", metavar="URI", help="As --status_slots, where that is not given.")
@click.option(
    "--status_slots",
    metavar="URI",
    help="Places on status lists: all lists are signed anew by the newest key.",
)
def publish(
    address: str, storage: str, base_url: str | None, registry: str | None, status_slots: str | None
) -> None:
    """Write did.json, issuer.json, keys/ and the contexts, and sign the status lists with the newest key.

    The pipelines write the documents, too, when they store their first certificate, and a list when it changes.
    """
    held = key_set_of(address, base_url)
    base_url = (base_url or (held.base_url if held else "")).rstrip("/")
    check_issuer_url(base_url)
    signer, target = open_signer(address), STORAGE.open(storage)
    places = status_slots or registry
    slots = STATUS_LISTS.open(places) if places else None
    issuer = CredentialIssuer(base_url, signer.keys, signer.sign)
    documents = build_installation_documents(base_url, issuer)
    for document, error in zip(documents, target.put(documents), strict=True):
        if error:
            raise click.ClickException(error.reason)
        click.echo(document.name)
    if slots is None:
        click.echo("status lists are as they were: give --registry or --status_slots to sign them anew")
        return
    try:
        lists = slots.lists()
        # After the documents, so that whoever reads a list finds the key that signed it.
        publish_status_lists(lists, slots, issuer, target)
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    click.echo(f"{len(lists)} status lists signed")
