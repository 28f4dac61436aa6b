"""The fonts that text is set in: where they are, and which one a script is set in."""

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import uharfbuzz
from fontTools import unicodedata as scripts

from certbeam.credentials.text.outline import UNITS_PER_EM, Outline

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
# The faces of Noto's CJK collections, by language.
_CJK_FACES = {"ja": (0, "JP"), "ko": (1, "KR"), "zh-Hans": (2, "SC"), "zh-Hant": (3, "TC")}
_CJK_SCRIPTS = {"Hira": "ja", "Kana": "ja", "Hang": "ko", "Bopo": "zh-Hant"}
_LATIN_SCRIPTS = frozenset({"Latn", "Grek", "Cyrl"})
_SERIF_FAMILY = re.compile(
    r"(?<!sans-)(?<!sans )serif|times|georgia|garamond|playfair|roman|baskerville|merriweather|lora|cinzel",
    re.IGNORECASE,
)
_MAX_OUTLINES = 10_000  # of a font: more than any script but Han needs, and a few megabytes
# What covers the symbols that scripts share, last.
_LAST_FAMILIES = ("NotoSansSymbols", "NotoSansSymbols2", "NotoSansMath")


FontFile = Callable[[], uharfbuzz.Blob]
"""Opens a font file when a character first needs it."""


class NoFontError(Exception):
    """No installed font has a glyph for a character.

    Attributes:
        character: the character.
    """

    def __init__(self, character: str) -> None:
        name = unicodedata.name(character, "a character without a name")
        super().__init__(
            f"no font for U+{ord(character):04X} ({name}):"
            " install one that has it, such as those of Debian's fonts-noto-core, -extra and -cjk, or leave it out"
        )
        self.character = character


@dataclass(frozen=True)
class FontQuery:
    """What a run of text asks of its font.

    Attributes:
        families: CSS font families, the most wanted first.
        weight: CSS font weight, from 1 to 1000.
        italic: whether it is to be italic, where the script has that.
        script: ISO 15924 code.
        language: BCP 47 tag.
    """

    families: tuple[str, ...]
    weight: int
    italic: bool
    script: str
    language: str


class Font:
    """One face of a font file, with its glyphs' outlines as they are asked for."""

    def __init__(self, blob: uharfbuzz.Blob, index: int = 0) -> None:
        self.harfbuzz = uharfbuzz.Font(uharfbuzz.Face(blob, index))
        self.harfbuzz.scale = (UNITS_PER_EM, UNITS_PER_EM)
        self._outlines: dict[int, Outline] = {}

    def covers(self, character: str) -> bool:
        """Whether it can draw a character, composed of its parts if need be."""
        has = self.harfbuzz.get_nominal_glyph
        if has(ord(character)):
            return True
        parts = unicodedata.normalize("NFD", character)
        return len(parts) > 1 and all(has(ord(part)) for part in parts)

    def outline(self, glyph: int) -> Outline:
        """The outline of a glyph."""
        outline = self._outlines.get(glyph)
        if outline is None:
            if len(self._outlines) >= _MAX_OUTLINES:
                self._outlines.clear()
            outline = self._outlines[glyph] = Outline(self.harfbuzz, glyph)
        return outline


@dataclass(frozen=True)
class FontLibrary:
    """Font files by the name of their face, and the fonts that were loaded from them.

    Attributes:
        files: from a file's name without its suffix, such as ``NotoSans-Bold``, to what opens it.
        embedded: fonts that come with a document, by family, weight and slant; they are asked first.
    """

    files: Mapping[str, FontFile]
    embedded: Mapping[tuple[str, int, bool], Font] = field(default_factory=dict)
    _loaded: dict[tuple[str, int], Font] = field(default_factory=dict, compare=False, repr=False)
    _chosen: dict[FontQuery, dict[str, Font]] = field(default_factory=dict, compare=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    def with_embedded(self, fonts: Mapping[tuple[str, int, bool], Font]) -> "FontLibrary":
        """This library and a document's own fonts."""
        return FontLibrary(self.files, fonts, self._loaded, _lock=self._lock) if fonts else self

    def chosen(self, query: FontQuery) -> Mapping[str, Font]:
        """The best font for each character that has been chosen for."""
        return self._chosen.setdefault(query, {})

    def choose(self, query: FontQuery, character: str) -> Font:
        """The best font for a character; it is among the :meth:`chosen` ones from now on.

        Raises:
            NoFontError: there is none.
        """
        font = next((font for font in self._candidates(query) if font.covers(character)), None)
        if font is None:
            raise NoFontError(character)
        self._chosen.setdefault(query, {})[character] = font
        return font

    def _candidates(self, query: FontQuery) -> Iterator[Font]:
        for family in query.families:
            yield from self._embedded(family, query)
        for family, index in _families(query):
            stem = self._closest(family, query.weight, query.italic)
            if stem is not None:
                yield self._load(stem, index)

    def has_family(self, family: str) -> bool:
        """Whether a CSS font family is installed or embedded under its own name."""
        name = _file_name(family)
        return any(name in (stem, stem.partition("-")[0]) for stem in self.files) or any(
            family.lower() == embedded for embedded, _, _ in self.embedded
        )

    def _embedded(self, family: str, query: FontQuery) -> Iterable[Font]:
        faces = [key for key in self.embedded if key[0] == family.lower()]
        faces.sort(key=lambda key: (key[2] != query.italic, abs(key[1] - query.weight)))
        return [self.embedded[key] for key in faces[:1]]

    def _closest(self, family: str, weight: int, italic: bool) -> str | None:
        """The file of a family that is nearest in weight; an upright one if there is no italic one."""
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
def _families(query: FontQuery) -> tuple[tuple[str, int], ...]:
    """The families to look for and the index of the face in a collection, the best first.

    Chosen by script, since what happens to cover a character first is often a face for another one.
    """
    serif = _is_serif(query.families)
    kinds = ("NotoSerif", "NotoSans") if serif else ("NotoSans", "NotoSerif")
    latin = [(kind, 0) for kind in kinds]
    latin += (
        [("DejaVuSerif", 0), ("LiberationSerif", 0)] if serif else [("DejaVuSans", 0), ("LiberationSans", 0)]
    )
    named = [(_file_name(family), 0) for family in query.families]
    if query.script in _LATIN_SCRIPTS:
        found = named + latin
    elif query.script == "Hani" or query.script in _CJK_SCRIPTS:
        index, region = _CJK_FACES[_cjk_language(query)]
        found = [(f"{kind}CJK", index) for kind in kinds] + [(f"{kind}{region}", 0) for kind in kinds]
    else:
        name = scripts.script_name(query.script).replace("_", "")
        found = [(f"{kind}{name}", 0) for kind in kinds]
        if query.script == "Arab":
            found = _arabic(query, serif) + found
    rest = [*named, *latin, *((family, 0) for family in _LAST_FAMILIES)]
    return tuple(dict.fromkeys(found + rest))


def _arabic(query: FontQuery, serif: bool) -> list[tuple[str, int]]:
    """Urdu is read in Nastaliq; Naskh is what a serif face is to Latin."""
    if query.language.partition("-")[0] == "ur":
        return [("NotoNastaliqUrdu", 0)]
    return [("NotoNaskhArabic", 0)] if serif else [("NotoSansArabic", 0), ("NotoNaskhArabic", 0)]


def _cjk_language(query: FontQuery) -> str:
    language = query.language
    if query.script in _CJK_SCRIPTS:
        return _CJK_SCRIPTS[query.script]
    if language.startswith(("zh-Hant", "zh-TW", "zh-HK", "zh-MO")):
        return "zh-Hant"
    return language[:2] if language[:2] in _CJK_FACES else "zh-Hans"


def _is_serif(families: tuple[str, ...]) -> bool:
    return bool(families) and bool(_SERIF_FAMILY.search(families[0]))


def _file_name(family: str) -> str:
    return re.sub(r"[\s'\"]+", "", family)
