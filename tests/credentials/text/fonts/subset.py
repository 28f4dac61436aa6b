"""Cut the fonts of this folder from those installed: python -m certbeam.tests.credentials.text.fonts.subset.

They hold what the names of SAMPLES and of the golden sheet need, so that the picture is the same wherever the tests
run. Noto is under the SIL Open Font License (OFL.txt), which allows this.
"""

import io
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from certbeam.credentials.template.samples import SAMPLES
from certbeam.io.templates.fonts import system_fonts

FOLDER = Path(__file__).parent
LATIN = "".join(map(chr, range(0x20, 0x7F))) + "·✓"
REGIONS = {"JP": 0, "KR": 1, "SC": 2}
SCRIPTS = [
    "",
    "Devanagari",
    "Bengali",
    "Gurmukhi",
    "Gujarati",
    "Oriya",
    "Tamil",
    "Telugu",
    "Kannada",
    "Malayalam",
    "Sinhala",
    "Thai",
    "Lao",
    "Khmer",
    "Myanmar",
    "Arabic",
    "Hebrew",
    "Ethiopic",
]


def cut(blob: bytes, number: int, file: Path) -> None:
    """Write the part of a font that the names need, with all of its ligatures and marks, without hints."""
    options = subset.Options(layout_features=["*"], hinting=False, desubroutinize=True, notdef_outline=True)
    options.name_IDs = [0, 1, 2, 5, 13, 14]
    font = TTFont(io.BytesIO(blob), fontNumber=number, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(text=LATIN + "".join(sample.name + sample.course for sample in SAMPLES.values()))
    cutter.subset(font)
    font.save(file)


def main() -> None:
    """Write them all."""
    files = system_fonts().files
    for face in ["NotoNastaliqUrdu", *(f"NotoSans{script}" for script in SCRIPTS)]:
        cut(bytes(files[f"{face}-Regular"]().data), 0, FOLDER / f"{face}-Regular.ttf")
    for region, number in REGIONS.items():
        cut(bytes(files["NotoSansCJK-Regular"]().data), number, FOLDER / f"NotoSans{region}-Regular.otf")


if __name__ == "__main__":
    main()
