"""``docs/architecture.md``: its picture has every stage."""

import pytest

from certbeam.pipelines import enrich, generate, issue
from certbeam.pipelines.assembly import name_of
from certbeam.tests.docs.markdown import DOCS, examples
from certbeam.tests.support import Platform


@pytest.mark.parametrize("pipeline", [issue, enrich, generate])
def test_the_picture_has_the_stages_in_order(pipeline, platform: Platform):
    picture = next(one.text for one in examples(DOCS / "architecture.md"))
    settings = platform.settings(keys="keys.json", assertion_signer="enc+http://localhost")
    stages = [name_of(stage) for stage in pipeline.stages(settings)]
    lines = [
        next(number for number, line in enumerate(picture.splitlines()) if name in line) for name in stages
    ]
    assert lines == sorted(lines)
