"""Changing documents at random, the same way every time."""


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
