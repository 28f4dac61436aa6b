"""The documentation site: navigation, pages of the API reference, and the copy of the sources."""

import re
from pathlib import Path

import yaml

from certbeam.tools.docs_site import (
    PACKAGES,
    PROJECT_PAGES,
    ROOT,
    api_pages,
    copy_sources,
    nav_of_index,
    without_roles,
)


def test_the_navigation_follows_the_index():
    first = "# T\n\n[x](x.md)\n\n## One\n\n| page | for |\n|---|---|\n| [A b](a.md) | [c](c.md) |\n"
    text = f"{first}\n## Two\n\n| [D](d.md) | e |\n"
    assert nav_of_index(text) == [{"One": [{"A b": "a.md"}]}, {"Two": [{"D": "d.md"}]}]


def test_the_navigation_has_every_page():
    nav = nav_of_index((ROOT / "docs" / "index.md").read_text())
    pages = {
        page
        for section in nav
        for entries in section.values()
        for entry in entries
        for page in entry.values()
    }
    assert pages == {file.name for file in (ROOT / "docs").glob("*.md")} - {"index.md"}


def test_a_package_has_a_page_with_its_public_modules(tmp_path: Path):
    for name in ("one", "one/two", "one/empty"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text('"""See :class:`~x.Y`."""\n')
    for name in ("one/b.py", "one/a.py", "one/_private.py", "one/two/c.py"):
        (tmp_path / name).touch()
    assert dict(api_pages(tmp_path, ["one"])) == {
        "one": "# one\n\nSee `Y`.\n\n::: certbeam.one.a\n\n::: certbeam.one.b\n",
        "one.two": "# one.two\n\nSee `Y`.\n\n::: certbeam.one.two.c\n",
    }


def test_the_reference_has_every_package_of_the_product():
    layers = (ROOT / "setup.py").read_text().partition("LAYERS = (")[2].partition(")")[0]
    assert re.findall(r'"(\w+)"', layers) == list(PACKAGES)
    assert len(dict(api_pages(ROOT))) > len(PACKAGES)


def test_the_sources_are_copied_without_roles(tmp_path: Path):
    copy_sources(ROOT, tmp_path / "api")
    copy = tmp_path / "api" / "certbeam"
    assert {path.name for path in copy.iterdir()} == {"__init__.py", *PACKAGES}
    assert ":class:" not in "".join(file.read_text() for file in copy.rglob("*.py"))


def test_a_role_becomes_code():
    assert without_roles("a :class:`~a.b.C`, :func:`d`, :meth:`.e` and `f`") == "a `C`, `d`, `e` and `f`"


def test_the_site_loads_nothing_from_other_hosts():
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    assert config["theme"]["font"] is False
    assert set(map(str, config["plugins"][:1])) == {"search"}
    assert [next(iter(plugin)) for plugin in config["plugins"][1:]] == ["mkdocstrings"]
    assert all((ROOT / name).exists() for name in (*PROJECT_PAGES.values(), *config["hooks"]))


def test_code_in_lists_is_indented_as_python_markdown_requires():
    """GitHub accepts three spaces. Python-Markdown needs four, else it ends the list before the code."""
    for page in [*(ROOT / "docs").glob("*.md"), *map(ROOT.joinpath, PROJECT_PAGES.values())]:
        assert re.findall(r"^ {1,3}```", page.read_text(), re.MULTILINE) == [], page.name
