"""What the pages tell people to type: each command is run by a test, or it is said why not; what it names is there."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from certbeam.pipelines.cli import main
from certbeam.pipelines.flags import FLAGS
from certbeam.tests.documented import DEPLOYMENT, NOT_RUN, PAGES, ROOT, commands

FLINKS = {
    *("allow_non_restored_state", "checkpointing_interval", "finish_bundle_before_checkpointing"),
    *("max_bundle_size", "max_bundle_time_mills", "savepoint_path", "java_worker"),
}
"""Options that the job server knows, and not Beam's Python side."""

FOLLOWED = {"README.md", "credentials.md", "flink.md", "quickstart.md", "runbook.md", "templates.md"}
"""Pages whose commands tests/integration/test_docs.py types."""


def commands_of(group: click.Group, path: str = "certbeam") -> dict[str, click.Command]:
    """All commands below a group, by how they are called."""
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
    return options | flags | FLINKS | {"help"}


def sentences(page: Path) -> str:
    """A page without its blocks of commands."""
    return re.sub(r"^ *```sh\n.*?^ *```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)


def test_every_command_is_run_or_says_why_not():
    shown = {file.name: commands(file) for file in [*PAGES, *DEPLOYMENT]}
    unrun = {name for name, typed in shown.items() if not set(typed) <= NOT_RUN.keys()}
    assert unrun == FOLLOWED
    assert set(NOT_RUN) <= {command for typed in shown.values() for command in typed}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_flag_is_one(page: Path, known: set[str]):
    ours = "\n".join(line for line in commands(page) if re.match(r"(\S+/)?certbeam ", line))
    named = set(re.findall(r"(?<![\w-])--([a-z]\w+)(?![\w-])", sentences(page) + ours))
    assert named - known == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_sentence_names_is_there(page: Path):
    for called in re.findall(r"`(certbeam(?: [a-z]+)*)", page.read_text()):
        assert called in CALLED, called
    for module in re.findall(r"`python -m ([\w.]+)", page.read_text()):
        assert find_spec(module), module


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_and_file_is_there(page: Path):
    typed = [command.split()[1] for command in commands(page) if command.startswith("make ")]
    targets = {*typed, *re.findall(r"`make ([a-z-]+)", page.read_text())}
    if targets:
        command = ["make", "--dry-run", *targets]
        made = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
        assert made.returncode == 0, made.stderr
    paths = r"(?<![\w/])(?:docs|deploy|bench|(?:tests/)?pipelines|transforms)/[\w./-]+\w"
    for path in re.findall(paths, sentences(page)):
        assert (ROOT / path).exists(), path
