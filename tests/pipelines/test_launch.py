"""Launches by flex-template specifications: they match the flags, and parameters are checked."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from certbeam.foundation.errors import Rejected
from certbeam.io.port import PIPELINES
from certbeam.pipelines.cli.main import main
from certbeam.pipelines.config.flags import flags_of
from certbeam.pipelines.config.flex_template import (
    check_parameters,
    flex_template,
    read_template,
    split_parameters,
)
from certbeam.tests.pipelines.conftest import EXAMPLES, Installation

TEMPLATES = Path(__file__).parents[2] / "deploy" / "templates"


def launch(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["launch", *arguments], catch_exceptions=False)


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_specifications_in_deploy_match_the_flags(pipeline: str):
    committed = json.loads((TEMPLATES / f"{pipeline}.json").read_text())

    assert committed == flex_template(pipeline), "run 'make templates'"


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_every_flag_is_a_parameter_with_a_valid_default(pipeline: str):
    name, parameters = read_template(TEMPLATES / f"{pipeline}.json")
    defaults = {one["name"]: one["defaultValue"] for one in parameters if "defaultValue" in one}

    assert name == pipeline
    assert [one["name"] for one in parameters] == [flag.name for flag in flags_of(pipeline)]
    assert all(one["label"] and one["helpText"] and one["groupName"] for one in parameters)
    assert check_parameters({"input": "x", "template_allow": "x", **defaults}, parameters) == []


def test_all_faults_are_reported_together():
    _, parameters = read_template(TEMPLATES / "issue.json")

    faults = check_parameters({"batch_size": "0", "zzz": "red", "inptu": "x"}, parameters)

    assert [fault.partition(":")[0] for fault in faults] == [
        *("zzz", "inptu", "input", "template_allow", "batch_size")
    ]
    assert faults[:2] == [
        "zzz: unrecognized parameter",
        "inptu: unrecognized parameter; did you mean input?",
    ]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a=1", {"a": "1"}),
        ("a=1,b=2", {"a": "1", "b": "2"}),
        ("a=1,2,b=3", {"a": "1,2", "b": "3"}),
        ("a=x://one,two/three?four=5", {"a": "x://one,two/three?four=5"}),
        ("a=", {"a": ""}),
    ],
)
def test_a_comma_separates_parameters_only_before_a_name(text: str, read: dict):
    assert split_parameters(text) == read


@pytest.mark.parametrize("text", ["", "a", "=1"])
def test_a_text_without_a_parameter_is_rejected(text: str):
    with pytest.raises(Rejected):
        split_parameters(text)


def test_a_dry_run_prints_the_command_and_runs_nothing(installation: Installation):
    result = launch(
        str(TEMPLATES / "issue.json"),
        f"--parameters=input=x.jsonl,storage={installation.root}/certs",
        "--parameters=template_allow=one;two",
        "--dry-run",
        "--runner=FlinkRunner",
    )

    assert result.exit_code == 0
    assert result.output.split() == [
        "certbeam",
        "issue",
        "--input=x.jsonl",
        f"--storage={installation.root}/certs",
        "--template_allow=one",
        "--template_allow=two",
        "--runner=FlinkRunner",
    ]
    assert not (installation.root / "certs").exists()


CLOUD = (
    *("--runner=DataflowRunner", "--project=example", "--region=europe-west1"),
    "--temp_location=gs://certbeam-example/temp",
)


def test_a_dry_run_for_dataflow_prints_the_command(installation: Installation):
    result = launch(
        str(TEMPLATES / "issue.json"),
        f"--parameters=input={EXAMPLES}/issue-events.jsonl,template_allow=gs://example/templates",
        "--dry-run",
        *CLOUD,
    )

    assert result.output.split() == [
        *("certbeam", "issue", f"--input={EXAMPLES}/issue-events.jsonl"),
        *("--template_allow=gs://example/templates", *CLOUD),
    ]


def test_the_dry_run_of_a_job_is_rejected_for_other_runners(installation: Installation):
    result = launch(
        str(TEMPLATES / "issue.json"),
        f"--parameters=input={EXAMPLES}/issue-events.jsonl,template_allow={EXAMPLES}",
        "--dry_run=True",
    )

    assert result.exit_code == 2
    assert "--dry_run" in result.output


def test_a_launch_runs_the_pipeline_and_the_command_line_overrides_the_file(installation: Installation):
    flags = installation.flags("generate", formats="json,svg", template_allow=str(EXAMPLES))
    flags.pop("requests_output")
    file = installation.root / "parameters.yaml"
    file.write_text(json.dumps(flags))

    result = launch(
        str(TEMPLATES / "generate.json"), f"--parameters-file={file}", "--parameters=formats=json", "--json"
    )

    assert result.exit_code == 1
    assert json.loads(result.stdout)["outcomes"] == dict(installation.verdicts("generate"))
    assert not any(name.endswith(".svg") for name in installation.stored())


@pytest.mark.parametrize("content", ["{}", "not json", '{"metadata": {"name": "other", "parameters": []}}'])
def test_an_invalid_specification_is_rejected(tmp_path: Path, content: str):
    (tmp_path / "spec.json").write_text(content)

    assert launch(str(tmp_path / "spec.json")).exit_code == 2
