"""A template in a folder, and a server of its page."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from certbeam.artwork.errors import Finding
from certbeam.pipelines.cli.authoring.command import serve
from certbeam.pipelines.cli.authoring.session import Session
from certbeam.pipelines.cli.template_files import TemplateReader

TEMPLATE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300" viewBox="0 0 400 300">
  <rect width="400" height="300" fill="#ffe"/>
  <text x="20" y="60" font-size="12">${recipientName}</text>
  <text x="20" y="90" font-size="12">${courseName}, ${signatory0Name}</text>
  <image x="270" y="150" width="110" height="125" href="${qrCodeImage}"/>
</svg>
"""
WITH_PICTURE = TEMPLATE.replace("</svg>", '<image width="9" height="9" href="logo.svg"/></svg>')
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9" fill="{}"/></svg>'
)


def write_template(folder: Path, source: str = TEMPLATE) -> Path:
    """Write a template into a folder, and return its path."""
    path = folder / "certificate.svg"
    path.write_text(source, encoding="utf-8")
    return path


@contextmanager
def open_session(template: Path | str, data: Path | None = None) -> Iterator[Session]:
    with closing(TemplateReader(str(template), (), ())) as reader:
        yield Session(str(template), reader, data)


def draw_file(session: Session, scenario: str, output: str) -> bytes:
    """Return a certificate that can be drawn."""
    drawn = session.draw(scenario, output)
    assert isinstance(drawn, bytes)
    return drawn


def draw_error(session: Session, scenario: str, output: str) -> Finding:
    """Return the error of a certificate that cannot be drawn."""
    drawn = session.draw(scenario, output)
    assert isinstance(drawn, Finding)
    return drawn


@contextmanager
def serve_page(template: Path | str, data: Path | None = None) -> Iterator[str]:
    """Serve the page of a template, and yield its address."""
    with open_session(template, data) as session, serve(session) as url:
        yield url
