"""RDF canonicalisation of JSON-LD documents, prepared once for all documents of one shape.

PyLD needs milliseconds to take a document through expansion, RDF and RDFC-1.0. Documents of one template differ
in their texts and ids only, and so do their RDF statements: the statements are prepared once, with slots in
place of texts and ids, and later documents only fill them in. Whatever cannot be shown to hold for the filled
form goes the whole way through PyLD.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from operator import itemgetter
from typing import Any

from openbadgeslib.ob3.contexts import document_loader
from pyld.jsonld import JsonLdError, JsonLdProcessor

_OPTIONS: dict[str, Any] = {"base": "", "rdfDirection": "i18n-datatype", "documentLoader": document_loader()}
"""Contexts come from the pinned copies in openbadgeslib; any other context is an error, and nothing is fetched."""

_MAX_SHAPES = 1024

_CONSTANT_MEMBERS = frozenset({"type", "proofPurpose"})
"""Their values are terms that the contexts define, and choose further contexts: they are part of the shape."""

# An IRI that JSON-LD takes as it is; anything else, and every relative one, is left to PyLD.
_IRI = re.compile(r"(https?://|did:web:|urn:uuid:)[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")
# RDFC-1.0 and the older algorithm in PyLD write these differently.
_ODD = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")
_ESCAPED = re.compile(r'["\\\n]')

# PyLD shares its context caches between threads without locking them.
_pyld_lock = threading.Lock()


class UndefinedTerm(ValueError):
    """A member that no context of the document defines, or a value its term cannot take: it would not be signed."""


class Canonicalizer:
    """Canonical N-Quads of documents (RDFC-1.0, SHA-256); it may be shared by threads."""

    def __init__(self) -> None:
        self._prepared: dict[Any, _Prepared | None] = {}

    def canonical(self, document: Mapping[str, Any]) -> bytes:
        """The canonical N-Quads of a document, in UTF-8.

        Raises:
            UndefinedTerm: when something in the document would not be in them.
            ValueError: when it is no JSON-LD of the pinned contexts.
        """
        leaves: list[str] = []
        try:
            shape = _shape(document, leaves, {}, top=True)
        except _NotPreparable:
            return canonical_by_pyld(document)
        if shape not in self._prepared:
            self._remember(shape, document)
        prepared = self._prepared.get(shape)
        filled = prepared.fill(leaves) if prepared else None
        return canonical_by_pyld(document) if filled is None else filled

    def _remember(self, shape: Any, document: Mapping[str, Any]) -> None:
        if len(self._prepared) >= _MAX_SHAPES:
            self._prepared.clear()
        self._prepared[shape] = _prepare(document)


def canonical_by_pyld(document: Mapping[str, Any]) -> bytes:
    """The same, the whole way through PyLD.

    Raises:
        UndefinedTerm, ValueError: as :meth:`Canonicalizer.canonical`.
    """
    options = {**_OPTIONS, "algorithm": "URDNA2015", "format": "application/n-quads"}
    canonical: str = _run("normalize", document, options)
    return canonical.encode()


def check_terms(document: Mapping[str, Any]) -> None:
    """Whether the pinned contexts define every member of a document that anybody may have made.

    It is not canonicalised for that: a few blank nodes can be made to take a canonicaliser hours.

    Raises:
        UndefinedTerm, ValueError: as :meth:`Canonicalizer.canonical`.
    """
    _run("expand", document, dict(_OPTIONS))


class _NotPreparable(Exception):
    """A document with something in it that only PyLD knows how to take."""


def _shape(value: Any, leaves: list[str], iris: dict[str, int], *, top: bool = False) -> Any:
    """What documents with the same statements have in common; texts and ids are put into ``leaves``.

    Ids are told apart by scheme and by which of them are equal, for equal ids are one node.
    """
    kind = type(value)
    if kind is str:
        leaves.append(value)
        iri = _IRI.fullmatch(value)
        return (iri[1], iris.setdefault(value, len(leaves))) if iri else None
    if kind is dict:
        parts: list[Any] = []
        for name, member in value.items():
            if name in _CONSTANT_MEMBERS or (top and name == "@context"):
                parts.append((name, _constant(member)))
            elif name.startswith("@"):
                raise _NotPreparable
            else:
                parts.append((name, _shape(member, leaves, iris)))
        return tuple(parts)
    if kind is list:
        return ("[", *(_shape(member, leaves, iris) for member in value))
    if kind is bool or kind is int:
        return (kind, value)
    raise _NotPreparable


def _constant(value: Any) -> Any:
    if type(value) is str:
        return value
    if type(value) is list and all(type(member) is str for member in value):
        return tuple(value)
    raise _NotPreparable


@dataclass(frozen=True)
class _Statement:
    """One N-Quad with ``%s`` for each slot; ``terms`` picks their values out of leaves and blank node labels."""

    text: str
    terms: "itemgetter[Any]"

    def filled(self, values: Sequence[str]) -> str:
        text: str = self.text % self.terms(values)
        return text


@dataclass(frozen=True)
class _Prepared:
    """The statements of all documents of one shape.

    Attributes:
        leaves: how many leaves there are; the labels of blank nodes come after them.
        literals: which leaves stand in literals.
        around: for each blank node, the statements it stands in.
    """

    leaves: int
    literals: tuple[int, ...]
    statements: tuple[_Statement, ...]
    around: tuple[tuple[_Statement, ...], ...]

    def fill(self, leaves: list[str]) -> bytes | None:
        """The canonical form with these leaves, None where it cannot be shown to hold."""
        values = self._escaped(leaves)
        if values is None:
            return None
        labels = self._labels(values)
        if labels is None:
            return None
        values += labels
        lines = {statement.filled(values) for statement in self.statements}
        if len(lines) < len(self.statements):
            return None  # statements that have become one: the hashes above counted them twice
        return "".join(sorted(lines)).encode()

    def _escaped(self, leaves: list[str]) -> list[str] | None:
        literals = "".join([leaves[index] for index in self.literals])
        if _ODD.search(literals):
            return None
        if not _ESCAPED.search(literals):
            return list(leaves)
        values = list(leaves)
        for index in self.literals:
            values[index] = leaves[index].replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        return values

    def _labels(self, values: list[str]) -> list[str] | None:
        """RDFC-1.0 §4.6: with all first-degree hashes different, their order gives the labels."""
        hashes = []
        for node, statements in enumerate(self.around):
            labelled = values + ["_:z"] * len(self.around)
            labelled[self.leaves + node] = "_:a"
            lines = sorted([statement.filled(labelled) for statement in statements])
            hashes.append(sha256("".join(lines).encode()).hexdigest())
        ranks = {digest: rank for rank, digest in enumerate(sorted(hashes))}
        if len(ranks) < len(hashes):
            return None
        return [f"_:c14n{ranks[digest]}" for digest in hashes]


def _prepare(document: Mapping[str, Any]) -> _Prepared | None:
    """The statements of a document's shape, found by giving PyLD the document with a marker for each leaf."""
    markers: list[str] = []
    marked = _marked(document, markers, {}, top=True)
    dataset = _run("to_rdf", marked, dict(_OPTIONS))
    if set(dataset) - {"@default"}:
        return None
    triples = dataset.get("@default", [])
    blanks = sorted({term["value"] for triple in triples for term in _nodes(triple)})
    slots = {marker: index for index, marker in reversed(list(enumerate(markers)))}
    slots |= {label: len(markers) + index for index, label in enumerate(blanks)}
    statements = [_statement(triple, slots) for triple in triples]
    unsigned = set(markers) - {term["value"] for triple in triples for term in triple.values()}
    if unsigned:
        raise UndefinedTerm("the document holds a value that its term cannot take")
    around = tuple(
        tuple(
            one
            for one, triple in zip(statements, triples, strict=True)
            if label in [n["value"] for n in _nodes(triple)]
        )
        for label in blanks
    )
    literals = {triple["object"]["value"] for triple in triples if triple["object"]["type"] == "literal"}
    indexes = tuple(index for index, marker in enumerate(markers) if marker in literals)
    return _Prepared(len(markers), indexes, tuple(statements), around)


def _marked(value: Any, markers: list[str], iris: dict[str, str], *, top: bool = False) -> Any:
    """A document with each leaf replaced by a marker that is an IRI of the same scheme, or a text, as the leaf is."""
    if isinstance(value, str):
        iri = _IRI.fullmatch(value)
        number = len(markers)
        marker = iris.setdefault(value, f"{iri[1]}marker.invalid-{number}") if iri else f"marker {number}"
        markers.append(marker)
        return marker
    if isinstance(value, list):
        return [_marked(member, markers, iris) for member in value]
    if isinstance(value, dict):
        return {
            name: member
            if name in _CONSTANT_MEMBERS or (top and name == "@context")
            else _marked(member, markers, iris)
            for name, member in value.items()
        }
    return value


def _nodes(triple: Mapping[str, Any]) -> list[Any]:
    return [term for term in triple.values() if term["type"] == "blank node"]


def _statement(triple: Mapping[str, Any], slots: Mapping[str, int]) -> _Statement:
    indexes: list[int] = []

    def written(value: str) -> str:
        if value not in slots:
            return _escape(value).replace("%", "%%")
        indexes.append(slots[value])
        return "%s"

    terms = [_term(triple[part], written) for part in ("subject", "predicate", "object")]
    # itemgetter gives a tuple for two or more keys only: a slot more, of no width, makes two of one.
    text = " ".join(terms) + " .\n"
    return _Statement(text + "%.0s%.0s", itemgetter(*indexes, 0, 0))


def _term(term: Mapping[str, Any], written: Any) -> str:
    value = written(term["value"])
    if term["type"] == "IRI":
        return f"<{value}>"
    if term["type"] == "blank node":
        return str(value)
    datatype = term["datatype"]
    if datatype == "http://www.w3.org/2001/XMLSchema#string":
        return f'"{value}"'
    return f'"{value}"^^<{datatype.replace("%", "%%")}>'


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _run(method: str, document: Any, options: dict[str, Any]) -> Any:
    dropped: list[Any] = []
    try:
        with _pyld_lock:
            processor = JsonLdProcessor(on_property_dropped=dropped.append)
            result = getattr(processor, method)(document, options)
    except JsonLdError as error:
        raise ValueError(f"the document is not JSON-LD of the known contexts: {error.type}") from error
    if dropped:
        raise UndefinedTerm(f"no context defines {', '.join(sorted(map(str, dropped)))}")
    return result
