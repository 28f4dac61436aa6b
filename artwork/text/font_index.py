"""Find faces by the names that CSS uses, and by the characters that they have."""

from collections.abc import Iterable, Iterator, Sequence

from certbeam.artwork.text.font_face import FontFace
from certbeam.artwork.text.font_families import normalise_name
from certbeam.artwork.text.font_matching import FontStyle, match_faces

_MAX_MISSING = 10_000  # texts for which no face was found
# Fonts that draw every character as a box or as nothing.
_PLACEHOLDER_FONTS = frozenset(
    {"lastresort", "lastresorthighefficiency", "adobeblank", "adobeblank2", "adobenotdef"}
)


class FaceIndex:
    """Index of faces by family name and by full name.

    Attributes:
        faces: the faces.
        has_optical_size: True if a face has an axis for its optical size.
    """

    def __init__(self, faces: Iterable[FontFace] = ()) -> None:
        self.faces = tuple(faces)
        self.has_optical_size = any("opsz" in face.axes for face in self.faces)
        self._families: dict[str, list[FontFace]] = {}
        self._full_names: dict[str, FontFace] = {}
        for face in self.faces:
            for name in dict.fromkeys(map(normalise_name, face.families)):
                self._families.setdefault(name, []).append(face)
            for name in map(normalise_name, face.full_names):
                self._full_names.setdefault(name, face)
        self._missing: set[str] = set()

    def find_family(self, name: str) -> Sequence[FontFace]:
        """Return the faces of a family."""
        return self._families.get(normalise_name(name), ())

    def find_face(self, name: str) -> FontFace | None:
        """Return the face with a full name or a PostScript name."""
        return self._full_names.get(normalise_name(name))

    def find_covering(self, text: str, style: FontStyle) -> FontFace | None:
        """Return a face of any family that has all characters of a text; None if there is none."""
        if text in self._missing:
            return None
        for face in self._faces_by_preference(style):
            if face.covers(text):
                return face
        if len(self._missing) >= _MAX_MISSING:
            self._missing.clear()
        self._missing.add(text)
        return None

    def _faces_by_preference(self, style: FontStyle) -> Iterator[FontFace]:
        """Yield the face of each family in the nearest style: Noto first, fonts in colour last."""
        families = self._families.keys() - _PLACEHOLDER_FONTS
        names = sorted(families, key=lambda name: _rank(name, self._families[name][0]))
        for name in names:
            yield match_faces(self._families[name], style)[0]


def _rank(name: str, face: FontFace) -> tuple[bool, bool, bool, bool, str]:
    return (
        face.has_color,
        name.startswith("unifont"),  # made of pixels
        not name.startswith("noto"),
        "mono" in name,
        name,
    )
