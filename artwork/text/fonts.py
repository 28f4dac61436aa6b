"""Choose a font for each piece of text by CSS family, style, script and language (font fallback)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from certbeam.artwork.text.font import Font
from certbeam.artwork.text.font_face import NORMAL_STRETCH, FontFace
from certbeam.artwork.text.font_families import (
    EMOJI_SCRIPT,
    GENERIC_FAMILIES,
    LATIN_SCRIPTS,
    fallback_families,
    find_metric_compatible,
    is_serif,
)
from certbeam.artwork.text.font_index import FaceIndex
from certbeam.artwork.text.font_matching import FontStyle, choose_settings, match_faces, needs_synthesis
from certbeam.artwork.text.font_packages import is_unassigned, suggest_package

_POSTSCRIPT_STYLE = re.compile(
    r"-(?P<weight>Thin|Extra-?Light|Light|Regular|Medium|Semi-?Bold|Demi-?Bold|Extra-?Bold|Bold|Black|Heavy)?"
    r"-?(?P<slant>Italic|Oblique|It)?$"
)
_POSTSCRIPT_WEIGHTS = {
    "thin": 100,
    "extralight": 200,
    "light": 300,
    "regular": 400,
    "medium": 500,
    "semibold": 600,
    "demibold": 600,
    "bold": 700,
    "extrabold": 800,
    "black": 900,
    "heavy": 900,
}
_MAX_QUERIES = 10_000  # of a template: its styles in each script and language
_MAX_CHOICES = 50_000  # of a query: more than any script but Han has characters


class NoFontError(Exception):
    """No font has a glyph for a character.

    Attributes:
        character: the character.
    """

    def __init__(self, character: str) -> None:
        name = unicodedata.name(character, "unnamed character")
        remedy = _suggest_remedy(character)
        super().__init__(f"no font for U+{ord(character):04X} ({name}): {remedy}, or remove the character")
        self.character = character


def _suggest_remedy(character: str) -> str:
    if is_unassigned(character):
        return "Unicode has no such character, enter it again"
    if unicodedata.category(character) == "Co":
        return "embed the font that has this private character with @font-face"
    package = suggest_package(character)
    return f"install a font that has it (Debian: {package})" if package else "install a font that has it"


class FontQuery(NamedTuple):
    """Font that a text run needs; a tuple, because each run of each text makes one as a key.

    Attributes:
        families: CSS font families, the preferred one first.
        weight: CSS font weight, from 1 to 1000.
        italic: True if an italic face is preferred.
        script: ISO 15924 code; ``Zsye`` for characters in emoji presentation.
        language: BCP 47 tag.
        stretch: CSS ``font-stretch`` in per cent.
        size: font size in user units, for fonts with an axis for the optical size; otherwise 0.
    """

    families: tuple[str, ...]
    weight: float
    italic: bool
    script: str
    language: str
    stretch: float = NORMAL_STRETCH
    size: float = 0.0

    @property
    def style(self) -> FontStyle:
        """The requested weight, width and slant."""
        return FontStyle(self.weight, self.stretch, self.italic)


_Candidate = tuple[FontFace, FontStyle]
"""Face, and the style in which it is drawn."""


@dataclass(frozen=True)
class FontLibrary:
    """Installed and embedded fonts, shared by all threads.

    Attributes:
        installed: the installed faces.
        embedded: the faces of a document, which are preferred to the installed ones.
    """

    installed: FaceIndex = field(default_factory=FaceIndex)
    embedded: FaceIndex = field(default_factory=FaceIndex)
    _choices: dict[FontQuery, dict[str, Font]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def has_optical_size(self) -> bool:
        """True if the choice of a font depends on the font size."""
        return self.embedded.has_optical_size or self.installed.has_optical_size

    def with_embedded(self, faces: Sequence[FontFace]) -> "FontLibrary":
        """Return this library with the embedded faces of a document; the installed ones are shared."""
        return FontLibrary(self.installed, FaceIndex(faces)) if faces else self

    def has_family(self, family: str) -> bool:
        """Return True if a CSS font family, or one with the same metrics, is installed or embedded."""
        return any(True for _ in self._find_declared(family, FontStyle(400, NORMAL_STRETCH, is_italic=False)))

    def cached_choices(self, query: FontQuery) -> Mapping[str, Font]:
        """Return the fonts that :meth:`choose_font` has chosen for a query, by text."""
        return self._find_choices(query)

    def _find_choices(self, query: FontQuery) -> dict[str, Font]:
        choices = self._choices.get(query)
        if choices is None:
            if len(self._choices) >= _MAX_QUERIES:
                self._choices.clear()
            choices = self._choices.setdefault(query, {})
        return choices

    def choose_font(self, query: FontQuery, text: str) -> Font:
        """Choose the first font that covers a text, and add it to :meth:`cached_choices`.

        Args:
            query: the requested style, script and language.
            text: a character with its combining marks, or a sequence of emoji.

        Raises:
            NoFontError: no font covers the text.
        """
        if any(is_unassigned(character) for character in text):
            raise NoFontError(text[0])  # some fonts have a box with the code
        for face, style in self._candidates(query, text):
            if face.covers(text):
                font = face.load(choose_settings(face, style, query.size))
                choices = self._find_choices(query)
                if len(choices) >= _MAX_CHOICES:
                    choices.clear()
                choices[text] = font
                return font
        raise NoFontError(text[0])

    def _candidates(self, query: FontQuery, text: str) -> Iterator[_Candidate]:
        """Yield the faces for a query, the preferred one first; each is loaded only when the caller needs it."""
        if query.script == EMOJI_SCRIPT:
            yield from self._emoji_candidates(query)
        for family in query.families:
            yield from self._find_declared(family, query.style)
            yield from self._find_generic(family, query)
        if any(unicodedata.category(character) == "Co" for character in text):
            return  # a private character has a meaning only in the font that the template names
        for family in fallback_families(query.script, query.language, is_serif=is_serif(query.families)):
            yield from self._find_installed(family, query.style)
        face = self.installed.find_covering(text, query.style)
        if face is not None:
            yield face, query.style

    def _emoji_candidates(self, query: FontQuery) -> Iterator[_Candidate]:
        """Yield the fonts in colour: those that the text names, then the installed ones."""
        style = query.style
        declared = (
            candidate for family in query.families for candidate in self._find_declared(family, style)
        )
        yield from ((face, chosen) for face, chosen in declared if face.has_color)
        for family in fallback_families(EMOJI_SCRIPT, query.language, is_serif=False):
            yield from (item for item in self._find_installed(family, style) if item[0].has_color)
        yield from ((face, style) for face in self.installed.faces if face.has_color)

    def _find_declared(self, family: str, style: FontStyle) -> Iterator[_Candidate]:
        """Yield the faces that a declared family names, or faces with the same metrics."""
        faces = self._match(family, style)
        if not faces:
            family, style = _split_postscript_name(family, style)
            faces = self._match(family, style)
        yield from ((face, style) for face in faces)
        if not faces:
            for name in find_metric_compatible(family):
                yield from ((face, style) for face in match_faces(self.installed.find_family(name), style))

    def _match(self, family: str, style: FontStyle) -> Sequence[FontFace]:
        faces = self.embedded.find_family(family) or self.installed.find_family(family)
        if faces:
            return match_faces(faces, style)
        face = self.installed.find_face(family)
        if face is None:
            return ()
        if not needs_synthesis(face, style):
            return (face,)
        # Drawing programs write the name of the regular face and font-weight="bold": the family has a bold face.
        weight = max(style.weight, face.weight[0])
        style = replace(style, weight=weight, is_italic=style.is_italic or face.is_italic)
        return match_faces(self.installed.find_family(face.families[0]), style)

    def _find_generic(self, family: str, query: FontQuery) -> Iterator[_Candidate]:
        """Yield the faces of a generic family, which are for Latin: other scripts have fonts of their own."""
        if query.script in LATIN_SCRIPTS:
            for name in GENERIC_FAMILIES.get(family.lower(), ()):
                yield from self._find_installed(name, query.style)

    def _find_installed(self, family: str, style: FontStyle) -> Iterable[_Candidate]:
        for name in (family, *find_metric_compatible(family)):
            faces = self.installed.find_family(name)
            if faces:
                return [(face, style) for face in match_faces(faces, style)[:1]]
        return []


def _split_postscript_name(family: str, style: FontStyle) -> tuple[str, FontStyle]:
    """Return family and style of a PostScript name, such as ``Poppins-BoldItalic``, as drawing programs write it."""
    match = _POSTSCRIPT_STYLE.search(family)
    if match is None or not (match["weight"] or match["slant"]):
        return family, style
    weight = _POSTSCRIPT_WEIGHTS.get((match["weight"] or "").replace("-", "").lower(), style.weight)
    return family[: match.start()], replace(
        style,
        weight=weight if style.weight == 400 else style.weight,
        is_italic=style.is_italic or bool(match["slant"]),
    )
