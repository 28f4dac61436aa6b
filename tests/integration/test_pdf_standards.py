"""Test PDF files with the validators of archives and screen readers, and with the readers that copy their text."""

import datetime
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from unicodedata import normalize

import pypdfium2
import pytest

from certbeam.artwork.authoring.preview import preview
from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.artwork.render import Attachment, PdfMetadata, Renderer
from certbeam.artwork.template import compile_template
from certbeam.certificates.template_values import EXAMPLES
from certbeam.io.templates.fonts import system_fonts
from certbeam.tests.integration.pdf_validator import find_faults
from certbeam.tests.pipelines.conftest import EXAMPLES as EXAMPLE_FILES

pytestmark = pytest.mark.slow

PROFILES = ("3a", "ua1")  # 3a contains the rules of 3b
CREATED = datetime.datetime(2026, 3, 5, 10, 0, tzinfo=datetime.timezone.utc)
CREDENTIAL = Attachment("credential.vc.json", b'{"type": ["VerifiableCredential"]}', "application/vc")
LOGO = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/%3E"
READER = Path(__file__).parent / "javascript" / "read_pdf.mjs"
ARTWORK = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 500" font-size="30">
  <defs>
    <linearGradient id="reflected" x2=".2" spreadMethod="reflect">
      <stop stop-color="#fff"/><stop offset="1" stop-color="#8ac" stop-opacity=".5"/></linearGradient>
    <filter id="shadow"><feDropShadow dx="4" dy="4" stdDeviation="2"/></filter>
    <mask id="mask"><circle cx="400" cy="250" r="200" fill="url(#reflected)"/></mask>
    <path id="arc" d="M 300,450 A 300 300 0 0 1 750,450"/>
  </defs>
  <rect width="800" height="500" fill="url(#reflected)" style="mix-blend-mode:multiply"/>
  <g mask="url(#mask)" opacity=".5"><rect width="800" height="500" fill="#060"/></g>
  <text x="20" y="60" filter="url(#shadow)">${recipientName}</text>
  <text transform="rotate(-90 60 400)" x="60" y="400">${recipientName}</text>
  <text text-anchor="middle"><textPath href="#arc" startOffset="50%">${recipientName}</textPath></text>
  <text x="20" y="120" style="inline-size:300px">${recipientName} has completed a course of many words</text>
  <image href="${qrCode}" x="620" y="20" width="160" height="172"/>
</svg>
"""
TEMPLATES = {path.stem: path.read_bytes() for path in sorted((EXAMPLE_FILES / "templates").glob("*.svg"))}
TEMPLATES["artwork"] = ARTWORK.encode()
# The order of lines with both directions depends on the reader.
NAMES = {script: sample.name for script, sample in SAMPLES.items() if script != "Mixed"}
NAMES |= {"Adlam": "𞤀𞤣𞤤𞤢𞤥", "Han extension B": "𠮷野 𠀋", "Mathematical": "𝒜𝓈𝒽𝒶"}
_DIRECTIONS = re.compile("[\u200e\u200f\u202a-\u202e]")  # Poppler adds them to text from right to left


@pytest.fixture(scope="module")
def fonts():
    return system_fonts()


@pytest.fixture(scope="module")
def renderer():
    return Renderer()


def write_pdfs(folder, name, fonts, renderer):
    """Write a PDF of a template for each script, with and without a credential."""
    template = compile_template(TEMPLATES[name], embed=lambda _: LOGO, fonts=fonts)
    for script, sample in SAMPLES.items():
        filled = preview(template, {}, EXAMPLES, script=script)
        for attachment in (None, CREDENTIAL):
            metadata = PdfMetadata(
                f"{sample.course}: {sample.name} <&>", sample.language, CREATED, attachment
            )
            file = folder / f"{name}-{script}-{'signed' if attachment else 'unsigned'}.pdf"
            file.write_bytes(renderer.render_pdf(filled, metadata))


def test_pdfs_of_all_templates_and_scripts_conform_to_pdf_a_3a_and_pdf_ua_1(tmp_path, fonts, renderer):
    for name in TEMPLATES:
        write_pdfs(tmp_path, name, fonts, renderer)
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2 * len(TEMPLATES) * len(SAMPLES)
    assert find_faults(files, PROFILES) == []


def test_the_validator_finds_missing_tags(tmp_path, fonts, renderer):
    filled = preview(compile_template(ARTWORK.encode(), embed=str, fonts=fonts), {}, EXAMPLES)
    pdf = renderer.render_pdf(filled, PdfMetadata("T", "en", CREATED))
    file = tmp_path / "untagged.pdf"
    file.write_bytes(pdf.replace(b"/Marked true", b"/Marked null"))
    profiles = {fault.split("\t")[0] for fault in find_faults([file], PROFILES)}
    assert profiles == {"3a", "ua1"}


def read_with_poppler(files):
    program = shutil.which("pdftotext")
    if program is None:
        pytest.fail("pdftotext is missing: install it by `make packages`")
    return [subprocess.check_output([program, file, "-"], text=True) for file in files]  # noqa: S603


def read_with_pdfium(files):
    return [pypdfium2.PdfDocument(file)[0].get_textpage().get_text_range() for file in files]


def read_with_pdf_js(files):
    if not (READER.parent / "node_modules" / "pdfjs-dist").exists():
        pytest.fail("pdfjs-dist is missing: install it by `make javascript`")
    node = Path(sys.executable).with_name("node")
    command = [node if node.exists() else "node", READER, *files]
    output = subprocess.check_output(command, text=True)  # noqa: S603
    texts = json.loads(output.splitlines()[-1])
    return [texts[str(file)] for file in files]


@pytest.fixture(scope="module")
def named_pdfs(tmp_path_factory, fonts, renderer):
    """A PDF for each name, whose only other text is short."""
    source = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 200">{}</svg>'
    text = '<text x="20" y="60" font-size="40">${recipientName}</text><text x="20" y="150">end</text>'
    template = compile_template(source.format(text).encode(), embed=str, fonts=fonts)
    folder = tmp_path_factory.mktemp("named")
    files = {}
    for script, name in NAMES.items():
        filled = preview(template, {"recipientName": name}, EXAMPLES)
        file = folder / f"{script}.pdf"
        file.write_bytes(renderer.render_pdf(filled, PdfMetadata(name, "en", CREATED)))
        files[name] = file
    return files


@pytest.mark.parametrize("read", [read_with_poppler, read_with_pdfium, read_with_pdf_js])
def test_every_reader_copies_names_as_they_are(named_pdfs, read):
    texts = read(list(named_pdfs.values()))
    words = [normalize("NFC", _DIRECTIONS.sub("", text)).split() for text in texts]
    assert words == [[*normalize("NFC", name).split(), "end"] for name in named_pdfs]
