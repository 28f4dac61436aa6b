"""Build small fonts for tests: each letter is a square that is 600 units high."""

import io

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont
from fontTools.ttLib.tables.TupleVariation import TupleVariation

UNITS = 1000


def build_font(
    family="Brand", style="Regular", *, text="AB", width=500, weight=400, italic=False, axes=(), flavor=None
):
    """Return a TrueType font.

    Args:
        family: its family name.
        style: its style name.
        text: its characters.
        width: the width of its squares.
        weight: its weight class.
        italic: True to mark it as italic.
        axes: tag, minimum, default and maximum of its variation axes; at the maximum, squares are 100 units wider.
        flavor: ``woff`` or ``woff2`` to compress it.
    """
    glyphs = [".notdef", *(f"g{ord(character):04X}" for character in text)]
    builder = FontBuilder(UNITS, isTTF=True)
    builder.setupGlyphOrder(glyphs)
    builder.setupCharacterMap({ord(character): f"g{ord(character):04X}" for character in text})
    builder.setupGlyf({name: _square(width) for name in glyphs})
    builder.setupHorizontalMetrics(dict.fromkeys(glyphs, (width + 100, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    postscript_name = f"{family.replace(' ', '')}-{style.replace(' ', '')}"
    full_name = f"{family} {style}"
    builder.setupNameTable(
        {"familyName": family, "styleName": style, "fullName": full_name, "psName": postscript_name}
    )
    builder.setupOS2(usWeightClass=weight, fsSelection=0x01 if italic else 0x40)
    builder.setupPost()
    if axes:
        builder.setupFvar([(*axis, axis[0]) for axis in axes], [])
        wider = [(0, 0), (0, 0), (100, 0), (100, 0), *[(0, 0)] * 4]
        variations = [TupleVariation({tag: (0.0, 1.0, 1.0)}, wider) for tag, *_ in axes]
        builder.setupGvar(dict.fromkeys(glyphs, variations))
    font = builder.font
    font.flavor = flavor
    return _save(font)


def build_color_font(version=1):
    """Return a font whose letter A is a red square over a wider blue one (COLR version 0 or 1)."""
    builder = FontBuilder(UNITS, isTTF=True)
    builder.setupGlyphOrder([".notdef", "A", "blue", "red"])
    builder.setupCharacterMap({ord("A"): "A"})
    builder.setupGlyf({".notdef": _square(100), "A": _square(800), "blue": _square(800), "red": _square(400)})
    builder.setupHorizontalMetrics(dict.fromkeys([".notdef", "A", "blue", "red"], (900, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Color", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.setupCPAL([[(1, 0, 0, 1), (0, 0, 1, 0.5)]])
    layers = [("blue", 1), ("red", 0)]
    paints = [
        {"Format": 10, "Glyph": name, "Paint": {"Format": 2, "PaletteIndex": color, "Alpha": 1.0}}
        for name, color in layers
    ]
    builder.setupCOLR({"A": {"Format": 1, "Layers": paints} if version else layers}, version=version)
    return _save(builder.font)


def build_collection(*fonts):
    """Return a collection of fonts."""
    collection = TTCollection()
    collection.fonts = [TTFont(io.BytesIO(font)) for font in fonts]
    return _save(collection)


def _square(width):
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 600))
    pen.lineTo((width, 600))
    pen.lineTo((width, 0))
    pen.closePath()
    return pen.glyph()


def _save(font):
    output = io.BytesIO()
    font.save(output)
    return output.getvalue()
