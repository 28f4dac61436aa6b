"""Find where and how large an <image> is drawn (SVG 2 §12.3), and the natural sizes of SVG images."""

from dataclasses import dataclass, replace

from lxml import etree

from certbeam.artwork.css.tokens import format_number
from certbeam.artwork.svg.lengths import parse_length
from certbeam.artwork.svg.transforms import compute_ctm
from certbeam.artwork.svg.view_box import ViewBox, find_viewport, parse_view_box

PIXELS_OF_PAGE = 1600.0
"""Width in pixels of the page for which images are sharp."""

_DEFAULT_SIZE = (300.0, 150.0)  # CSS Images 3 §5.3
_INHERITED = "image-rendering"


@dataclass(frozen=True)
class NaturalSize:
    """Natural dimensions of an image (CSS Images 3 §5.1).

    Attributes:
        width, height: in pixels; None if it has none.
        ratio: the width divided by the height; None if it has none.
    """

    width: float | None
    height: float | None
    ratio: float | None


@dataclass(frozen=True)
class ImagePlacement:
    """Size of an <image> in its template.

    Attributes:
        width, height: in user units; None if it follows from the image.
        pixels_per_unit: how many pixels of a drawn page are a user unit.
        is_pixelated: True if its pixels are drawn without smoothing.
        is_stretched: True if its width and height are scaled independently.
    """

    width: float | None
    height: float | None
    pixels_per_unit: float = 1.0
    is_pixelated: bool = False
    is_stretched: bool = False

    def choose_size(self, natural: NaturalSize) -> "ImagePlacement":
        """Return the placement with both sides, as browsers choose them."""
        width, height = self.width, self.height
        if width is None and height is None:
            width, height = _find_concrete_size(natural)
        elif width is None:
            width = (height or 0.0) * natural.ratio if natural.ratio else natural.width or _DEFAULT_SIZE[0]
        elif height is None:
            height = width / natural.ratio if natural.ratio else natural.height or _DEFAULT_SIZE[1]
        return replace(self, width=width, height=height)


ANYWHERE = ImagePlacement(None, None)
"""Placement of an image whose size in its template is unknown."""


def find_placement(
    image: etree._Element, view_box: ViewBox, page_width: float = PIXELS_OF_PAGE
) -> ImagePlacement:
    """Return the placement of an <image>.

    Args:
        image: the element, in the normal form.
        view_box: the view box of its document.
        page_width: width of the drawn document in pixels; 0 to enlarge no image.
    """
    ctm = compute_ctm(image)
    scale = 1.0 if ctm is None else abs(ctm.a * ctm.d - ctm.b * ctm.c) ** 0.5
    rendering = (element.get(_INHERITED) for element in (image, *image.iterancestors()))
    return ImagePlacement(
        *_find_size(image, view_box),
        round(scale * page_width / view_box.width, 3),
        next((value == "pixelated" for value in rendering if value), False),
        image.get("preserveAspectRatio") == "none",
    )


def write_size(image: etree._Element, view_box: ViewBox, placement: ImagePlacement) -> None:
    """Write the sides that an <image> lacks."""
    sides = _find_size(image, view_box)
    for name, side, chosen in zip(
        ("width", "height"), sides, (placement.width, placement.height), strict=True
    ):
        if side is None and chosen is not None:
            image.set(name, format_number(chosen))


def _find_size(image: etree._Element, view_box: ViewBox) -> tuple[float | None, float | None]:
    """Return the width and the height of an <image>; None for each that is absent or invalid."""
    across, down = find_viewport(image, view_box)
    return _parse_side(image.get("width", ""), across), _parse_side(image.get("height", ""), down)


def _parse_side(value: str, base: float) -> float | None:
    share = parse_length(value[:-1]) if value.endswith("%") else None
    side = parse_length(value) if share is None else share / 100 * base
    return None if side is None or side < 0 else side


def find_natural_size(root: etree._Element) -> NaturalSize:
    """Return the natural size of an SVG image from its root element."""
    width, height = (_parse_side(root.get(name, ""), 0.0) or None for name in ("width", "height"))
    box = parse_view_box(root.get("viewBox"))
    ratio = width / height if width and height else None
    if ratio is None and box is not None and not str(root.get("preserveAspectRatio", "")).startswith("none"):
        ratio = box[2] / box[3]
    if ratio is not None and width and not height:
        height = width / ratio
    if ratio is not None and height and not width:
        width = height * ratio
    return NaturalSize(width, height, ratio)


def _find_concrete_size(natural: NaturalSize) -> tuple[float, float]:
    """Return the size of an image whose size nothing but the image determines (CSS Images 3 §5.3)."""
    if natural.width and natural.height:
        return natural.width, natural.height
    width, height = natural.width or _DEFAULT_SIZE[0], natural.height or _DEFAULT_SIZE[1]
    if natural.ratio is None:
        return width, height
    return min(width, height * natural.ratio), min(height, width / natural.ratio)
