"""Conversion of text elements to outlines."""

import base64
import math
import re

import pytest
from defusedxml.ElementTree import fromstring

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.template import TemplateError, compile_template
from certbeam.artwork.text import FontLibrary
from certbeam.io.templates.fonts import system_fonts
from certbeam.tests.support import present

SVG = "{http://www.w3.org/2000/svg}"
QR = make_qr("https://certs.example.org/certs/1")


def compile_body(body, fonts=None):
    source = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500">{body}</svg>'
    return compile_template(source.encode(), embed=str, fonts=fonts or system_fonts())


def fill_body(body, **values):
    return fromstring(compile_body(body).fill(values, QR).svg)


def find_line(body, **values):
    """Return text, left end, baseline, width and font size of the invisible text of a certificate with one line."""
    (text,) = fill_body(body, **values).iter(f"{SVG}text")
    size = present(re.search(r"font-size:([\d.]+)px", text.get("style")))[1]
    return text.text, *(float(text.get(name)) for name in ("x", "y", "textLength")), float(size)


def find_middle(body, **values):
    _, x, _, width, _ = find_line(body, **values)
    return x + width / 2


def measure_width(body, **values):
    return find_line(body, **values)[3]


@pytest.mark.parametrize(
    "body",
    [
        '<text x="500" y="100" text-anchor="middle">${n}</text>',
        '<text><tspan x="50%" y="20%" text-anchor="middle">${n}</tspan></text>',
        '<text style="text-anchor: middle"><tspan x="50%" y="100">\n  ${n}\n</tspan></text>',
        '<style>.a{text-anchor:middle}</style><text class="a" x="500" y="90" dy="10">${n}</text>',
        '<g text-anchor="middle"><text x="9" y="100"><tspan x="490" dx="10">${n}</tspan></text></g>',
    ],
)
def test_a_text_anchor_applies_wherever_it_is_declared(body):
    assert find_middle(body, n="Asha") == pytest.approx(500, abs=0.01)
    assert find_line(body, n="Asha")[2] == 100


@pytest.mark.parametrize(
    ("declaration", "size"),
    [
        ('font-size="30"', 30),
        ('font-size="30px"', 30),
        ('style="font-size: 30pt"', 40),
        ('style="font: italic bold 30px/1.2 Noto Sans"', 30),
        ('font-size="${maxFontSize}"', 22),
        ("", 16),
    ],
)
def test_the_font_size_applies_in_any_unit(declaration, size):
    assert find_line(f"<text {declaration}>${{n}}</text>", n="Asha")[4] == size


def test_a_relative_font_size_refers_to_that_of_the_parent():
    assert (
        find_line(
            '<g font-size="20"><text font-size="150%"><tspan font-size=".5em">${n}</tspan></text></g>', n="A"
        )[4]
        == 15
    )


@pytest.mark.parametrize(
    "bold",
    [
        'font-weight="bold"',
        'style="font-weight:700"',
        "font-family=\"'NotoSans-Bold'\"",
        'style="font:bold 16px x"',
    ],
)
def test_bold_text_is_wider(bold):
    assert measure_width(f"<text {bold}>${{n}}</text>", n="Asha") > measure_width(
        "<text>${n}</text>", n="Asha"
    )


@pytest.mark.parametrize(("spacing", "added"), [("2", 8), ("0.5em", 32), ("0em", 0), ("normal", 0)])
def test_letter_spacing_is_added_after_each_letter(spacing, added):
    plain = measure_width("<text>${n}</text>", n="Asha")
    assert measure_width(f'<text letter-spacing="{spacing}">${{n}}</text>', n="Asha") == pytest.approx(
        plain + added, abs=0.01
    )


def test_paint_applies_to_the_same_text_as_before():
    root = fill_body(
        "<style>text{fill:teal}.b{fill:red}</style>"
        '<text stroke="blue" x="1">A${n}<tspan class="b" opacity=".5">B</tspan></text>',
        n="x",
    )
    (group,) = root.iter(f"{SVG}g")
    assert group.get("style") == "stroke:blue;fill:teal"
    assert [path.get("style") for path in group.iter(f"{SVG}path")] == [None, "opacity:0.5;fill:red"]


def test_spans_of_one_chunk_are_aligned_together():
    body = '<text x="500" text-anchor="middle">to <tspan font-weight="bold">${n}</tspan> for</text>'
    assert find_line(body, n="Asha")[0] == "to Asha for"
    assert find_middle(body, n="Asha") == pytest.approx(500, abs=0.01)


def test_a_new_x_begins_a_chunk():
    root = fill_body(
        '<text><tspan x="10" y="20">${n}</tspan><tspan x="10" dy="1.5em">b</tspan></text>', n="a"
    )
    assert [(text.text, text.get("y")) for text in root.iter(f"{SVG}text")] == [("a", "20"), ("b", "44")]


@pytest.mark.parametrize(
    ("space", "text"),
    [("", "a b"), ('xml:space="preserve"', " a  b "), ('style="white-space:pre"', " a  b ")],
)
def test_white_space_is_preserved_where_declared(space, text):
    assert find_line(f"<text {space}> ${{n}} </text>", n="a  b")[0] == text


def test_the_line_feed_of_figma_after_a_line_has_no_width():
    body = (
        '<text style="white-space: pre" x="500" text-anchor="middle"><tspan x="500">${n}&#10;</tspan></text>'
    )
    assert find_line(body, n="A\tB")[0] == "A B"
    assert find_middle(body, n="A") == pytest.approx(500, abs=0.01)


class TestFitting:
    BODY = '<text x="500" y="250" text-anchor="middle" font-size="40">${n}</text>'
    LONG = "Venkatanarasimharajuvaripeta Raghunathan Subramaniam"  # too wide for the view box at 40 px

    def test_a_long_name_shrinks_to_the_view_box(self):
        _, x, y, width, size = find_line(self.BODY, n=self.LONG)
        assert (x, width) == (pytest.approx(50, abs=0.1), pytest.approx(900, abs=0.1))
        assert y == 250
        assert 20 < size < 40

    def test_a_long_name_wraps_at_the_minimum_font_size(self):
        root = fill_body(self.BODY, n=self.LONG, minFontSize="38")
        lines = list(root.iter(f"{SVG}text"))
        assert " ".join(text.text for text in lines) == self.LONG
        assert len(lines) == 2
        assert all("font-size:38px" in text.get("style") for text in lines)

    def test_a_declared_inline_size_limits_the_width(self):
        body = '<text x="10" font-size="40" style="inline-size: 100px">${n}</text>'
        assert measure_width(body, n="Asha A") == pytest.approx(100, abs=0.01)

    def test_the_available_width_accounts_for_transforms(self):
        text = '<text text-anchor="middle" font-size="40">${n}</text>'
        body = f'<g transform="translate(500 0) scale(2)">{text}</g>'
        assert measure_width(body, n="Asha Asha Asha Asha Asha Asha") == pytest.approx(450, abs=0.01)

    def test_a_text_that_fits_the_page_does_not_shrink(self):
        natural = measure_width('<text font-size="40">${n}</text>', n=self.LONG[:40])
        at_edge = f'<text x="{999 - natural}" font-size="40">${{n}}</text>'
        assert measure_width(at_edge, n=self.LONG[:40]) == pytest.approx(natural)

    def test_a_text_that_is_hardly_too_wide_hardly_shrinks(self):
        natural = measure_width('<text font-size="40">${n}</text>', n="Asha")
        beyond = f'<text x="{1001 - natural}" font-size="40">${{n}}</text>'
        assert natural * 0.95 < measure_width(beyond, n="Asha") < natural - 1

    def test_a_long_name_stays_inside_of_its_frame(self):
        frame = '<rect x="100" y="0" width="400" height="60" fill="none" stroke="#000"/>'
        text = '<text x="300" y="40" text-anchor="middle" font-size="40">${n}</text>'
        body = f'<g transform="translate(100 50)">{frame}{text}</g>'
        _, x, _, width, _ = find_line(body, n="Raghunathan Subramaniam")
        assert (x, width) == (pytest.approx(120, abs=0.1), pytest.approx(360, abs=0.1))

    @pytest.mark.parametrize(
        "rectangle",
        [
            '<rect x="100" width="400" height="60" fill="none"/>',
            '<rect x="100" width="400" height="20"/>',
            '<rect x="250" width="100" height="60"/>',
            '<rect x="0" width="1000" height="60"/>',
            '<rect x="100" y="80" width="400" height="60"/>',
        ],
    )
    def test_a_rectangle_that_is_no_frame_limits_nothing(self, rectangle):
        text = '<text x="300" y="40" text-anchor="middle" font-size="40">${n}</text>'
        assert measure_width(rectangle + text, n="Raghunathan Subramaniam") == measure_width(
            text, n="Raghunathan Subramaniam"
        )

    def test_static_text_does_not_shrink(self):
        assert measure_width(f'<text font-size="60">{self.LONG}</text>') > 1000

    def test_a_name_that_does_not_fit_is_an_error_without_the_name(self):
        with pytest.raises(TemplateError) as error:
            fill_body(self.BODY, n="Asha " * 2000)
        assert error.value.code == "value-too-long"
        assert "'n'" in str(error.value)
        assert "Asha" not in str(error.value)


def test_the_error_names_a_character_without_a_font_and_its_variable():
    with pytest.raises(TemplateError, match="the value of 'n': no font for U\\+E000") as error:
        fill_body("<text>${n} ${m}</text>", n="\ue000", m="x")
    assert error.value.code == "no-font"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<text><textPath href="#nothing">${n}</textPath></text>', "follows a path that does not exist"),
        ('<text x="${n}">${n}</text>', "has the coordinate '${n}', which is not a length"),
        (
            '<text textLength="90"><tspan x="1">a</tspan><tspan x="1">b</tspan></text>',
            "has a textLength for more",
        ),
        ("<text><rect/>${n}</text>", "contains a <rect>"),
    ],
)
def test_a_text_that_cannot_be_set_is_an_error_with_its_line(text, reason):
    with pytest.raises(
        TemplateError, match=f"line 2: a text cannot be set, because it {re.escape(reason)}"
    ) as error:
        compile_body(f"\n{text}")
    assert error.value.code == "template-text"


@pytest.mark.parametrize(
    "text",
    [
        '<text text-decoration="underline" textLength="90">${n}</text>',
        '<text writing-mode="tb" font-variant="small-caps">${n}</text>',
        '<text x="1 2 3" rotate="1 2 3" text-anchor="middle">${n}</text>',
        '<clipPath id="c"><text>${n}</text></clipPath>',
        "<text style=\"font-feature-settings:'smcp';letter-spacing:5%\">${n}</text>",
    ],
)
def test_no_visible_text_depends_on_the_fonts_of_the_viewer(text):
    root = fill_body(text, n="Asha")
    assert all("fill:none" in element.get("style") for element in root.iter(f"{SVG}text"))
    assert any(path.get("d") for path in root.iter(f"{SVG}path"))


class TestPositionedCharacters:
    def find_positions(self, body, **values):
        """Return the positions of the outlines, one for each glyph run."""
        paths = [path.get("transform") for path in fill_body(body, **values).iter(f"{SVG}path")]
        matches = [present(re.match(r"translate\(([^,]+),([^)]+)\)", path)) for path in paths]
        return [tuple(map(float, match.groups())) for match in matches]

    def test_a_list_positions_each_letter_of_one_searchable_line(self):
        body = '<text x="10 60 90" y="50 40">Wide</text>'
        d = measure_width("<text>d</text>")
        assert self.find_positions(body) == [(10, 50), (60, 40), (90, 40)]
        assert find_line(body)[0] == "Wide"
        assert find_line(body)[3] == pytest.approx(80 + d + measure_width("<text>e</text>"), abs=0.1)

    def test_lists_position_the_letters_of_values(self):
        assert self.find_positions('<text x="10 60 90" y="50">${n}</text>', n="abc") == [
            (10, 50),
            (60, 50),
            (90, 50),
        ]

    def test_an_inner_list_takes_precedence_and_the_outer_one_goes_on_after_it(self):
        body = '<text x="10 60 90 120" y="50">a<tspan x="200 300">bc</tspan>d</text>'
        assert self.find_positions(body) == [(10, 50), (200, 50), (300, 50), (120, 50)]

    def test_each_letter_with_a_position_is_anchored_by_itself(self):
        body = '<text x="100 200" y="50" text-anchor="middle">${n}</text>'
        half = measure_width("<text>o</text>") / 2
        assert self.find_positions(body, n="oo") == [
            pytest.approx((100 - half, 50), abs=0.01),
            pytest.approx((200 - half, 50), abs=0.01),
        ]

    def test_a_list_of_two_positions_each_of_two_letters(self):
        assert self.find_positions('<text x="10 60" y="50">Wi</text>') == [(10, 50), (60, 50)]

    def test_a_combining_mark_moves_with_its_letter(self):
        assert len(self.find_positions('<text x="10 20 30 40">e\u0301a</text>')) == 2

    def test_a_relative_position_moves_the_text_after_it(self):
        body = '<text x="10" y="50">A<tspan dx="7" dy="-5">${n}</tspan><tspan dy="5">c</tspan></text>'
        a, b = measure_width("<text>A</text>"), measure_width("<text>b</text>")
        expected = [(10, 50), (10 + a + 7, 45), (10 + a + 7 + b, 50)]
        for position, expected_position in zip(self.find_positions(body, n="b"), expected, strict=True):
            assert position == pytest.approx(expected_position, abs=0.1)
        assert find_line(body, n="b")[0] == "Abc"

    @pytest.mark.parametrize(("shift", "y"), [("super", 100 - 20 / 3), ("sub", 104), ("50%", 90), ("3", 97)])
    def test_a_baseline_shift_moves_the_baseline(self, shift, y):
        body = f'<text y="100" font-size="20">x<tspan baseline-shift="{shift}" font-size="9">${{n}}</tspan></text>'
        assert self.find_positions(body, n="2")[1][1] == pytest.approx(y, abs=0.1)

    def test_each_letter_is_rotated_about_its_own_position(self):
        inks = (
            compile_body('<text x="10" y="50" rotate="90">${n}</text>')
            .fill({"n": "AB"}, QR)
            .overlay.glyph_runs
        )
        assert [round(ink.matrix.e, 1) for ink in inks] == [
            10,
            round(10 + measure_width("<text>A</text>"), 1),
        ]
        assert all(abs(ink.matrix.a) < 1e-9 < ink.matrix.b for ink in inks)

    def test_rotated_letters_are_kerned(self):
        assert measure_width('<text rotate="0 9">To</text>') == pytest.approx(
            measure_width("<text>To</text>")
        )


class TestTextPath:
    ARC = '<path id="p" d="M 100,300 A 300 300 0 0 1 700,300 M 9 9"/>'
    TEXT = (
        ARC
        + '<text font-size="30" text-anchor="middle"><textPath href="#p" startOffset="50%">${n}</textPath></text>'
    )

    def test_the_middle_of_a_name_is_at_the_middle_of_the_path(self):
        (ink,) = compile_body(self.TEXT).fill({"n": "o"}, QR).overlay.glyph_runs
        half = measure_width('<text font-size="30">o</text>') / 2
        assert (ink.matrix.e, ink.matrix.f) == (pytest.approx(400 - half, abs=0.1), pytest.approx(0, abs=0.1))

    def test_each_letter_has_the_same_distance_from_the_centre_of_the_circle(self):
        for ink in compile_body(self.TEXT).fill({"n": "III"}, QR).overlay.glyph_runs:
            assert math.hypot(ink.matrix.e - 400, ink.matrix.f - 300) == pytest.approx(300, abs=0.2)

    def test_a_long_name_shrinks_to_the_path_and_a_longer_one_is_an_error(self):
        name = "Venkatanarasimharajuvaripeta Raghunathan Subramaniam Iyer Rao"
        (unshrunk,) = {
            ink.matrix.a**2 + ink.matrix.b**2
            for ink in compile_body(self.TEXT).fill({"n": "I"}, QR).overlay.glyph_runs
        }
        assert all(
            ink.matrix.a**2 + ink.matrix.b**2 < unshrunk
            for ink in compile_body(self.TEXT).fill({"n": name}, QR).overlay.glyph_runs
        )
        with pytest.raises(TemplateError, match="longer than the path"):
            compile_body(self.TEXT).fill({"n": name * 9}, QR)


@pytest.mark.parametrize(
    ("text_transform", "language", "text"),
    [
        ("uppercase", "en", "ISTANBUL STRASSE"),
        ("uppercase", "tr", "İSTANBUL STRASSE"),
        ("lowercase", "en", "istanbul straße"),
        ("capitalize", "en", "Istanbul Straße"),
    ],
)
def test_text_transform_changes_the_case(text_transform, language, text):
    body = f'<text style="text-transform:{text_transform}">${{n}}</text>'
    assert find_line(body, n="istanbul straße", language=language)[0] == text


def test_strokes_and_gradients_are_not_distorted_by_a_transform():
    for paint in ('fill="none" stroke="red" stroke-width="2"', 'fill="url(#g)"'):
        (path,) = fill_body(f'<linearGradient id="g"/><text {paint}>${{n}}</text>', n="A").iter(f"{SVG}path")
        assert "transform" not in path.attrib


def test_text_with_a_gradient_stroke_is_drawn_as_fill_and_stroke():
    gradient = "<linearGradient id='g'><stop/></linearGradient>"
    svg = fill_body(f"{gradient}<text y='50' fill='#fff' stroke='url(#g)'>A</text>")
    paths = svg.findall(".//{*}g/{*}path")
    assert [path.get("style") for path in paths] == ["stroke:none", "fill:none"]
    assert paths[0].get("d") == paths[1].get("d")


def test_word_spacing_is_added_to_spaces():
    plain = measure_width("<text>${n}</text>", n="A b c")
    assert measure_width('<text word-spacing="10">${n}</text>', n="A b c") == pytest.approx(
        plain + 20, abs=0.01
    )


def test_static_text_without_a_font_is_an_error_with_its_line():
    with pytest.raises(TemplateError, match=r"line 1: .*no font for U") as error:
        compile_body("<text>Certificate</text>", fonts=FontLibrary())
    assert error.value.code == "no-font"


class TestEmbeddedFonts:
    @pytest.fixture
    def sheet(self, fonts):
        data = base64.b64encode(
            bytes(fonts.installed.find_face("NotoSerif-Italic").open_face().blob.data)
        ).decode()
        return f"<style>@font-face{{font-family:'Brand';src:url(data:font/ttf;base64,{data})}}</style>"

    def test_text_uses_the_font_that_the_template_embeds(self, sheet):
        brand = measure_width(f'{sheet}<text font-family="Brand">${{n}}</text>', n="Asha")
        assert brand == measure_width(
            '<text font-family="Noto Serif" font-style="italic">${n}</text>', n="Asha"
        )

    def test_the_font_is_removed_if_all_text_is_outlines(self, sheet):
        assert b"font-face" not in compile_body(f'{sheet}<text font-family="Brand">x</text>').fill({}, QR).svg

    def test_a_broken_font_is_ignored(self):
        sheet = "<style>@font-face{font-family:'Brand';src:url(data:font/woff;base64,d09GRgAA)}</style>"
        assert measure_width(f'{sheet}<text font-family="Brand">${{n}}</text>', n="A") == measure_width(
            "<text>${n}</text>", n="A"
        )
