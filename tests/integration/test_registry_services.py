"""The registries over HTTP: one entity for each certificate, also after faults."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from certbeam.certificates.certificate import RegistryEntry
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.clients.http_service import HttpService
from certbeam.io.port_table import REGISTRY
from certbeam.io.protocols import Registry, RegistryState, Revocation
from certbeam.io.registry.sunbird_rc import RcRegistry
from certbeam.tests.integration.contracts.test_registry import _another, entry
from certbeam.tests.integration.platform_server import SLOW_SECONDS, Fault, PlatformServer

__all__ = ["entry"]

VALID = RegistryState(None)
HEALING = ["503", "cut", "slow", "html"]


@pytest.fixture
def certreg(platform: PlatformServer) -> Iterator[Registry]:
    opened = REGISTRY.open(f"certreg+{platform.url}")
    yield opened
    opened.close()


@pytest.fixture
def rc(platform: PlatformServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    monkeypatch.setenv("RC_KEY", "hush")
    opened = REGISTRY.open(f"rc+{platform.url}/api/v1/TrainingCertificate?api_key_env=RC_KEY")
    yield opened
    opened.close()


class TestCertreg:
    def test_an_entry_has_the_members_that_readers_use(
        self, platform: PlatformServer, certreg: Registry, entry: RegistryEntry
    ):
        certreg.add([entry])
        stored = platform.state.get("certreg", entry.id)
        assert stored["accessCode"] == "A1B2C3"
        assert stored["related"]["type"] == "Completion"
        assert (stored["recipientId"], stored["recipientName"]) == ("user-1", "Ada Lovelace")
        assert stored["jsonUrl"] == entry.json_url

    @pytest.mark.parametrize("kind", HEALING)
    def test_no_second_entry_is_added_after_a_fault(
        self, platform: PlatformServer, certreg: Registry, entry: RegistryEntry, kind: str
    ):
        platform.faults.append(Fault(kind, 1))
        assert certreg.add([entry]) == [VALID]
        assert platform.state.all("certreg").keys() == {entry.id}

    def test_a_re_issue_replaces_the_old_certificate(
        self, platform: PlatformServer, certreg: Registry, entry: RegistryEntry
    ):
        certreg.add([entry])
        new = replace(_another(entry), replaces=entry.id)
        assert certreg.add([new]) == [VALID]
        assert certreg.add([new]) == [VALID]
        assert certreg.revoke([Revocation(entry.id, "replaced", 0), Revocation("x", "y", 0, "u")]) == [
            True,
            False,
        ]
        assert platform.state.all("certreg").keys() == {new.id}

    def test_a_re_issue_of_an_unknown_certificate_is_added(
        self, platform: PlatformServer, certreg: Registry, entry: RegistryEntry
    ):
        assert certreg.add([replace(entry, replaces="unknown")]) == [VALID]
        assert platform.state.all("certreg").keys() == {entry.id}

    def test_a_refused_entry_does_not_affect_the_others(self, certreg: Registry, entry: RegistryEntry):
        error, standing = certreg.add([replace(_another(entry), access_code=""), entry])
        assert isinstance(error, Rejected)
        assert error.code == "registry-refused"
        assert standing == VALID


class TestRc:
    def test_the_entity_has_the_members_of_its_schema(
        self, platform: PlatformServer, rc: Registry, entry: RegistryEntry
    ):
        rc.add([entry])
        (entity,) = platform.state.all("rc").values()
        assert entity["certificateLabel"] == "Completion"
        assert entity["status"] == "ACTIVE"
        assert entity["templateUrl"] == "https://example.org/t.svg"
        assert entity["training"] == {"id": "do_1", "name": "Water", "type": "Course", "batchId": "b"}
        assert entity["recipient"] == {"id": "user-1", "name": "Ada Lovelace"}
        assert entity["issuedOn"] == "2026-03-31T00:00:00Z"
        assert json.loads(entry.data)["signatory"] == entity["signatory"]

    @pytest.mark.parametrize("kind", HEALING)
    @pytest.mark.parametrize("path", ["/api/v1/TrainingCertificate", "/api/v1/TrainingCertificate/search"])
    def test_no_second_entity_is_created_after_a_fault(
        self, platform: PlatformServer, rc: Registry, entry: RegistryEntry, kind: str, path: str
    ):
        platform.faults.append(Fault(kind, 1, path))
        assert rc.add([entry]) == [VALID]
        assert rc.add([entry]) == [VALID]
        assert len(platform.state.all("rc")) == 1

    def test_a_certificate_of_sunbirds_job_is_revoked_by_its_osid(
        self, platform: PlatformServer, rc: Registry
    ):
        platform.state.put("rc", "1-old", {"osid": "1-old", "status": "ACTIVE"})
        assert rc.revoke([Revocation("1-old", "replaced", 0)]) == [True]
        assert platform.state.get("rc", "1-old")["status"] == "REVOKED"

    def test_an_entity_created_asynchronously_is_awaited(
        self, platform: PlatformServer, rc: Registry, entry: RegistryEntry
    ):
        platform.asynchronous = True
        assert rc.add([entry]) == [VALID]
        assert len(platform.state.all("rc")) == 1

    def test_an_entity_created_late_is_not_created_twice(self, tmp_path: Path, entry: RegistryEntry):
        server = PlatformServer(0, str(tmp_path / "slow.db"), asynchronous=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        service = HttpService("registry", f"{server.url}/api/v1/TrainingCertificate")
        impatient = RcRegistry(service, async_seconds=SLOW_SECONDS / 10)
        (error,) = impatient.add([entry])
        assert isinstance(error, Unavailable)
        assert error.code == "registry-pending"
        replay = RcRegistry(service)
        threading.Event().wait(SLOW_SECONDS * 2)
        assert replay.add([entry]) == [VALID]
        assert len(server.state.all("rc")) == 1
        replay.close()
        server.shutdown()
        server.server_close()
