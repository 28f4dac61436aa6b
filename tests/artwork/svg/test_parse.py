"""Parse the XML of templates within limits."""

import gzip
import zlib
from itertools import pairwise
from types import SimpleNamespace

import pytest

from certbeam.artwork.errors import TemplateError
from certbeam.artwork.svg import parse
from certbeam.artwork.svg.parse import parse_svg
from certbeam.tests.support import Recorder

SVG = b'<svg xmlns="http://www.w3.org/2000/svg">%b</svg>'


def find_error_code(source):
    with pytest.raises(TemplateError) as error:
        parse_svg(source)
    return error.value.code


def test_a_source_of_more_than_10_mb_is_rejected():
    comment = SVG % b"<!--%b-->"
    fits = comment % (b"x" * (10_000_000 - len(comment) + 2))
    assert len(fits) == 10_000_000
    assert parse_svg(fits) is not None
    assert find_error_code(fits + b" ") == "template-too-large"
    assert find_error_code(gzip.compress(fits + b" ")) == "template-too-large"


def test_a_compressed_source_is_decompressed_up_to_the_limit_only(monkeypatch):
    source = gzip.compress(b"<svg/>")
    decompress = Recorder(lambda *_: b"<svg/>")
    fake = SimpleNamespace(
        decompressobj=lambda _bits: SimpleNamespace(decompress=decompress),
        MAX_WBITS=zlib.MAX_WBITS,
        error=zlib.error,
    )
    monkeypatch.setattr(parse, "zlib", fake)
    parse_svg(source)
    assert decompress.calls == [(source, 10_000_001)]


@pytest.mark.parametrize(("depth", "fits"), [(99, True), (100, False)])
def test_elements_nested_deeper_than_100_are_rejected(depth, fits):
    source = SVG % (b"<g>" * depth + b"</g>" * depth)
    if fits:
        assert parse_svg(source) is not None
    else:
        assert find_error_code(source) == "template-too-deep"


def test_more_than_100_000_elements_are_rejected():
    assert parse_svg(SVG % (b"<g/>" * 99_999)) is not None
    assert find_error_code(SVG % (b"<g/>" * 100_000)) == "template-too-deep"


def doctype(*entities):
    return b"<!DOCTYPE svg [%b]>" % b"".join(b'<!ENTITY %b "%b">' % entity for entity in entities)


def test_a_short_internal_entity_is_expanded():
    root = parse_svg(doctype((b"a", b"x" * 200)) + SVG % b"<text>&a;</text>")
    assert root[0].text == "x" * 200


@pytest.mark.parametrize(
    "entities",
    [
        [(b"a", b"x" * 201)],
        [(b"a", b"x"), (b"b", b"&a;&a;")],
        [(b"a", b"&#38;lt;")],
    ],
    ids=["long", "nested", "escaped"],
)
def test_a_long_or_nested_entity_is_rejected(entities):
    assert find_error_code(doctype(*entities) + SVG % b"") == "template-entities"


def test_an_external_entity_is_rejected():
    source = b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]>' + SVG % b"<text>&a;</text>"
    assert find_error_code(source) in ("template-entities", "template-malformed")


def test_entities_that_multiply_stop_the_parser():
    names = [b"e%d" % level for level in range(7)]
    entities = [(names[0], b"abc")]
    entities += [(name, b"&%b;" % before * 10) for before, name in pairwise(names)]
    assert find_error_code(doctype(*entities) + SVG % b"<text>&e6;</text>") == "template-malformed"


@pytest.mark.parametrize("namespace", ["${x}", "urn:{x", "urn:x}"])
def test_a_namespace_with_a_brace_is_rejected(namespace):
    source = SVG.replace(b"<svg ", f'<svg xmlns:a="{namespace}" '.encode()) % b""
    assert find_error_code(source) == "template-malformed"
