"""The checks: developers, CI and commit hooks run the same list."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from certbeam.tests.documented import ROOT

HOOKS = ROOT / ".pre-commit-config.yaml"


def made(*arguments: str) -> str:
    """Return the commands that make would run."""
    command = ["make", "--dry-run", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603


def test_the_hooks_run_the_checks_of_make_check():
    (repository,) = yaml.safe_load(HOOKS.read_text())["repos"]
    targets = [hook["entry"].removeprefix("make --silent ") for hook in repository["hooks"]]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    assert made(*targets) == made("check")


def test_the_hooks_file_is_valid(tmp_path: Path):
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(HOOKS)]
    subprocess.run(command, cwd=tmp_path, check=True)  # noqa: S603


def test_ci_runs_the_checks_of_developers():
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"
    checks = set(made("check").splitlines())
    assert checks <= set(made("test").splitlines())
    assert checks <= set(made("quick").splitlines())


def test_help_lists_every_target_with_a_description():
    explained = {
        name
        for file in (ROOT / "Makefile", *(ROOT / "deploy").glob("*.mk"))
        for name in re.findall(r"^([a-z-]+):.*## ", file.read_text(), re.MULTILINE)
    }
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607
    assert set(re.findall(r"^  make ([a-z-]+) +\S", shown, re.MULTILINE)) == explained
    assert {"check", "quick", "test", "hooks"} <= explained
