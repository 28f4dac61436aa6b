"""Courses and contents from the platform's Redis caches (``docs/contracts.md``, "Redis cache"), or the content API."""

import logging
from collections.abc import Collection, Mapping
from typing import Any

import orjson
from redis import Redis, RedisError

from certbeam.foundation.errors import Rejected
from certbeam.foundation.json_values import JsonObject, read_string
from certbeam.io.courses.content_api import open_content_api
from certbeam.io.protocols import Courses
from certbeam.io.uri.address import Address, parse_address
from certbeam.io.uri.options import Options

ADDRESS = "redis://HOST[:PORT]?api=http://HOST"

_PORT = 6379
_COURSES_DB, _CONTENTS_DB = 0, 5
_SECONDS = 2.0
_FIELDS = ("identifier", "name", "contentType")

logger = logging.getLogger(__name__)


def open_redis_courses(address: Address) -> "RedisCourses":
    """Open the caches at ``redis[s]://HOST[:PORT]?api=URL``.

    The other options are ``courses_db`` (0) and ``contents_db`` (5), ``user``, ``password_file`` or ``password_env``.

    Raises:
        FlagError: if the address is wrong.
    """
    options = Options(address)
    host, _, port = options.location.removeprefix("//").strip("/").partition(":")
    api = options.take("api")
    if not host or (port and not port.isdecimal()) or not api.startswith(("http:", "https:")):
        raise address.refuse(
            f"an address such as {ADDRESS} is needed, with the content API for values that are not in Redis"
        )
    databases = (options.count("courses_db", _COURSES_DB), options.count("contents_db", _CONTENTS_DB))
    user, password = options.take("user") or None, options.secret("password") or None
    options.done()
    clients = [
        Redis(
            host=host,
            port=int(port or _PORT),
            db=database,
            ssl=address.scheme == "rediss",
            socket_timeout=_SECONDS,
            socket_connect_timeout=_SECONDS,
            username=user,
            password=password,
        )
        for database in databases
    ]
    return RedisCourses(clients, open_content_api(parse_address(address.flag, api)))


class RedisCourses:
    """:class:`~certbeam.io.protocols.Courses` from caches, and from a fallback for records that they do not have.

    If a cache does not answer, all its records come from the fallback.

    Args:
        caches: the Redis databases.
        fallback: the content API.
    """

    def __init__(self, caches: Collection[Redis], fallback: Courses) -> None:
        self._caches = caches
        self._fallback = fallback

    def records(self, ids: Collection[str]) -> Mapping[str, JsonObject | Rejected]:
        """See :class:`~certbeam.io.protocols.Courses`."""
        keys = list(ids)
        cached: dict[str, dict[str, Any]] = {key: {} for key in keys}
        for cache in self._caches:
            for key, value in zip(keys, _read(cache, keys), strict=True):
                cached[key] |= _parse_record(value)
        incomplete = [
            key
            for key in keys
            if not (read_string(cached[key], "name") and read_string(cached[key], "contentType"))
        ]
        fetched = self._fallback.records(incomplete) if incomplete else {}
        complete = {key: record for key, record in cached.items() if key not in incomplete}
        # An incomplete record is better than an error of the fallback.
        partial = {
            key: cached[key]
            for key in incomplete
            if cached[key] and not isinstance(fetched.get(key), Mapping)
        }
        return {**complete, **fetched, **partial}

    def close(self) -> None:
        """Close the connections."""
        for cache in self._caches:
            cache.close()
        self._fallback.close()


def _read(cache: Redis, keys: list[str]) -> list[bytes | str | None]:
    if not keys:
        return []
    try:
        return list(cache.mget(keys))
    except RedisError as error:
        logger.warning("Redis does not answer (%s); using the content API instead", type(error).__name__)
        return [None] * len(keys)


def _parse_record(value: bytes | str | None) -> dict[str, Any]:
    """Return the fields that certbeam reads of a cached object, whose keys have several spellings."""
    try:
        cached = orjson.loads(value) if value else {}
    except orjson.JSONDecodeError:
        return {}  # not cached: use the fallback
    if not isinstance(cached, Mapping):
        return {}
    values = {key.lower().replace("_", ""): item for key, item in cached.items()}
    return {field: values[field.lower()] for field in _FIELDS if values.get(field.lower())}
