"""Compute the values of CSS properties: one function for each kind of value."""

from collections.abc import Callable, Mapping
from typing import Any

from certbeam.artwork.css.colors import compute_color
from certbeam.artwork.css.filter_functions import compute_filter_function
from certbeam.artwork.css.lengths import LengthContext, compute_length, compute_number
from certbeam.artwork.css.path_data import is_complete_path
from certbeam.artwork.css.tokens import (
    Tokens,
    find_keyword,
    find_url,
    format_number,
    parse_value,
    serialise,
    split_at_commas,
    without_white_space,
)

_PIXELATED = frozenset({"pixelated", "crisp-edges", "-webkit-optimize-contrast"})

Compute = Callable[[str, LengthContext, bool], str | None]
"""Function that computes a value; True if lengths need a unit; returns None if the value is invalid."""


def compute_image_rendering(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Return ``pixelated`` for what browsers do not smooth, else ``auto``: they smooth ``optimizeSpeed`` too."""
    return "pixelated" if value.strip().lower() in _PIXELATED else "auto"


def allow_keywords(words: str) -> Compute:
    """Return the function for a property that accepts keywords only."""
    allowed = frozenset(words.split())

    def compute(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
        word = value.strip().lower()
        return word if word in allowed else None

    return compute


def compute_any_value(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Return a value that text layout or viewers interpret."""
    text = value.strip()
    return text if text and not any(character in text for character in "{};") else None


def compute_opacity(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute an opacity from 0 to 1."""
    number = compute_number(parse_value(value), percentages=True)
    return None if number is None else format_number(min(max(number, 0.0), 1.0))


def compute_miter_limit(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute a ``stroke-miterlimit``, which is at least 1."""
    number = compute_number(parse_value(value))
    return None if number is None or number < 0 else format_number(max(number, 1.0))


def compute_color_value(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute a colour."""
    return compute_color(value)


def compute_paint(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute a paint: a colour, ``none``, ``context-fill``, or a paint server with an optional fallback."""
    color = compute_color(value)
    if color is not None:
        return color
    tokens = without_white_space(parse_value(value))
    word = find_keyword(tokens)
    if word in ("none", "context-fill", "context-stroke"):
        return word
    url = find_url(tokens[0]) if tokens else None
    if url is None or not url.startswith("#"):
        return None
    if len(tokens) == 1:
        return _format_url(url)
    fallback = (
        find_keyword(tokens[1:])
        if find_keyword(tokens[1:]) == "none"
        else compute_color(serialise(tokens[1:]))
    )
    return None if fallback is None else f"{_format_url(url)} {fallback}"


def _format_url(url: str) -> str:
    """Return a ``url()``, in quotation marks if the URL needs them."""
    if all(character.isalnum() or character in "#-_.:%" for character in url):
        return f"url({url})"
    escaped = url.replace("\\", "\\\\").replace("'", "\\'")
    return f"url('{escaped}')"


def compute_reference(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute a reference to an element of the document, or ``none``."""
    tokens = without_white_space(parse_value(value))
    if find_keyword(tokens) == "none":
        return "none"
    url = find_url(tokens[0]) if tokens else None
    return _format_url(url) if url is not None and url.startswith("#") else None


def compute_clip_path(value: str, context: LengthContext, needs_units: bool) -> str | None:
    """Compute a clipping path; a basic shape is converted to an element later."""
    reference = compute_reference(value, context, needs_units)
    tokens = without_white_space(parse_value(value))
    is_shape = any(token.type == "function" for token in tokens) or find_keyword(tokens).endswith("-box")
    has_url = any(find_url(token) is not None for token in tokens)
    return reference or (value.strip() if is_shape and not has_url else None)


def compute_filter(value: str, context: LengthContext, needs_units: bool) -> str | None:
    """Compute a ``filter``: references and filter functions."""
    reference = compute_reference(value, context, needs_units)
    tokens = without_white_space(parse_value(value))
    if len(tokens) == 1 and reference:
        return reference
    computed = [_compute_filter_part(token, context) for token in tokens]
    parts = [part for part in computed if part is not None]
    return " ".join(parts) if parts and len(parts) == len(computed) else None


def _compute_filter_part(token: Any, context: LengthContext) -> str | None:
    url = find_url(token)
    if url is not None:
        return _format_url(url) if url.startswith("#") else None
    return compute_filter_function(token, context) if token.type == "function" else None


def allow_lengths(base: str, *, negative: bool = True, keywords: Mapping[str, str] | None = None) -> Compute:
    """Return the function for a length in user units; ``base`` names what percentages refer to."""
    words = keywords or {}

    def compute(value: str, context: LengthContext, needs_units: bool) -> str | None:
        tokens = parse_value(value)
        word = find_keyword(tokens)
        if word:
            return words.get(word)
        allow_number = not needs_units or base == "diagonal"  # of strokes, not of geometry
        return _compute_length(value, tokens, context, base, negative=negative, allow_number=allow_number)

    return compute


def _compute_length(
    value: str,
    tokens: Tokens,
    context: LengthContext,
    base: str,
    *,
    negative: bool,
    allow_number: bool = True,
) -> str | None:
    """Compute a length; a percentage of an unknown viewport remains as it is."""
    reference = getattr(context, base)
    if reference is None and "%" in value:
        return value.strip() if compute_length(tokens, context, 1.0) is not None else None
    length = compute_length(tokens, context, reference, allow_number=allow_number)
    return None if length is None or (length < 0 and not negative) else format_number(length)


def compute_spacing(value: str, context: LengthContext, needs_units: bool) -> str | None:
    """Compute the spacing of letters or words in user units."""
    tokens = parse_value(value)
    if find_keyword(tokens) == "normal":
        return "normal"
    length = compute_length(tokens, context, context.font_size, allow_number=not needs_units)
    return None if length is None else format_number(length)


def compute_baseline_shift(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute a ``baseline-shift``."""
    word = find_keyword(parse_value(value))
    if word:
        return word if word in ("baseline", "sub", "super") else None
    if "%" in value:
        return value.strip()  # of the line height, which text layout knows
    length = compute_length(parse_value(value), context, None)
    return None if length is None else format_number(length)


def compute_dashes(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute a ``stroke-dasharray`` in user units."""
    tokens = parse_value(value)
    if find_keyword(tokens) == "none":
        return "none"
    parts = [token for part in split_at_commas(tokens) for token in part]
    dashes = [
        _compute_length(serialise([part]), [part], context, "diagonal", negative=False) for part in parts
    ]
    known = [dash for dash in dashes if dash is not None]
    return ",".join(known) if known and len(known) == len(dashes) else None


def compute_paint_order(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute a ``paint-order``."""
    words = value.lower().split()
    is_valid = 0 < len(words) == len(set(words)) and set(words) <= {"fill", "stroke", "markers"}
    return " ".join(words) if is_valid or words == ["normal"] else None


_FONT_SIZES = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
    "xxx-large": 48.0,
}


def compute_font_size(value: str, context: LengthContext, needs_units: bool) -> str | None:
    """Compute a font size in user units; the context has the font size of the parent."""
    tokens = parse_value(value)
    word = find_keyword(tokens)
    if word in ("larger", "smaller"):
        return format_number(context.font_size * (1.2 if word == "larger" else 1 / 1.2))
    if word:
        return format_number(_FONT_SIZES[word]) if word in _FONT_SIZES else None
    size = compute_length(tokens, context, context.font_size, allow_number=not needs_units)
    return None if size is None or size < 0 else format_number(size)


def compute_font_weight(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute a ``font-weight``."""
    tokens = parse_value(value)
    word = find_keyword(tokens)
    if word:
        return word if word in ("normal", "bold", "bolder", "lighter") else None
    number = compute_number(tokens)
    return format_number(number) if number is not None and 1 <= number <= 1000 else None


def compute_overflow(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute an ``overflow``."""
    words = value.lower().split()
    allowed = {"visible", "hidden", "scroll", "auto", "clip"}
    return words[0] if 0 < len(words) <= 2 and set(words) <= allowed else None


def compute_path_data(value: str, context: LengthContext, needs_units: bool) -> str | None:  # noqa: ARG001
    """Compute ``d`` in CSS: the string of ``path()``."""
    tokens = without_white_space(parse_value(value))
    if find_keyword(tokens) == "none":
        return "none"
    if len(tokens) != 1 or tokens[0].type != "function" or tokens[0].lower_name != "path":
        return None
    strings = [token.value for token in tokens[0].arguments if token.type == "string"]
    return str(strings[0]) if len(strings) == 1 and is_complete_path(strings[0]) else None
