"""``certbeam revoke``: revoke certificates in the registry and on the published status lists."""

import time

import click

from certbeam.foundation.errors import Rejected
from certbeam.io.port_table import REGISTRY, STATUS_LISTS, STORAGE
from certbeam.io.protocols import Revocation
from certbeam.pipelines.cli.issuer_options import (
    base_url_option,
    keys_option,
    open_issuer,
    status_slots_option,
)
from certbeam.pipelines.config.flags import find_flag
from certbeam.pipelines.config.job_settings import key_set_of
from certbeam.stages.status_lists import revoke_slots

_REGISTRY, _STORAGE = find_flag(REGISTRY.flag), find_flag(STORAGE.flag)


@click.command()
@click.argument("identifiers", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", metavar="TEXT", required=True, help="Reason, which the registry stores.")
@click.option(
    f"--{_REGISTRY.name}", metavar="URI", default=_REGISTRY.default, show_default=True, help=_REGISTRY.help
)
@status_slots_option
@click.option(
    f"--{_STORAGE.name}", metavar="URI", default=_STORAGE.default, show_default=True, help=_STORAGE.help
)
@keys_option
@base_url_option
def revoke(
    identifiers: tuple[str, ...],
    reason: str,
    registry: str,
    status_slots: str | None,
    storage: str,
    keys: str,
    base_url: str | None,
) -> None:
    """Revoke the certificates with these ids, and publish their status lists.

    A certificate that is revoked already does not change.
    """
    key_set = key_set_of(keys, base_url)
    now = int(time.time() * 1000)
    revocations = [Revocation(identifier, reason, now) for identifier in identifiers]
    if key_set is None:
        _revoke_in_registry(revocations, registry)
        return
    issuer = open_issuer(keys, key_set, base_url)
    slots = STATUS_LISTS.open(status_slots or registry)
    try:
        REGISTRY.open(registry).revoke(revocations)
        indexes = revoke_slots(revocations, slots, issuer, STORAGE.open(storage))
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    unlisted = [identifier for identifier in identifiers if identifier not in indexes]
    lists = {index.list_number for index in indexes.values()}
    click.echo(f"{len(identifiers) - len(unlisted)} revoked; {len(lists)} status lists published")
    if unlisted:
        raise click.ClickException(
            f"no signed certificate has the id {', '.join(unlisted)}: it is revoked in the registry if it has a row"
            " there, but on no status list; check the id"
        )


def _revoke_in_registry(revocations: list[Revocation], registry: str) -> None:
    """Revoke certificates of an enc-service. They have no status lists."""
    try:
        results = REGISTRY.open(registry).revoke(revocations)
    except Rejected as error:
        raise click.ClickException(error.reason) from error
    click.echo(f"{sum(results)} revoked in the registry, and on no status list: an enc-service signs none")
    unknown = [
        revocation.id for revocation, is_revoked in zip(revocations, results, strict=True) if not is_revoked
    ]
    if unknown:
        raise click.ClickException(f"no certificate has the id {', '.join(unknown)}: check the id")
