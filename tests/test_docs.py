"""What docs/ tells people to type: the flags are there, the targets are there, and the quick start runs."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from certbeam.pipelines.cli import main
from certbeam.pipelines.flags import FLAGS

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "docs" / name
    for name in ("flink.md", "runbook.md", "quickstart.md", "from-sunbird.md", "performance.md")
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
