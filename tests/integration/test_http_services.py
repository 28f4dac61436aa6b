"""The platform's HTTP APIs: what every answer and every fault becomes."""

from collections.abc import Iterator

import fakeredis
import pytest

from certbeam.credentials.errors import Rejected, Unavailable
from certbeam.io.adapters import open_courses, open_users
from certbeam.io.addresses import FlagError
from certbeam.io.http_service import HttpService
from certbeam.io.learning.content_api import ContentApi
from certbeam.io.learning.redis_courses import RedisCourses
from certbeam.io.ports import Users
from certbeam.tests.integration.platform_server import Fault, PlatformServer

HEALING = ["503", "429", "cut", "slow", "html"]


@pytest.fixture
def users(platform: PlatformServer) -> Iterator[Users]:
    opened = open_users(platform.url)
    yield opened
    opened.close()


class TestUsers:
    def test_users_blocked_users_and_nobody(self, platform: PlatformServer, users: Users):
        platform.state.put("user", "u-1", {"id": "u-1", "firstName": "Ada", "lastName": "Lovelace"})
        platform.state.put("user", "u-2", {"id": "u-2", "status": 0})
        found = users.users(["u-1", "u-2", "u-3"])
        assert found.keys() == {"u-1", "u-2"}
        assert found["u-1"].name == "Ada Lovelace"
        assert found["u-2"].blocked
        assert (
            "GET",
            "/private/user/v1/read/u-1?organisations,roles,locations,declarations,externalIds",
        ) in (platform.calls)

    @pytest.mark.parametrize("kind", HEALING)
    def test_faults_that_pass_are_not_seen(self, platform: PlatformServer, users: Users, kind: str):
        platform.state.put("user", "u-1", {"id": "u-1", "firstName": "Ada"})
        platform.faults.append(Fault(kind, 2))
        assert users.users(["u-1"])["u-1"].name == "Ada"

    def test_ids_cannot_lead_elsewhere(self, platform: PlatformServer, users: Users):
        assert users.users(["../../admin", "a?b=c"]) == {}
        assert all(path.startswith("/private/user/v1/read/") for _, path in platform.calls)


def test_one_record_that_cannot_be_had_does_not_keep_the_others(platform: PlatformServer):
    service = HttpService("content", f"{platform.url}/content/v3/read", retry_seconds=0.5)
    courses = ContentApi(service)
    platform.state.put("content", "do_1", {"identifier": "do_1", "name": "Water"})
    platform.faults.append(Fault("503", 1000, "/content/v3/read/do_2"))
    found = courses.records(["do_1", "do_2", "do_3"])
    courses.close()
    assert found["do_1"] == {"identifier": "do_1", "name": "Water"}
    assert isinstance(found["do_2"], Unavailable)
    assert "do_3" not in found


class TestRedis:
    def test_what_is_cached_is_not_asked_for(self, platform: PlatformServer):
        cache = fakeredis.FakeRedis()
        cache.set("do_1", '{"name": "Water", "content_type": "Course"}')
        cache.set("do_2", '{"content_type": "SelfAssess"}')
        platform.state.put("content", "do_2", {"name": "Quiz", "contentType": "SelfAssess"})
        courses = _behind([cache], platform)
        assert courses.records(["do_1"]) == {"do_1": {"name": "Water", "contentType": "Course"}}
        assert platform.calls == []
        assert courses.records(["do_2", "do_3"]) == {"do_2": {"name": "Quiz", "contentType": "SelfAssess"}}
        courses.close()

    def test_half_a_record_is_better_than_none(self, platform: PlatformServer):
        cache = fakeredis.FakeRedis()
        cache.set("do_1", '{"name": "Water"}')
        courses = _behind([cache], platform)
        assert courses.records(["do_1"]) == {"do_1": {"name": "Water"}}
        courses.close()

    def test_a_cache_that_is_down_or_full_of_rubbish_costs_nothing_else(self, platform: PlatformServer):
        down = fakeredis.FakeRedis(server=(server := fakeredis.FakeServer()))
        server.connected = False
        rubbish = fakeredis.FakeRedis()
        rubbish.set("do_1", "rubbish")
        platform.state.put("content", "do_1", {"name": "Water"})
        courses = _behind([down, rubbish], platform)
        assert courses.records(["do_1"]) == {"do_1": {"name": "Water"}}
        courses.close()


def _behind(caches: list[fakeredis.FakeRedis], platform: PlatformServer) -> RedisCourses:
    return RedisCourses(caches, ContentApi(HttpService("content", f"{platform.url}/content/v3/read")))


class TestService:
    def test_nothing_unsafe_is_repeated(self, platform: PlatformServer):
        service = HttpService("notices", platform.url, retry_seconds=2)
        platform.faults.append(Fault("cut", 1))
        with pytest.raises(Unavailable, match="did not answer"):
            service.post("/v2/notification", {"request": {}}, repeatable=False)
        assert len(platform.state.all("notice")) == 1
        service.close()

    def test_what_was_not_handled_is_repeated(self, platform: PlatformServer):
        service = HttpService("notices", platform.url)
        platform.faults.append(Fault("503", 2))
        assert service.post("/v2/notification", {"request": {}}, repeatable=False).ok
        assert len(platform.state.all("notice")) == 1
        service.close()

    def test_a_service_that_is_down_is_left_alone(self, platform: PlatformServer):
        service = HttpService("users", platform.url, retry_seconds=0.2)
        platform.faults.append(Fault("503", 1000))
        for _ in range(30):
            with pytest.raises(Rejected):
                service.get("/private/user/v1/read/u-1")
        assert len(platform.calls) < 30
        service.close()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://", "host"),
        ("http://user@host", "no user"),
        ("http://host?api_key=hush", "api_key_file"),
        ("http://host?key=1", "no option 'key'"),
    ],
)
def test_addresses_that_are_refused(address: str, says: str):
    with pytest.raises(FlagError, match=says):
        open_users(address)


def test_redis_needs_an_api_behind_it():
    with pytest.raises(FlagError, match="api=http"):
        open_courses("redis://localhost:6379")
