"""``docs/contracts.md``: its examples belong together, and are what certbeam reads and writes.

The rows and answers of the page are a learning platform. Its issue event goes through ``enrich`` and ``generate``;
what comes out is compared with the page.
"""

from pathlib import Path
from typing import Any

import orjson
import pytest

from certbeam.certificates.certificate import RegistryEntry
from certbeam.io.clients.http_service import HttpService
from certbeam.io.courses.content_api import ContentApi
from certbeam.io.learning.load import load_records
from certbeam.io.learning.tables import USER_ENROLMENTS
from certbeam.io.registry.certificate_registry_api import build_request
from certbeam.io.registry.sqlite_registry import COLUMNS
from certbeam.io.registry.sunbird_rc import build_entity
from certbeam.io.users.user_api import UserApi
from certbeam.issuing.certificate_request import parse_certificate_request
from certbeam.issuing.generate_event import parse_generate_event
from certbeam.issuing.issue_event import parse_issue_event
from certbeam.issuing.learning_records import User
from certbeam.issuing.notices import build_notices
from certbeam.issuing.record import Record
from certbeam.tests.docs.markdown import DOCS, ROOT, examples, json_examples
from certbeam.tests.pipelines.conftest import Installation
from certbeam.tests.schemas.validators import faults
from certbeam.tests.support import lines_of, present, serving

PAGE = DOCS / "contracts.md"
TEMPLATES = "https://templates.example.org"
TESTED = {
    "Issue event",
    "Generate event",
    "Audit event",
    "course_batch",
    "user_enrolments",
    "user_activity_agg",
    "cert_registry",
    "Content API",
    "User API",
    "Assertion",
    "Certificate-registry API",
    "Sunbird RC",
    "Notifications",
}
"""The sections with examples."""


def one(heading: str) -> Any:
    """Return the only example of a section."""
    (example,) = json_examples(PAGE, heading)
    return example


ISSUE_EVENT, GENERATE_EVENT, ASSERTION = map(one, ("Issue event", "Generate event", "Assertion"))
BATCH, SCORES, ROW = map(one, ("course_batch", "user_activity_agg", "cert_registry"))
ENROLMENT, ENTRY = json_examples(PAGE, "user_enrolments")
CONTENTS = [answer["result"]["content"] for answer in json_examples(PAGE, "Content API")]
USER = one("User API")["result"]["response"]


class Run:
    """Runs of ``enrich`` and ``generate`` over the platform and the issue event of the page.

    Attributes:
        requests: the generate events.
        generated: the same with the page's URLs where the templates of this run are.
    """

    def __init__(self, root: Path) -> None:
        self.installation = Installation(root)
        self._load(root)
        events = root / "issue.jsonl"
        events.write_bytes(orjson.dumps(ISSUE_EVENT) + b"\n")
        self.installation.run("enrich", input=str(events), template_allow=(f"{TEMPLATES}/",))
        self.requests = lines_of(root / "requests")
        self._folder = root / "content"
        for name in ("templates", "signatures"):
            (self._folder / name).parent.mkdir(exist_ok=True)
            (self._folder / name).symlink_to(ROOT / "examples" / name)
        requests = root / "generate.jsonl"
        requests.write_bytes(self._here(orjson.dumps(GENERATE_EVENT)) + b"\n")
        allowed = (str(self._folder), str(ROOT / "examples"))
        self.installation.run("generate", input=str(requests), template_allow=allowed)

    def row(self) -> dict[str, Any]:
        """Return the row of the registry, with values as on the page."""
        (row,) = self.installation.rows(f"SELECT {', '.join(COLUMNS)} FROM cert_registry")  # noqa: S608 - our own names
        values = dict(zip(COLUMNS, row, strict=True))
        values["isrevoked"] = bool(values["isrevoked"])
        values["data"] = self._there(values["data"].encode()).decode()
        return values

    def stored(self, name: str) -> Any:
        """Return a stored document."""
        return orjson.loads(self._there((self.installation.root / "certs" / name).read_bytes()))

    def issued(self) -> list[Any]:
        """Return the list of issued certificates of the learner."""
        query = f"SELECT issued_certificates FROM user_enrolments WHERE userid = '{USER['id']}'"  # noqa: S608 - our own id
        ((entries,),) = self.installation.rows(query, "lms")
        return orjson.loads(entries)

    def _load(self, root: Path) -> None:
        tables = {
            "course_batch": [BATCH],
            "user_enrolments": [ENROLMENT],
            "user_activity_agg": [SCORES],
            "users": [USER],
            "courses": CONTENTS,
        }
        source = root / "rows.json"
        source.write_bytes(orjson.dumps(tables))
        load_records(source, root / "lms.db")

    def _here(self, text: bytes) -> bytes:
        return text.replace(TEMPLATES.encode(), str(self._folder).encode())

    def _there(self, text: bytes) -> bytes:
        return text.replace(str(self._folder).encode(), TEMPLATES.encode())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("contracts"))


def entry() -> RegistryEntry:
    """Return the registry entry of the certificate on the page."""
    return RegistryEntry(
        id=ROW["id"],
        access_code=ROW["accesscode"],
        created_at=ISSUE_EVENT["ets"],
        data=orjson.dumps(ASSERTION).decode(),
        json_url=ROW["jsonurl"],
        pdf_url=ROW["pdfurl"],
        recipient=ROW["recipient"],
        related=ROW["related"],
        name=GENERATE_EVENT["edata"]["name"],
        template_url=GENERATE_EVENT["edata"]["svgTemplate"],
    )


def test_every_example_is_tested():
    assert {block.heading for block in examples(PAGE)} == TESTED


def test_the_issue_event_is_one():
    (claim,) = parse_issue_event(Record(orjson.dumps(ISSUE_EVENT), {}))
    assert claim.user_id == USER["id"]
    assert (claim.batch_id, claim.course_id) == (BATCH["batchid"], BATCH["courseid"])


def test_the_generate_event_is_valid():
    (claim,) = parse_generate_event(Record(orjson.dumps(GENERATE_EVENT), {}))
    assert parse_certificate_request(claim).certificate_id == ENTRY["identifier"]
    assert faults("generate-event", GENERATE_EVENT) == []


def test_the_issue_event_results_in_the_generate_event(run: Run):
    assert run.requests == [GENERATE_EVENT]


def test_the_generate_event_results_in_the_audit_event(run: Run):
    assert run.installation.lines("audit", "generate") == json_examples(PAGE, "Audit event")
    assert faults("audit-event", one("Audit event")) == []


def test_the_generate_event_results_in_the_assertion(run: Run):
    name = f"{BATCH['batchid']}/{ROW['id']}"
    assert run.stored(name) == ASSERTION
    with_picture = run.stored(f"{name}.json")
    assert with_picture.pop("printUri").startswith("data:image/svg+xml")
    assert with_picture == ASSERTION


def test_the_generate_event_results_in_the_row_of_the_registry(run: Run):
    row = run.row()
    assert orjson.loads(row.pop("data")) == ASSERTION
    assert row == ROW


def test_the_generate_event_results_in_the_entry_of_the_enrolment(run: Run):
    assert run.issued() == [ENTRY]


def test_the_page_names_all_columns_of_enrolments():
    text = PAGE.read_text(encoding="utf-8")
    section = text[text.index("### user_enrolments") : text.index("### user_activity_agg")]
    assert {name for name in USER_ENROLMENTS.columns if f"`{name}`" not in section} <= set(
        USER_ENROLMENTS.key
    )


def test_the_response_of_the_content_api_on_the_page_is_read(tmp_path: Path):
    site = serving(tmp_path)
    path = "/{}?fields=identifier,name,contentType"
    for answer, content in zip(json_examples(PAGE, "Content API"), CONTENTS, strict=True):
        site.answers[path.format(content["identifier"])] = [(200, {}, orjson.dumps(answer))]
    api = ContentApi(HttpService("content", site.url))
    assert api.records([content["identifier"] for content in CONTENTS]) == {
        content["identifier"]: content for content in CONTENTS
    }
    api.close()
    site.close()


def test_the_response_of_the_user_api_on_the_page_is_read(tmp_path: Path):
    site = serving(tmp_path)
    query = "organisations,roles,locations,declarations,externalIds"
    site.answers[f"/{USER['id']}?{query}"] = [(200, {}, orjson.dumps(one("User API")))]
    api = UserApi(HttpService("users", site.url))
    user = api.users([USER["id"]])[USER["id"]]
    assert user == User(USER)
    assert user.name == GENERATE_EVENT["edata"]["data"][0]["recipientName"]
    api.close()
    site.close()


def test_the_certificate_registry_gets_the_request_on_the_page():
    body = one("Certificate-registry API")
    assert body["request"]["jsonData"] == {}
    body["request"]["jsonData"] = ASSERTION
    assert build_request(entry()) == body


def test_sunbird_rc_gets_the_entity_on_the_page():
    entity, search = json_examples(PAGE, "Sunbird RC")
    assert build_entity(entry()) == entity
    assert search["filters"] == {"jsonUrl": {"eq": entity["jsonUrl"]}}


def test_the_notices_are_those_on_the_page():
    (claim,) = parse_generate_event(Record(orjson.dumps(GENERATE_EVENT), {}))
    template = BATCH["cert_templates"]["tpl-reading-merit"]
    made = build_notices(parse_certificate_request(claim), User(USER), template, TEMPLATES)
    assert [made.feed, made.email, made.sms] == json_examples(PAGE, "Notifications")
    notices = json_examples(DOCS / "outputs.md", "Notices")
    assert notices == [{"kind": "feed", **present(made.feed)}, {"kind": "email", **present(made.email)}]
