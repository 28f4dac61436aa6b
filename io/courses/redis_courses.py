"""The courses and contents as the platform caches them in Redis, with the content API behind (contracts §4)."""

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
    """The caches at ``redis[s]://HOST[:PORT]?api=URL``.

    Further options: ``courses_db`` (0) and ``contents_db`` (5), ``user``, ``password_file`` or ``password_env``.

    Raises:
        FlagError: when the address is wrong.
    """
    options = Options(address)
    host, _, port = options.location.removeprefix("//").strip("/").partition(":")
    api = options.take("api")
    if not host or (port and not port.isdecimal()) or not api.startswith(("http:", "https:")):
        raise address.refuse(f"an address such as {ADDRESS} is needed, for what is not in Redis")
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
    """:class:`~certbeam.io.protocols.Courses` out of caches; what they do not hold, the content API is asked for.

    A cache that is down costs time and nothing else.
    """

    def __init__(self, caches: Collection[Redis], behind: Courses) -> None:
        self._caches = caches
        self._behind = behind

    def records(self, ids: Collection[str]) -> Mapping[str, JsonObject | Rejected]:
        """See :class:`~certbeam.io.protocols.Courses`."""
        wanted = list(ids)
        cached: dict[str, dict[str, Any]] = {one: {} for one in wanted}
        for cache in self._caches:
            for one, value in zip(wanted, _read(cache, wanted), strict=True):
                cached[one] |= _record(value)
        missing = [
            one
            for one in wanted
            if not (read_string(cached[one], "name") and read_string(cached[one], "contentType"))
        ]
        found = self._behind.records(missing) if missing else {}
        complete = {one: record for one, record in cached.items() if one not in missing}
        # Half a record is better than the news that the service behind does not answer or know it.
        partial = {
            one: cached[one] for one in missing if cached[one] and not isinstance(found.get(one), Mapping)
        }
        return {**complete, **found, **partial}

    def close(self) -> None:
        """Close the connections."""
        for cache in self._caches:
            cache.close()
        self._behind.close()


def _read(cache: Redis, keys: list[str]) -> list[bytes | str | None]:
    if not keys:
        return []
    try:
        return list(cache.mget(keys))
    except RedisError as error:
        logger.warning("Redis does not answer (%s); the content API is asked instead", type(error).__name__)
        return [None] * len(keys)


def _record(value: bytes | str | None) -> dict[str, Any]:
    """The fields that certbeam reads, out of a cached object whose keys are written in several ways."""
    try:
        cached = orjson.loads(value) if value else {}
    except orjson.JSONDecodeError:
        return {}  # as if it were not cached: the content API knows
    if not isinstance(cached, Mapping):
        return {}
    plain = {key.lower().replace("_", ""): one for key, one in cached.items()}
    return {field: plain[field.lower()] for field in _FIELDS if plain.get(field.lower())}
