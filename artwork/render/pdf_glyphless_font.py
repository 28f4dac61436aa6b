"""Build the font of a PDF's invisible text layer: one empty glyph for all characters.

The code of a character up to U+FFFF is its code point. Other characters have the codes of the surrogates, which are no
characters, and each certificate gives these codes to its characters anew. A table from codes to characters (ISO 32000-1
§9.10.3) lets a viewer find and copy text in any script.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph

FONT_RESOURCE = "/Unseen"
"""Name of the font in the page's resources."""

GLYPH_WIDTH = 0.5
"""Advance width of the empty glyph, in em."""

_UNITS_PER_EM = 1000
_NAME = "Unseen"
_EMPTY_GLYPH = (
    b"\0\1"  # glyph 0 is reserved for characters that a font lacks, and ISO 19005-3, 6.2.11.8 refuses it
)
_MAX_MAPPINGS = 100  # in one section of a table, Adobe Technical Note #5014
_SURROGATES = range(0xD800, 0xE000)
# Viewers with pdf.js drop a joiner or a zero-width space that has a code of its own. So it shares the code of the
# character after it, except in text from right to left, which viewers reverse.
_OTHERS = re.compile(
    "[\u200b-\u200d\u2060\U000e0000-\U000e007f]+[^\u0590-\u08ff\ufb1d-\ufeff]|[\U00010000-\U0010ffff]"
)

_TO_UNICODE = """\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
%sendcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


class CharacterCodes:
    """Codes of the characters of one certificate."""

    def __init__(self, text: str = "") -> None:
        """Give codes to characters.

        Args:
            text: all text of the certificate; the order of its characters has no effect.
        """
        others = sorted(set(_OTHERS.findall(text)))
        self._codes = {characters: code for code, characters in zip(_SURROGATES, others, strict=False)}

    def encode(self, text: str) -> str:
        """Return the codes of a text as a hexadecimal string."""
        coded = _OTHERS.sub(lambda match: chr(self._codes[match[0]]), text) if self._codes else text
        return coded.encode("utf-16-be", "surrogatepass").hex()

    def write_to_unicode(self) -> bytes | None:
        """Return the table from codes to characters, in UTF-16; None if it is that of the font."""
        return _write_to_unicode(self._codes) if self._codes else None


def _write_to_unicode(codes: Mapping[str, int]) -> bytes:
    """Return a table from codes to characters.

    Args:
        codes: the codes that are no code points, by their characters.
    """
    # Codes and characters of a range may differ in the last byte only.
    rows = [row for row in range(0x100) if row << 8 not in _SURROGATES]
    ranges = [f"<{row:02X}00> <{row:02X}FF> <{row:02X}00>" for row in rows]
    mappings = [
        f"<{code:04X}> <{characters.encode('utf-16-be').hex()}>" for characters, code in codes.items()
    ]
    sections = [*_write_sections("bfrange", ranges), *_write_sections("bfchar", mappings)]
    return (_TO_UNICODE % "".join(sections)).encode()


def _write_sections(kind: str, lines: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(lines), _MAX_MAPPINGS):
        section = lines[start : start + _MAX_MAPPINGS]
        yield "\n".join([f"{len(section)} begin{kind}", *section, f"end{kind}\n"])


def add_glyphless_font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """Add a composite font with two-byte codes to a PDF."""
    name = pikepdf.Name(f"/{_NAME}")
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=name,
        Flags=4,
        FontBBox=[0, 0, 500, 1000],
        ItalicAngle=0,
        Ascent=1000,
        Descent=0,
        CapHeight=1000,
        StemV=80,
        FontFile2=pdf.make_stream(_empty_font_file()),
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        CIDToGIDMap=pdf.make_stream(_EMPTY_GLYPH * 0x10000),
        DW=int(_UNITS_PER_EM * GLYPH_WIDTH),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=name,
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=pikepdf.Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_stream(_write_to_unicode({})),
        )
    )


@cache
def _empty_font_file() -> bytes:
    """Return a TrueType font whose glyphs have no outline; it contains no date."""
    names = [".notdef", "empty"]
    builder = FontBuilder(_UNITS_PER_EM)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({})
    builder.setupGlyf({name: Glyph() for name in names})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (int(_UNITS_PER_EM * GLYPH_WIDTH), 0)))
    builder.setupHorizontalHeader(ascent=1000, descent=0)
    builder.setupNameTable({"familyName": _NAME, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    output = io.BytesIO()
    builder.save(output)
    return output.getvalue()
