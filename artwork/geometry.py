"""Compute affine transforms between coordinate systems."""

import math
from dataclasses import dataclass

_MAX_DISTORTION = 0.001


@dataclass(frozen=True)
class Matrix:
    """Affine transform: x' = a·x + c·y + e, y' = b·x + d·y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def __matmul__(self, inner: "Matrix") -> "Matrix":
        """Return the product: the transform that applies ``inner`` first, then this one."""
        return Matrix(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            self.a * inner.e + self.c * inner.f + self.e,
            self.b * inner.e + self.d * inner.f + self.f,
        )


@dataclass(frozen=True)
class Box:
    """Upright rectangle.

    Attributes:
        left, top, right, bottom: its edges.
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Its width."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Its height."""
        return self.bottom - self.top

    def contains(self, x: float, y: float) -> bool:
        """Return True if a point is inside."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom


def build_rotation(degrees: float) -> Matrix:
    """Return the rotation clockwise about the origin, as y points down."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return Matrix(cosine, sine, -sine, cosine)


def fit_box(
    width: float, height: float, x: float, y: float, viewport_width: float, viewport_height: float
) -> Matrix:
    """Return the transform that scales a box to the largest size that fits a viewport, and centres it there.

    This is ``preserveAspectRatio="xMidYMid meet"`` of SVG.

    Args:
        width: width of the box, whose top left corner is the origin.
        height: height of the box.
        x: left edge of the viewport.
        y: top edge of the viewport.
        viewport_width: width of the viewport.
        viewport_height: height of the viewport.
    """
    scale = min(viewport_width / width, viewport_height / height)
    left = x + (viewport_width - width * scale) / 2
    top = y + (viewport_height - height * scale) / 2
    return Matrix(a=scale, d=scale, e=left, f=top)


def have_same_shape(width: float, height: float, other_width: float, other_height: float) -> bool:
    """Return True if two boxes have the same aspect ratio, apart from rounding."""
    return abs(width * other_height / (height * other_width) - 1) < _MAX_DISTORTION
