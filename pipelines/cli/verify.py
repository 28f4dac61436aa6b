"""``certbeam verify``: whether certificates are genuine, in words."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from openbadgeslib.util import download_file

from certbeam.badges.baking import extract_credential
from certbeam.badges.checks import CheckFailed, CheckResult, Fetch, read_document
from certbeam.badges.verify_ob2 import VerifySignature, verify_assertion
from certbeam.badges.verify_ob3 import verify_credential
from certbeam.io.port_table import ASSERTION_SIGNER
from certbeam.io.storage.published_folder import PublishedFolder

_PICTURES = (b"\x89PNG", b"<", b"\xef\xbb\xbf<")


@dataclass(frozen=True)
class Verified:
    """What was found out about one file.

    Attributes:
        says: whose certificate it is, of what, and from whom, as far as it is signed.
    """

    file: str
    says: str
    checks: list[CheckResult]

    @property
    def verified(self) -> bool:
        """Whether there are checks, and every one holds."""
        return bool(self.checks) and all(check.passed for check in self.checks)


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--offline",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Storage folder that answers for base_url; nothing is fetched.",
)
@click.option("--base_url", metavar="URL", help="Where that folder is served. Default: as its did.json says.")
@click.option(
    "--keys",
    metavar="URI",
    help="enc+http(s)://HOST: the enc-service that is asked about its signatures, for only it can tell.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each file.")
@click.pass_context
def verify(
    ctx: click.Context,
    paths: tuple[Path, ...],
    offline: Path | None,
    base_url: str | None,
    keys: str | None,
    as_json: bool,
) -> None:
    """Verify certificates: .json, .vc.json, and .svg and .png with a credential baked in.

    Checks the signature, the issuer's key, dates, revocation, and that every term is defined. The exit status is 1 if a
    check fails.
    """
    fetch = PublishedFolder(offline, base_url) if offline else download_file
    service = ASSERTION_SIGNER.open(keys) if keys else None
    holds = service.holds if service else None
    all_verified = True
    for found in (verify_file(path, fetch, holds) for path in paths):
        all_verified = all_verified and found.verified
        for line in _json_lines(found) if as_json else _words(found):
            click.echo(line)
    if service:
        service.close()
    ctx.exit(0 if all_verified else 1)


def verify_file(path: Path, fetch: Fetch, holds: VerifySignature | None = None) -> Verified:
    """Verify one file of any kind."""
    try:
        body = path.read_bytes()
        if body.startswith(_PICTURES):
            credential = extract_credential(body)
            if credential is None:
                return _unreadable(path, "no credential is baked into the picture")
            return _verified_credential(path, credential, fetch)
        if not body.lstrip().startswith(b"{"):
            return _verified_credential(path, body.decode().strip(), fetch)
        document = read_document(body)
    except (OSError, ValueError, CheckFailed) as error:
        return _unreadable(path, str(error))
    types = document.get("type")
    if isinstance(types, list) and "Assertion" in types:
        return Verified(str(path), _assertion_says(document), verify_assertion(document, fetch, holds))
    return _verified_credential(path, body.decode(), fetch)


def _verified_credential(path: Path, credential: str, fetch: Fetch) -> Verified:
    return Verified(str(path), _credential_says(credential), verify_credential(credential, fetch))


def _unreadable(path: Path, why: str) -> Verified:
    return Verified(str(path), "", [CheckResult("form", passed=False, detail=why)])


def _assertion_says(document: dict[str, Any]) -> str:
    try:
        badge = document["badge"]
        return f"{document['recipient']['name']}: {badge['name']}, from {badge['issuer']['name']}"
    except (KeyError, TypeError):
        return ""


def _credential_says(credential: str) -> str:
    try:
        document = json.loads(credential)
        subject = document["credentialSubject"]
        names = [one["identityHash"] for one in subject["identifier"] if one["identityType"] == "name"]
        return f"{', '.join(names)}: {subject['achievement']['name']}, from {document['issuer']['name']}"
    except (ValueError, KeyError, TypeError):
        return ""


def _words(found: Verified) -> Iterator[str]:
    verdict = "verified" if found.verified else "NOT verified"
    yield f"{found.file}: {verdict}" + (f" - {found.says}" if found.says else "")
    for check in found.checks:
        yield f"  {'ok    ' if check.passed else 'FAILED'}  {check.name}: {check.detail}"


def _json_lines(found: Verified) -> Iterator[str]:
    yield json.dumps({**asdict(found), "verified": found.verified}, ensure_ascii=False)
