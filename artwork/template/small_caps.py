"""Write small capitals for fonts that have none (CSS Fonts 4 §6.6)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from certbeam.artwork.template.css_text import transform_case
from certbeam.artwork.template.text_spans import TextSpan
from certbeam.artwork.text import FontLibrary, Span
from certbeam.artwork.text.baselines import primary_font
from certbeam.artwork.text.font import Font

_SYNTHETIC_SIZE = 0.7  # of the font size, as in browsers
# The features of each keyword; the first one is for lower case letters.
_FEATURES = {
    "small-caps": ("smcp",),
    "all-small-caps": ("smcp", "c2sc"),
    "petite-caps": ("pcap",),
    "all-petite-caps": ("pcap", "c2pc"),
    "unicase": ("unic",),
    "titling-caps": ("titl",),
}
_NEVER_SYNTHESISED = "titling-caps"
_ALL_LETTERS = ("all-small-caps", "all-petite-caps")


def expand_capitals(
    spans: Sequence[Span], sources: Sequence[TextSpan], fonts: FontLibrary, language: str
) -> list[Span]:
    """Return spans in which small capitals come from the font, or are smaller capitals if the font has none.

    Args:
        spans: the filled spans of a chunk.
        sources: the spans that they were made from.
        fonts: the fonts to choose from.
        language: BCP 47 tag.
    """
    if not any(source.caps for source in sources):
        return list(spans)
    expanded: list[Span] = []
    for span in spans:
        caps = sources[span.paint].caps
        expanded += _expand(span, caps, fonts, language) if caps else [span]
    return expanded


def _expand(span: Span, caps: str, fonts: FontLibrary, language: str) -> Iterator[Span]:
    features = _FEATURES[caps]
    font = primary_font(span.style.query("Latn", language), fonts)
    if caps == _NEVER_SYNTHESISED or features[0] in _list_features(font):
        style = replace(span.style, features=(*((feature, 1) for feature in features), *span.style.features))
        yield replace(span, style=style)
        return
    small = replace(span.style, size=span.style.size * _SYNTHETIC_SIZE)
    pieces = groupby(span.text, lambda character: _is_small(character, caps))
    for index, (is_small, characters) in enumerate(pieces):
        text = "".join(characters)
        piece = replace(span, text=transform_case(text, "uppercase", language), style=small)
        piece = piece if is_small else replace(span, text=text)
        yield piece if index == 0 else replace(piece, x=None, dx=0.0)


def _is_small(character: str, caps: str) -> bool:
    if caps in _ALL_LETTERS or caps == "unicase":
        return character.isupper() if caps == "unicase" else character.isalpha()
    return character.islower()


@lru_cache(maxsize=256)
def _list_features(font: Font) -> frozenset[str]:
    """Return the substitution features of a font in any script, for its default language."""
    face = font.harfbuzz.face
    return frozenset(
        feature
        for index in range(len(face.get_table_script_tags("GSUB")))
        for feature in face.get_language_feature_tags("GSUB", index)
    )
