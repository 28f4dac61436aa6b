"""Comparison of names typeset by certbeam and by Chromium: python bench/against_chromium.py [FOLDER].

It prints two numbers for each name. The first is the ink that both pictures share: intersection over union of the grey
values. The second is the share of inked pixels that differ by more than half of the range from black to white, which is
more than a difference of anti-aliasing. "PNG" is the certificate drawn by CairoSVG, and "SVG" the certificate drawn by
Chromium. All pictures use the same font files, at five times the size of the template. Above 256 pixels, Chromium
draws letters like paths: without hinting, contrast or rounding to whole pixels. So the differences are those of
typesetting. With FOLDER, the pictures are written there.
"""

import base64
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import PIL.Image
import PIL.ImageChops
from fontTools import unicodedata as scripts

from certbeam.artwork.authoring.samples import LONG_NAME, SAMPLES
from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.render.typst_engine import svg_to_png
from certbeam.artwork.template import compile_template
from certbeam.artwork.template.escape import escape_text
from certbeam.artwork.text import FontLibrary, Placement, Span, TextStyle, lay_out_text
from certbeam.artwork.text.scripts import resolve_scripts
from certbeam.io.templates.fonts import system_fonts

WIDTH, HEIGHT, SIZE, ZOOM = 1000, 160, 60, 5
AT_ONCE = 8  # names on a screenshot: Chromium draws up to 16,384 pixels
BROWSER = [
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
    *("--disable-lcd-text", "--font-render-hinting=none", f"--force-device-scale-factor={ZOOM}"),
]
CJK = {"Hani": "SC", "Hira": "JP", "Kana": "JP", "Hang": "KR"}
REGIONS = {"ja": "JP", "ko": "KR", "zh-Hant": "TC"}


@dataclass(frozen=True)
class Case:
    """A name and its style.

    Attributes:
        label: the name of the case.
        name: the text.
        language: BCP 47 tag.
        attributes: attributes of the <text> element. A position is added if they have none.
        weight: 400 or 700.
        serif: True for a serif font.
        markup: markup that both draw unchanged, instead of the name in a plain <text>.
    """

    label: str
    name: str
    language: str = "en"
    attributes: str = ""
    weight: int = 400
    serif: bool = False
    markup: str = ""

    @property
    def text_attributes(self) -> str:
        """Return all attributes of the <text>."""
        position = "" if "x=" in self.attributes else 'x="40" y="100"'
        weight = f'font-weight="{self.weight}"' if self.weight != 400 else ""
        return f'{position} font-size="{SIZE}" {weight} {self.attributes}'


# Cases that are more than a plain <text>. Both draw the markup unchanged.
ODD = {
    "positioned letters": '<text x="40 90 150 200" y="100 90">Wide</text>',
    "shifted letters": '<text x="40" y="100" dx="0 5 -3 8" dy="0 -5 5">Kerning</text>',
    "shifted": '<text x="40" y="100">to<tspan dx="20" dy="-9">Asha</tspan><tspan dy="9">a</tspan></text>',
    "raised": '<text x="40" y="100">5<tspan baseline-shift="super" font-size="30">th</tspan> x</text>',
    "rotated letters": '<text x="40" y="100" rotate="20">Asha</text>',
    "letters with different rotations": '<text x="40" y="100" rotate="0 20 -20 5">Turned</text>',
    "on a path": '<path id="p" fill="none" d="M40,140Q500,-60 960,140"/>'
    '<text><textPath href="#p">Asha Rao</textPath></text>',
    "middle of a path": '<path id="q" fill="none" d="M40,150A2500,2500 0 0 1 960,150"/>'
    '<text text-anchor="middle"><textPath href="#q" startOffset="50%">प्रार्थना</textPath></text>',
    "stroke": '<text x="40" y="100" fill="none" stroke="#000" stroke-width="3">Asha</text>',
    "gradient": '<linearGradient id="g" gradientUnits="userSpaceOnUse" x1="40" x2="400"><stop/>'
    '<stop offset="1" stop-color="#bbb"/></linearGradient><text x="40" y="100" fill="url(#g)">Asha</text>',
    "rotated and skewed": '<text transform="rotate(8) skewX(9)" x="60" y="80">Asha</text>',
    "upper case": '<text x="40" y="100" style="text-transform:uppercase">straße</text>',
}
CASES = [
    *(Case(script, sample.name, sample.language) for script, sample in SAMPLES.items() if script != "Mixed"),
    Case("Latin bold", "José Müller Čapek", weight=700),
    Case("Latin serif", "José Müller Čapek", serif=True),
    Case("combining marks", "Ẹ̀kọ́ J̌ose Z̧oë", "yo"),
    Case("Vietnamese", "Nguyễn Thị Ường", "vi"),
    Case("Serbian", "Ђорђе Љубичић б", "sr"),
    Case("Romanian", "Ștefan Țiriac", "ro"),
    Case("Turkish", "İpek Işık fi", "tr"),
    Case("Devanagari bold", "प्रार्थना श्रीवास्तव", "hi", weight=700),
    Case("Marathi", "ऱ्हस्व क्‍ष क्‌ष र्‍य", "mr"),
    Case("Nepali", "लक्ष्मी झा", "ne"),
    Case("Bengali joiners", "অর্ক ক্‍ষ র‍্যাব কো", "bn"),
    Case("Assamese", "ৰঞ্জিত শৰ্মা", "as"),
    Case("Tamil split vowels", "கொ கோ கௌ ஸ்ரீ க்ஷ", "ta"),
    Case("Malayalam split vowels", "കൊ കോ ക്രൌ ൻ‍റെ ന്‍റ", "ml"),
    Case("Sinhala joiners", "ක්‍ෂ ක්‍ර ද්‍ය කො", "si"),
    Case("Kannada rephs", "ಅರ್ಥ ರ‍್ಯ ಕೊ", "kn"),
    Case("Telugu stacks", "క్ష్మి స్త్రీ", "te"),
    Case("Khmer stacks", "ស្ត្រី ក្រុង ខ្ញុំ", "km"),
    Case("Myanmar stacks", "င်္ဂ က္က မြန်မာ ကျွှေ", "my"),
    Case("Thai stacks", "น้ำ ปี่ กู้ ที่สุด", "th"),
    Case("Arabic marks", "مُحَمَّدٌ لِلّٰهِ لا", "ar"),
    Case("Urdu marks", "شُعَیب اللہ", "ur"),
    Case("Persian", "می‌خواهم گچپژ", "fa"),
    Case("Hebrew marks", "בְּרֵאשִׁית", "he"),
    Case("Arabic, numbers", "محمد 123 (45) - ٦٧", "ar", 'direction="rtl" x="960" y="100"'),
    Case("Arabic, Latin", "محمد Ali Khan خان", "ar", 'direction="rtl" x="960" y="100"'),
    Case("Hebrew, Latin", "שלום Dr. A. Levi, כהן", "he", 'direction="rtl" x="960" y="100"'),
    Case("Latin, Hebrew", "Dr. שלום כהן, PhD 12"),
    Case("Latin, Devanagari", "Dr. प्रार्थना (Rao)", "hi"),
    Case("three scripts", SAMPLES["Mixed"].name),
    Case("Japanese Han", "直骨角今", "ja"),
    Case("Traditional Han", "直骨角今", "zh-Hant"),
    Case("Simplified Han", "直骨角今", "zh-Hans"),
    Case("Korean Han", "金民俊 김", "ko"),
    Case("Chinese bold", "王小明", "zh-Hans", weight=700),
    Case("middle", "Asha Rao", "en", 'x="500" y="100" text-anchor="middle"'),
    Case("end", "Asha Rao", "en", 'x="960" y="100" text-anchor="end"'),
    Case("middle, Arabic", "محمد عبد", "ar", 'x="500" y="100" text-anchor="middle" direction="rtl"'),
    Case("letter-spacing", "Asha Rao fi", "en", 'letter-spacing="8"'),
    Case("letter-spacing, Indic", "प्रार्थना", "hi", 'letter-spacing="8"'),
    Case("letter-spacing, middle", "Asha", "en", 'x="500" y="100" text-anchor="middle" letter-spacing="0.3em"'),
    Case("word-spacing", "Asha Rao", "en", 'word-spacing="30"'),
    Case("shrunk", f"{LONG_NAME[:40]}", "en", 'x="500" y="100" text-anchor="middle"'),
    *(Case(label, "", markup=markup) for label, markup in ODD.items()),
]  # fmt: skip


def family(script: str, case: Case) -> str:
    """Return the font family of a script."""
    if script in CJK:
        region = REGIONS.get(case.language, CJK[script])
        return f"Noto Sans CJK {'JP' if script in ('Hira', 'Kana') else region}"
    if script in ("Latn", "Grek", "Cyrl"):
        return "Noto Serif" if case.serif else "Noto Sans"
    if case.language == "ur":
        return "Noto Nastaliq Urdu"
    return f"Noto Sans {scripts.script_name(script).replace('_', ' ')}"


def certbeam_svg(case: Case, fonts: FontLibrary) -> str:
    """Return the SVG of a certificate with the name."""
    named = ' font-family="Noto Serif"' if case.serif else ""
    markup = case.markup or f"<text {case.text_attributes}{named}>${{n}}</text>"
    body = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" font-size="{SIZE}">{markup}</svg>'
    template = compile_template(body.encode(), embed=str, fonts=fonts)
    filled = template.fill({"n": case.name, "language": case.language}, make_qr("-"))
    return filled.svg.decode()


def reference_svg(case: Case, fonts: FontLibrary) -> str:
    """Return an SVG with the name as text, which Chromium typesets, with the family of each script."""
    if case.markup:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-size="{SIZE}"'
            f' font-family="Noto Sans, Noto Sans Devanagari">{case.markup}</svg>'
        )
    spans = []
    codes = resolve_scripts(case.name)
    start = 0
    for end in range(1, len(codes) + 1):
        if end == len(codes) or codes[end] != codes[start]:
            text = escape_text(case.name[start:end])
            spans.append(f'<tspan font-family="{family(codes[start], case)}, Noto Sans">{text}</tspan>')
            start = end
    attributes = case.text_attributes
    if case.label == "shrunk":
        style = TextStyle(SIZE, weight=case.weight)
        width = lay_out_text([Span(case.name, style)], Placement(0, 0), fonts).lines[0].width
        attributes = attributes.replace(f'"{SIZE}"', f'"{SIZE * 0.9 * WIDTH / width}"')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"><text {attributes}'
        f' lang="{case.language}" style="white-space:pre">{"".join(spans)}</text></svg>'
    )


def font_faces(documents: Sequence[str], fonts: FontLibrary) -> Iterator[str]:
    """Return ``@font-face`` rules for the families of documents, with certbeam's font files, except collections."""
    for name in sorted(_families(documents)):
        for face in fonts.installed.find_family(name):
            if face.weight[0] in (400, 700) and not face.is_italic and "CJK" not in name:
                data = base64.b64encode(face.open_face().blob.data).decode()
                yield (
                    f"@font-face{{font-family:'{name}';font-weight:{face.weight[0]:g};"
                    f"src:url(data:font/ttf;base64,{data})}}"
                )


def _families(documents: Sequence[str]) -> set[str]:
    return {
        name.strip()
        for document in documents
        for part in document.split('font-family="')[1:]
        for name in part.partition('"')[0].split(",")
    }


def render_in_chromium(documents: Sequence[str], fonts: FontLibrary) -> list[PIL.Image.Image]:
    """Draw SVG documents with Chromium."""
    pictures: list[PIL.Image.Image] = []
    for start in range(0, len(documents), AT_ONCE):
        batch = documents[start : start + AT_ONCE]
        cells = "".join(
            f'<div style="height:{HEIGHT}px;overflow:hidden">{document}</div>' for document in batch
        )
        page = (
            '<!doctype html><meta charset="utf-8"><body style="margin:0">'
            f"<style>{''.join(font_faces(batch, fonts))}</style>{cells}"
        )
        screenshot = _screenshot(page, HEIGHT * len(batch))
        side, step = ZOOM * WIDTH, ZOOM * HEIGHT
        pictures += [screenshot.crop((0, top * step, side, (top + 1) * step)) for top in range(len(batch))]
    return pictures


def _screenshot(page: str, height: int) -> PIL.Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "page.html").write_text(page, encoding="utf-8")
        picture = Path(folder, "page.png")
        subprocess.run(  # noqa: S603
            [
                *BROWSER,
                f"--window-size={WIDTH},{height}",
                f"--screenshot={picture}",
                Path(folder, "page.html").as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
        return PIL.Image.open(io.BytesIO(picture.read_bytes())).convert("L")


def shared_ink(first: PIL.Image.Image, second: PIL.Image.Image) -> float:
    """Return the intersection over union of the ink of two pictures."""
    first, second = (PIL.ImageChops.invert(picture) for picture in (first, second))
    return ink(PIL.ImageChops.darker(first, second)) / max(ink(PIL.ImageChops.lighter(first, second)), 1)


def ink(picture: PIL.Image.Image) -> int:
    """Return the sum of all grey values."""
    return sum(value * count for value, count in enumerate(picture.histogram()))


def differing_ink(first: PIL.Image.Image, second: PIL.Image.Image) -> float:
    """Return the share of inked pixels that differ by more than half of the range from black to white."""
    differing = sum(PIL.ImageChops.difference(first, second).histogram()[128:])
    return differing / max(sum(PIL.ImageChops.darker(first, second).histogram()[:128]), 1)


def main() -> None:
    """Print a row for each name, and write the pictures if a folder is given."""
    fonts = system_fonts()
    svgs = [certbeam_svg(case, fonts) for case in CASES]
    drawn = [
        PIL.Image.open(io.BytesIO(svg_to_png(svg.encode(), width=ZOOM * WIDTH))).convert("L") for svg in svgs
    ]
    in_chromium = render_in_chromium(svgs, fonts)
    references = render_in_chromium([reference_svg(case, fonts) for case in CASES], fonts)
    for case, png, svg, reference in zip(CASES, drawn, in_chromium, references, strict=True):
        columns = [f"{case.label:24}"]
        for name, picture in (("PNG", png), ("SVG", svg)):
            columns.append(
                f"{name} {shared_ink(picture, reference):.3f} {differing_ink(picture, reference):8.5f}"
            )
        print("  ".join(columns))  # noqa: T201
        for folder in map(Path, sys.argv[1:]):
            both = PIL.Image.merge("RGB", (png, reference, reference))
            both.resize((WIDTH, HEIGHT)).save(folder / f"{case.label}.png")


if __name__ == "__main__":
    main()
