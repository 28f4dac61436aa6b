"""The pages of ``docs/`` as tests read them: headings, links and examples."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import orjson

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^ *```\n", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


class Example(NamedTuple):
    """A block of code on a page.

    Attributes:
        heading: of the section that holds it.
        language: as the block names it.
        text: what is in it.
    """

    heading: str
    language: str
    text: str


def examples(page: Path) -> list[Example]:
    """Return the blocks of code of a page, in order."""
    text = page.read_text(encoding="utf-8")
    headings = [(found.start(), found[1]) for found in _HEADING.finditer(_without_blocks(text))]
    return [
        Example([name for start, name in headings if start < block.start()][-1], block[2], block[3])
        for block in _BLOCK.finditer(text)
    ]


def json_examples(page: Path, heading: str) -> list[Any]:
    """Return the JSON documents in the blocks of a section; each line of a ``jsonl`` block is a document."""
    documents = []
    for block in examples(page):
        if block.heading == heading and block.language == "json":
            documents.append(orjson.loads(block.text))
        elif block.heading == heading and block.language == "jsonl":
            documents += [orjson.loads(line) for line in block.text.splitlines()]
    return documents


def anchors(page: Path) -> set[str]:
    """Return the anchors of the headings of a page, as GitHub makes them."""
    names = _HEADING.findall(_without_blocks(page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", name.lower()).replace(" ", "-") for name in names}


def links(page: Path) -> list[str]:
    """Return the targets of the links of a page."""
    return _LINK.findall(_without_blocks(page.read_text(encoding="utf-8")))


def _without_blocks(text: str) -> str:
    """Return a page with blanks in place of its blocks of code; other characters keep their positions."""
    return _BLOCK.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), text)
