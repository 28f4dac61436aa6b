"""A template under work: its newest version, the findings in it, and the certificates that are drawn from it."""

import datetime
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cachetools import LRUCache

from certbeam.artwork.authoring.lint import lint
from certbeam.artwork.authoring.preview import preview, preview_scenario
from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.artwork.authoring.scenarios import DEFAULT_SCENARIO, SCENARIOS, Scenario
from certbeam.artwork.errors import Finding, find_error_line
from certbeam.artwork.render import PdfMetadata, Renderer
from certbeam.artwork.template import CompiledTemplate, compile_template
from certbeam.artwork.template.compiled import FilledTemplate
from certbeam.certificates.template_values import EXAMPLES, NOT_IN_ISSUE_EVENTS
from certbeam.foundation.errors import Rejected
from certbeam.io.templates.fonts import system_fonts
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.cli.authoring.pdf_picture import draw_pdf
from certbeam.pipelines.cli.authoring.values import read_values
from certbeam.pipelines.cli.template_files import TemplateReader

OWN_VALUES = "own-values"
"""The key of the scenario that has the values of ``--data``."""

_CREATED = datetime.datetime(2026, 3, 5, tzinfo=datetime.timezone.utc)
_CACHE_BYTES = 100_000_000

FileState = tuple[int, int] | None
"""Time of the last change in nanoseconds, and size; None for a file that does not exist."""


@dataclass(frozen=True)
class Version:
    """Template as it was at one time.

    Attributes:
        number: when it was read, in nanoseconds.
        source: its source; empty if it could not be read.
        saved: when its file was saved, in nanoseconds; None if it is not a file, or does not exist.
        values: the values of ``--data``.
        template: the compiled template; if there is an error, its finding.
        findings: what lint reports.
        files: the files that it was made from, with their states.
    """

    number: int
    source: bytes
    saved: int | None
    values: Mapping[str, str]
    template: CompiledTemplate | Finding
    findings: tuple[Finding, ...]
    files: Mapping[Path, FileState]


class Session:
    """Template under work, shared by all threads of the server.

    Attributes:
        name: the template, as a person names it.
        scenarios: the scenarios that can be drawn, by their keys.
        first_scenario: the key of the scenario that is drawn first.
        version: the newest version.
        is_closed: True if no thread may wait for a version any more.
    """

    def __init__(self, name: str, reader: TemplateReader, data: Path | None) -> None:
        """Load the template.

        Args:
            name: the template, as a person names it.
            reader: reads the template and its pictures.
            data: the file of ``--data``; None for no values.
        """
        self.name = name
        own_values = (
            {OWN_VALUES: Scenario(f"Values of {data.name}", "Your values", SAMPLES["Latin"])} if data else {}
        )
        self.scenarios: Mapping[str, Scenario] = {**own_values, **SCENARIOS}
        self.first_scenario = OWN_VALUES if data else DEFAULT_SCENARIO
        self._data = data
        self._reader = reader
        self._renderer = Renderer(_CACHE_BYTES)
        self._drawn: Mapping[str, LRUCache[tuple[int, str], bytes]] = {
            output: LRUCache(_CACHE_BYTES // len(OUTPUTS), getsizeof=len) for output in OUTPUTS
        }
        self._locks = {output: threading.Lock() for output in OUTPUTS}
        self._load_lock = threading.Lock()  # one load at a time, so that versions are in order
        self._changed = threading.Condition()
        self.version = self._load()
        self.is_closed = False

    def reload(self) -> None:
        """Load the template and its pictures again, and wake up the threads that wait for a version."""
        with self._load_lock:
            version = self._load()
            with self._changed:
                self.version = version
                self._changed.notify_all()

    def wait_for_version(self, known: str, seconds: float) -> Version:
        """Return the newest version, as soon as its number is not the known one, or after some seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_closed or str(self.version.number) != known, seconds)
            return self.version

    def close(self) -> None:
        """Release the threads that wait for a version."""
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()

    def find_changes(self) -> Mapping[Path, FileState]:
        """Return the present states of the files of the newest version; empty if none has changed."""
        files = self.version.files
        present = {path: _stat(path) for path in files}
        return {} if present == files else present

    def draw(self, scenario: str, output: str) -> bytes | Finding:
        """Return the certificate of a scenario as a file, or the finding of the error that prevents it.

        Args:
            scenario: a key of ``scenarios``.
            output: a key of OUTPUTS.
        """
        # One thread at a time: of two equal requests, the second finds what the first has drawn. What was requested
        # for an older version, and has waited, is drawn from the newest one.
        with self._locks[output]:
            version, drawn = self.version, self._drawn[output]
            if isinstance(version.template, Finding):
                return version.template
            key = (version.number, scenario)
            body = drawn.get(key)
            if body is None:
                try:
                    filled = _fill(version.template, scenario, version.values)
                    body = OUTPUTS[output](self._renderer, filled)
                except Rejected as error:
                    return _to_finding(error)
                if len(body) <= drawn.maxsize:
                    drawn[key] = body
            return body

    def _load(self) -> Version:
        number = time.time_ns()
        # The state of a file is looked up before the file is read: a change in between is found later.
        path = self._reader.find_template_file()
        files = {file: _stat(file) for file in (path, self._data) if file is not None}
        state = files.get(path) if path else None
        source: bytes = b""
        values: Mapping[str, str] = {}
        template: CompiledTemplate | Finding
        findings: tuple[Finding, ...]
        try:
            source, values = self._reader.read(), read_values(self._data)
            template, findings = _compile(source, values, self._watch_pictures(files))
        except FlagError as error:
            template = Finding("data", 0, str(error), is_error=True)
            findings = (template,)
        except Rejected as error:
            template = _to_finding(error)
            findings = (template,)
        return Version(number, source, state[0] if state else None, values, template, findings, files)

    def _watch_pictures(self, files: dict[Path, FileState]) -> Callable[[str], str]:
        """Return a function that returns the ``data:`` URI of a picture, and adds the picture's file to the files."""
        read = self._reader.read_pictures()

        def embed(url: str) -> str:
            path = None if url.startswith("data:") else self._reader.find_file(url)
            if path is not None:
                files.setdefault(path, _stat(path))
            return read(url)

        return embed


def _compile(
    source: bytes, values: Mapping[str, str], embed: Callable[[str], str]
) -> tuple[CompiledTemplate | Finding, tuple[Finding, ...]]:
    """Compile and check a template.

    Returns:
        The compiled template, or the finding of the error that prevents it; and all findings.
    """
    known = EXAMPLES | dict.fromkeys(values.keys() - EXAMPLES.keys(), "")
    fonts = system_fonts()
    findings = tuple(lint(source, examples=known, empty=NOT_IN_ISSUE_EVENTS, embed=embed, fonts=fonts))
    try:
        return compile_template(source, embed=embed, fonts=fonts), findings
    except Rejected as error:
        # Lint has found the same error, and often knows its line.
        same = (finding for finding in findings if finding.is_error and finding.code == error.code)
        return next(same, _to_finding(error)), findings


def _fill(template: CompiledTemplate, scenario: str, values: Mapping[str, str]) -> FilledTemplate:
    if scenario == OWN_VALUES:
        return preview(template, values, EXAMPLES)
    return preview_scenario(template, SCENARIOS[scenario], values, EXAMPLES, NOT_IN_ISSUE_EVENTS)


def _to_finding(error: Rejected) -> Finding:
    return Finding(error.code, find_error_line(error.reason), error.reason, is_error=True)


def _stat(path: Path) -> FileState:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


def _render_pdf(renderer: Renderer, filled: FilledTemplate) -> bytes:
    metadata = PdfMetadata("Certificate", filled.values.get("language", "en"), _CREATED)
    return renderer.render_pdf(filled, metadata)


OUTPUTS: Mapping[str, Callable[[Renderer, FilledTemplate], bytes]] = {
    "svg": lambda _, filled: filled.svg,
    "png": lambda renderer, filled: renderer.render_png(filled),
    "pdf": _render_pdf,
    "pdf-picture": lambda renderer, filled: draw_pdf(_render_pdf(renderer, filled)),
}
"""The functions that draw a certificate, by the name of what they return."""
