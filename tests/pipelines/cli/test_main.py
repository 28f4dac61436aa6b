"""The command line: its help, its errors and its exit status."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from certbeam.io.events.json_lines import ReadJsonLines
from certbeam.io.port import PIPELINES
from certbeam.io.port_table import REPLAY_INPUT
from certbeam.pipelines.cli import replay
from certbeam.pipelines.cli.main import main
from certbeam.pipelines.config.flags import flags_of
from certbeam.tests.pipelines.conftest import EXAMPLES, Installation


def certbeam(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_help_lists_every_flag_of_a_pipeline(pipeline: str):
    shown = certbeam(pipeline, "--help").output

    for flag in flags_of(pipeline):
        assert f"--{flag.name}" in shown
        assert flag.group in shown


@pytest.mark.parametrize("command", [(), ("lms",), ("lms", "load"), ("replay",)])
def test_every_command_has_help(command: tuple[str, ...]):
    result = certbeam(*command, "--help")

    assert result.exit_code == 0
    assert "Usage:" in result.output


@pytest.mark.parametrize(
    ("flag", "value", "remedy"),
    [
        ("input", "nowhere.jsonl", "no file matches"),
        ("input", "kafkaa://broker/topic", "unknown scheme"),
        ("lms", "sqlite:nowhere.db", "certbeam lms load"),
        ("lms", "mysql:x", "unknown scheme"),
        ("users", "ftp://x", "unknown scheme"),
        ("courses", "ftp://x", "unknown scheme"),
        ("registry", "sqlite:", "a file is needed"),
        ("registry", "sqlite:/no/such/folder/x.db", "does not exist"),
        ("storage", "ftp://x", "unknown scheme"),
        ("base_url", "certs.example.org", "a URL such as"),
        ("verify_url", "https://x.example/{uuid}", "only {base_url}, {tag} and {id}"),
        ("verify_url", "https://x.example/", "{id} is missing"),
        ("formats", "json,gif", "'gif' is not a format"),
        ("formats", "svg", "json is missing"),
        ("timezone", "Mars/Olympus", "Asia/Kolkata"),
        ("batch_size", "0", "at least 1"),
        ("batch_size", "many", "whole number"),
        ("template_allow", "gopher://x/", "scheme"),
        ("template_base", "gopher://x/", "below one"),
        ("access_code_key", "nowhere", "cannot be read"),
        ("config", "nowhere.yaml", "cannot be read"),
        ("runer", "DirectRunner", "did you mean --runner?"),
        ("inputs", "x", "did you mean --input?"),
    ],
)
def test_a_bad_flag_is_refused_with_its_value_and_the_remedy(
    installation: Installation, flag: str, value: str, remedy: str
):
    flags = {**installation.flags("issue"), flag: value}
    flags.pop("requests_output")

    result = certbeam("issue", *(f"--{name}={setting}" for name, setting in flags.items()))

    assert result.exit_code == 2
    assert f"--{flag}={value}" in result.output.replace("\n", "")
    assert remedy in result.output
    assert not (installation.root / "certs").exists()


def test_the_error_of_a_flag_shows_the_usage_of_its_command():
    result = certbeam("enrich")

    assert result.exit_code == 2
    assert "Usage: main enrich " in result.output
    assert "'main enrich --help'" in result.output


def test_the_command_line_overrides_flags_of_the_config_file(installation: Installation):
    flags = installation.flags("issue", formats="json", outcomes=str(installation.root / "elsewhere"))
    flags.pop("requests_output")
    config = installation.root / "config.yaml"
    config.write_text(json.dumps(flags))

    result = certbeam(
        "issue", f"--config={config}", f"--outcomes={installation.root / 'outcomes' / 'issue'}", "--json"
    )

    assert result.exit_code == 1
    assert json.loads(result.stdout)["outcomes"] == dict(installation.verdicts())
    assert not (installation.root / "elsewhere").exists()
    assert not any(name.endswith(".svg") for name in installation.stored())


def test_a_config_file_with_an_unknown_flag_is_refused(installation: Installation):
    config = installation.root / "config.yaml"
    config.write_text("inptu: x\n")

    result = certbeam("issue", f"--config={config}")

    assert result.exit_code == 2
    assert "inptu" in result.output


def test_a_run_without_rejections_exits_with_0(installation: Installation):
    good = installation.root / "good.jsonl"
    good.write_bytes((EXAMPLES / "issue-events.jsonl").read_bytes().splitlines(keepends=True)[2])
    flags = installation.flags("issue", input=str(good))
    flags.pop("requests_output")

    result = certbeam("issue", *(f"--{name}={setting}" for name, setting in flags.items()))

    assert result.exit_code == 0
    assert "issued" in result.output


@pytest.mark.parametrize(
    "allow",
    ["../templates/50% off #1?", "../templates/पत्र 1", "file://{root}/templates/50%25%20off%20%231%3F"],
)
def test_templates_are_found_in_a_folder_of_any_name(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, allow: str
):
    root = installation.root
    for name in ("50% off #1?", "पत्र 1"):
        shutil.copytree(EXAMPLES, root / "templates" / name)
    (root / "work").mkdir()
    monkeypatch.chdir(root / "work")
    good = root / "good.jsonl"
    good.write_bytes((EXAMPLES / "issue-events.jsonl").read_bytes().splitlines(keepends=True)[2])
    flags = installation.flags("issue", input=str(good), template_allow=allow.format(root=root))
    flags.pop("requests_output")

    result = certbeam("issue", *(f"--{name}={setting}" for name, setting in flags.items()))

    assert result.exit_code == 0
    assert installation.verdicts().keys() == {"issued"}


def test_replay_writes_the_events_as_they_were_read(installation: Installation):
    installation.run("issue")
    output = installation.root / "again.jsonl"

    result = certbeam("replay", str(installation.root / "dead_letters" / "issue"), f"--output={output}")

    events = output.read_bytes().splitlines()
    source = (EXAMPLES / "issue-events.jsonl").read_bytes().splitlines()
    assert result.exit_code == 0
    assert f"{len(events)} events" in result.output
    assert len(events) == len(installation.lines("dead_letters"))
    assert source[0] in events
    assert not any(b"failInfo" in event or b"jobName" in event for event in events)


def test_replay_writes_dead_letters_of_a_topic_to_a_file(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    installation.run("issue")
    letters = installation.root / "dead_letters" / "issue"
    # In the topic's place, for which Beam would start a Java process.
    source = SimpleNamespace(flag=REPLAY_INPUT.flag, open=lambda *_: ReadJsonLines(f"{letters}/*.jsonl"))
    monkeypatch.setattr(replay, "REPLAY_INPUT", source)
    output = installation.root / "again.jsonl"

    result = certbeam("replay", "kafka://127.0.0.1:1/dead", f"--output={output}")

    assert result.exit_code == 0
    assert len(output.read_bytes().splitlines()) == len(installation.lines("dead_letters"))
    assert f"{len(installation.lines('dead_letters'))} events" in result.output


@pytest.mark.parametrize("letter", ["not json", "[]", '{"jobName": "x"}', '{"jobName": "x", "failInfo": 1}'])
def test_replay_reports_the_line_of_an_invalid_dead_letter(tmp_path: Path, letter: str):
    (tmp_path / "letters.jsonl").write_text(letter + "\n")

    result = certbeam("replay", str(tmp_path), f"--output={tmp_path / 'out'}")

    assert result.exit_code == 1
    assert "line 1" in result.output
    assert not (tmp_path / "out").exists()


def test_lms_load_prints_the_number_of_rows_and_rejects_an_invalid_row(tmp_path: Path):
    good = certbeam("lms", "load", str(EXAMPLES / "lms.json"), f"--lms=sqlite:{tmp_path / 'x.db'}")
    (tmp_path / "bad.json").write_text('{"users": [{"firstName": "x"}]}')
    bad = certbeam("lms", "load", str(tmp_path / "bad.json"), f"--lms=sqlite:{tmp_path / 'x.db'}")

    assert good.exit_code == 0
    assert "users: 73 rows" in good.output
    assert bad.exit_code == 1
    assert "users row 1: id must be given" in bad.output
