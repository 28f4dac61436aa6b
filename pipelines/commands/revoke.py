"""``certbeam revoke``: take certificates back, in the registry and on the published status lists."""

import time

import click

from certbeam.credentials.errors import Rejected
from certbeam.credentials.signing import CredentialIssuer
from certbeam.io.adapters import open_registry, open_signer, open_status_slots, open_storage
from certbeam.io.ports import Revocation
from certbeam.pipelines.settings import check_issuer_url, key_set_of
from certbeam.transforms.status_lists import revoke_slots


@click.command()
@click.argument("identifiers", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", metavar="TEXT", required=True, help="Why, for the registry.")
@click.option("--registry", metavar="URI", default="sqlite:certbeam.db", show_default=True)
@click.option(
    "--status_slots", metavar="URI", help="Places on status lists. Default: the file of --registry."
)
@click.option("--storage", metavar="URI", default="out/certs", show_default=True)
@click.option("--keys", "address", metavar="FILE", required=True, help="The issuer's keys.")
@click.option("--base_url", metavar="URL", help="Where the storage is served. Default: as the keys say.")
def revoke(
    identifiers: tuple[str, ...],
    reason: str,
    registry: str,
    status_slots: str | None,
    storage: str,
    address: str,
    base_url: str | None,
) -> None:
    """Revoke certificates and publish their status lists; a certificate that is revoked stays as it is."""
    held = key_set_of(address, base_url)
    base_url = (base_url or (held.base_url if held else "")).rstrip("/")
    check_issuer_url(base_url)
    signer, slots = open_signer(address), open_status_slots(status_slots or registry)
    issuer = CredentialIssuer(base_url, signer.keys, signer.sign)
    now = int(time.time() * 1000)
    revocations = [Revocation(identifier, reason, now) for identifier in identifiers]
    try:
        open_registry(registry).revoke(revocations)
        lists = revoke_slots(revocations, slots, issuer, open_storage(storage))
        unlisted = [one.id for one in revocations if not slots.revoke([one])]
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    click.echo(f"{len(identifiers) - len(unlisted)} revoked; {len(lists)} status lists published")
    if unlisted:
        raise click.ClickException(
            f"no signed certificate has the id {', '.join(unlisted)}: it is revoked in the registry if it is there,"
            " and no status list can say so"
        )
