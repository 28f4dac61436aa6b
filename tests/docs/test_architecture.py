"""``docs/architecture.md``: its picture has every stage, and its code issues certificates."""

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to

from certbeam.pipelines import enrich, generate, issue
from certbeam.pipelines.assembly import name_of
from certbeam.tests.docs.markdown import DOCS, examples
from certbeam.tests.support import Pipeline, Platform, as_record, issue_event

PAGE = DOCS / "architecture.md"


@pytest.mark.parametrize("pipeline", [issue, enrich, generate])
def test_the_picture_has_the_stages_in_order(pipeline, platform: Platform):
    picture = next(one.text for one in examples(PAGE))
    settings = platform.settings(signer="keys.json", assertion_signer="enc+http://localhost")
    stages = [name_of(stage) for stage in pipeline.stages(settings)]
    lines = [
        next(number for number, line in enumerate(picture.splitlines()) if name in line) for name in stages
    ]
    assert lines == sorted(lines)


def test_the_example_code_issues_certificates_in_another_pipeline(platform: Platform):
    (code,) = (example.text for example in examples(PAGE) if example.language == "python")
    names: dict = {}
    exec(code, names)  # noqa: S102 - the code of the page
    flags = {
        "input": "unused",
        "lms": f"sqlite:{platform.database}",
        "registry": f"sqlite:{platform.folder / 'registry.db'}",
        "storage": str(platform.storage),
        "large_messages": str(platform.large_messages),
        "template_allow": (str(platform.folder / "templates"),),
    }
    with Pipeline() as pipeline:
        records = pipeline | beam.Create([as_record(issue_event("u-1", "u-2")), as_record(b"not JSON")])
        outcomes, dead_letters = names["issue_certificates"](records, flags)
        verdicts = outcomes | beam.Map(lambda outcome: (outcome.claim.user_id, outcome.verdict))
        assert_that(verdicts, equal_to([("u-1", "issued"), ("u-2", "not-eligible")]), "Check outcomes")
        codes = dead_letters | beam.Map(lambda letter: letter.code)
        assert_that(codes, equal_to(["not-json"]), "Check dead letters")
    assert len(list(platform.storage.glob("*/*.svg"))) == 1
