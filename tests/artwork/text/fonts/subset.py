"""Subset the fonts of this folder from the installed ones: python -m certbeam.tests.artwork.text.fonts.subset.

They have the glyphs of SAMPLES and of the golden image, so that the image is the same on every machine. Noto is
under the SIL Open Font License (OFL.txt), which allows this.
"""

import io
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.io.templates.fonts import system_fonts

FOLDER = Path(__file__).parent
LATIN_CHARACTERS = "".join(map(chr, range(0x20, 0x7F))) + "·✓"
CJK_FACE_INDEXES = {"JP": 0, "KR": 1, "SC": 2}
SCRIPT_NAMES = [
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


def subset_font(blob: bytes, face_index: int, file: Path) -> None:
    """Write the part of a font that the names need, with all layout features and without hints.

    Args:
        blob: the content of the font file.
        face_index: index of the face in a collection.
        file: the file to write.
    """
    options = subset.Options(layout_features=["*"], hinting=False, desubroutinize=True, notdef_outline=True)
    options.name_IDs = [0, 1, 2, 5, 13, 14]
    font = TTFont(io.BytesIO(blob), fontNumber=face_index, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(
        text=LATIN_CHARACTERS + "".join(sample.name + sample.course for sample in SAMPLES.values())
    )
    subsetter.subset(font)
    font.save(file)


def find_content(name: str) -> bytes:
    """Return the installed font file that has a face with a PostScript name."""
    face = system_fonts().installed.find_face(name)
    if face is None:
        raise FileNotFoundError(f"the font {name} is not installed")
    return bytes(face.open_face().blob.data)


def main() -> None:
    """Write all fonts of this folder."""
    for name in ["NotoNastaliqUrdu", *(f"NotoSans{script}" for script in SCRIPT_NAMES)]:
        subset_font(find_content(f"{name}-Regular"), 0, FOLDER / f"{name}-Regular.ttf")
    for region, index in CJK_FACE_INDEXES.items():
        content = find_content(f"NotoSansCJK{region.lower()}-Regular")
        subset_font(content, index, FOLDER / f"NotoSans{region}-Regular.otf")


if __name__ == "__main__":
    main()
