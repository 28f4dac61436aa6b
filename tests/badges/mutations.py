"""Changes of JSON documents: one random but reproducible change, or every change of every value."""

import copy
import json
import re
import unicodedata


def mutate(document, dice, spare=()):
    """Change, remove or add one value of a document, at any depth, and return a description of the change.

    Args:
        document: the document, which is changed in place.
        dice: a seeded ``random.Random``.
        spare: lists and objects whose members are not changed.
    """
    path, parent, key = dice.choice(
        [member for member in _members(document) if not any(member[1] is spared for spared in spare)]
    )
    value = parent[key]
    kind = dice.choice(("change", "change", "remove", "add"))
    if kind == "remove":
        del parent[key]
    elif kind == "add" and isinstance(parent, dict):
        parent[f"{key}x"] = value
    elif isinstance(value, str):
        at = dice.randrange(len(value)) if value else 0
        parent[key] = value[:at] + chr((ord(value[at]) if value else 64) ^ 1) + value[at + 1 :]
    elif isinstance(value, bool):
        parent[key] = not value
    else:
        parent[key] = "other"
    return f"{kind} {path}"


def _members(value, path=""):
    """Yield the path, the parent, and the name or index of each value, at any depth."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in list(members):
        yield f"{path}/{key}", value, key
        if isinstance(member, (dict, list)):
            yield from _members(member, f"{path}/{key}")


MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

TEXTS = {
    "a trailing space": lambda text: f"{text} ",
    "a leading space": lambda text: f" {text}",
    "a trailing newline": lambda text: f"{text}\n",
    "swapped case": str.swapcase,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "compatible": lambda text: unicodedata.normalize("NFKC", text),
    "a joiner": lambda text: f"{text}\u200d",
    "a line separator": lambda text: f"{text}\u2028",
    "a control character": lambda text: f"{text}\x1f",
    "a null character": lambda text: f"{text}\0",
    "an empty text": lambda _: "",
    "the last character removed": lambda text: text[:-1],
    "the last character doubled": lambda text: text + text[-1:],
    "a leading zero": lambda text: f"0{text}" if text.isdigit() else text,
    "the next number": lambda text: str(int(text) + 1) if text.isdigit() else text,
    "another notation of UTC": lambda text: text[:-1] + "+00:00" if MOMENT.fullmatch(text) else text,
    "a fraction": lambda text: text[:-1] + ".000Z" if MOMENT.fullmatch(text) else text,
}
"""Replacements of a text."""

VALUES = {
    "an object": lambda _: {},
    "a boolean": lambda value: value != True,  # noqa: E712 - for values of any type
    "a number": lambda _: 1,
    "as JSON": json.dumps,
    "as an id": lambda value: {"@id": value},
    "as an id by name": lambda value: {"id": value},
}
"""Replacements of a value of any type."""

MEMBERS = {
    "undefinedTerm": "x",
    "https://schema.org/name": "Somebody Else",
    "@type": "Somebody",
    "@id": "urn:x:somebody",
    "@context": {"name": "https://elsewhere.example.org/name"},
    "@included": [{"https://schema.org/name": "Somebody Else"}],
    "@reverse": {"https://schema.org/knows": {"@id": "urn:x:somebody"}},
    "endDate": "2999-01-01T00:00:00Z",
    "\uff4eame": "Somebody Else",
}
"""Members that are added to an object."""

REWRITINGS = {
    "null": lambda _: None,
    "an empty list": lambda _: [],
    "in a list": lambda value: [value],
    "twice": lambda value: [value, value],
    "as a value": lambda value: {"@value": value},
}
"""Other notations of a value. Some canonicalisers map them to the same RDF statements."""

_MAY_BE_A_LIST = ("type", "credentialStatus")


def changes(document, *, rewritten=False):
    """Yield every change of every value in a document: its description, and the changed copy.

    Args:
        document: the document, which is not changed.
        rewritten: True to include :data:`REWRITINGS`.
    """
    kinds = {**TEXTS, **VALUES, **(REWRITINGS if rewritten else {})}
    for path, parent, key in _members(document):
        value = parent[key]
        yield f"{path}: removed", _with(document, path, _REMOVED)
        for what, change in kinds.items():
            if what in TEXTS and not isinstance(value, str):
                continue
            if what in ("in a list", "twice") and key in _MAY_BE_A_LIST:
                continue
            if change(value) != value or isinstance(value, bool):
                yield f"{path}: {what}", _with(document, path, change(value))
        if isinstance(value, dict):
            for name, member in MEMBERS.items():
                yield f"{path}: {name}", _with(document, f"{path}/{name.replace('/', '~')}", member)


_REMOVED = object()


def _with(document, path, value):
    changed = copy.deepcopy(document)
    *parents, last = path.split("/")[1:]
    parent = changed
    for part in parents:
        parent = parent[int(part) if isinstance(parent, list) else part]
    last = int(last) if isinstance(parent, list) else last.replace("~", "/")
    if value is _REMOVED:
        del parent[last]
    else:
        parent[last] = value
    return changed
