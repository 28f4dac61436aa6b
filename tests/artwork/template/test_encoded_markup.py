"""Content of placeholders, encoded for SVG documents and for data URIs."""

import itertools
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certbeam.artwork.authoring.preview import preview
from certbeam.artwork.authoring.samples import SAMPLES
from certbeam.artwork.svg.percent_encoding import percent_encode
from certbeam.artwork.template import compile_template
from certbeam.artwork.template.encoded_markup import encode_markup, encode_parts, join_parts
from certbeam.io.templates.fonts import system_fonts

MARKUP = st.text(st.characters(exclude_categories=["Cs"]))
DATA = st.text("MLHhvqcz0123456789,.-")
PARTS = st.lists(st.tuples(MARKUP, DATA)).flatmap(
    lambda pairs: MARKUP.map(lambda last: [*itertools.chain(*pairs), last])
)

SOURCE = b"""<svg viewBox="0 0 800 200"><defs><linearGradient id="g"><stop stop-color="red"/></linearGradient>
<path id="p" d="M10 90q200 -50 700 0"/></defs>
<text x="9" y="50" font-size="30"><tspan fill="teal">${recipientName}</tspan> &amp; <tspan>${courseName}</tspan></text>
<text x="9" y="80" fill="none" stroke="red" stroke-width="0.00001">${recipientName}</text>
<text x="9" y="120" fill="url(#g)" rotate="7" textLength="300">${recipientName}</text>
<text><textPath href="#p">${recipientName}</textPath></text>
<image x="600" width="100" height="100" href="${qrCodeImage}"/></svg>"""
TEMPLATE = compile_template(SOURCE, embed=str, fonts=system_fonts())


@given(PARTS)
def test_both_encodings_have_the_same_markup(parts):
    content = encode_parts(parts)
    markup = "".join(parts)
    assert content.svg == markup.encode()
    assert content.uri == percent_encode(markup)
    assert content == encode_markup(markup)
    assert unquote(content.uri.decode("ascii")) == markup


@given(st.lists(PARTS))
def test_joined_parts_still_alternate_markup_and_path_data(sequences):
    joined = join_parts(sequences)
    assert "".join(joined) == "".join(itertools.chain(*sequences))
    assert joined[1::2] == [data for parts in sequences for data in parts[1::2]]


@pytest.mark.parametrize("script", SAMPLES)
def test_path_data_needs_no_percent_encoding(script):
    values = {"recipientName": f"{SAMPLES[script].name} & 10 % <so>"}
    filled = preview(TEMPLATE, values, {}, script=script)
    assert len(filled.contents) > 4
    for content in filled.contents:
        assert content.uri == percent_encode(content.svg.decode())
    assert sum(content.svg.count(b" d=") for content in filled.contents) >= 5
