"""Changing documents: at random, the same way every time; and every place of one in every way."""

import copy
import json
import re
import unicodedata


def mutate(document, dice, spare=()):
    """Change one place of a document: one value, at any depth, is changed, taken away or added; what was done.

    Args:
        document: changed in place.
        dice: a seeded ``random.Random``.
        spare: lists and objects whose own members stay.
    """
    path, parent, place = dice.choice(
        [one for one in _places(document) if not any(one[1] is each for each in spare)]
    )
    value = parent[place]
    kind = dice.choice(("change", "change", "remove", "add"))
    if kind == "remove":
        del parent[place]
    elif kind == "add" and isinstance(parent, dict):
        parent[f"{place}x"] = value
    elif isinstance(value, str):
        at = dice.randrange(len(value)) if value else 0
        parent[place] = value[:at] + chr((ord(value[at]) if value else 64) ^ 1) + value[at + 1 :]
    elif isinstance(value, bool):
        parent[place] = not value
    else:
        parent[place] = "other"
    return f"{kind} {path}"


def _places(value, path=""):
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for place, member in list(members):
        yield f"{path}/{place}", value, place
        if isinstance(member, (dict, list)):
            yield from _places(member, f"{path}/{place}")


TEXTS = {
    "a space behind": lambda text: f"{text} ",
    "a space before": lambda text: f" {text}",
    "a line more": lambda text: f"{text}\n",
    "another case": str.swapcase,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "compatible": lambda text: unicodedata.normalize("NFKC", text),
    "a joiner": lambda text: f"{text}\u200d",
    "a line separator": lambda text: f"{text}\u2028",
    "a control character": lambda text: f"{text}\x1f",
    "a zero": lambda text: f"{text}\0",
    "nothing": lambda _: "",
    "a sign less": lambda text: text[:-1],
    "a sign twice": lambda text: text + text[-1:],
    "a zero in front": lambda text: f"0{text}" if text.isdigit() else text,
    "the next number": lambda text: str(int(text) + 1) if text.isdigit() else text,
    "another zone": lambda text: text[:-1] + "+00:00" if MOMENT.fullmatch(text) else text,
    "a fraction": lambda text: text[:-1] + ".000Z" if MOMENT.fullmatch(text) else text,
}
"""Other texts in place of one."""

VALUES = {
    "an object": lambda _: {},
    "a flag": lambda value: value != True,  # noqa: E712 - of whatever it is
    "a number": lambda _: 1,
    "as JSON": json.dumps,
    "as an id": lambda value: {"@id": value},
    "as an id by name": lambda value: {"id": value},
}
"""Other values in place of one."""

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
"""Members that an object may be given."""

REWRITINGS = {
    "null": lambda _: None,
    "no list": lambda _: [],
    "in a list": lambda value: [value],
    "twice": lambda value: [value, value],
    "as a value": lambda value: {"@value": value},
}
"""Other ways to write a value, which some canonicalise to the same statements."""

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MAY_BE_A_LIST = ("type", "credentialStatus")


def changes(document, *, rewritten=False):
    """Every place of a document with each thing done to it: what was done where, and the changed document.

    Args:
        document: it stays as it is.
        rewritten: whether to make :data:`REWRITINGS`, too.
    """
    kinds = {**TEXTS, **VALUES, **(REWRITINGS if rewritten else {})}
    for path, parent, place in _places(document):
        value = parent[place]
        yield f"{path}: taken away", _with(document, path, _REMOVED)
        for what, change in kinds.items():
            if what in TEXTS and not isinstance(value, str):
                continue
            if what in ("in a list", "twice") and place in _MAY_BE_A_LIST:
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
    place = changed
    for part in parents:
        place = place[int(part) if isinstance(place, list) else part]
    last = int(last) if isinstance(place, list) else last.replace("~", "/")
    if value is _REMOVED:
        del place[last]
    else:
        place[last] = value
    return changed
