"""Substitute custom properties for each element."""

import pytest

from certbeam.artwork.css.custom_properties import resolve_custom_properties, substitute
from certbeam.tests.artwork.css.normal_form import resolve_first


@pytest.mark.parametrize(
    ("body", "fill"),
    [
        ('<g style="--c:blue"><rect style="fill:var(--c)"/></g>', "blue"),
        ('<g style="--c:red"><g style="--c:blue"><rect fill="var(--c)"/></g></g>', "blue"),
        ('<rect style="fill:var(--c, blue)"/>', "blue"),
        ('<rect style="fill:var(--c, var(--d, blue))"/>', "blue"),
        ('<rect style="--c:var(--d);--d:blue;fill:var(--c)"/>', "blue"),
        ('<rect style="--c:var(--d);--d:var(--c);fill:var(--c, blue)"/>', "blue"),
        ('<g style="--c:red"><rect style="--c:initial;fill:var(--c, blue)"/></g>', "blue"),
        ('<g style="--c:blue"><rect style="--c:inherit;fill:var(--c)"/></g>', "blue"),
        ('<rect style="--r:1 2;fill:rgb(var(--r) 3)"/>', "#010203"),
        ('<rect style="--c:no-color;fill:var(--c)"/>', None),
        ('<rect style="--c:1;fill:red;fill:var(--c)"/>', None),
        ('<rect style="--a:url;fill:var(--a)(#x)"/>', None),
        ('<rect style="--f:20px serif;font:var(--f)"/>', None),
    ],
)
def test_values_are_inherited_and_substituted(body, fill):
    assert resolve_first(body).get("fill") == fill


def test_a_shorthand_is_expanded_after_substitution():
    assert resolve_first('<text style="--f:italic 20px F;font:var(--f)"/>', "text")["font-size"] == "20"


def test_chains_and_values_are_bounded():
    doubled = {f"--a{n}": f"var(--a{n - 1})" * 2 for n in range(1, 40)} | {"--a0": "x"}
    assert max(map(len, resolve_custom_properties(doubled, {}).values())) <= 10_000
    assert substitute("var(--a, " * 40 + "1" + ")" * 40, {}) is None
