"""``certbeam preview --serve``: its start and its end."""

import re
import signal
import socket
import subprocess
import sys
import webbrowser
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from certbeam.pipelines.cli.main import main
from certbeam.tests.pipelines.cli.authoring.pages import write_template


def preview(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["preview", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that a stand-in for the browser has opened; then somebody presses Ctrl-C."""
    pages: list[str] = []

    def open_page(url: str) -> None:
        assert httpx.get(url).status_code == 200
        pages.append(url)
        raise KeyboardInterrupt

    monkeypatch.setattr(webbrowser, "open", open_page)
    return pages


def test_the_browser_opens_the_page_that_is_printed(tmp_path: Path, opened: list[str]):
    template = write_template(tmp_path)
    result = preview(template, "--serve")
    (url,) = opened
    assert result.exit_code == 0
    assert result.output == f"{template} is shown on {url} – stop with Ctrl-C\n\nStopped\n"
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_port_can_be_chosen(tmp_path: Path, opened: list[str]):
    with socket.create_server(("127.0.0.1", 0)) as used:
        port = used.getsockname()[1]
        result = preview(write_template(tmp_path), "--serve", "--port", port)
        assert result.exit_code == 2
        assert f"--port={port}: Address already in use: choose another port" in " ".join(
            result.output.split()
        )
    preview(write_template(tmp_path), "--serve", "--port", port)
    assert opened == [f"http://127.0.0.1:{port}/"]


def test_a_template_that_cannot_be_read_ends_the_command(tmp_path: Path):
    result = preview(tmp_path / "nowhere.svg", "--serve")
    assert result.exit_code == 1
    assert "cannot be read" in result.output


@pytest.mark.slow
def test_ctrl_c_ends_the_command(tmp_path: Path):
    command = [str(Path(sys.executable).with_name("certbeam")), "preview", str(write_template(tmp_path))]
    process = subprocess.Popen(  # noqa: S603
        [*command, "--serve", "--no-browser"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout is not None
        (url,) = re.findall(r"http://\S+", process.stdout.readline())
        with httpx.stream("GET", url + "events"):
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=60)[0] == "\nStopped\n"
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()
