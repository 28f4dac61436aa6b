"""RDF canonicalisation of JSON-LD documents, prepared once for all documents of one shape.

PyLD takes milliseconds for the expansion of a document, its conversion to RDF and RDFC-1.0. Documents of one template
differ in texts and ids only, and so do their RDF statements. So the statements are prepared once, with placeholders
for texts and ids, and later documents only fill the placeholders. If the filled statements might differ from the
canonical form, PyLD canonicalises the document instead.
"""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from operator import itemgetter
from typing import Any

from openbadgeslib.ob3.contexts import document_loader
from pyld.jsonld import JsonLdError, JsonLdProcessor

_OPTIONS: dict[str, Any] = {"base": "", "rdfDirection": "i18n-datatype", "documentLoader": document_loader()}
"""Contexts are loaded from the pinned copies in openbadgeslib. Other contexts are errors: nothing is fetched."""

_MAX_SHAPES = 1024

_CONSTANT_MEMBERS = frozenset({"type", "proofPurpose"})
"""Members whose values are terms of the contexts. The values select further contexts, so the shape includes them."""

# Absolute IRIs that JSON-LD expansion does not change. Other strings are texts to this module.
_IRI = re.compile(r"(https?://|did:web:|urn:uuid:)[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")
# RDFC-1.0 and the older algorithm in PyLD escape these differently.
_UNSUPPORTED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")
_NEEDS_ESCAPE = re.compile(r'["\\\n]')

# PyLD shares its context caches between threads without a lock.
_pyld_lock = threading.Lock()


class UndefinedTerm(ValueError):
    """A member that no context defines, or a value that its term does not allow: a proof would not cover it."""


class Canonicalizer:
    """Canonicaliser of JSON-LD documents (RDFC-1.0, SHA-256). It is safe for concurrent use by threads."""

    def __init__(self) -> None:
        self._prepared: dict[Any, _Prepared | None] = {}

    def canonicalize(self, document: Mapping[str, Any]) -> bytes:
        """Return the canonical N-Quads of a document, in UTF-8.

        Raises:
            UndefinedTerm: if the N-Quads would not include a member of the document.
            ValueError: if the document is not JSON-LD with the pinned contexts.
        """
        leaves: list[str] = []
        try:
            shape = _shape(document, leaves, {}, top=True)
        except _NotPreparable:
            return canonicalize_with_pyld(document)
        if shape not in self._prepared:
            self._prepare_shape(shape, document)
        prepared = self._prepared.get(shape)
        filled = prepared.fill(leaves) if prepared else None
        return canonicalize_with_pyld(document) if filled is None else filled

    def _prepare_shape(self, shape: Any, document: Mapping[str, Any]) -> None:
        if len(self._prepared) >= _MAX_SHAPES:
            self._prepared.clear()
        self._prepared[shape] = _prepare(document)


def canonicalize_with_pyld(document: Mapping[str, Any]) -> bytes:
    """Return the canonical N-Quads of a document, in UTF-8, without prepared statements.

    Raises:
        UndefinedTerm: as for :meth:`Canonicalizer.canonicalize`.
        ValueError: as for :meth:`Canonicalizer.canonicalize`.
    """
    options = {**_OPTIONS, "algorithm": "URDNA2015", "format": "application/n-quads"}
    canonical: str = _run("normalize", document, options)
    return canonical.encode()


def check_terms(document: Mapping[str, Any]) -> None:
    """Check that the pinned contexts define every member of an untrusted document.

    The document is expanded but not canonicalised: a crafted document with few blank nodes can keep a canonicaliser
    busy for hours.

    Raises:
        UndefinedTerm: as for :meth:`Canonicalizer.canonicalize`.
        ValueError: as for :meth:`Canonicalizer.canonicalize`.
    """
    _run("expand", document, dict(_OPTIONS))


class _NotPreparable(Exception):
    """A document that this module cannot prepare: only PyLD canonicalises it."""


def _shape(value: Any, leaves: list[str], iris: dict[str, int], *, top: bool = False) -> Any:
    """Return the shape of a value, and append its texts and ids to ``leaves``.

    Documents of the same shape have the same statements but for texts and ids. The shape includes the schemes of ids,
    and which ids are equal, because equal ids are one RDF node.
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
    """One N-Quad with placeholders.

    Attributes:
        template: the N-Quad, with ``%s`` for each placeholder.
        select: returns the values of the placeholders from the leaves and blank node labels.
    """

    template: str
    select: "itemgetter[Any]"

    def fill(self, values: Sequence[str]) -> str:
        line: str = self.template % self.select(values)
        return line


@dataclass(frozen=True)
class _Prepared:
    """The prepared statements of all documents of one shape.

    Attributes:
        leaf_count: the number of leaves. In the list of values, blank node labels follow the leaves.
        literals: the indexes of leaves that are values of literals.
        statements: all statements.
        node_statements: for each blank node, the statements that contain it.
    """

    leaf_count: int
    literals: tuple[int, ...]
    statements: tuple[_Statement, ...]
    node_statements: tuple[tuple[_Statement, ...], ...]

    def fill(self, leaves: list[str]) -> bytes | None:
        """Return the canonical N-Quads with these leaves; None if they might not be canonical."""
        values = self._escape_literals(leaves)
        if values is None:
            return None
        labels = self._label_blank_nodes(values)
        if labels is None:
            return None
        values += labels
        lines = {statement.fill(values) for statement in self.statements}
        if len(lines) < len(self.statements):
            return None  # some statements became equal, and the hashes above counted each of them
        return "".join(sorted(lines)).encode()

    def _escape_literals(self, leaves: list[str]) -> list[str] | None:
        literals = "".join([leaves[index] for index in self.literals])
        if _UNSUPPORTED.search(literals):
            return None
        if not _NEEDS_ESCAPE.search(literals):
            return list(leaves)
        values = list(leaves)
        for index in self.literals:
            values[index] = _escape(leaves[index])
        return values

    def _label_blank_nodes(self, values: list[str]) -> list[str] | None:
        """Return the canonical labels of blank nodes; None if two have the same first-degree hash.

        If all first-degree hashes differ, their order gives the labels (RDFC-1.0 §4.4 and §4.6).
        """
        hashes = []
        for node, statements in enumerate(self.node_statements):
            labelled = values + ["_:z"] * len(self.node_statements)
            labelled[self.leaf_count + node] = "_:a"
            lines = sorted([statement.fill(labelled) for statement in statements])
            hashes.append(sha256("".join(lines).encode()).hexdigest())
        ranks = {digest: rank for rank, digest in enumerate(sorted(hashes))}
        if len(ranks) < len(hashes):
            return None
        return [f"_:c14n{ranks[digest]}" for digest in hashes]


def _prepare(document: Mapping[str, Any]) -> _Prepared | None:
    """Prepare the statements of a document's shape: PyLD converts the document with a marker in place of each leaf.

    Returns:
        None if the document has named graphs.

    Raises:
        UndefinedTerm: if a marker is missing in the statements.
        ValueError: if the document is not JSON-LD with the pinned contexts.
    """
    markers: list[str] = []
    marked = _replace_leaves(document, markers, {}, top=True)
    dataset = _run("to_rdf", marked, dict(_OPTIONS))
    if set(dataset) - {"@default"}:
        return None
    triples = dataset.get("@default", [])
    blanks = sorted({term["value"] for triple in triples for term in _blank_nodes(triple)})
    indexes = {marker: index for index, marker in reversed(list(enumerate(markers)))}
    indexes |= {label: len(markers) + index for index, label in enumerate(blanks)}
    statements = [_statement(triple, indexes) for triple in triples]
    unsigned = set(markers) - {term["value"] for triple in triples for term in triple.values()}
    if unsigned:
        raise UndefinedTerm("the document has a value that its term does not allow")
    node_statements = tuple(
        tuple(
            statement
            for statement, triple in zip(statements, triples, strict=True)
            if label in [node["value"] for node in _blank_nodes(triple)]
        )
        for label in blanks
    )
    literals = {triple["object"]["value"] for triple in triples if triple["object"]["type"] == "literal"}
    literal_indexes = tuple(index for index, marker in enumerate(markers) if marker in literals)
    return _Prepared(len(markers), literal_indexes, tuple(statements), node_statements)


def _replace_leaves(value: Any, markers: list[str], iris: dict[str, str], *, top: bool = False) -> Any:
    """Return a value with each text and id replaced by a marker, and append the markers to ``markers``.

    The marker of an id is an IRI of the same scheme; the marker of a text is a text.
    """
    if isinstance(value, str):
        iri = _IRI.fullmatch(value)
        number = len(markers)
        marker = iris.setdefault(value, f"{iri[1]}marker.invalid-{number}") if iri else f"marker {number}"
        markers.append(marker)
        return marker
    if isinstance(value, list):
        return [_replace_leaves(member, markers, iris) for member in value]
    if isinstance(value, dict):
        return {
            name: member
            if name in _CONSTANT_MEMBERS or (top and name == "@context")
            else _replace_leaves(member, markers, iris)
            for name, member in value.items()
        }
    return value


def _blank_nodes(triple: Mapping[str, Any]) -> list[Any]:
    return [term for term in triple.values() if term["type"] == "blank node"]


def _statement(triple: Mapping[str, Any], indexes: Mapping[str, int]) -> _Statement:
    selected: list[int] = []

    def to_placeholder(value: str) -> str:
        if value not in indexes:
            return _escape(value).replace("%", "%%")
        selected.append(indexes[value])
        return "%s"

    terms = [_term(triple[part], to_placeholder) for part in ("subject", "predicate", "object")]
    # itemgetter returns a tuple only for two or more keys. Two extra placeholders of width 0 ensure that.
    template = " ".join(terms) + " .\n"
    return _Statement(template + "%.0s%.0s", itemgetter(*selected, 0, 0))


def _term(term: Mapping[str, Any], to_placeholder: Callable[[str], str]) -> str:
    value = to_placeholder(term["value"])
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
        raise ValueError(f"the document is not JSON-LD with the known contexts: {error.type}") from error
    if dropped:
        raise UndefinedTerm(f"no context defines {', '.join(sorted(map(str, dropped)))}")
    return result
