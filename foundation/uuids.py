"""UUIDs that are derived from texts, so that a replayed event has the same ids."""

import uuid

import orjson

NAMESPACE = uuid.UUID("6f2f8d0e-2b5d-5c0a-9f0b-0a6d3c1f7e52")
"""Namespace of all UUIDs that certbeam derives."""


def derive_uuid(*parts: str) -> str:
    """Return the UUIDv5 of a list of texts.

    The list is written as JSON, so that different lists have different names.
    """
    return str(uuid.uuid5(NAMESPACE, orjson.dumps(parts).decode()))
