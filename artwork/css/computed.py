"""Compute the values of an element's properties from its declarations and its parent's values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from certbeam.artwork.css.cascade import Candidate
from certbeam.artwork.css.custom_properties import resolve_custom_properties, substitute
from certbeam.artwork.css.lengths import LengthContext
from certbeam.artwork.css.properties import PROPERTIES, compute_value
from certbeam.artwork.css.shorthands import WIDE_KEYWORDS, expand, find_longhands
from certbeam.artwork.css.tokens import has_marker

# Computed first, because other values depend on them.
_FIRST = ("font-size", "color")


@dataclass(frozen=True)
class ComputedStyle:
    """Computed values of one element.

    Attributes:
        values: the values of all properties that an element or its ancestors declare; those that are not inherited
            are the element's own.
        declared: the names of the properties that the element itself sets, to another value than it inherits.
        custom: the values of its custom properties.
        context: what lengths of the element refer to.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    custom: Mapping[str, str] = field(default_factory=dict)
    context: LengthContext = field(default_factory=LengthContext)

    def get(self, name: str) -> str:
        """Return the value of a property, or its initial value."""
        return self.values.get(name, PROPERTIES[name].initial)


def compute_style(
    candidates: Sequence[Candidate], parent: ComputedStyle, context: LengthContext
) -> ComputedStyle:
    """Compute the values of an element.

    Args:
        candidates: the declarations that apply to it, from the lowest precedence to the highest.
        parent: the values of its parent.
        context: what lengths refer to; the font sizes are replaced by the element's own.
    """
    if not candidates:
        inherited = _inherit(parent)
        return ComputedStyle(
            inherited, frozenset(), parent.custom, replace(context, font_size=parent.context.font_size)
        )
    return _StyleComputer(candidates, parent, context).compute()


def _inherit(parent: ComputedStyle) -> Mapping[str, str]:
    """Return the values that an element inherits."""
    values = parent.values
    if all(PROPERTIES[name].is_inherited for name in values):
        return values
    return {name: value for name, value in values.items() if PROPERTIES[name].is_inherited}


class _StyleComputer:
    """Computation of one element's values."""

    def __init__(
        self, candidates: Sequence[Candidate], parent: ComputedStyle, context: LengthContext
    ) -> None:
        self._parent = parent
        self._context = context
        self._by_name: dict[str, list[Candidate]] = {}
        declared_custom: dict[str, str] = {}
        for candidate in candidates:
            name = candidate.declaration.name
            if name.startswith("--"):
                declared_custom[name] = candidate.declaration.value
            for longhand in find_longhands(name):
                self._by_name.setdefault(longhand, []).append(candidate)
        self._custom: Mapping[str, str] = parent.custom
        if declared_custom:
            self._custom = resolve_custom_properties(declared_custom, parent.custom)
        self._values = dict(_inherit(parent))
        self._declared: set[str] = set()

    def compute(self) -> ComputedStyle:
        """Return the computed style."""
        font_size = self._parent.context.font_size
        names = [name for name in _FIRST if name in self._by_name]
        names += [name for name in self._by_name if name not in _FIRST]
        for name in names:
            # em is the font size of the parent in font-size itself, and the element's own elsewhere
            context = replace(self._context, font_size=font_size)
            self._compute_property(name, context)
            if name == "font-size":
                font_size = _parse_font_size(self._values.get("font-size", ""), font_size)
        return ComputedStyle(
            self._values, frozenset(self._declared), self._custom, replace(self._context, font_size=font_size)
        )

    def _compute_property(self, name: str, context: LengthContext) -> None:
        candidates = self._by_name[name]
        while candidates:
            candidate = candidates[-1]
            value = self._specify(candidate, name)
            if value != "revert-layer":
                self._set(name, value, context, needs_units=candidate.declaration.needs_units)
                return
            candidates = [other for other in candidates if other.layer != candidate.layer]

    def _specify(self, candidate: Candidate, name: str) -> str:
        """Return the value that a declaration specifies for a property; ``unset`` if it is invalid."""
        value = substitute(candidate.declaration.value, self._custom)
        expanded = None if value is None else expand(candidate.declaration.name, value)
        specified = (expanded or {}).get(name, "unset")
        return specified.lower() if specified.lower() in WIDE_KEYWORDS else specified

    def _set(self, name: str, value: str, context: LengthContext, *, needs_units: bool) -> None:
        is_inherited = PROPERTIES[name].is_inherited
        if value in ("unset", "revert"):
            value = "inherit" if is_inherited else "initial"
        if value == "inherit":
            if is_inherited:
                return  # without an attribute, an element inherits also from a <use>
            computed = self._parent.values.get(name)
        elif value == "initial":
            computed = PROPERTIES[name].initial or None
        else:
            computed = compute_value(name, value, context, needs_units=needs_units)
            if computed is None and is_inherited:
                return  # var() made it invalid: it is treated as unset
        if computed is None:
            self._values.pop(name, None)
            return
        self._values[name] = computed
        self._declared.add(name)


def _parse_font_size(value: str, default: float) -> float:
    """Return a computed font size; the parent's if it depends on a placeholder's value."""
    return default if not value or has_marker(value) else float(value)
