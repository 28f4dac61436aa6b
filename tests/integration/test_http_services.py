"""The HTTP APIs of the platform: responses and faults."""

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
    def test_users_and_blocked_users_are_found(self, platform: PlatformServer, users: Users):
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
    def test_transient_faults_are_retried(self, platform: PlatformServer, users: Users, kind: str):
        platform.state.put("user", "u-1", {"id": "u-1", "firstName": "Ada"})
        platform.faults.append(Fault(kind, 2))
        user = users.users(["u-1"])["u-1"]
        assert isinstance(user, User)
        assert user.name == "Ada"

    def test_ids_are_quoted_in_the_path(self, platform: PlatformServer, users: Users):
        assert users.users(["../../admin", "a?b=c"]) == {}
        assert all(path.startswith("/private/user/v1/read/") for _, path in platform.calls)


def test_an_unavailable_record_does_not_affect_the_others(platform: PlatformServer):
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
        """Clients of the empty databases of courses and contents."""
        with Redis(port=redis_server.port, db=0) as courses, Redis(port=redis_server.port, db=5) as contents:
            courses.flushall()
            yield courses, contents

    def test_cached_records_are_not_requested(
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

    def test_a_partial_record_is_used_if_the_api_has_none(
        self, caches: tuple[Redis, Redis], redis_server: RedisServer, platform: PlatformServer
    ):
        caches[0].set("do_1", '{"name": "Water"}')
        courses = _behind(redis_server.port, platform)
        assert courses.records(["do_1"]) == {"do_1": {"name": "Water"}}
        courses.close()

    def test_the_api_is_used_if_a_cache_fails_or_is_invalid(
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


def test_every_request_has_the_api_key(platform: PlatformServer, monkeypatch: pytest.MonkeyPatch):
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
    def test_a_request_that_may_have_had_an_effect_is_not_retried(self, platform: PlatformServer):
        service = HttpService("notices", platform.url, retry_seconds=2)
        platform.faults.append(Fault("cut", 1))
        with pytest.raises(Unavailable, match="did not answer"):
            service.post("/v2/notification", {"request": {}}, idempotent=False)
        assert len(platform.state.all("notice")) == 1
        service.close()

    def test_a_request_that_was_not_handled_is_retried(self, platform: PlatformServer):
        service = HttpService("notices", platform.url)
        platform.faults.append(Fault("503", 2))
        assert service.post("/v2/notification", {"request": {}}, idempotent=False).ok
        assert len(platform.state.all("notice")) == 1
        service.close()

    def test_the_circuit_breaker_stops_requests_to_a_failed_service(self, platform: PlatformServer):
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
        ("http://user@host", "without a user"),
        ("http://host?api_key=hush", "api_key_file"),
        ("http://host?key=1", "no option 'key'"),
    ],
)
def test_an_invalid_address_is_rejected(address: str, says: str):
    with pytest.raises(FlagError, match=says):
        USERS.open(address)


def test_redis_needs_the_address_of_the_api():
    with pytest.raises(FlagError, match="api=http"):
        COURSES.open("redis://localhost:6379")
