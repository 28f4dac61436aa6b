"""Links between the pages."""

from pathlib import Path

import pytest

from certbeam.tests.docs.markdown import DOCS, ROOT, anchors, links

PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_refers_to_an_existing_page_and_heading(page: Path):
    for link in links(page):
        if link.startswith(("https://", "http://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


def test_headings_and_links_in_blocks_of_code_are_ignored(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("# A heading (one)\n\n```sh\n# a comment\n[x](y)\n```\n\n[a](b.md#c) ![an image](d)\n")
    assert anchors(page) == {"a-heading-one"}
    assert links(page) == ["b.md#c"]


def test_the_index_has_every_page():
    pages = {page.name for page in DOCS.glob("*.md")} - {"index.md"}
    assert set(links(DOCS / "index.md")) == pages
