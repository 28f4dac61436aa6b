"""The topics of the golden files, with the functions that derive their values."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from certbeam.io.templates.fonts import system_fonts
from certbeam.tests.golden import documents, identity, pictures, records, runs

TOPICS: dict[str, Callable[[Any], Any]] = {
    **identity.TOPICS,
    **documents.TOPICS,
    **records.TOPICS,
    **pictures.TOPICS,
    **runs.TOPICS,
}
INPUTS = {"runs"}
"""Files that only hold inputs of other topics."""

FONTS = Path(__file__).parents[1] / "artwork" / "text" / "fonts" / "fonts.conf"
"""Configuration of fontconfig with the committed fonts."""


@contextmanager
def committed_fonts() -> Iterator[None]:
    """Use the committed fonts instead of installed ones."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FONTCONFIG_FILE", str(FONTS))
        system_fonts.cache_clear()
        try:
            yield
        finally:
            system_fonts.cache_clear()
