"""Choose a font for each character by CSS family, weight, script and language (font fallback)."""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import uharfbuzz
from fontTools import unicodedata as script_data

from certbeam.artwork.text.outline import UNITS_PER_EM, Outline

_WEIGHTS = {
    "Thin": 100,
    "ExtraLight": 200,
    "Light": 300,
    "Regular": 400,
    "Medium": 500,
    "SemiBold": 600,
    "Bold": 700,
    "ExtraBold": 800,
    "Black": 900,
}
# Index of the face in Noto's CJK collections, and the region in the name of its single-face files, by language.
_CJK_FACES = {"ja": (0, "JP"), "ko": (1, "KR"), "zh-Hans": (2, "SC"), "zh-Hant": (3, "TC")}
_CJK_SCRIPTS = {"Hira": "ja", "Kana": "ja", "Hang": "ko", "Bopo": "zh-Hant"}
_LATIN_SCRIPTS = frozenset({"Latn", "Grek", "Cyrl"})  # covered by the same fonts
_SERIF_FAMILY = re.compile(
    r"(?<!sans-)(?<!sans )serif|times|georgia|garamond|playfair|roman|baskerville|merriweather|lora|cinzel",
    re.IGNORECASE,
)
_SYMBOL_FAMILIES = ("NotoSansSymbols", "NotoSansSymbols2", "NotoSansMath")
_MAX_OUTLINES = 10_000  # of a font: more than any script but Han needs, and a few megabytes


FontFile = Callable[[], uharfbuzz.Blob]
"""Opens a font file. It is called when a character first needs the font."""

FontKey = tuple[str, int, bool]
"""Family in lower case, weight, and True if italic."""


class NoFontError(Exception):
    """No font has a glyph for a character.

    Attributes:
        character: the character.
    """

    def __init__(self, character: str) -> None:
        name = unicodedata.name(character, "unnamed character")
        super().__init__(
            f"no font for U+{ord(character):04X} ({name}): install a font that has this character"
            " (Debian: fonts-noto-core, fonts-noto-extra, fonts-noto-cjk), or remove the character"
        )
        self.character = character


@dataclass(frozen=True)
class FontQuery:
    """Font that a text run needs.

    Attributes:
        families: CSS font families, the preferred one first.
        weight: CSS font weight, from 1 to 1000.
        italic: True if an italic face is preferred.
        script: ISO 15924 code.
        language: BCP 47 tag.
    """

    families: tuple[str, ...]
    weight: int
    italic: bool
    script: str
    language: str


class Font:
    """Face of a font file, with a cache of its outlines.

    Attributes:
        harfbuzz: the font for HarfBuzz, scaled to UNITS_PER_EM.
    """

    def __init__(self, blob: uharfbuzz.Blob, index: int = 0) -> None:
        """Load a face.

        Args:
            blob: the content of the font file.
            index: index of the face in a collection.
        """
        self.harfbuzz = uharfbuzz.Font(uharfbuzz.Face(blob, index))
        self.harfbuzz.scale = (UNITS_PER_EM, UNITS_PER_EM)
        self._outlines: dict[int, Outline] = {}

    def covers(self, character: str) -> bool:
        """Return True if the font has a glyph for a character, or for each part of its canonical decomposition."""
        nominal_glyph = self.harfbuzz.get_nominal_glyph
        if nominal_glyph(ord(character)):
            return True
        parts = unicodedata.normalize("NFD", character)
        return len(parts) > 1 and all(nominal_glyph(ord(part)) for part in parts)

    def load_outline(self, glyph: int) -> Outline:
        """Return the outline of a glyph id."""
        outline = self._outlines.get(glyph)
        if outline is None:
            if len(self._outlines) >= _MAX_OUTLINES:
                self._outlines.clear()
            outline = self._outlines[glyph] = Outline(self.harfbuzz, glyph)
        return outline


@dataclass(frozen=True)
class FontLibrary:
    """Installed and embedded fonts, shared by all threads.

    Attributes:
        files: name of a font file without its suffix, such as ``NotoSans-Bold``, to the function that opens it.
        embedded: the fonts of a document, which are preferred to the installed ones.
    """

    files: Mapping[str, FontFile]
    embedded: Mapping[FontKey, Font] = field(default_factory=dict)
    _loaded: dict[tuple[str, int], Font] = field(default_factory=dict, compare=False, repr=False)
    _choices: dict[FontQuery, dict[str, Font]] = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    def with_embedded(self, fonts: Mapping[FontKey, Font]) -> "FontLibrary":
        """Return this library with the embedded fonts of a document; the loaded fonts are shared."""
        return FontLibrary(self.files, fonts, self._loaded, _lock=self._lock) if fonts else self

    def has_family(self, family: str) -> bool:
        """Return True if a CSS font family is installed or embedded under its own name."""
        name = _file_stem(family)
        return any(name in (stem, stem.partition("-")[0]) for stem in self.files) or any(
            family.lower() == embedded for embedded, _, _ in self.embedded
        )

    def cached_choices(self, query: FontQuery) -> Mapping[str, Font]:
        """Return the fonts that :meth:`choose_font` has chosen for a query, by character."""
        return self._choices.setdefault(query, {})

    def choose_font(self, query: FontQuery, character: str) -> Font:
        """Choose the first font that covers a character, and add it to :meth:`cached_choices`.

        Raises:
            NoFontError: no font covers the character.
        """
        font = next((font for font in self._candidates(query) if font.covers(character)), None)
        if font is None:
            raise NoFontError(character)
        self._choices.setdefault(query, {})[character] = font
        return font

    def _candidates(self, query: FontQuery) -> Iterator[Font]:
        """Yield the fonts for a query, the preferred one first; each is loaded only when the caller needs it."""
        for family in query.families:
            yield from self._closest_embedded(family, query)
        for family, index in _fallback_families(query):
            stem = self._closest_file(family, query.weight, query.italic)
            if stem is not None:
                yield self._load(stem, index)

    def _closest_embedded(self, family: str, query: FontQuery) -> Iterable[Font]:
        keys = [key for key in self.embedded if key[0] == family.lower()]
        keys.sort(key=lambda key: (key[2] != query.italic, abs(key[1] - query.weight)))
        return [self.embedded[key] for key in keys[:1]]

    def _closest_file(self, family: str, weight: int, italic: bool) -> str | None:
        """Return the file of a family with the nearest weight; an upright one if the family has no italic."""
        for slant in ("Italic", "Oblique", "") if italic else ("",):
            for name, _ in sorted(_WEIGHTS.items(), key=lambda item: abs(item[1] - weight)):
                style = (name if name != "Regular" or not slant else "") + slant
                for stem in (f"{family}-{style}", family if style == "Regular" else None):
                    if stem in self.files:
                        return stem
        return None

    def _load(self, stem: str, index: int) -> Font:
        with self._lock:
            font = self._loaded.get((stem, index))
            if font is None:
                font = self._loaded[stem, index] = Font(self.files[stem](), index)
            return font


@lru_cache(maxsize=512)
def _fallback_families(query: FontQuery) -> tuple[tuple[str, int], ...]:
    """Return the families to try and the index of the face in a collection, the preferred one first.

    The script decides: the first font that covers a character is often made for another script.
    """
    serif = _is_serif(query.families)
    requested = [(_file_stem(family), 0) for family in query.families]
    latin = _latin_families(serif)
    first = requested + latin if query.script in _LATIN_SCRIPTS else _script_families(query, serif)
    symbols = [(family, 0) for family in _SYMBOL_FAMILIES]
    return tuple(dict.fromkeys(first + requested + latin + symbols))


def _latin_families(serif: bool) -> list[tuple[str, int]]:
    others = ("DejaVuSerif", "LiberationSerif") if serif else ("DejaVuSans", "LiberationSans")
    return [(family, 0) for family in (*_noto_families(serif), *others)]


def _script_families(query: FontQuery, serif: bool) -> list[tuple[str, int]]:
    """Return Noto's families for a script other than Latin, Greek and Cyrillic."""
    kinds = _noto_families(serif)
    if query.script == "Hani" or query.script in _CJK_SCRIPTS:
        index, region = _CJK_FACES[_cjk_language(query)]
        return [(f"{kind}CJK", index) for kind in kinds] + [(f"{kind}{region}", 0) for kind in kinds]
    name = script_data.script_name(query.script).replace("_", "")
    families = [(f"{kind}{name}", 0) for kind in kinds]
    return _arabic_families(query, serif) + families if query.script == "Arab" else families


def _noto_families(serif: bool) -> tuple[str, str]:
    return ("NotoSerif", "NotoSans") if serif else ("NotoSans", "NotoSerif")


def _arabic_families(query: FontQuery, serif: bool) -> list[tuple[str, int]]:
    """Return Nastaliq for Urdu, as its readers expect, and Naskh for a serif family."""
    if query.language.partition("-")[0] == "ur":
        return [("NotoNastaliqUrdu", 0)]
    return [("NotoNaskhArabic", 0)] if serif else [("NotoSansArabic", 0), ("NotoNaskhArabic", 0)]


def _cjk_language(query: FontQuery) -> str:
    """Return the key of _CJK_FACES; the script decides, and for Han the language, by default Simplified Chinese."""
    language = query.language
    if query.script in _CJK_SCRIPTS:
        return _CJK_SCRIPTS[query.script]
    if language.startswith(("zh-Hant", "zh-TW", "zh-HK", "zh-MO")):
        return "zh-Hant"
    return language[:2] if language[:2] in _CJK_FACES else "zh-Hans"


def _is_serif(families: tuple[str, ...]) -> bool:
    return bool(families) and bool(_SERIF_FAMILY.search(families[0]))


def _file_stem(family: str) -> str:
    """Return a CSS font family as the start of a file name: without quotes and spaces."""
    return re.sub(r"[\s'\"]+", "", family)
