"""The fonts of the machine."""

import os
from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path

import uharfbuzz

from certbeam.artwork.text import FontLibrary


@cache
def system_fonts() -> FontLibrary:
    """Return the fonts in the directories of the XDG Base Directory Specification."""
    home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    files = find_font_files([home / "fonts", *(Path(path, "fonts") for path in shared.split(":"))])
    return FontLibrary(
        {name: partial(uharfbuzz.Blob.from_file_path, str(path)) for name, path in files.items()}
    )


def find_font_files(directories: Iterable[Path]) -> dict[str, Path]:
    """Return the font files in directories and their subdirectories, by name without suffix.

    If several files have the same name, the first one is returned.
    """
    files: dict[str, Path] = {}
    for directory in directories:
        for parent, _, names in os.walk(directory):
            for name in sorted(names):
                stem, suffix = os.path.splitext(name)
                if suffix.lower() in (".ttf", ".otf", ".ttc", ".otc"):
                    files.setdefault(stem, Path(parent, name))
    return files
