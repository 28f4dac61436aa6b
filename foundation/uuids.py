"""UUIDs derived from what they identify, so that reading an event again gives the same ids."""

import uuid

import orjson

NAMESPACE = uuid.UUID("6f2f8d0e-2b5d-5c0a-9f0b-0a6d3c1f7e52")
"""Namespace of every id that certbeam derives."""


def derived_uuid(*parts: str) -> str:
    """Return the UUIDv5 of some texts. JSON keeps them apart: two different lists have different UUIDs."""
    return str(uuid.uuid5(NAMESPACE, orjson.dumps(parts).decode()))
