"""Values of flags from the command line, the config file and the defaults."""

from dataclasses import replace

import pytest

from certbeam.io.port import ENRICH, GENERATE, ISSUE, PIPELINES
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.config import flags
from certbeam.pipelines.config.flags import EXAMPLES, FLAGS, complete, examples_folder, flags_of

GIVEN = {"input": "a.jsonl"}


def test_every_flag_has_a_help_text_and_known_pipelines():
    for flag in FLAGS:
        assert flag.help.endswith("."), flag.name
        assert set(flag.pipelines) <= set(PIPELINES)


def test_each_pipeline_has_the_flags_that_it_reads():
    names = {pipeline: {flag.name for flag in flags_of(pipeline)} for pipeline in PIPELINES}
    assert "requests_output" in names[ENRICH]
    assert not {"storage", "registry", "audit", "formats"} & names[ENRICH]
    assert not {"courses", "timezone"} & names[GENERATE]
    assert "requests_output" not in names[ISSUE]


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_flags_that_are_not_given_have_their_defaults(pipeline):
    values = complete(pipeline, GIVEN, {})
    assert set(values) == {flag.name for flag in flags_of(pipeline)}
    assert values["lms"] == "sqlite:certbeam.db"
    assert values["template_allow"] == (EXAMPLES,)


def test_only_a_source_checkout_has_examples(tmp_path):
    assert examples_folder(tmp_path) is None
    (tmp_path / "examples").mkdir()
    assert examples_folder(tmp_path) == str(tmp_path / "examples")


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_without_examples_template_allow_is_required(pipeline, monkeypatch):
    """An installed wheel has no examples; tests/test_wheel.py runs one."""
    without = [replace(flag, default=None) if flag.default == EXAMPLES else flag for flag in FLAGS]
    monkeypatch.setattr(flags, "FLAGS", tuple(without))
    remedy = (
        r"^--template_allow=: the flag is required: add --template_allow URL\. Allowed origin of templates"
    )
    with pytest.raises(FlagError, match=remedy):
        complete(pipeline, GIVEN, {})
    assert complete(pipeline, {**GIVEN, "template_allow": ("a",)}, {})["template_allow"] == ("a",)


def test_the_command_line_overrides_the_config_file():
    values = complete(
        ISSUE, {**GIVEN, "lms": "sqlite:given.db"}, {"lms": "sqlite:config.db", "audit": "config"}
    )
    assert (values["lms"], values["audit"]) == ("sqlite:given.db", "config")


def test_a_config_file_may_have_numbers_and_lists():
    config = {"batch_size": 7, "formats": ["json", "pdf"], "template_allow": ["a", "b"], "input": "x"}
    values = complete(ISSUE, {}, config)
    assert (values["batch_size"], values["formats"], values["template_allow"]) == (
        "7",
        "json,pdf",
        ("a", "b"),
    )
    assert complete(ISSUE, GIVEN, {"template_allow": "a"})["template_allow"] == ("a",)


def test_flags_of_other_pipelines_in_a_config_file_are_ignored():
    assert "storage" not in complete(ENRICH, GIVEN, {"storage": "certs"})


def test_a_config_file_with_an_unknown_flag_is_rejected():
    with pytest.raises(
        FlagError, match=r"^--config=lmz: no flag has this name: correct it, or remove it and its value 'x'$"
    ):
        complete(ISSUE, GIVEN, {"lmz": "x"})


def test_the_input_is_required():
    with pytest.raises(FlagError, match=r"^--input=: the flag is required"):
        complete(ISSUE, {}, {})
