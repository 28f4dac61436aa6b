"""Resolve the CSS of small documents, for tests."""

from lxml import etree

from certbeam.artwork.css.resolve import resolve_styles
from certbeam.artwork.svg.parse import parse_svg
from certbeam.artwork.svg.tree import SVG
from certbeam.artwork.svg.view_box import normalise_view_box


def resolve(body, attributes='viewBox="0 0 400 200"'):
    """Return the root element of the normal form, and the findings."""
    root = parse_svg(f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>'.encode())
    styles = resolve_styles(root, normalise_view_box(root))
    return root, styles


def resolve_first(body, name="rect", **options):
    """Return the attributes of the first element of a name."""
    root, _ = resolve(body, **options)
    return dict(next(root.iter(f"{{{SVG}}}{name}")).attrib)


def serialise_children(root):
    """Return the content of the root element as markup."""
    markup = "".join(etree.tostring(child, encoding="unicode") for child in root)
    return markup.replace(' xmlns="http://www.w3.org/2000/svg"', "")
