"""The fonts that certificates are set in."""

import pytest

from certbeam.io.templates.fonts import system_fonts

NEEDED = {
    *(
        "NotoSans-Regular",
        "NotoSans-Bold",
        "NotoSerif-Italic",
        "NotoSansDevanagari-Bold",
        "NotoSansArabic-Bold",
    ),
    *("NotoNastaliqUrdu-Regular", "NotoSansCJK-Regular"),
}


@pytest.fixture(scope="session")
def fonts():
    """Those installed."""
    library = system_fonts()
    missing = NEEDED - set(library.files)
    if missing:
        pytest.fail(f"fonts are missing, install them by `make system`: {', '.join(sorted(missing))}")
    return library
