"""Courses from the platform's Redis caches, with the content API as fallback."""

import pytest
from redis import Redis, RedisError

from certbeam.io.courses.redis_courses import RedisCourses, open_redis_courses
from certbeam.io.uri.address import FlagError, parse_address


class Cache(Redis):
    """A fake Redis, which raises an error without ``values``."""

    def __init__(self, values):
        self._values = values

    def mget(self, keys, *_args):
        if self._values is None:
            raise RedisError
        return [self._values.get(key) for key in keys]

    def close(self):
        pass


class Api:
    def __init__(self, records):
        self._records = records
        self.asked = []

    def records(self, ids):
        self.asked += ids
        return {one: self._records[one] for one in ids if one in self._records}

    def close(self):
        pass


WHOLE = {"identifier": "do_1", "name": "Water", "contentType": "Course"}


def records(courses, contents, behind):
    api = Api(behind)
    opened = RedisCourses([Cache(courses), Cache(contents)], api)
    found = opened.records(["do_1"])
    opened.close()
    return found, api.asked


def test_a_record_merges_both_caches_with_keys_in_any_spelling():
    found, asked = records({"do_1": b'{"NAME": "Water"}'}, {"do_1": b'{"content_type": "Course"}'}, {})
    assert found == {"do_1": {"name": "Water", "contentType": "Course"}}
    assert asked == []


@pytest.mark.parametrize(
    "cached", [None, {}, {"do_1": b"rubbish"}, {"do_1": b"[1]"}, {"do_1": b'{"name": " "}'}]
)
def test_incomplete_records_are_read_from_the_api(cached):
    found, asked = records(cached, {}, {"do_1": WHOLE})
    assert found == {"do_1": WHOLE}
    assert asked == ["do_1"]


def test_a_partial_record_is_used_if_the_api_has_none():
    assert records({"do_1": b'{"name": "Water"}'}, {}, {})[0] == {"do_1": {"name": "Water"}}


def test_the_default_databases_are_0_and_5():
    opened = open_redis_courses(parse_address("courses", "redis://one:6380?api=http://content"))
    kwargs = [cache.connection_pool.connection_kwargs for cache in opened._caches]
    assert [(one["host"], one["port"], one["db"]) for one in kwargs] == [("one", 6380, 0), ("one", 6380, 5)]
    opened.close()
    address = "redis://one?api=http://content&courses_db=3&contents_db=4"
    opened = open_redis_courses(parse_address("courses", address))
    assert [cache.connection_pool.connection_kwargs["db"] for cache in opened._caches] == [3, 4]
    opened.close()


@pytest.mark.parametrize("address", ["redis://one", "redis://?api=http://x", "redis://one:x?api=http://x"])
def test_an_address_without_a_host_or_an_api_is_rejected(address):
    with pytest.raises(FlagError, match="redis://HOST"):
        open_redis_courses(parse_address("courses", address))
