"""The reference of error codes on ``docs/errors.md``."""

from certbeam.foundation.error_codes import ErrorCode
from certbeam.tools.error_reference import PAGE, render_page


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == render_page(), (
        "run python -m certbeam.tools.error_reference in the repository's root"
    )


def test_the_page_has_each_code_once():
    rows = [line for line in render_page().splitlines() if line.startswith("| `")]
    codes = [row.split("`")[1] for row in rows]
    assert sorted(codes) == sorted(code.value for code in ErrorCode)


def test_a_row_has_the_description_of_its_code():
    meaning, _, remedy, is_retriable = ErrorCode.STORAGE_UNAVAILABLE.description
    assert is_retriable
    assert f"| `storage-unavailable` | {meaning} | {remedy} | yes |\n" in render_page()
    assert " | no |\n" in render_page()
