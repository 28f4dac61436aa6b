"""Signed certificates through the pipelines and the command line, from keys to verification."""

import base64
import json
import stat
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from click.testing import CliRunner

from certbeam.pipelines.cli.main import main
from certbeam.tests.pipelines.conftest import EXAMPLES, Installation

BASE_URL = "https://certs.example.org/certs"


def certbeam(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.output


class SignedInstallation(Installation):
    """An installation with keys."""

    def __init__(self, root: Path, keys: Path | None = None) -> None:
        super().__init__(root)
        self.keys = keys or root / "keys.json"
        if keys is None:
            assert certbeam("keys", "new", "--out", self.keys, "--base_url", BASE_URL)[0] == 0

    def flags(self, pipeline: str, **more: str) -> dict[str, str]:
        return super().flags(pipeline, **{"keys": str(self.keys), "base_url": BASE_URL, **more})

    def certificates(self, extension: str) -> dict[str, Path]:
        """Return the files by certificate id."""
        suffix = f".{extension}"
        found = (self.root / "certs").glob(f"*/*{suffix}")
        return {
            path.name.removesuffix(suffix): path
            for path in found
            if len(path.name.removesuffix(suffix)) == 36 and path.parent.name != "issuers"
        }

    def verify(self, *paths: Path) -> dict[str, dict]:
        """Return the result of ``certbeam verify`` for each file."""
        _, stdout, _ = certbeam("verify", "--json", "--offline", self.root / "certs", *paths)
        return {line["file"]: line for line in map(json.loads, stdout.splitlines())}

    def revoke(self, *identifiers: str):
        where = ("--registry", f"sqlite:{self.root / 'registry.db'}", "--storage", self.root / "certs")
        return certbeam("revoke", *identifiers, "--reason", "a test", *where, "--keys", self.keys)


@pytest.fixture
def signed(tmp_path: Path) -> SignedInstallation:
    return SignedInstallation(tmp_path)


def failed_checks(found: dict) -> list[str]:
    return [check["name"] for check in found["checks"] if not check["passed"]]


@pytest.mark.slow
def test_every_file_of_every_certificate_is_verified(signed):
    signed.run("issue", proofs="eddsa-rdfc-2022,eddsa-jcs-2022")
    signed.run("generate", formats="json,vc,svg,png")

    files = [
        path for kind in ("json", "vc.json", "svg", "png") for path in signed.certificates(kind).values()
    ]
    files += [path.with_suffix("") for path in signed.certificates("json").values()]
    verdicts = signed.verify(*files)
    made = {pipeline: len(signed.lines("audit", pipeline)) for pipeline in ("issue", "generate")}
    assert len(verdicts) == 4 * made["issue"] + 5 * made["generate"]
    assert {name: failed_checks(found) for name, found in verdicts.items() if not found["verified"]} == {}


def test_a_replay_changes_no_byte(signed):
    signed.run("issue")
    before = signed.state()
    signed.run("issue")
    assert signed.state() == before


def test_status_list_indexes_are_kept_after_a_failure(tmp_path):
    (tmp_path / "undisturbed").mkdir()
    (tmp_path / "disturbed").mkdir()
    undisturbed = SignedInstallation(tmp_path / "undisturbed")
    disturbed = SignedInstallation(tmp_path / "disturbed", undisturbed.keys)
    undisturbed.run("issue")
    (disturbed.root / "certs").mkdir()
    # Lists can be published, and no certificate can be stored.
    (disturbed.root / "certs" / "v1").write_text("in the way")
    disturbed.run("issue")
    assert not disturbed.certificates("vc.json") or "issued" not in disturbed.verdicts()
    (disturbed.root / "certs" / "v1").unlink()

    disturbed.run("issue")

    assert disturbed.state() == undisturbed.state()


@pytest.mark.slow
def test_a_re_issue_revokes_the_replaced_certificate(signed):
    signed.run("issue")
    event = json.loads((EXAMPLES / "issue-events.jsonl").read_text().splitlines()[2])
    event["mid"] = "LP.again"
    event["edata"]["reIssue"] = True
    again = signed.root / "again.jsonl"
    again.write_text(json.dumps(event))
    before = signed.certificates("vc.json")

    signed.run("issue", input=str(again))

    after = signed.certificates("vc.json")
    replaced = {name for (name,) in signed.rows("SELECT id FROM cert_registry WHERE isrevoked")}
    verdicts = {Path(name).name[:36]: found for name, found in signed.verify(*after.values()).items()}
    assert len(after) - len(before) == len(replaced) == 2 * len(event["edata"]["userIds"])
    assert {name for name, found in verdicts.items() if not found["verified"]} == replaced
    assert {tuple(failed_checks(verdicts[name])) for name in replaced} == {("revocation",)}


def test_every_file_of_a_revoked_certificate_fails_verification(signed):
    signed.run("generate", formats="json,vc,svg,png")
    identifier = next(iter(signed.certificates("vc.json")))
    assert signed.revoke(identifier)[0] == 0
    assert signed.revoke(identifier)[0] == 0
    assert signed.rows("SELECT id, reason FROM cert_registry WHERE isrevoked") == [(identifier, "a test")]
    files = [signed.certificates(kind)[identifier] for kind in ("json", "vc.json", "svg", "png")]
    verdicts = signed.verify(*files)
    assert [failed_checks(found) for found in verdicts.values()] == [["revocation"]] * len(files)
    assert certbeam("verify", "--offline", signed.root / "certs", *files)[0] == 1


def test_the_revocation_of_an_unknown_certificate_is_reported(signed):
    signed.run("issue")
    status, _, output = signed.revoke("nobody")
    assert status == 1
    assert "nobody" in output


def test_documents_named_in_an_assertion_are_published_at_their_urls(signed):
    signed.run("issue")
    for path in signed.certificates("json").values():
        document = json.loads(path.read_text())
        document.pop("printUri")
        badge = document["badge"]
        for published in (document, badge, badge["issuer"], document["evidence"]):
            name = published["id"].removeprefix(f"{BASE_URL}/")
            assert json.loads((signed.root / "certs" / name).read_text()) == published
        for url in (document["@context"], document["verification"]["creator"], *badge["issuer"]["publicKey"]):
            assert (signed.root / "certs" / url.removeprefix(f"{BASE_URL}/")).is_file()


def test_one_changed_letter_in_an_assertion_is_detected(signed):
    signed.run("issue")
    path = next(iter(signed.certificates("json").values()))
    text = path.read_text()
    document = json.loads(text)
    for place in ("recipient", "badge", "evidence"):
        changed = json.loads(text)
        changed[place]["name"] += "x"
        path.write_text(json.dumps(changed))
        assert failed_checks(signed.verify(path)[str(path)]) == ["signature"]
    document["printUri"] = ""
    path.write_text(json.dumps(document))
    assert signed.verify(path)[str(path)]["verified"]


def test_a_hosted_assertion_is_verified_and_a_changed_one_fails(installation):
    installation.run("issue")
    path = next((installation.root / "certs").glob("batch-data-01/*-*-*-*-*.svg")).with_suffix(".json")
    base = ("verify", "--offline", installation.root / "certs", "--base_url", BASE_URL)
    assert certbeam(*base, path)[0] == 0
    document = json.loads(path.read_text())
    document["recipient"]["name"] = "Somebody else"
    path.write_text(json.dumps(document))
    assert certbeam(*base, path)[0] == 1


def test_a_picture_without_a_credential_fails_verification(installation):
    installation.run("issue")
    picture = next((installation.root / "certs").glob("*/*.svg"))
    status, stdout, _ = certbeam(
        "verify", "--offline", installation.root / "certs", "--base_url", BASE_URL, picture
    )
    assert status == 1
    assert "no credential is baked into the picture" in stdout


@pytest.mark.slow
def test_a_new_key_signs_and_the_key_file_is_private(signed):
    assert stat.S_IMODE(signed.keys.stat().st_mode) == 0o600
    signed.run("issue")
    path = next(iter(signed.certificates("vc.json").values()))
    old = json.loads(path.read_text())["proof"][0]["verificationMethod"]
    assert certbeam("keys", "new", "--out", signed.keys, "--base_url", BASE_URL)[0] == 0
    signed.run("generate")
    published = certbeam("keys", "publish", "--keys", signed.keys, "--storage", signed.root / "certs")
    assert published[0] == 0

    signers = {
        json.loads(one.read_text())["proof"][0]["verificationMethod"]
        for one in signed.certificates("vc.json").values()
    }
    assert len(signers) == 2
    assert old in signers
    assert all(
        found["verified"] for found in signed.verify(*signed.certificates("vc.json").values()).values()
    )


def test_a_key_for_another_base_url_is_rejected(signed):
    before = signed.keys.read_bytes()
    status, _, output = certbeam("keys", "new", "--out", signed.keys, "--base_url", "https://x.example/certs")
    assert status != 0
    assert f"were made for {BASE_URL}" in output
    assert signed.keys.read_bytes() == before


def test_status_lists_are_signed_again_by_the_newest_key(signed):
    signed.run("generate")
    identifiers = list(signed.certificates("vc.json"))
    assert signed.revoke(identifiers[0])[0] == 0
    path = signed.root / "certs" / "status" / "1.json"
    before = json.loads(path.read_text())
    old = json.loads(signed.keys.read_text())["keys"][0]
    assert certbeam("keys", "new", "--out", signed.keys, "--base_url", BASE_URL)[0] == 0
    publish = ("keys", "publish", "--keys", signed.keys, "--storage", signed.root / "certs")
    registry = ("--registry", f"sqlite:{signed.root / 'registry.db'}")

    status, stdout, _ = certbeam(*publish)
    assert status == 0
    assert "give --registry" in stdout
    assert json.loads(path.read_text()) == before
    status, stdout, _ = certbeam(*publish, *registry)
    assert "1 status lists signed" in stdout

    after = json.loads(path.read_text())
    assert after["credentialSubject"] == before["credentialSubject"]
    assert after["proof"][0]["verificationMethod"] != before["proof"][0]["verificationMethod"]
    written = path.read_bytes()
    assert certbeam(*publish, *registry)[0] == 0
    assert path.read_bytes() == written

    # The old key is taken out: what it has signed is worthless, what the new one signs is not.
    signed.run("generate", input=str(_again(signed)))
    keys = json.loads(signed.keys.read_text())
    keys["keys"] = [key for key in keys["keys"] if key["kid"] != old["kid"]]
    signed.keys.write_text(json.dumps(keys))
    assert certbeam(*publish, *registry)[0] == 0
    verdicts = {Path(name).name[:36]: one for name, one in signed.verify(*_files(signed)).items()}
    new = set(verdicts) - set(identifiers)
    assert {name for name, one in verdicts.items() if one["verified"]} == new
    assert new
    assert signed.revoke(*new)[0] == 0
    assert {tuple(failed_checks(one)) for one in signed.verify(*_files(signed, new)).values()} == {
        ("revocation",)
    }


def _again(signed):
    """Write an event of the demo that requests a re-issue."""
    path = signed.root / "again.jsonl"
    lines = (EXAMPLES / "generate-events.jsonl").read_text().splitlines()
    event = json.loads(next(line for line in lines if "Open Day" in line))
    event["edata"] |= {"reIssue": True, "issueMid": "LP.again"}
    path.write_text(json.dumps(event))
    return path


def _files(signed, identifiers=None):
    found = signed.certificates("vc.json")
    return [path for name, path in found.items() if identifiers is None or name in identifiers]


def test_an_rsa_key_signs_assertions_and_an_ed25519_key_credentials(signed):
    assert certbeam("keys", "new", "--rsa", "--out", signed.keys, "--base_url", BASE_URL)[0] == 0
    signed.run("generate")
    files = [*signed.certificates("json").values(), *signed.certificates("vc.json").values()]
    headers = set()
    for path in signed.certificates("json").values():
        header = json.loads(path.read_text())["signature"]["signatureValue"].partition(".")[0]
        headers.add(json.loads(base64.urlsafe_b64decode(header + "=="))["alg"])
    assert headers == {"RS256"}
    assert all(found["verified"] for found in signed.verify(*files).values())


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        ({"keys": "missing.json"}, "keys new"),
        ({"base_url": "https://other.example.org/certs"}, "were made for"),
        ({"proofs": "rot13"}, "eddsa-rdfc-2022"),
        ({"keys": "", "formats": "json,vc"}, "--keys"),
    ],
)
def test_invalid_settings_of_signing_are_rejected_before_the_run(signed, flags, says):
    given = [f"--{name}={value}" for name, value in signed.flags("issue", **flags).items()]
    status, _, output = certbeam("issue", *[one for one in given if "requests_output" not in one])
    assert status == 2
    assert says in output


def test_keys_that_others_can_read_are_refused(signed):
    signed.keys.chmod(0o640)
    status, _, output = certbeam("keys", "publish", "--keys", signed.keys, "--storage", signed.root / "certs")
    assert status == 2
    assert "chmod 600" in output


class _Served(SimpleHTTPRequestHandler):
    """Serves a storage folder under ``/certs/``, as docs/credentials.md describes."""

    def guess_type(self, path):
        name = str(path)
        return "application/vc" if name.endswith(".vc.json") else super().guess_type(path)

    def translate_path(self, path):
        return super().translate_path(path.removeprefix("/certs"))

    def log_message(self, *_arguments):
        pass


_Served.extensions_map = {"": "application/json", ".json": "application/json"}


@contextmanager
def served(folder):
    """Serve a folder, and yield its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Served, directory=str(folder)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/certs"
    server.shutdown()
    server.server_close()


def urls_in(value, base_url):
    """Yield every URL under ``base_url`` in a document, at any depth."""
    if isinstance(value, str) and value.startswith(f"{base_url}/"):
        yield value
    elif isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from urls_in(member, base_url)


def follow(urls, base_url, at):
    """Fetch URLs and all URLs that their documents name; return media type and document by URL."""
    found, waiting = {}, list(urls)
    with httpx.Client() as client:
        while waiting:
            one = waiting.pop().partition("#")[0]
            if one not in found:
                answer = client.get(one.replace(base_url, at, 1))
                assert answer.status_code == 200, one
                found[one] = (answer.headers["content-type"], answer.json())
                waiting += urls_in(answer.json(), base_url)
    return found


@pytest.mark.parametrize("kind", ["signed", "hosted"])
def test_every_url_of_a_certificate_has_the_expected_type_and_document(signed, kind):
    with served(signed.root / "certs") as at:
        base_url, keys = (BASE_URL, str(signed.keys)) if kind == "signed" else (at, None)
        signed.run("generate", keys=keys, base_url=base_url)
        if kind == "signed":
            credentials = signed.certificates("vc.json")
            assert signed.revoke(next(iter(credentials)))[0] == 0
        assertions = [
            f"{base_url}/{path.parent.name}/{identifier}"
            for identifier, path in signed.certificates("json").items()
        ]
        begins = list(assertions)
        if kind == "signed":
            begins += [f"{one}.vc.json" for one in assertions]
            begins += [f"{base_url}/did.json", f"{base_url}/issuer.json"]
        documents = follow(begins, base_url, at)
    kinds = set()
    for url, (media_type, document) in documents.items():
        assert media_type == ("application/vc" if url.endswith(".vc.json") else "application/json")
        assert document.get("id", url) == url or document["id"].startswith("did:web:")
        kinds.update(_types(document))
    for one in assertions:
        hosted = documents[one][1]
        for named in (hosted["badge"], hosted["badge"]["issuer"], hosted["evidence"]):
            assert documents[named["id"]][1] == named
    named = {"Assertion", "BadgeClass", "Issuer", "Evidence"}
    signs = {"CryptographicKey", "OpenBadgeCredential", "BitstringStatusListCredential", "Profile"}
    assert kinds >= (named | signs if kind == "signed" else named)


def _types(document):
    types = document.get("type", [])
    return types if isinstance(types, list) else [types]
