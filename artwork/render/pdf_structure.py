"""Write the structure tree of a PDF page: what its text is, in reading order (ISO 32000-1 §14.7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Union


@dataclass(frozen=True)
class Element:
    """Structure element.

    Attributes:
        kind: its structure type, such as ``P``.
        kids: ids of marked content on the page, and elements.
        entries: further entries of its dictionary, as PDF syntax.
    """

    kind: str
    kids: Sequence[Union[int, "Element"]]
    entries: str = ""


@dataclass(frozen=True)
class StructureObjects:
    """Object numbers of the static parts of a structure tree.

    Attributes:
        root: the root of the tree.
        document: its only element, which contains all others.
        parent_tree: the number tree that returns the element of marked content.
        page: the page.
    """

    root: int
    document: int
    parent_tree: int
    page: int


def write_structure(
    elements: Sequence[Element], objects: StructureObjects, first_number: int
) -> dict[int, bytes]:
    """Return the objects of a structure tree by number.

    Args:
        elements: the elements of the document in reading order.
        objects: the numbers of its static objects.
        first_number: the first number of new objects.
    """
    numbers = count(first_number)
    written: dict[int, bytes] = {}
    parents: dict[int, int] = {}

    def write(element: Element, parent: int) -> int:
        number = next(numbers)
        kids = []
        for kid in element.kids:
            if isinstance(kid, int):
                parents[kid] = number
                kids.append(str(kid))
            else:
                kids.append(f"{write(kid, number)} 0 R")
        written[number] = (
            f"<</S/{element.kind}/P {parent} 0 R/Pg {objects.page} 0 R/K[{' '.join(kids)}]{element.entries}>>"
        ).encode()
        return number

    kids = " ".join([f"{write(element, objects.document)} 0 R" for element in elements])
    written[objects.document] = f"<</Type/StructElem/S/Document/P {objects.root} 0 R/K[{kids}]>>".encode()
    content_parents = " ".join([f"{parents[content_id]} 0 R" for content_id in sorted(parents)])
    written[objects.parent_tree] = f"<</Nums[0[{content_parents}]]>>".encode()
    return written
