"""Name the families that replace a CSS font family: metric-compatible and generic ones, and those of a script."""

import re
from functools import lru_cache

from fontTools import unicodedata as script_data

# Families with the same advances, as fontconfig's 30-metric-aliases.conf has them; the preferred replacement is first.
_METRIC_COMPATIBLE = (
    ("Liberation Sans", "Arimo", "Arial", "Helvetica", "Albany", "Albany AMT"),
    ("Liberation Serif", "Tinos", "Times New Roman", "Times", "Thorndale", "Thorndale AMT"),
    ("Liberation Mono", "Cousine", "Courier New", "Courier", "Cumberland", "Cumberland AMT"),
    ("Liberation Sans Narrow", "Arial Narrow", "Helvetica Narrow", "Nimbus Sans Narrow", "TeX Gyre Heros Cn"),
    ("Nimbus Sans", "Nimbus Sans L", "TeX Gyre Heros", "Helvetica", "Arial"),
    ("Nimbus Roman", "Nimbus Roman No9 L", "TeX Gyre Termes", "Times", "Times New Roman"),
    ("Nimbus Mono PS", "Nimbus Mono", "Nimbus Mono L", "TeX Gyre Cursor", "Courier", "Courier New"),
    ("Gelasio", "Georgia"),
    ("Carlito", "Calibri"),
    ("Caladea", "Cambria"),
    ("Inconsolata", "Consolas"),
    ("P052", "TeX Gyre Pagella", "URW Palladio L", "Palatino", "Palatino Linotype"),
    ("C059", "TeX Gyre Schola", "Century Schoolbook L", "New Century Schoolbook", "Century Schoolbook"),
    ("URW Gothic", "URW Gothic L", "TeX Gyre Adventor", "ITC Avant Garde Gothic", "Avant Garde"),
    ("URW Bookman", "URW Bookman L", "TeX Gyre Bonum", "ITC Bookman", "Bookman", "Bookman Old Style"),
    ("Z003", "URW Chancery L", "TeX Gyre Chorus", "ITC Zapf Chancery", "Zapf Chancery"),
)
# The families that Chromium takes for a generic family, then those of fontconfig's 60-latin.conf.
_SANS = ("Noto Sans", "DejaVu Sans", "Verdana", "Arial", "Nimbus Sans", "Helvetica", "Tahoma")
_STANDARD = ("Times New Roman", *_SANS)  # for text without a family, or without any that is installed
GENERIC_FAMILIES = {
    "serif": ("Times New Roman", "Noto Serif", "DejaVu Serif", "Nimbus Roman"),
    "sans-serif": ("Arial", *_SANS),
    "sans": _SANS,
    "system-ui": _SANS,
    "monospace": ("Noto Sans Mono", "DejaVu Sans Mono", "Inconsolata", "Courier New", "Nimbus Mono PS"),
    "cursive": ("Comic Sans MS", *_STANDARD),
    "fantasy": ("Impact", *_STANDARD),
    "math": ("Latin Modern Math", *_STANDARD),
    "emoji": ("Noto Color Emoji", "Noto Emoji"),
}
"""The installed families to try for each generic family of CSS Fonts 4 that Chromium replaces, in lower case."""

UNRESOLVED_GENERIC_FAMILIES = frozenset(
    {
        "ui-serif",
        "ui-sans-serif",
        "ui-monospace",
        "ui-rounded",
        "fangsong",
        "-apple-system",
        "blinkmacsystemfont",
    }
)
"""Generic families and aliases that Chromium on Linux does not replace; the next family in the list is used."""

_SERIF_FAMILY = re.compile(
    r"(?<!sans-)(?<!sans )serif|times|georgia|garamond|playfair|roman|baskerville|merriweather|lora|cinzel",
    re.IGNORECASE,
)
# Suffix of Noto's CJK families, and of its single-region families, by language.
_CJK_REGIONS = {"ja": "JP", "ko": "KR", "zh-Hans": "SC", "zh-Hant": "TC"}
_CJK_SCRIPTS = {"Hira": "ja", "Kana": "ja", "Hang": "ko", "Bopo": "zh-Hant"}
LATIN_SCRIPTS = frozenset({"Latn", "Grek", "Cyrl"})
"""Scripts that the same fonts cover; all others have fonts of their own."""

_SYMBOL_FAMILIES = ("DejaVu Math TeX Gyre", "Noto Sans Symbols", "Noto Sans Symbols 2", "Noto Sans Math")
_EMOJI_FAMILIES = ("Noto Color Emoji", "Noto Emoji", "Symbola", "DejaVu Sans")
EMOJI_SCRIPT = "Zsye"
"""ISO 15924 code of characters in emoji presentation."""


def normalise_name(name: str) -> str:
    """Return a font name for comparison: in lower case, without quotes, spaces and punctuation.

    Drawing programs write ``NotoSans`` and ``Noto Sans`` for the same family.
    """
    return re.sub(r"[\W_]+", "", name).lower() or name


@lru_cache(maxsize=512)
def find_metric_compatible(family: str) -> tuple[str, ...]:
    """Return the families with the same advances as a family, the preferred one first."""
    name = normalise_name(family)
    groups = [group for group in _METRIC_COMPATIBLE if any(normalise_name(item) == name for item in group)]
    return tuple(dict.fromkeys(item for group in groups for item in group if normalise_name(item) != name))


def fallback_families(script: str, language: str, *, is_serif: bool) -> tuple[str, ...]:
    """Return the families for text that no declared family covers, the preferred one first.

    The script decides: the first font that covers a character is often made for another script.
    """
    if script == EMOJI_SCRIPT:
        return _EMOJI_FAMILIES
    first = () if script in LATIN_SCRIPTS else _script_families(script, language, is_serif=is_serif)
    latin = (*_STANDARD, "Noto Serif", "DejaVu Serif", "Liberation Sans")
    cjk = _CJK_REGIONS[_cjk_language("Hani", language if language[:2] in ("ko", "zh") else "ja")]
    return tuple(dict.fromkeys((*first, *latin, *_SYMBOL_FAMILIES, f"Noto Sans CJK {cjk}")))


def is_serif(families: tuple[str, ...]) -> bool:
    """Return True if a list of families asks for serif: by its generic family, or by the name of the first one."""
    for family in families:
        if family.lower() in GENERIC_FAMILIES:
            return family.lower() == "serif"
    return bool(families) and bool(_SERIF_FAMILY.search(families[0]))


def _script_families(script: str, language: str, *, is_serif: bool) -> tuple[str, ...]:
    """Return Noto's families for a script other than Latin, Greek and Cyrillic."""
    kinds = ("Noto Serif", "Noto Sans") if is_serif else ("Noto Sans", "Noto Serif")
    if script == "Hani" or script in _CJK_SCRIPTS:
        region = _CJK_REGIONS[_cjk_language(script, language)]
        return (*(f"{kind} CJK {region}" for kind in kinds), *(f"{kind} {region}" for kind in kinds))
    name = script_data.script_name(script)
    families = tuple(f"{kind} {name}" for kind in kinds)
    return (*_arabic_families(language, is_serif=is_serif), *families) if script == "Arab" else families


def _arabic_families(language: str, *, is_serif: bool) -> tuple[str, ...]:
    """Return Nastaliq for Urdu, as its readers expect, and Naskh for a serif family."""
    if language.partition("-")[0] == "ur":
        return ("Noto Nastaliq Urdu",)
    return ("Noto Naskh Arabic",) if is_serif else ("Noto Sans Arabic", "Noto Naskh Arabic")


def _cjk_language(script: str, language: str) -> str:
    """Return the key of _CJK_REGIONS; the script decides, and for Han the language, by default Simplified Chinese."""
    if script in _CJK_SCRIPTS:
        return _CJK_SCRIPTS[script]
    if language.startswith(("zh-Hant", "zh-TW", "zh-HK", "zh-MO")):
        return "zh-Hant"
    return language[:2] if language[:2] in _CJK_REGIONS else "zh-Hans"
