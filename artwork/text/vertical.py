"""Find the letters that stand upright in a vertical line."""

import unicodedata
from collections.abc import Iterable

from certbeam.artwork.text.scripts import extends_cluster
from certbeam.artwork.text.spans import Orientation


def find_upright(text: str, orientation: Orientation) -> Iterable[bool]:
    """Return for each character of a line whether it stands upright.

    Wide characters approximate Unicode's property Vertical_Orientation (UAX 50), which differs for few others.
    """
    if orientation is not Orientation.MIXED:
        return [orientation is Orientation.UPRIGHT] * len(text)
    upright: list[bool] = []
    for character in text:
        is_wide = unicodedata.east_asian_width(character) in "WF"
        upright.append(upright[-1] if upright and extends_cluster(character) else is_wide)
    return upright
