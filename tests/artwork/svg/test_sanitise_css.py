"""Remove CSS that refers to external resources."""

import pytest

from certbeam.artwork.svg.sanitise_css import is_self_contained, sanitise_declarations, sanitise_style_sheet


@pytest.mark.parametrize(
    "value",
    [
        "#fff",
        "url(#a)",
        'url("#a")',
        "url(data:image/png;base64,AAAA)",
        "url(data:font/woff2;base64,AAAA)",
        "url(data:application/font-woff;base64,AAAA)",
        "url(data:application/x-font-ttf;base64,AAAA)",
        "calc(1px + (2px * 3))",
    ],
)
def test_values_without_external_references_are_kept(value):
    assert is_self_contained(value)


@pytest.mark.parametrize(
    "value",
    [
        "url(https://x/a.png)",
        "URL('//x/a.png')",
        "u\\72l(https://x/a.png)",
        'url("#a" "https://x/a.png")',
        "url(var(--x))",
        "url()",
        "url(data:application/javascript,1)",
        "url(data:text/html,1)",
        'image-set("https://x/a.png" 1x)',
        '-webkit-image-set("https://x/a.png" 1x)',
        'cross-fade("https://x/a.png", red)',
        'image("https://x/a.png")',
        'src("https://x/a.png")',
        "element(#a)",
        "expression(alert(1))",
        "calc(url(https://x))",
        "[url(https://x)]",
        "{a: url(https://x)}",
        "/* */url(https://x/a.png)",
    ],
)
def test_external_references_are_found(value):
    assert not is_self_contained(value)
    removed: list[str] = []
    assert sanitise_declarations(f"fill: {value}; stroke: red", removed.append) == "stroke: red"
    assert len(removed) == 1


@pytest.mark.parametrize(
    "rule",
    [
        '@import "https://x/a.css";',
        "@im\\70ort 'https://x/a.css';",
        "@namespace url(https://x);",
        "@keyframes print { from { fill: red } }",
        "@font-face { src: url(https://x/a.woff) }",
    ],
)
def test_rules_that_fetch_or_animate_are_removed(rule):
    removed: list[str] = []
    cleaned = sanitise_style_sheet(f"{rule} text {{ fill: red }}", removed.append)
    assert "https" not in cleaned
    assert "print" not in cleaned
    assert "fill: red" in cleaned
    assert len(removed) == 1
