"""How the texts of a template are set."""

import base64
import re

import pytest
from defusedxml.ElementTree import fromstring

from certbeam.credentials.qr import make_qr
from certbeam.credentials.template import TemplateError, compile_template
from certbeam.credentials.text import FontLibrary
from certbeam.io.templates.fonts import system_fonts

SVG = "{http://www.w3.org/2000/svg}"
QR = make_qr("https://certs.example.org/certs/1")


def compiled(body, fonts=None):
    source = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 500">{body}</svg>'
    return compile_template(source.encode(), embed=str, fonts=fonts or system_fonts())


def filled(body, **values):
    return fromstring(compiled(body).fill(values, QR).svg)


def line(body, **values):
    """The unseen text of a certificate with one line: its text, left end, baseline, width and font size."""
    (text,) = filled(body, **values).iter(f"{SVG}text")
    size = re.search(r"font-size:([\d.]+)px", text.get("style"))[1]
    return text.text, *(float(text.get(name)) for name in ("x", "y", "textLength")), float(size)


def middle(body, **values):
    _, x, _, width, _ = line(body, **values)
    return x + width / 2


def width(body, **values):
    return line(body, **values)[3]


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
def test_the_anchor_is_honoured_wherever_it_is_declared(body):
    assert middle(body, n="Asha") == pytest.approx(500, abs=0.01)
    assert line(body, n="Asha")[2] == 100


@pytest.mark.parametrize(
    ("declaration", "size"),
    [
        ('font-size="30"', 30),
        ('font-size="30px"', 30),
        ('style="font-size: 30pt"', 40),
        ('style="font: italic bold 30px/1.2 Noto Sans"', 30),
        ('font-size="${maxFontSize}"', 22),
        ("", 16),
        ('font-size="1e400"', 16),
    ],
)
def test_the_font_size_is_honoured(declaration, size):
    assert line(f"<text {declaration}>${{n}}</text>", n="Asha")[4] == size


def test_a_relative_font_size_follows_that_around_it():
    assert (
        line(
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
def test_bold_is_wider(bold):
    assert width(f"<text {bold}>${{n}}</text>", n="Asha") > width("<text>${n}</text>", n="Asha")


@pytest.mark.parametrize(("spacing", "added"), [("2", 8), ("0.5em", 32), ("0em", 0), ("normal", 0)])
def test_letter_spacing_is_honoured(spacing, added):
    plain = width("<text>${n}</text>", n="Asha")
    assert width(f'<text letter-spacing="{spacing}">${{n}}</text>', n="Asha") == pytest.approx(
        plain + added, abs=0.01
    )


def test_paint_stays_with_what_it_paints():
    root = filled(
        "<style>text{fill:teal}.b{fill:red}</style>"
        '<text stroke="blue" x="1">A${n}<tspan class="b" opacity=".5">B</tspan></text>',
        n="x",
    )
    (group,) = root.iter(f"{SVG}g")
    assert group.get("style") == "stroke:blue;fill:teal"
    assert [path.get("style") for path in group.iter(f"{SVG}path")] == [None, "opacity:.5;fill:red"]


def test_spans_of_one_line_are_anchored_together():
    body = '<text x="500" text-anchor="middle">to <tspan font-weight="bold">${n}</tspan> for</text>'
    assert line(body, n="Asha")[0] == "to Asha for"
    assert middle(body, n="Asha") == pytest.approx(500, abs=0.01)


def test_each_new_x_begins_a_line():
    root = filled('<text><tspan x="10" y="20">${n}</tspan><tspan x="10" dy="1.5em">b</tspan></text>', n="a")
    assert [(text.text, text.get("y")) for text in root.iter(f"{SVG}text")] == [("a", "20"), ("b", "44")]


@pytest.mark.parametrize(
    ("space", "text"),
    [("", "a b"), ('xml:space="preserve"', " a  b "), ('style="white-space:pre"', " a  b ")],
)
def test_white_space_is_kept_where_it_is_declared(space, text):
    assert line(f"<text {space}> ${{n}} </text>", n="a  b")[0] == text


def test_the_line_feed_that_figma_writes_after_a_line_takes_no_room():
    body = (
        '<text style="white-space: pre" x="500" text-anchor="middle"><tspan x="500">${n}&#10;</tspan></text>'
    )
    assert line(body, n="A\tB")[0] == "A B"
    assert middle(body, n="A") == pytest.approx(500, abs=0.01)


class TestFitting:
    BODY = '<text x="500" y="250" text-anchor="middle" font-size="40">${n}</text>'
    LONG = "Venkatanarasimharajuvaripeta Raghunathan Subramaniam"  # too wide for the canvas in 40 px

    def test_a_long_name_shrinks_into_the_canvas(self):
        _, x, y, taken, size = line(self.BODY, n=self.LONG)
        assert (x, taken) == (pytest.approx(50, abs=0.1), pytest.approx(900, abs=0.1))
        assert y == 250
        assert 20 < size < 40

    def test_a_long_name_shrinks_no_further_than_the_smallest_size(self):
        root = filled(self.BODY, n=self.LONG, minFontSize="38")
        lines = list(root.iter(f"{SVG}text"))
        assert " ".join(text.text for text in lines) == self.LONG
        assert len(lines) == 2
        assert all("font-size:38px" in text.get("style") for text in lines)

    def test_a_declared_inline_size_is_the_place(self):
        body = '<text x="10" font-size="40" style="inline-size: 100px">${n}</text>'
        assert width(body, n="Asha A") == pytest.approx(100, abs=0.01)

    def test_the_place_is_measured_through_transforms(self):
        text = '<text text-anchor="middle" font-size="40">${n}</text>'
        body = f'<g transform="translate(500 0) scale(2)">{text}</g>'
        assert width(body, n="Asha Asha Asha Asha Asha") == pytest.approx(450, abs=0.01)

    def test_the_templates_own_text_stays_as_it_is(self):
        assert width(f'<text font-size="60">{self.LONG}</text>') > 1000

    def test_a_name_without_end_is_refused_and_not_repeated(self):
        with pytest.raises(TemplateError) as error:
            filled(self.BODY, n="Asha " * 2000)
        assert error.value.code == "value-too-long"
        assert "'n'" in str(error.value)
        assert "Asha" not in str(error.value)


def test_a_character_without_a_font_is_named_with_its_variable():
    with pytest.raises(TemplateError, match="the value of 'n': no font for U\\+E000") as error:
        filled("<text>${n} ${m}</text>", n="\ue000", m="x")
    assert error.value.code == "no-font"


@pytest.mark.parametrize(
    "text",
    [
        '<text><textPath href="#nothing">${n}</textPath></text>',
        '<text x="1 2 3">${n}</text>',
        '<text rotate="1 2 3">${n}</text>',
        '<text textLength="90">${n}</text>',
        '<text text-decoration="underline">${n}</text>',
        '<text font-variant="small-caps">${n}</text>',
        '<text font-size="5vw">${n}</text>',
        '<text writing-mode="tb">${n}</text>',
    ],
)
def test_what_is_not_set_stays_text_and_is_reported(text):
    template = compiled(text)
    assert [finding.code for finding in template.findings] == ["text-unset"]
    root = fromstring(template.fill({"n": "Asha"}, QR).svg)
    assert list(root.iter(f"{SVG}path")) == []
    assert "Asha" in "".join(root.itertext())


class TestMovedLetters:
    def places(self, body, **values):
        """The places of a text's outlines: of the first letter of each run of them."""
        paths = [path.get("transform") for path in filled(body, **values).iter(f"{SVG}path")]
        return [tuple(map(float, re.match(r"translate\(([^,]+),([^)]+)\)", path).groups())) for path in paths]

    def test_a_list_places_each_letter_of_a_line_that_is_said_whole(self):
        body = '<text x="10 60 90" y="50 40">Wide</text>'
        d = width("<text>d</text>")
        assert self.places(body)[:3] == [(10, 50), (60, 40), (90, 40)]
        assert self.places(body)[3] == pytest.approx((90 + d, 40), abs=0.1)
        assert line(body)[0] == "Wide"

    def test_a_mark_moves_with_its_letter(self):
        assert len(self.places('<text x="10 20 30 40">e\u0301a</text>')) == 2

    def test_a_shift_moves_what_follows_with_the_line(self):
        body = '<text x="10" y="50">A<tspan dx="7" dy="-5">${n}</tspan><tspan dy="5">c</tspan></text>'
        a, b = width("<text>A</text>"), width("<text>b</text>")
        expected = [(10, 50), (10 + a + 7, 45), (10 + a + 7 + b, 50)]
        for place, wanted in zip(self.places(body, n="b"), expected, strict=True):
            assert place == pytest.approx(wanted, abs=0.1)
        assert line(body, n="b")[0] == "Abc"

    @pytest.mark.parametrize(("shift", "y"), [("super", 100 - 20 / 3), ("sub", 104), ("50%", 90), ("3", 97)])
    def test_raised_text_is_raised(self, shift, y):
        body = f'<text y="100" font-size="20">x<tspan baseline-shift="{shift}" font-size="9">${{n}}</tspan></text>'
        assert self.places(body, n="2")[1][1] == pytest.approx(y, abs=0.1)

    def test_each_letter_is_turned_about_its_place(self):
        inks = compiled('<text x="10" y="50" rotate="90">${n}</text>').fill({"n": "AB"}, QR).overlay.inks
        assert [round(ink.matrix.e, 1) for ink in inks] == [10, round(10 + width("<text>A</text>"), 1)]
        assert all(abs(ink.matrix.a) < 1e-9 < ink.matrix.b for ink in inks)

    def test_letters_that_are_turned_still_kern(self):
        assert width('<text rotate="0 9">To</text>') == pytest.approx(width("<text>To</text>"))


class TestOnAPath:
    ARC = '<path id="p" d="M 100,300 A 300 300 0 0 1 700,300 M 9 9"/>'
    TEXT = (
        ARC
        + '<text font-size="30" text-anchor="middle"><textPath href="#p" startOffset="50%">${n}</textPath></text>'
    )

    def test_the_middle_of_a_name_is_on_the_middle_of_the_path(self):
        (ink,) = compiled(self.TEXT).fill({"n": "o"}, QR).overlay.inks
        half = width('<text font-size="30">o</text>') / 2
        assert (ink.matrix.e, ink.matrix.f) == (pytest.approx(400 - half, abs=0.1), pytest.approx(0, abs=0.1))

    def test_every_letter_is_as_far_from_the_middle_of_the_circle(self):
        for ink in compiled(self.TEXT).fill({"n": "III"}, QR).overlay.inks:
            foot = (ink.matrix.e - 400, ink.matrix.f - 300)
            assert (foot[0] ** 2 + foot[1] ** 2) ** 0.5 == pytest.approx(300, abs=0.2)

    def test_a_long_name_shrinks_to_the_path_and_a_longer_one_is_refused(self):
        name = "Venkatanarasimharajuvaripeta Raghunathan Subramaniam Iyer Rao"
        (shrunk,) = {
            ink.matrix.a**2 + ink.matrix.b**2 for ink in compiled(self.TEXT).fill({"n": "I"}, QR).overlay.inks
        }
        assert all(
            ink.matrix.a**2 + ink.matrix.b**2 < shrunk
            for ink in compiled(self.TEXT).fill({"n": name}, QR).overlay.inks
        )
        with pytest.raises(TemplateError, match="longer than the path"):
            compiled(self.TEXT).fill({"n": name * 9}, QR)


@pytest.mark.parametrize(
    ("case", "language", "text"),
    [
        ("uppercase", "en", "ISTANBUL STRASSE"),
        ("uppercase", "tr", "İSTANBUL STRASSE"),
        ("lowercase", "en", "istanbul straße"),
        ("capitalize", "en", "Istanbul Straße"),
    ],
)
def test_letters_have_the_case_that_is_declared(case, language, text):
    body = f'<text style="text-transform:{case}">${{n}}</text>'
    assert line(body, n="istanbul straße", language=language)[0] == text


def test_strokes_and_gradients_are_measured_in_the_units_around_the_text():
    for paint in ('fill="none" stroke="red" stroke-width="2"', 'fill="url(#g)"'):
        (path,) = filled(f'<linearGradient id="g"/><text {paint}>${{n}}</text>', n="A").iter(f"{SVG}path")
        assert "transform" not in path.attrib


def test_word_spacing_is_added_to_spaces():
    plain = width("<text>${n}</text>", n="A b c")
    assert width('<text word-spacing="10">${n}</text>', n="A b c") == pytest.approx(plain + 20, abs=0.01)


def test_the_templates_own_text_without_a_font_stays_text():
    template = compiled("<text>Certificate</text>", fonts=FontLibrary({}))
    assert [finding.code for finding in template.findings] == ["text-unset"]
    assert b">Certificate</text>" in template.fill({}, QR).svg


class TestEmbeddedFonts:
    @pytest.fixture
    def sheet(self, fonts):
        data = base64.b64encode(bytes(fonts.files["NotoSerif-Italic"]().data)).decode()
        return f"<style>@font-face{{font-family:'Brand';src:url(data:font/ttf;base64,{data})}}</style>"

    def test_a_text_is_set_in_the_font_that_the_template_embeds(self, sheet):
        brand = width(f'{sheet}<text font-family="Brand">${{n}}</text>', n="Asha")
        assert brand == width('<text font-family="Noto Serif" font-style="italic">${n}</text>', n="Asha")

    def test_the_font_is_not_carried_along(self, sheet):
        assert b"font-face" not in compiled(f'{sheet}<text font-family="Brand">x</text>').fill({}, QR).svg

    def test_the_font_stays_for_a_text_that_stays_text(self, sheet):
        svg = compiled(f'{sheet}<text writing-mode="tb">x</text>').fill({}, QR).svg
        assert b"@font-face" in svg

    def test_a_broken_font_is_as_if_it_were_not_there(self):
        sheet = "<style>@font-face{font-family:'Brand';src:url(data:font/woff;base64,d09GRgAA)}</style>"
        assert width(f'{sheet}<text font-family="Brand">${{n}}</text>', n="A") == width(
            "<text>${n}</text>", n="A"
        )
