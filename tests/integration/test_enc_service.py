"""Assertions signed by the encryption service: the port's contract, faults, and certificates made with it."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from certbeam.badges.enc_service import ServiceSignature, build_service_assertion
from certbeam.badges.urls import PublishedUrls
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.assertion_signing.enc_service_api import EncService
from certbeam.io.clients.http_service import HttpService
from certbeam.io.port_table import ASSERTION_SIGNER
from certbeam.io.protocols import AssertionSigner
from certbeam.io.uri.address import FlagError
from certbeam.tests.integration.platform_server import _PSS, Fault, PlatformServer, _sorted
from certbeam.tests.pipelines.test_signed_certificates import (
    BASE_URL,
    SignedInstallation,
    certbeam,
    failed_checks,
)
from certbeam.tests.support import certificate

HEALING = ["503", "429", "cut", "slow", "html"]


def assertion(user: str = "u-1", key_id: str = "1") -> dict[str, object]:
    return build_service_assertion(certificate(user), PublishedUrls(BASE_URL), key_id)


@pytest.fixture
def signer(platform: PlatformServer) -> Iterator[AssertionSigner]:
    opened = ASSERTION_SIGNER.open(f"enc+{platform.url}?key=2")
    yield opened
    opened.close()


class TestContract:
    def test_each_assertion_is_signed_by_its_key(self, signer: AssertionSigner):
        wanted = [(key, assertion(f"u-{n}", key)) for n, key in enumerate(["1", "2", "1"])]
        signatures = signer.sign(wanted)
        assert [one.key_id for one in signatures if isinstance(one, ServiceSignature)] == ["1", "2", "1"]
        for (_, document), one in zip(wanted, signatures, strict=True):
            assert isinstance(one, ServiceSignature)
            assert signer.verify(one, document)
            assert not signer.verify(one, {**document, "issuedOn": "2020-01-01T00:00:00Z"})

    def test_an_assertion_that_cannot_be_signed_does_not_affect_the_others(self, signer: AssertionSigner):
        first, second, third = signer.sign([("1", assertion()), ("9", assertion()), ("1", assertion())])
        assert isinstance(first, ServiceSignature)
        assert isinstance(second, Rejected)
        assert second.code == "signing-refused"
        assert isinstance(third, ServiceSignature)

    def test_an_empty_batch_has_no_signatures(self, signer: AssertionSigner):
        assert signer.sign([]) == []
        assert signer.default_key == "2"

    @pytest.mark.parametrize("kind", HEALING)
    def test_transient_faults_are_retried(self, platform: PlatformServer, signer: AssertionSigner, kind: str):
        platform.faults.append(Fault(kind, 2, "/sign"))
        (signature,) = signer.sign([("1", assertion())])
        assert isinstance(signature, ServiceSignature)
        assert signer.verify(signature, assertion())


def test_the_service_gets_the_assertion_to_sign(platform: PlatformServer, signer: AssertionSigner):
    signer.sign([("1", assertion())])
    assert platform.posted == [("/sign/1", {"entity": assertion()})]


def test_a_key_may_be_unpublished_but_not_malformed(platform: PlatformServer, signer: AssertionSigner):
    platform.faults.append(Fault("html", 1, "/keys"))
    (signature,) = signer.sign([("1", assertion())])
    assert isinstance(signature, Rejected)
    (signature,) = signer.sign([("1", assertion())])
    assert isinstance(signature, ServiceSignature)
    assert signature.public_key.startswith("-----BEGIN PUBLIC KEY-----")
    service = EncService(HttpService("signing", f"{platform.url}/none"))
    assert service._public_key("1") == ""
    service.close()


def test_a_signature_of_another_key_is_rejected(platform: PlatformServer, signer: AssertionSigner):
    signer.sign([("1", assertion())])
    platform.state.put("key", "01", platform.state.get("key", "1"))  # it says that it has signed with 1
    (answer,) = signer.sign([("01", assertion())])
    assert isinstance(answer, Rejected)
    assert "no signature with its key 01" in answer.reason


def test_a_service_that_does_not_answer_is_unavailable(platform: PlatformServer):
    platform.faults.append(Fault("503", 1000))
    service = EncService(HttpService("signing", platform.url, retry_seconds=0.3))
    (error,) = service.sign([("1", assertion())])
    service.close()
    assert isinstance(error, Unavailable)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("enc+http://", "host"),
        ("enc+http://host?api_key=hush", "api_key_file"),
        ("enc+http://host?kex=1", "no option 'kex'"),
        ("keys.json", r"enc\+http"),
    ],
)
def test_an_invalid_address_is_rejected(address: str, says: str):
    with pytest.raises(FlagError, match=says):
        ASSERTION_SIGNER.open(address)


class TestCertificates:
    def test_without_a_key_set_only_assertions_are_signed(self, platform: PlatformServer, tmp_path: Path):
        platform.faults.append(Fault("503", 2, "/sign"))
        installation = SignedInstallation(tmp_path)
        address = f"enc+{platform.url}"
        installation.run("generate", keys=f"{address}?key=1")
        files = installation.certificates("json")
        assert installation.verdicts("generate")["issued"] == len(files) > 0
        assert not installation.certificates("vc.json")
        for path in files.values():
            document = json.loads(path.read_text())
            assert document["verification"] == {"type": "HostedBadge"}
            assert document["signature"]["type"] == "LinkedDataSignature2015"
            assert document["signature"]["creator"] in document["badge"]["issuer"]["publicKey"]
            assert "credentialStatus" not in document
            _check_with_the_published_key(document, tmp_path / "certs")

        where = ("--offline", tmp_path / "certs", "--base_url", BASE_URL)
        one = next(iter(files.values()))
        assert certbeam("verify", *where, *files.values())[0] == 0
        assert certbeam("verify", *where, "--keys", address, *files.values())[0] == 0
        # The hosted copy is changed along with the file: the signature tells.
        for path in (one, one.with_suffix("")):
            path.write_text(path.read_text().replace('"issuedOn":"2026', '"issuedOn":"2025'))
        status, _, output = certbeam("verify", *where, "--keys", address, one)
        assert status == 1
        assert "FAILED  enc-service" in output

    def test_a_certificate_is_revoked_in_the_registry(self, platform: PlatformServer, tmp_path: Path):
        installation = SignedInstallation(tmp_path)
        address = f"enc+{platform.url}?key=1"
        installation.run("generate", keys=address)
        identifier = next(iter(installation.certificates("json")))
        revoke = ("revoke", "--reason", "a test", "--registry", f"sqlite:{tmp_path / 'registry.db'}")
        assert certbeam(*revoke, "--keys", address, identifier)[0] == 0
        assert installation.rows("SELECT id FROM cert_registry WHERE isrevoked") == [(identifier,)]
        status, _, output = certbeam(*revoke, "--keys", address, "nobody")
        assert status == 1
        assert "nobody" in output

    def test_with_a_key_set_assertions_and_credentials_are_signed(
        self, platform: PlatformServer, tmp_path: Path
    ):
        installation = SignedInstallation(tmp_path)
        address = f"enc+{platform.url}?key=1&key_set={installation.keys}"
        installation.run("generate", keys=address, formats="json,vc,svg,png")
        files = [
            path
            for kind in ("json", "vc.json", "svg", "png")
            for path in installation.certificates(kind).values()
        ]
        verdicts = installation.verify(*files)
        assert len(verdicts) == 4 * installation.verdicts("generate")["issued"] > 0
        assert {name: failed_checks(one) for name, one in verdicts.items() if not one["verified"]} == {}

        identifier = next(iter(installation.certificates("json")))
        where = ("--registry", f"sqlite:{tmp_path / 'registry.db'}", "--storage", tmp_path / "certs")
        assert certbeam("revoke", identifier, "--reason", "a test", *where, "--keys", address)[0] == 0
        files = [installation.certificates(kind)[identifier] for kind in ("json", "vc.json")]
        assert [failed_checks(one) for one in installation.verify(*files).values()] == [["revocation"]] * 2

    def test_the_event_selects_a_key_of_the_service_or_of_the_key_set(
        self, platform: PlatformServer, tmp_path: Path
    ):
        installation = SignedInstallation(tmp_path)
        ours = json.loads(installation.keys.read_text())["keys"][0]["kid"]
        creators = {}
        for key_id in ("1", "2", ours, ""):
            folder = tmp_path / f"key-{key_id}"
            folder.mkdir()
            one = SignedInstallation(folder, installation.keys)
            events = str(_events_with_key(one, key_id))
            one.run("generate", input=events, keys=f"enc+{platform.url}?key_set={installation.keys}")
            (path,) = one.certificates("json").values()
            creators[key_id] = json.loads(path.read_text())["signature"]["creator"]
        assert creators["1"].endswith("/1_publicKey.json")
        assert creators["2"].endswith("/2_publicKey.json")
        assert creators[ours].startswith(f"{BASE_URL}/keys/{ours}/")
        assert creators[""].startswith(f"{BASE_URL}/keys/{ours}/")

    def test_a_refused_signature_makes_a_dead_letter(self, platform: PlatformServer, tmp_path: Path):
        installation = SignedInstallation(tmp_path)
        for key_id, code in (("9", "signing-refused"), ("../sign/1", "field-invalid")):
            events = _events_with_key(installation, key_id)
            installation.run("generate", input=str(events), keys=f"enc+{platform.url}")
            letters = installation.lines("dead_letters", "generate")
            assert {letter["failInfo"]["errorCode"] for letter in letters} == {code}
            assert installation.verdicts("generate").keys() == {"failed"}
        assert not installation.certificates("json")

    @pytest.mark.parametrize(("query", "formats"), [("?key=1", "json,vc"), ("?key_set=none.json", "json")])
    def test_credentials_without_a_key_set_are_rejected_before_the_run(
        self, platform: PlatformServer, tmp_path: Path, query: str, formats: str
    ):
        installation = SignedInstallation(tmp_path)
        with pytest.raises(FlagError, match="keys new"):
            installation.run("generate", keys=f"enc+{platform.url}{query}", formats=formats)

    def test_keys_publish_needs_a_key_set(self, platform: PlatformServer, tmp_path: Path):
        keys = ("--keys", f"enc+{platform.url}", "--base_url", BASE_URL)
        status, _, output = certbeam("keys", "publish", *keys, "--storage", tmp_path)
        assert status == 2
        assert "key_set=FILE" in output


def _events_with_key(installation: SignedInstallation, key_id: str) -> Path:
    """Write a generate event of the demo for its first recipient, with another key."""
    path = installation.root / "events.jsonl"
    lines = Path(installation.flags("generate")["input"]).read_text().splitlines()
    event = json.loads(next(line for line in lines if "Open Day" in line))
    event["edata"]["data"] = event["edata"]["data"][:1]
    event["edata"].pop("keys", None)
    if key_id:
        event["edata"]["keys"] = {"id": key_id}
    path.write_text(json.dumps(event))
    return path


def _check_with_the_published_key(document: dict[str, dict[str, str]], storage: Path) -> None:
    """Verify a signature with the published key, as a third party could."""
    name = urlsplit(document["signature"]["creator"]).path.removeprefix(urlsplit(BASE_URL).path)
    key = json.loads((storage / name.strip("/")).read_text())
    public = load_pem_public_key(key["publicKeyPem"].encode())
    assert isinstance(public, RSAPublicKey)
    signed = {name: value for name, value in document.items() if name not in ("printUri", "signature")}
    signature = base64.b64decode(document["signature"]["signatureValue"].split("|")[-1])
    public.verify(signature, _sorted(signed), _PSS, SHA256())
