"""Provide the installed fonts to the tests of certificates."""

import pytest

from certbeam.io.templates.fonts import system_fonts

REQUIRED_FONTS = {
    *(
        "NotoSans-Regular",
        "NotoSans-Bold",
        "NotoSerif-Italic",
        "NotoSansDevanagari-Bold",
        "NotoSansArabic-Bold",
    ),
    *("NotoNastaliqUrdu-Regular", "NotoSansCJKsc-Regular", "NotoColorEmoji"),
}


@pytest.fixture(scope="session")
def fonts():
    """Return the installed fonts; fail if one that the tests need is missing."""
    library = system_fonts()
    missing = {name for name in REQUIRED_FONTS if library.installed.find_face(name) is None}
    if missing:
        pytest.fail(f"fonts are missing: {', '.join(sorted(missing))}; install them with `make system`")
    return library
