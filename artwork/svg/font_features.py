"""Convert the CSS properties that select glyph variants to OpenType features (CSS Fonts 4 §6)."""

import re

from certbeam.artwork.svg.cascade import Style

Features = tuple[tuple[str, int], ...]
"""OpenType feature tags with their values, the most specific last."""

_SHORTHAND = "font-variant"
_LONGHANDS = ("ligatures", "caps", "numeric", "east-asian", "position", "alternates")
_KEYWORDS: dict[str, Features] = {
    "common-ligatures": (("liga", 1), ("clig", 1)),
    "no-common-ligatures": (("liga", 0), ("clig", 0)),
    "discretionary-ligatures": (("dlig", 1),),
    "no-discretionary-ligatures": (("dlig", 0),),
    "historical-ligatures": (("hlig", 1),),
    "no-historical-ligatures": (("hlig", 0),),
    "contextual": (("calt", 1),),
    "no-contextual": (("calt", 0),),
    "lining-nums": (("lnum", 1),),
    "oldstyle-nums": (("onum", 1),),
    "proportional-nums": (("pnum", 1),),
    "tabular-nums": (("tnum", 1),),
    "diagonal-fractions": (("frac", 1),),
    "stacked-fractions": (("afrc", 1),),
    "ordinal": (("ordn", 1),),
    "slashed-zero": (("zero", 1),),
    "jis78": (("jp78", 1),),
    "jis83": (("jp83", 1),),
    "jis90": (("jp90", 1),),
    "jis04": (("jp04", 1),),
    "simplified": (("smpl", 1),),
    "traditional": (("trad", 1),),
    "full-width": (("fwid", 1),),
    "proportional-width": (("pwid", 1),),
    "ruby": (("ruby", 1),),
    "sub": (("subs", 1),),
    "super": (("sups", 1),),
    "historical-forms": (("hist", 1),),
}
_NO_LIGATURES: Features = (("liga", 0), ("clig", 0), ("dlig", 0), ("hlig", 0), ("calt", 0))
_CAPS = frozenset(
    {"small-caps", "all-small-caps", "petite-caps", "all-petite-caps", "unicase", "titling-caps"}
)
_SETTING = re.compile(r"""["'](?P<tag>[\x20-\x7e]{4})["']\s*(?P<value>on|off|\d{1,4})?""")
_SETTING_VALUES = {None: 1, "on": 1, "off": 0}


def parse_features(style: Style) -> Features:
    """Return the OpenType features of a computed style; unknown keywords have no effect, as in browsers."""
    features: list[tuple[str, int]] = []
    if style.get("font-kerning") == "none" or style.get("text-rendering") == "optimizeSpeed":
        features.append(("kern", 0))
    for keyword in _variant_keywords(style):
        features += _NO_LIGATURES if keyword == "none" else _KEYWORDS.get(keyword, ())
    for match in _SETTING.finditer(style.get("font-feature-settings", "")):
        value = match["value"]
        features.append((match["tag"], _SETTING_VALUES[value] if value in _SETTING_VALUES else int(value)))
    return tuple(features)


def parse_caps(style: Style) -> str:
    """Return the keyword of ``font-variant-caps``, such as ``small-caps``; empty for normal capitals."""
    keywords = style.get("font-variant-caps", "").split() or style.get(_SHORTHAND, "").split()
    return next((keyword for keyword in keywords if keyword in _CAPS), "")


def _variant_keywords(style: Style) -> list[str]:
    declared = [style.get(_SHORTHAND, "")]
    declared += [style.get(f"{_SHORTHAND}-{name}", "") for name in _LONGHANDS]
    return " ".join(declared).lower().split()
