"""Complete runs of the pipelines over the input of the demo."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from certbeam.issuing.dead_letter import restore_original_message
from certbeam.tests.pipelines.conftest import EXAMPLES, Installation

EXPECTED = json.loads((EXAMPLES / "expected.json").read_text())


def expected_verdicts(run: str) -> dict[str, int]:
    return {verdict: count for verdict, count in EXPECTED[run]["outcomes"].items() if count}


@pytest.mark.parametrize("pipeline", ["issue", "generate"])
def test_the_demo_has_the_outcomes_of_its_table(installation: Installation, pipeline: str):
    summary = installation.run(pipeline)

    assert installation.verdicts(pipeline) == expected_verdicts(pipeline)
    assert len(installation.lines("dead_letters", pipeline)) == EXPECTED[pipeline]["dead_letters"]
    assert summary.counted("outcome") == expected_verdicts(pipeline)
    assert sum(summary.counted("dead-letter").values()) == EXPECTED[pipeline]["dead_letters"]
    assert summary.counters["events:read"] == EXPECTED[pipeline]["events"]


@pytest.mark.parametrize("pipeline", ["issue", "generate"])
def test_a_second_run_changes_nothing(installation: Installation, pipeline: str):
    installation.run(pipeline)
    before = installation.state()

    installation.run(pipeline)

    assert installation.state() == before
    assert installation.verdicts(pipeline) == expected_verdicts(f"{pipeline}_again")
    assert installation.lines("audit", pipeline) == []


def test_every_issued_certificate_is_stored_registered_recorded_and_announced_once(
    installation: Installation,
):
    installation.run("issue")

    made = {
        line["certificateId"]: line
        for line in installation.lines("outcomes")
        if line["outcome"] in ("issued", "reissued")
    }
    files = {
        f"{line['batchId']}/{identifier}{kind}"
        for identifier, line in made.items()
        for kind in ("", ".json", ".svg")
    }
    recorded = [
        entry["identifier"]
        for (entries,) in installation.rows("SELECT issued_certificates FROM user_enrolments", "lms")
        for entry in json.loads(entries or "[]")
    ]
    assert set(installation.files_of_certificates()) == files
    assert {identifier for (identifier,) in installation.rows("SELECT id FROM cert_registry")} == set(made)
    assert all(recorded.count(identifier) == 1 for identifier in made)
    assert sorted(event["object"]["id"] for event in installation.lines("audit")) == sorted(made)


def test_enrich_and_generate_have_the_result_of_issue_byte_for_byte(tmp_path: Path):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    whole, split = Installation(tmp_path / "one"), Installation(tmp_path / "two")

    whole.run("issue")
    split.run("enrich")
    split.run("generate", input=str(split.root / "requests" / "*.jsonl"))

    assert split.state() == whole.state()
    audit = [
        sorted(json.dumps(event) for event in run)
        for run in (whole.lines("audit"), split.lines("audit", "generate"))
    ]
    assert audit[0] == audit[1]


def test_files_of_all_formats_are_equal_in_every_run(tmp_path: Path):
    stored = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        installation = Installation(tmp_path / name)
        installation.run("generate", formats="json,svg,png,pdf")
        stored.append(installation.stored())

    made = len(installation.lines("audit", "generate"))
    assert len(installation.files_of_certificates()) == (1 + 4) * made
    assert stored[0] == stored[1]


@pytest.mark.slow
def test_replayed_dead_letters_do_not_change_other_certificates(installation: Installation):
    installation.run("issue")
    letters = [
        letter
        for letter in installation.lines("dead_letters")
        if letter["failInfo"]["errorCode"] == "missing-variable"
    ]
    before = installation.stored()
    allow = installation.root / "examples"
    subprocess.run(["cp", "-r", EXAMPLES, allow], check=True)  # noqa: S603, S607
    broken = allow / "templates" / "broken" / "unknown-variable.svg"
    broken.write_text(broken.read_text().replace("${learnerShoeSize}", "size"))
    events = installation.root / "replay.jsonl"
    events.write_bytes(
        b"".join(restore_original_message(json.dumps(letter).encode()) + b"\n" for letter in letters)
    )

    installation.run("issue", input=str(events), template_allow=(str(allow),))

    assert installation.verdicts() == {"issued": len(letters)}
    assert set(before) < set(installation.stored())
    assert all(installation.stored()[name] == digest for name, digest in before.items())


@pytest.mark.slow
def test_a_killed_run_that_is_repeated_has_the_same_result(tmp_path: Path):
    (tmp_path / "undisturbed").mkdir()
    (tmp_path / "killed").mkdir()
    undisturbed, killed = Installation(tmp_path / "undisturbed"), Installation(tmp_path / "killed")
    begun = time.monotonic()
    assert _certbeam(undisturbed, "issue").wait() == 1
    whole_run = time.monotonic() - begun
    dice = random.Random(20261122)  # noqa: S311 - the moments only have to be many, and the same again

    for _ in range(6):
        run = _certbeam(killed, "issue")
        try:
            # Loading Python takes the first part of a run; nothing can be lost in it.
            run.wait(timeout=whole_run * dice.uniform(0.5, 1.0))
        except subprocess.TimeoutExpired:
            run.send_signal(signal.SIGKILL)
            run.wait()
    assert _certbeam(killed, "issue").wait() == 1

    assert killed.state() == undisturbed.state()


def _certbeam(installation: Installation, pipeline: str) -> subprocess.Popen:
    flags = [
        f"--{name}={value}"
        for name, value in installation.flags(pipeline).items()
        if name != "requests_output"
    ]
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", f"certbeam.pipelines.{pipeline}", *flags, "--batch_size=5", "--json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
