"""The state of a template as the page reads it: its source, its findings and its scenarios."""

import datetime
from typing import Any

from certbeam.artwork.authoring.listing import list_lines
from certbeam.artwork.errors import Finding
from certbeam.pipelines.cli.authoring.session import Session


def build_page_state(session: Session) -> dict[str, Any]:
    """Return the state of the newest version, which can be written as JSON."""
    version = session.version
    page = None if isinstance(version.template, Finding) else version.template.view_box
    lines = list_lines(version.source, {finding.line for finding in version.findings})
    return {
        "name": session.name,
        "version": str(version.number),
        "saved": f"Read {_to_clock(version.number)}"
        if version.saved is None
        else f"Saved {_to_clock(version.saved)}",
        "width": page and page.page_width,
        "height": page and page.page_height,
        "findings": [finding_to_json(finding) for finding in version.findings],
        "lines": [[line.number, line.text, line.omitted] for line in lines],
        "scenarios": [
            {"key": key, "title": scenario.title, "group": scenario.group}
            for key, scenario in session.scenarios.items()
        ],
        "scenario": session.first_scenario,
    }


def _to_clock(nanoseconds: int) -> str:
    """Return a time as the clock of this machine shows it."""
    return datetime.datetime.fromtimestamp(nanoseconds / 1e9).astimezone().strftime("%H:%M:%S")


def finding_to_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as a JSON object."""
    return {
        "code": finding.code,
        "line": finding.line,
        "message": finding.message,
        "severity": "error" if finding.is_error else "warning",
    }
