"""Compute CSS lengths, percentages, angles and numbers, with calc(), min(), max() and clamp()."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from certbeam.artwork.css.tokens import Tokens, is_literal, without_white_space

_ABSOLUTE = {
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "q": 96 / 101.6,
}
_DEGREES = {"deg": 1.0, "grad": 0.9, "turn": 360.0, "rad": 180 / math.pi}
# Those of Noto Sans, which replaces fonts that are not installed.
_FONT_UNITS = {"em": 1.0, "ex": 0.536, "ch": 0.572, "ic": 1.0, "cap": 0.7, "lh": 1.2}
_CONSTANTS = {"pi": math.pi, "e": math.e, "infinity": math.inf, "-infinity": -math.inf}
_MAX_DEPTH = 16  # of nested functions
_CALC = frozenset({"calc", "-webkit-calc"})
_TRIGONOMETRY: dict[str, Callable[[float], float]] = {"sin": math.sin, "cos": math.cos, "tan": math.tan}

NUMBER, LENGTH, ANGLE = "number", "length", "angle"


@dataclass(frozen=True)
class LengthContext:
    """Reference lengths of relative units, in user units.

    Attributes:
        font_size: the font size of the element.
        root_font_size: that of the root element.
        viewport: width and height of the nearest viewport; None if they depend on where the element is used.
        page: width and height of the page, in CSS pixels.
    """

    font_size: float = 16.0
    root_font_size: float = 16.0
    viewport: tuple[float, float] | None = (100.0, 100.0)
    page: tuple[float, float] = (100.0, 100.0)

    @property
    def width(self) -> float | None:
        """The length that horizontal percentages refer to."""
        return None if self.viewport is None else self.viewport[0]

    @property
    def height(self) -> float | None:
        """The length that vertical percentages refer to."""
        return None if self.viewport is None else self.viewport[1]

    @property
    def diagonal(self) -> float | None:
        """The length that all other percentages refer to (SVG 2, 8.9)."""
        return None if self.viewport is None else math.hypot(*self.viewport) / math.sqrt(2)


@dataclass(frozen=True)
class Quantity:
    """Computed number, length in user units, or angle in degrees."""

    value: float
    kind: str


DEFAULT_CONTEXT = LengthContext()


def compute_length(
    tokens: Tokens, context: LengthContext, base: float | None, *, allow_number: bool = True
) -> float | None:
    """Compute a length or percentage in user units.

    Args:
        tokens: the value.
        context: what relative lengths refer to.
        base: what percentages refer to; None if they are not allowed.
        allow_number: accept a number without a unit, as SVG's attributes do.

    Returns:
        None if the value is not a length.
    """
    values = without_white_space(tokens)
    quantity = compute_quantity(values[0], context, base) if len(values) == 1 else None
    if quantity is None or not math.isfinite(quantity.value):
        return None
    if quantity.kind == LENGTH or (quantity.kind == NUMBER and (allow_number or not quantity.value)):
        return quantity.value
    return None


def compute_number(tokens: Tokens, *, percentages: bool = False) -> float | None:
    """Compute a number; None if the value is not a number, or a percentage if these are allowed."""
    values = without_white_space(tokens)
    if len(values) != 1:
        return None
    if percentages and values[0].type == "percentage":
        return float(values[0].value) / 100
    quantity = compute_quantity(values[0], DEFAULT_CONTEXT, 1.0 if percentages else None)
    is_percentage = percentages and values[0].type == "function"  # percentages in calc() are lengths here
    is_number = quantity is not None and (
        quantity.kind == NUMBER or (is_percentage and quantity.kind == LENGTH)
    )
    return quantity.value if quantity is not None and is_number and math.isfinite(quantity.value) else None


def compute_angle(tokens: Tokens, *, allow_number: bool = False) -> float | None:
    """Compute an angle in degrees; None if the value is not an angle."""
    values = without_white_space(tokens)
    quantity = compute_quantity(values[0], DEFAULT_CONTEXT, None) if len(values) == 1 else None
    if quantity is None or not math.isfinite(quantity.value):
        return None
    if quantity.kind == ANGLE or (quantity.kind == NUMBER and (allow_number or not quantity.value)):
        return quantity.value
    return None


def compute_quantity(
    token: Any, context: LengthContext, base: float | None, depth: int = 0
) -> Quantity | None:
    """Compute one component value; None if it is not a quantity, or nested too deeply."""
    if token.type == "number":
        return Quantity(float(token.value), NUMBER)
    if token.type == "percentage":
        return None if base is None else Quantity(token.value / 100 * base, LENGTH)
    if token.type == "dimension":
        return _compute_dimension(float(token.value), token.lower_unit, context)
    if depth > _MAX_DEPTH:
        return None
    if token.type == "function":
        return _compute_function(token, context, base, depth + 1)
    if token.type == "() block":
        return _compute_sum(token.content, context, base, depth + 1)
    if token.type == "ident" and depth and token.lower_value in _CONSTANTS:
        return Quantity(_CONSTANTS[token.lower_value], NUMBER)
    return None


def _compute_dimension(value: float, unit: str, context: LengthContext) -> Quantity | None:
    if unit in _ABSOLUTE:
        return Quantity(value * _ABSOLUTE[unit], LENGTH)
    if unit in _DEGREES:
        return Quantity(value * _DEGREES[unit], ANGLE)
    if unit in _FONT_UNITS:
        return Quantity(value * _FONT_UNITS[unit] * context.font_size, LENGTH)
    if unit.startswith("r") and unit[1:] in _FONT_UNITS:
        return Quantity(value * _FONT_UNITS[unit[1:]] * context.root_font_size, LENGTH)
    width, height = context.page
    sides = {
        "w": width,
        "h": height,
        "i": width,
        "b": height,
        "min": min(width, height),
        "max": max(width, height),
    }
    # The viewport of a page cannot change: its small, large and dynamic sizes are equal.
    name = unit[1:] if unit[:2] in ("sv", "lv", "dv") else unit
    if name.startswith("v") and name[1:] in sides:
        return Quantity(value * sides[name[1:]] / 100, LENGTH)
    return None


def _compute_function(token: Any, context: LengthContext, base: float | None, depth: int) -> Quantity | None:
    name = token.lower_name
    if name in _CALC:
        return _compute_sum(token.arguments, context, base, depth)
    arguments = [_compute_sum(part, context, base, depth) for part in _split_at_commas(token.arguments)]
    quantities = [argument for argument in arguments if argument is not None]
    if len(quantities) != len(arguments):
        return None
    if name in _TRIGONOMETRY and len(quantities) == 1 and quantities[0].kind != LENGTH:
        argument = quantities[0]
        radians = math.radians(argument.value) if argument.kind == ANGLE else argument.value
        return Quantity(_TRIGONOMETRY[name](radians), NUMBER)
    if len({quantity.kind for quantity in quantities}) != 1:
        return None
    value = _compare(name, [quantity.value for quantity in quantities])
    return None if value is None else Quantity(value, quantities[0].kind)


def _compare(name: str, values: list[float]) -> float | None:
    match name, values:
        case "min", _:
            return min(values)
        case "max", _:
            return max(values)
        case "clamp", [lowest, value, highest]:
            return max(lowest, min(value, highest))
        case "abs", [value]:
            return abs(value)
        case "round", [value, step] if step:
            return math.floor(value / step + 0.5) * step
        case "hypot", _:
            return math.hypot(*values)
    return None


def _split_at_commas(tokens: Tokens) -> list[list[Any]]:
    """Split component values at their commas; the white space around operators remains."""
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if is_literal(token, ","):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _compute_sum(tokens: Tokens, context: LengthContext, base: float | None, depth: int) -> Quantity | None:
    """Compute a sum of products; ``+`` and ``-`` are surrounded by white space."""
    terms: list[tuple[int, list[Any]]] = [(1, [])]
    for token in without_white_space(tokens):
        if token.type == "literal" and token.value in "+-":
            terms.append((1 if token.value == "+" else -1, []))
        else:
            terms[-1][1].append(token)
    total: Quantity | None = None
    for sign, factors in terms:
        product = _compute_product(factors, context, base, depth)
        if product is None or (total is not None and total.kind != product.kind):
            return None
        total = Quantity((total.value if total else 0.0) + sign * product.value, product.kind)
    return total


def _compute_product(
    tokens: list[Any], context: LengthContext, base: float | None, depth: int
) -> Quantity | None:
    if len(tokens) % 2 == 0:
        return None
    product = compute_quantity(tokens[0], context, base, max(depth, 1))
    for operator, token in zip(tokens[1::2], tokens[2::2], strict=True):
        factor = compute_quantity(token, context, base, max(depth, 1))
        if product is None or factor is None:
            return None
        if operator == "*" and NUMBER in (product.kind, factor.kind):
            kind = factor.kind if product.kind == NUMBER else product.kind
            product = Quantity(product.value * factor.value, kind)
        elif operator == "/" and factor.kind == NUMBER and factor.value:
            product = Quantity(product.value / factor.value, product.kind)
        else:
            return None
    return product
