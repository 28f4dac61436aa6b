"""Match a style to the faces of one family (CSS Fonts 4 §5.2), and find out what must be synthesised."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from certbeam.artwork.text.font import FontSettings
from certbeam.artwork.text.font_face import BOLD_THRESHOLD, FontFace, Range

_MAX_LIGHTER = (
    200.0  # how much lighter than requested an installed face may be without synthetic bold (Chromium)
)

Style = tuple[Range, Range, bool]
"""Weight, stretch and True for italic of a face."""


@dataclass(frozen=True)
class FontStyle:
    """Style that a text requests.

    Attributes:
        weight: CSS font weight, from 1 to 1000.
        stretch: CSS ``font-stretch`` in per cent.
        is_italic: True for italic or oblique.
    """

    weight: float
    stretch: float
    is_italic: bool


def match_faces(faces: Iterable[FontFace], style: FontStyle) -> list[FontFace]:
    """Return the faces of a family in the style nearest to the requested one; the last declared face is first.

    They are several if they share the style and differ in their ``unicode-range``.
    """
    candidates = list(faces)
    candidates = _keep_nearest(candidates, lambda face: _stretch_distance(face.stretch, style.stretch))
    candidates = _keep_nearest(candidates, lambda face: _slant_distance(face, is_italic=style.is_italic))
    candidates = _keep_nearest(candidates, lambda face: _weight_distance(face.weight, style.weight))
    return candidates[::-1] if any(face.is_embedded for face in candidates) else candidates


def choose_settings(face: FontFace, style: FontStyle, size: float) -> FontSettings:
    """Return the variations and the synthetic style with which a face draws a style.

    Args:
        face: the face.
        style: the requested style.
        size: the font size in CSS pixels, for the axis of the optical size.
    """
    positions = {"wght": style.weight, "wdth": style.stretch, "opsz": size}
    limits = {"wght": face.weight, "wdth": face.stretch}
    variations = {
        tag: _clamp(_clamp(positions[tag], limits.get(tag, axis)), axis)
        for tag, axis in face.axes.items()
        if tag in positions
    }
    if style.is_italic and "ital" in face.axes:
        variations["ital"] = face.axes["ital"][1]
    elif style.is_italic and "slnt" in face.axes:
        variations["slnt"] = face.axes["slnt"][0]
    return FontSettings(
        tuple(sorted(variations.items())), _needs_emboldening(face, style), _needs_slant(face, style)
    )


def needs_synthesis(face: FontFace, style: FontStyle) -> bool:
    """Return True if a face lacks the boldness or the slant of a style."""
    return _needs_emboldening(face, style) or _needs_slant(face, style)


def _needs_emboldening(face: FontFace, style: FontStyle) -> bool:
    heaviest = face.weight[1]
    if face.is_embedded:
        return style.weight >= BOLD_THRESHOLD > heaviest and not face.has_bold_glyphs
    return style.weight > heaviest + _MAX_LIGHTER


def _needs_slant(face: FontFace, style: FontStyle) -> bool:
    has_italic = face.is_italic or face.has_italic_glyphs or "ital" in face.axes or "slnt" in face.axes
    return style.is_italic and not has_italic


def _keep_nearest(faces: list[FontFace], distance: Callable[[FontFace], tuple[int, float]]) -> list[FontFace]:
    if len(faces) < 2:
        return faces
    distances = [distance(face) for face in faces]
    nearest = min(distances)
    return [face for face, value in zip(faces, distances, strict=True) if value == nearest]


def _stretch_distance(stretch: Range, requested: float) -> tuple[int, float]:
    """Order by the preferred direction, then by distance: narrower faces first up to 100 %, wider ones above."""
    low, high = stretch
    if low <= requested <= high:
        return 0, 0.0
    is_narrower = high < requested
    is_preferred = is_narrower == (requested <= 100)
    return (1 if is_preferred else 2), requested - high if is_narrower else low - requested


def _slant_distance(face: FontFace, *, is_italic: bool) -> tuple[int, float]:
    can_slant = is_italic and ("ital" in face.axes or "slnt" in face.axes)
    return int(face.is_italic != is_italic and not can_slant), 0.0


def _weight_distance(weight: Range, requested: float) -> tuple[int, float]:
    """Order by the preferred direction, then by distance: see CSS Fonts 4 §5.2, font-weight."""
    low, high = weight
    if low <= requested <= high:
        return 0, 0.0
    is_lighter = high < requested
    distance = requested - high if is_lighter else low - requested
    if 400 <= requested <= 500:
        if not is_lighter and low <= 500:
            return 1, distance
        return (2 if is_lighter else 3), distance
    is_preferred = is_lighter == (requested < 400)
    return (1 if is_preferred else 2), distance


def _clamp(value: float, limits: Range) -> float:
    return min(max(value, limits[0]), limits[1])
