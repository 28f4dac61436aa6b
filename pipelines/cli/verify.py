"""``certbeam verify``: verify certificates and print the result of each check."""

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
    """Result of the verification of a file.

    Attributes:
        file: the path of the file.
        says: the recipient, the achievement and the issuer; empty if the file does not have them.
        checks: the results of the checks.
    """

    file: str
    says: str
    checks: list[CheckResult]

    @property
    def verified(self) -> bool:
        """Return True if there is a check and every check passed."""
        return bool(self.checks) and all(check.passed for check in self.checks)


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--offline",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Storage folder to read instead of fetching from --base_url. Nothing is fetched.",
)
@click.option(
    "--base_url",
    metavar="URL",
    help="URL under which the folder of --offline is served. Default: that of its did.json.",
)
@click.option(
    "--keys",
    metavar="URI",
    help=f"{ASSERTION_SIGNER.forms} that signed the assertions. Only the enc-service can verify its signatures.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each file.")
@click.pass_context
def verify(
    ctx: click.Context,
    paths: tuple[Path, ...],
    offline: Path | None,
    base_url: str | None,
    keys: str | None,
    as_json: bool,
) -> None:
    """Verify certificates: files .json, .vc.json, and .svg or .png with an embedded credential.

    Checks the signature, the issuer's key, the dates, the revocation, and that a JSON-LD context defines each term. The
    exit status is 1 if a check fails.
    """
    fetch = PublishedFolder(offline, base_url) if offline else download_file
    service = ASSERTION_SIGNER.open(keys) if keys else None
    verify_signature = service.verify if service else None
    all_verified = True
    for path in paths:
        result = verify_file(path, fetch, verify_signature)
        all_verified = all_verified and result.verified
        for line in _json_lines(result) if as_json else _text_lines(result):
            click.echo(line)
    if service:
        service.close()
    ctx.exit(0 if all_verified else 1)


def verify_file(path: Path, fetch: Fetch, verify_signature: VerifySignature | None = None) -> Verified:
    """Verify a file of any kind.

    Args:
        path: the file.
        fetch: returns the document of a URL.
        verify_signature: verifies the signature of an enc-service; None if there is no such service.
    """
    try:
        body = path.read_bytes()
        if body.startswith(_PICTURES):
            credential = extract_credential(body)
            if credential is None:
                return _unreadable(path, "no credential is baked into the picture")
            return _verify_credential_text(path, credential, fetch)
        if not body.lstrip().startswith(b"{"):
            return _verify_credential_text(path, body.decode().strip(), fetch)
        document = read_document(body)
    except (OSError, ValueError, CheckFailed) as error:
        return _unreadable(path, str(error))
    types = document.get("type")
    if isinstance(types, list) and "Assertion" in types:
        return Verified(
            str(path), _describe_assertion(document), verify_assertion(document, fetch, verify_signature)
        )
    return _verify_credential_text(path, body.decode(), fetch)


def _verify_credential_text(path: Path, credential: str, fetch: Fetch) -> Verified:
    return Verified(str(path), _describe_credential(credential), verify_credential(credential, fetch))


def _unreadable(path: Path, reason: str) -> Verified:
    return Verified(str(path), "", [CheckResult("form", passed=False, detail=reason)])


def _describe_assertion(document: dict[str, Any]) -> str:
    try:
        badge = document["badge"]
        return f"{document['recipient']['name']}: {badge['name']}, from {badge['issuer']['name']}"
    except (KeyError, TypeError):
        return ""


def _describe_credential(credential: str) -> str:
    try:
        document = json.loads(credential)
        subject = document["credentialSubject"]
        names = [
            identity["identityHash"]
            for identity in subject["identifier"]
            if identity["identityType"] == "name"
        ]
        return f"{', '.join(names)}: {subject['achievement']['name']}, from {document['issuer']['name']}"
    except (ValueError, KeyError, TypeError):
        return ""


def _text_lines(result: Verified) -> Iterator[str]:
    verdict = "verified" if result.verified else "NOT verified"
    yield f"{result.file}: {verdict}" + (f" - {result.says}" if result.says else "")
    for check in result.checks:
        yield f"  {'ok    ' if check.passed else 'FAILED'}  {check.name}: {check.detail}"


def _json_lines(result: Verified) -> Iterator[str]:
    yield json.dumps({**asdict(result), "verified": result.verified}, ensure_ascii=False)
