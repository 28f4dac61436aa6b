"""Apply the declaration with the highest precedence to each element."""

import pytest

from certbeam.artwork.css import selectors
from certbeam.artwork.errors import TemplateError
from certbeam.tests.artwork.css.normal_form import resolve, resolve_first, serialise_children


def find_fill(css, element='<rect class="a b" id="i"/>'):
    escaped = css.replace("&", "&amp;")
    return resolve_first(f"<style>{escaped}</style>{element}").get("fill")


@pytest.mark.parametrize(
    ("css", "fill"),
    [
        ("rect{fill:red}.a{fill:blue}", "blue"),
        (".a{fill:blue}rect{fill:red}", "blue"),
        (".a{fill:red}.b{fill:blue}", "blue"),
        ("#i{fill:blue}.a.b{fill:red}", "blue"),
        ("rect{fill:blue!important}#i{fill:red}", "blue"),
        ("rect{fill:blue;fill:no-color}", "blue"),
        ("rect{fill:red;fill:oklch(0.7 0.1 200)}", "#40b1b7"),
        (".a{fill:red}:is(.a,.b){fill:blue}", "blue"),
        (".a{fill:blue}:where(.a,#i){fill:red}", "blue"),
        ("rect:not(.c){fill:blue}", "blue"),
        ("svg:has(> rect){--c:blue}rect{fill:var(--c)}", "blue"),
        (":root > rect:nth-child(2){fill:blue}", "blue"),
        ("rect:nth-child(1 of .a){fill:blue}", "blue"),
        ("[class~=b][id^=i]{fill:blue}", "blue"),
        ("rect::before{fill:red}", None),
        ("rect:unknown-class{fill:red}", None),
        ("a b c{fill:red}", None),
    ],
)
def test_specificity_importance_and_order_decide(css, fill):
    assert find_fill(css) == fill


@pytest.mark.parametrize(
    ("css", "fill"),
    [
        ("@layer x{#i{fill:red}}rect{fill:blue}", "blue"),
        ("@layer x{rect{fill:red}}@layer y{rect{fill:blue}}", "blue"),
        ("@layer y,x;@layer x{rect{fill:blue}}@layer y{rect{fill:red}}", "blue"),
        ("@layer x{rect{fill:blue!important}}rect{fill:red!important}", "blue"),
        ("@layer x{rect{fill:blue}@layer z{rect{fill:red}}}", "blue"),
        ("@layer x.z{rect{fill:red}}@layer x{rect{fill:blue}}", "blue"),
        ("@layer{rect{fill:red}}@layer{rect{fill:blue}}", "blue"),
        ("@layer x{rect{fill:blue}}rect{fill:revert-layer}", "blue"),
        (".a{&{fill:blue}}", "blue"),
        ("svg{.a{fill:blue}}", "blue"),
        ("svg{> .a{fill:blue}}", "blue"),
        (".a{&.b{fill:blue}}rect{fill:red}", "blue"),
        (".a{fill:red;@media screen{fill:blue}}", "blue"),
        (".c,.a{.b&{fill:blue}}", "blue"),
        ("@media print{rect{fill:red}}", None),
        ("@media screen and (min-width:300px){rect{fill:blue}}", "blue"),
        ("@supports (fill:red) and (not (fill:no-color)){rect{fill:blue}}", "blue"),
        ("@namespace s 'http://www.w3.org/2000/svg';s|rect{fill:blue}", "blue"),
        ("rect{fill:red}}rect{fill:blue}", "red"),
    ],
)
def test_layers_nesting_and_conditions_are_resolved(css, fill):
    assert find_fill(css) == fill


@pytest.mark.parametrize(
    ("element", "fill"),
    [
        ('<rect fill="red" style="fill:blue"/>', "blue"),
        ('<rect class="a" fill="red"/>', "green"),
        ('<rect class="a" style="fill:blue"/>', "blue"),
        ('<rect class="important" style="fill:red"/>', "green"),
        ('<rect class="important" style="fill:blue!important"/>', "blue"),
        ('<rect fill="no-color"/>', None),
        ('<g fill="blue"><rect class="a" style="fill:inherit"/></g>', None),
        ('<g fill="red"><rect class="a" style="fill:initial"/></g>', "#000000"),
        ('<rect class="a" style="all:unset"/>', None),
    ],
)
def test_attributes_and_inheritance_take_part(element, fill):
    assert find_fill(".a{fill:green}.important{fill:green!important}", element) == fill


def test_properties_that_are_not_inherited_can_be():
    assert resolve_first('<g opacity=".5"><rect opacity="inherit"/></g>')["opacity"] == "0.5"
    assert "opacity" not in resolve_first('<g opacity=".5"><rect/></g>')


def test_only_declared_properties_become_attributes():
    root, _ = resolve('<style>g{fill:red}</style><g class="x"><rect/><rect style="fill:blue"/></g>')
    assert serialise_children(root) == '<g fill="red"><rect/><rect fill="blue"/></g>'


def test_font_faces_remain_in_a_style_sheet():
    face = "@font-face{font-family:F;src:url(#data-url-0)}"
    root, _ = resolve(f"<style>{face}rect{{fill:red}}</style><style>a{{}}</style><rect/>")
    assert serialise_children(root) == f'<style>{face}</style><rect fill="red"/>'


def test_too_many_comparisons_are_rejected(monkeypatch):
    monkeypatch.setattr(selectors, "MAX_COMPARISONS", 100)
    assert resolve("<style>.a{fill:red}</style>" + "<rect/>" * 200)
    with pytest.raises(TemplateError, match="too many CSS rules"):
        resolve("<style>*{fill:red}</style>" + "<rect/>" * 200)


@pytest.mark.parametrize(
    "css", ["a{" * 20 + "}" * 20, "@media all{" * 20 + "}" * 20, "a{b:" + "(" * 100 + "}"]
)
def test_deeply_nested_css_is_rejected(css):
    with pytest.raises(TemplateError) as error:
        resolve(f"<style>{css}</style>")
    assert error.value.code == "template-too-complex"


def test_nested_selectors_do_not_grow_without_bounds():
    with pytest.raises(TemplateError) as error:
        resolve("<style>" + "&amp; &amp; &amp;{" * 12 + "fill:red" + "}" * 12 + "</style>")
    assert error.value.code == "template-too-complex"
