"""The platform's HTTP APIs: what every answer and every fault becomes."""

from collections.abc import Iterator

import pytest
from redis import Redis

from certbeam.deploy.services.server import free_port
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.clients.http_service import HttpService
from certbeam.io.courses.content_api import ContentApi
from certbeam.io.port_table import COURSES, USERS
from certbeam.io.protocols import Courses, Users
from certbeam.io.uri.address import FlagError
from certbeam.issuing.learning_records import User
from certbeam.tests.integration.platform_server import Fault, PlatformServer
from certbeam.tests.integration.redis_server import RedisServer

HEALING = ["503", "429", "cut", "slow", "html"]


@pytest.fixture
def users(platform: PlatformServer) -> Iterator[Users]:
    opened = USERS.open(platform.url)
    yield opened
    opened.close()


class TestUsers:
    def test_users_blocked_users_and_nobody(self, platform: PlatformServer, users: Users):
        platform.state.put("user", "u-1", {"id": "u-1", "firstName": "Ada", "lastName": "Lovelace"})
        platform.state.put("user", "u-2", {"id": "u-2", "status": 0})
        found = users.users(["u-1", "u-2", "u-3"])
        assert found.keys() == {"u-1", "u-2"}
        ada, blocked = found["u-1"], found["u-2"]
        assert isinstance(ada, User)
        assert ada.name == "Ada Lovelace"
        assert isinstance(blocked, User)
        assert blocked.is_blocked
        assert (
            "GET",
            "/private/user/v1/read/u-1?organisations,roles,locations,declarations,externalIds",
        ) in (platform.calls)

    @pytest.mark.parametrize("kind", HEALING)
    def test_faults_that_pass_are_not_seen(self, platform: PlatformServer, users: Users, kind: str):
        platform.state.put("user", "u-1", {"id": "u-1", "firstName": "Ada"})
        platform.faults.append(Fault(kind, 2))
        user = users.users(["u-1"])["u-1"]
        assert isinstance(user, User)
        assert user.name == "Ada"

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
    @pytest.fixture
    def caches(self, redis_server: RedisServer) -> Iterator[tuple[Redis, Redis]]:
        """The platform's databases of courses and contents, with nothing in them."""
        with Redis(port=redis_server.port, db=0) as courses, Redis(port=redis_server.port, db=5) as contents:
            courses.flushall()
            yield courses, contents

    def test_what_is_cached_is_not_asked_for(
        self, caches: tuple[Redis, Redis], redis_server: RedisServer, platform: PlatformServer
    ):
        caches[0].set("do_1", '{"name": "Water"}')
        caches[1].set("do_1", '{"content_type": "Course"}')
        caches[1].set("do_2", '{"content_type": "SelfAssess"}')
        platform.state.put("content", "do_2", {"name": "Quiz", "contentType": "SelfAssess"})
        courses = _behind(redis_server.port, platform)
        assert courses.records(["do_1"]) == {"do_1": {"name": "Water", "contentType": "Course"}}
        assert platform.calls == []
        assert courses.records(["do_2", "do_3"]) == {"do_2": {"name": "Quiz", "contentType": "SelfAssess"}}
        courses.close()

    def test_half_a_record_is_better_than_none(
        self, caches: tuple[Redis, Redis], redis_server: RedisServer, platform: PlatformServer
    ):
        caches[0].set("do_1", '{"name": "Water"}')
        courses = _behind(redis_server.port, platform)
        assert courses.records(["do_1"]) == {"do_1": {"name": "Water"}}
        courses.close()

    def test_a_cache_that_is_down_or_full_of_rubbish_costs_nothing_else(
        self, caches: tuple[Redis, Redis], redis_server: RedisServer, platform: PlatformServer
    ):
        caches[0].set("do_1", "rubbish")
        caches[1].lpush("do_1", "no string at all")
        platform.state.put("content", "do_1", {"name": "Water"})
        for port in (redis_server.port, free_port()):
            courses = _behind(port, platform)
            assert courses.records(["do_1"]) == {"do_1": {"name": "Water"}}
            courses.close()


def _behind(port: int, platform: PlatformServer) -> Courses:
    return COURSES.open(f"redis://127.0.0.1:{port}?api={platform.url}")


def test_a_key_goes_with_every_call(platform: PlatformServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CERTBEAM_KEY", "hush")
    address = f"{platform.url}?api_key_env=CERTBEAM_KEY"
    users = USERS.open(address)
    users.users(["u-1"])
    users.close()
    for courses in (COURSES.open(address), COURSES.open(f"redis://127.0.0.1:{free_port()}?api={address}")):
        courses.records(["do_1"])
        courses.close()
    assert platform.keys == ["hush"] * 3


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
        USERS.open(address)


def test_redis_needs_an_api_behind_it():
    with pytest.raises(FlagError, match="api=http"):
        COURSES.open("redis://localhost:6379")
