"""Notices: recipients and contents. Failed notices do not affect certificates."""

import json
from pathlib import Path

import pytest

from certbeam.io.learning.load import load_records
from certbeam.tests.integration.platform_server import Fault, PlatformServer
from certbeam.tests.integration.runs import EXAMPLES, folders, run

LOOK = {
    "subject": "Well done",
    "stateImgUrl": "CLOUD_BASE_PATH/logo.png",
    "emailTemplateType": "defaultCertTemp",
}


@pytest.fixture
def flags(platform: PlatformServer, tmp_path: Path) -> dict[str, str]:
    """Flags of a run over the input of the demo, with users, courses and notices over HTTP."""
    records = json.loads((EXAMPLES / "lms.json").read_text())
    for user in records.pop("users"):
        platform.state.put("user", user["id"], {**user, "maskedPhone": "******1234"})
    for content in records.pop("courses"):
        platform.state.put("content", content["identifier"], content)
    for batch in records["course_batch"]:
        for template in (batch.get("cert_templates") or {}).values():
            template["notifyTemplate"] = LOOK
    source = tmp_path / "lms.json"
    source.write_text(json.dumps(records))
    load_records(source, tmp_path / "lms.db")
    return {
        **folders(tmp_path, "outcomes", "dead_letters", "audit", "storage"),
        "input": str(EXAMPLES / "issue-events.jsonl"),
        "lms": f"sqlite:{tmp_path / 'lms.db'}",
        "registry": f"sqlite:{tmp_path / 'lms.db'}",
        "users": platform.url,
        "courses": platform.url,
        "notify": platform.url,
        "formats": "json",
    }


def test_each_issued_certificate_has_its_notices_once(platform: PlatformServer, flags: dict[str, str]):
    summary = run("issue", flags)
    outcomes = summary.counted("outcome")
    issued = outcomes["issued"] + outcomes["reissued"]
    notices = list(platform.state.all("notice").values())
    feeds = [one for one in notices if one["path"] == "/private/user/feed/v1/create"]
    bodies = [one["request"]["body"] for one in notices if one["path"] == "/v2/notification"]
    assert issued > 0
    assert len(feeds) == issued
    assert len(bodies) == 2 * issued
    assert bodies.count("email body") == issued
    (mail,) = {one["request"]["stateImgUrl"] for one in notices if one["path"] == "/v2/notification"}
    assert "CLOUD_BASE_PATH" not in mail
    assert summary.counters["notices:sent"] == issued

    run("issue", flags)
    assert len(platform.state.all("notice")) == len(notices)


@pytest.mark.parametrize("kind", ["503", "cut"])
def test_failed_notices_do_not_change_outcomes(platform: PlatformServer, flags: dict[str, str], kind: str):
    platform.faults.append(Fault(kind, 100_000, "/v2/notification"))
    summary = run("issue", flags)
    outcomes = summary.counted("outcome")
    issued = outcomes["issued"] + outcomes["reissued"]
    assert issued > 0
    assert sum(summary.counted("notice-failed").values()) == issued
    assert "notices" not in json.dumps(summary.counted("dead-letter"))
