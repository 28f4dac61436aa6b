"""Add the navigation and the API reference to the documentation site: the hooks of ``mkdocs.yml``.

The navigation follows ``docs/index.md``, so that a page is listed in one place. The API reference has a page for each
package. It reads a copy of the sources in ``build/api``, without the folders that are not part of the product.
"""

import ast
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "build" / "api"
PACKAGES = (
    "foundation",
    "issuing",
    "badges",
    "artwork",
    "certificates",
    "io",
    "stages",
    "transforms",
    "pipelines",
)
"""The product's packages, from the lowest layer to the highest."""

PROJECT_PAGES: Mapping[str, str] = {
    "Changes": "CHANGELOG.md",
    "Contributing": "CONTRIBUTING.md",
    "Security": "SECURITY.md",
}
"""Pages of the repository's root folder, by their title."""

Nav = list[dict[str, Any]]

_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_LINK = re.compile(r"^\| \[([^\]]+)\]\(([^)#]+\.md)\)", re.MULTILINE)
_ROLE = re.compile(r":[a-z]+:`~?\.?([\w.]+)`")


def nav_of_index(text: str) -> Nav:
    """Return the navigation that an index describes: a section for each heading, a page for each row of its table."""
    titles = _SECTION.split(text)[1:]
    return [
        {title: [{name: page} for name, page in _LINK.findall(body)]}
        for title, body in zip(titles[::2], titles[1::2], strict=True)
    ]


def api_pages(root: Path, packages: Iterable[str] = PACKAGES) -> Iterator[tuple[str, str]]:
    """Find the packages below a folder, and write the Markdown page of each.

    Yields:
        A package's name, such as ``io.storage``, and its page. Packages without a module have no page.
    """
    for package in packages:
        for init in sorted((root / package).rglob("__init__.py")):
            name = ".".join(init.parent.relative_to(root).parts)
            modules = sorted(file.stem for file in init.parent.glob("*.py") if not file.stem.startswith("_"))
            if modules:
                references = [f"::: certbeam.{name}.{module}\n" for module in modules]
                yield name, "\n".join([f"# {name}\n", _summary(init), *references])


def copy_sources(root: Path, target: Path) -> None:
    """Copy the product's packages to a folder as the package ``certbeam``, with roles of reStructuredText removed."""
    shutil.rmtree(target, ignore_errors=True)
    copy = target / "certbeam"
    copy.mkdir(parents=True)
    shutil.copy(root / "__init__.py", copy)
    for package in PACKAGES:
        shutil.copytree(root / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in copy.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        file.write_text(without_roles(text), encoding="utf-8")


def without_roles(text: str) -> str:
    """Replace each role of reStructuredText by the name that it refers to, as code."""
    return _ROLE.sub(lambda role: f"`{role[1].rpartition('.')[2]}`", text)


def on_startup(**_: Any) -> None:
    """Copy the sources that the API reference reads, before a plugin looks for them."""
    copy_sources(ROOT, SOURCES)


def on_config(config: Any) -> Any:
    """Set the navigation."""
    index = (Path(config.docs_dir) / "index.md").read_text(encoding="utf-8")
    api = [{name: _api_uri(name)} for name, _ in api_pages(ROOT)]
    project = [{title: file.lower()} for title, file in PROJECT_PAGES.items()]
    config.nav = [{"Home": "index.md"}, *nav_of_index(index), {"API reference": api}, {"Project": project}]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the pages of the API reference and of the repository's root folder."""
    from mkdocs.structure.files import File

    for name, page in api_pages(ROOT):
        files.append(File.generated(config, _api_uri(name), content=page))
    for file in PROJECT_PAGES.values():
        files.append(File.generated(config, file.lower(), content=(ROOT / file).read_text(encoding="utf-8")))
    return files


def _api_uri(name: str) -> str:
    return f"api/{name}.md"


def _summary(init: Path) -> str:
    """Return the docstring of a package as Markdown."""
    docstring = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
    return without_roles(docstring) + "\n"
