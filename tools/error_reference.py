"""Write ``docs/errors.md``, the reference of error codes, from :class:`~certbeam.foundation.error_codes.ErrorCode`.

Run ``python -m certbeam.tools.error_reference`` in the repository's root after a change of a code or its description.
"""

from collections.abc import Iterator
from pathlib import Path

from certbeam.foundation.error_codes import ErrorCode, FixedBy

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"

_HEADER = """\
# Error codes

<!-- Made by python -m certbeam.tools.error_reference from foundation/error_codes.py: do not edit this page. -->

Every error has a code. It is the `failInfo.errorCode` of a [dead letter](outputs.md#dead-letters), and part of the
counters `dead-letter:CODE` and `notice-failed:CODE`. Errors of `certbeam lint` have these codes too.

Codes do not change between releases. The message of an error names the value and where it is.

*Retriable* means that a replay may succeed although nobody has changed anything. The
[runbook](runbook.md#replay-dead-letters) describes how to replay.
"""

_SECTIONS = {
    FixedBy.EVENT_PRODUCER: ("Event producer", "The service that writes the events fixes these."),
    FixedBy.PLATFORM_OPERATOR: (
        "Platform operator",
        "The people who create batches, courses and users on the learning platform fix these.",
    ),
    FixedBy.TEMPLATE_AUTHOR: (
        "Template author",
        "The people who draw templates and attach them to batches fix these. See [templates.md](templates.md).",
    ),
    FixedBy.CERTBEAM_OPERATOR: (
        "Operator of certbeam",
        "The people who run certbeam and configure its services fix these.",
    ),
    FixedBy.CERTBEAM_DEVELOPERS: (
        "Developers of certbeam",
        "These are errors of certbeam itself. Keep the dead letters: they can be replayed with the next release.",
    ),
}


def render_page() -> str:
    """Return the page in Markdown."""
    return "\n".join([_HEADER, *_render_sections()])


def _render_sections() -> Iterator[str]:
    for fixed_by, (title, text) in _SECTIONS.items():
        yield f"## {title}\n\n{text}\n\n| code | meaning | what to do | retriable |\n|---|---|---|---|"
        for code in sorted(ErrorCode):
            if code.description.fixed_by is fixed_by:
                yield _render_row(code)
        yield ""


def _render_row(code: ErrorCode) -> str:
    meaning, _, remedy, is_retriable = code.description
    cells = (f"`{code}`", _escape(meaning), _escape(remedy), "yes" if is_retriable else "no")
    return f"| {' | '.join(cells)} |"


def _escape(text: str) -> str:
    """Escape the characters with a meaning in a cell of a Markdown table."""
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(render_page(), encoding="utf-8")
