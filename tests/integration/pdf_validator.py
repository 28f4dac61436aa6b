"""Validate PDF files with veraPDF, from Maven Central, in one Java process."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from certbeam.deploy.services.java import class_path, compile_source

_SOURCE = Path(__file__).parent / "verapdf" / "PdfValidator.java"
_MAIN_CLASS = "certbeam.PdfValidator"


def find_faults(files: Sequence[Path], profiles: Sequence[str]) -> list[str]:
    """Return a line for each rule that a file breaks.

    Args:
        files: PDF files.
        profiles: names of veraPDF's profiles, such as ``3a`` for PDF/A-3a and ``ua1`` for PDF/UA-1.
    """
    classes = compile_source("verapdf", _SOURCE)
    command = ["java", "-Xmx1g", "-cp", f"{class_path('verapdf')}:{classes}", _MAIN_CLASS, ",".join(profiles)]
    output = subprocess.check_output([*command, *map(str, files)], text=True)  # noqa: S603
    *faults, count = output.splitlines()
    if int(count) != len(files) * len(profiles):
        raise RuntimeError(f"veraPDF made {count} validations of {len(files) * len(profiles)}")
    return faults
