"""``make image``: it finds the container engine of the machine."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("make", "sed", "sh")


@pytest.mark.parametrize("engine", ["docker", "podman", "buildah"])
def test_the_installed_container_engine_is_used(engine: str, tmp_path: Path):
    for tool in TOOLS:
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    program = tmp_path / engine
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    made = subprocess.run(  # noqa: S603 - make of this machine
        [tmp_path / "make", "--dry-run", "image"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert f"{program} build -f deploy/Dockerfile" in made.stdout
    assert made.stderr == ""
