"""``certbeam revoke``: take certificates back, in the registry and on the published status lists."""

import time

import click

from certbeam.badges.issuer import CredentialIssuer
from certbeam.foundation.errors import Rejected
from certbeam.io.keys.addresses import open_signer
from certbeam.io.port_table import REGISTRY, STATUS_LISTS, STORAGE
from certbeam.io.protocols import Revocation
from certbeam.pipelines.config.job_settings import check_issuer_url, key_set_of
from certbeam.stages.status_lists import revoke_slots


@click.command()
@click.argument("identifiers", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", metavar="TEXT", required=True, help="Why, for the registry.")
@click.option("--registry", metavar="URI", default="sqlite:certbeam.db", show_default=True)
@click.option(
    "--status_slots", metavar="URI", help="Places on status lists. Default: the file of --registry."
)
@click.option("--storage", metavar="URI", default="out/certs", show_default=True)
@click.option(
    "--keys", "address", metavar="URI", required=True, help="The issuer's keys, as for the pipelines."
)
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
    now = int(time.time() * 1000)
    revocations = [Revocation(identifier, reason, now) for identifier in identifiers]
    if held is None:
        _revoke_in_registry(revocations, registry)
        return
    base_url = (base_url or held.base_url).rstrip("/")
    check_issuer_url(base_url)
    signer, slots = open_signer(address), STATUS_LISTS.open(status_slots or registry)
    issuer = CredentialIssuer(base_url, signer.keys, signer.sign)
    try:
        REGISTRY.open(registry).revoke(revocations)
        places = revoke_slots(revocations, slots, issuer, STORAGE.open(storage))
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    unlisted = [identifier for identifier in identifiers if identifier not in places]
    lists = {slot.list_number for slot in places.values()}
    click.echo(f"{len(identifiers) - len(unlisted)} revoked; {len(lists)} status lists published")
    if unlisted:
        raise click.ClickException(
            f"no signed certificate has the id {', '.join(unlisted)}: it is revoked in the registry if it is there,"
            " and no status list can say so"
        )


def _revoke_in_registry(revocations: list[Revocation], registry: str) -> None:
    """Of certificates that only an enc-service has signed: there are no status lists to say it."""
    try:
        made = REGISTRY.open(registry).revoke(revocations)
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    click.echo(f"{sum(made)} revoked in the registry, and on no status list: an enc-service signs none")
    unknown = [one.id for one, is_revoked in zip(revocations, made, strict=True) if not is_revoked]
    if unknown:
        raise click.ClickException(f"no certificate has the id {', '.join(unknown)}")
