"""The fonts that the tests of text need."""

import pytest

from certbeam.io.templates.fonts import system_fonts


@pytest.fixture(scope="session")
def fonts():
    library = system_fonts()
    missing = {
        "NotoSans-Regular",
        "NotoSansDevanagari-Bold",
        "NotoSerif-Italic",
        "NotoSansCJK-Regular",
    } - set(library.files)
    if missing:
        pytest.fail(f"install Debian's fonts-noto-core and fonts-noto-cjk: no {missing}")
    return library
