"""JavaScript verifiers of other projects accept every issued credential, and no changed credential."""

import json
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from openbadgeslib.ob3.contexts import bundled_contexts

from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.badges.baking import extract_credential
from certbeam.io.learning.load import load_records
from certbeam.tests.badges.mutations import changes
from certbeam.tests.pipelines.test_signed_certificates import BASE_URL, SignedInstallation
from certbeam.tests.support import SVG, generate_event, small_platform

JAVASCRIPT = Path(__file__).with_name("javascript")
VERIFIERS = ("bazaar", "consortium")
BOTH_PROOFS = "eddsa-rdfc-2022,eddsa-jcs-2022"
CHANGES = 250
MIXED = {
    "Latin and Devanagari": ("Asha आशा O’Brien-कुलकर्णी", "Water & पानी"),
    "Arabic and Latin": ("سارة Haddad", "الرياضيات 101"),
    "Signs": ('"Q" \\ ]]>&<script> e\u0301 O\u2019\u2060Brien', "line\nline \u00a0%s {x} ${y}"),
}


class ScriptsInstallation(SignedInstallation):
    """An installation whose learners have names in all scripts."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        names = {script: (sample.name, sample.course) for script, sample in SAMPLES.items()} | MIXED
        self.names = {f"u-{number}": says for number, says in enumerate(names.values())}
        (root / "templates").mkdir()
        (root / "templates" / "plain.svg").write_text(SVG.format("${recipientName}"))
        (root / "scripts.json").write_text(json.dumps(small_platform(*self.names)))
        load_records(root / "scripts.json", root / "lms.db")
        events = [
            generate_event(
                data=[{"recipientName": name, "recipientId": user}],
                courseName=course,
                description=name,
                expiry="30y",
                logo="https://aranya.example.org/logo.png",
            )
            for user, (name, course) in self.names.items()
        ]
        (root / "events.jsonl").write_text("\n".join(map(json.dumps, events)))

    def issue(self, **flags: str) -> None:
        events, templates = str(self.root / "events.jsonl"), (str(self.root / "templates"),)
        self.run("generate", input=events, template_allow=templates, formats="json,vc,svg,png", **flags)
        letters = self.lines("dead_letters", "generate")
        assert letters == []
        assert self.verdicts("generate") == {"issued": len(self.names)}

    def credentials(self) -> dict[str, Any]:
        """Return the credential of each file that has one, by file name."""
        found = {path.name: json.loads(path.read_text()) for path in self.certificates("vc.json").values()}
        for kind in ("svg", "png"):
            for path in self.certificates(kind).values():
                found[path.name] = json.loads(extract_credential(path.read_bytes()) or "null")
        return found

    def ask(self, credentials: Iterable[tuple[str, Any]]) -> dict[str, dict[str, Any]]:
        """Return the results of the JavaScript verifiers for each credential."""
        if not (JAVASCRIPT / "node_modules").is_dir():
            pytest.fail("the JavaScript verifiers are not installed: run 'make javascript'")
        contexts = self.root / "contexts.json"
        contexts.write_text(json.dumps(bundled_contexts()))
        lines = [json.dumps({"name": name, "credential": one}) for name, one in credentials]
        answer = subprocess.run(  # noqa: S603
            [Path(sys.executable).with_name("node"), "verify.mjs", self.root / "certs", BASE_URL, contexts],
            cwd=JAVASCRIPT,
            input="\n".join(lines),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        verdicts = {one["name"]: one for one in map(json.loads, answer.stdout.strip("\n").split("\n"))}
        assert len(verdicts) == len(lines)
        return verdicts


@pytest.fixture
def installation(tmp_path: Path) -> ScriptsInstallation:
    return ScriptsInstallation(tmp_path)


@pytest.mark.parametrize("proofs", ["eddsa-rdfc-2022", BOTH_PROOFS])
def test_all_verifiers_accept_every_file_and_detect_revocations(
    installation: ScriptsInstallation, proofs: str
):
    installation.issue(proofs=proofs)
    credentials = installation.credentials()
    assert len(credentials) == 3 * len(installation.names)
    for vc, path in installation.certificates("vc.json").items():
        assert credentials[f"{vc}.svg"] == credentials[f"{vc}.png"] == json.loads(path.read_text())
    revoked = set(list(installation.certificates("vc.json"))[::9])
    assert installation.revoke(*revoked)[0] == 0

    verdicts = installation.ask(credentials.items())

    for who in VERIFIERS:
        said = {name: verdict[who] for name, verdict in verdicts.items()}
        assert {name: one for name, one in said.items() if not one["verified"]} == {}
        assert {name for name, one in said.items() if one["revoked"]} == {
            name for name in credentials if name[:36] in revoked
        }
    assert {name: one["form"] for name, one in verdicts.items() if one["form"]} == {}
    files = [path for kind in ("json", "vc.json", "svg", "png") for path in _files(installation, kind)]
    ours = {Path(name).name[:36] for name, one in installation.verify(*files).items() if not one["verified"]}
    assert ours == revoked


def test_no_verifier_accepts_a_changed_credential(installation: ScriptsInstallation):
    """Changes of the proof and of the contexts are excluded, because libraries read them in different ways."""
    installation.issue(proofs="eddsa-rdfc-2022")
    credential = next(iter(installation.credentials().values()))
    tried = [
        (what, changed)
        for what, changed in changes(credential)
        # "false" and false are the same statement, and so are a text and a list of it.
        if not what.startswith(("/proof", "/@context")) and not what.endswith("hashed: as JSON")
    ]
    dice = random.Random(20261122)  # noqa: S311 - the same changes every time

    verdicts = installation.ask([("as it is", credential), *dice.sample(tried, CHANGES)])

    untouched = verdicts.pop("as it is")
    assert [untouched[who]["verified"] for who in VERIFIERS] == [True, True]
    assert len(verdicts) == CHANGES
    assert [one for one in verdicts.values() if any(one[who]["verified"] for who in VERIFIERS)] == []


def _files(installation: ScriptsInstallation, kind: str) -> Iterable[Path]:
    return installation.certificates(kind).values()
