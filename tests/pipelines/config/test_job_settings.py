"""Job settings from flags, and the checks before a job is submitted."""

import pickle
import sys
from dataclasses import replace

import pytest

from certbeam.badges.key_set import new_key_set
from certbeam.io.keys.jwk_file import write_key_set
from certbeam.io.port import ISSUE, PIPELINES
from certbeam.io.port_table import REGISTRY, STATUS_LISTS
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import check_ports, job_settings
from certbeam.stages.worker import acquire


def job(pipeline=ISSUE, **given):
    return job_settings(pipeline, complete(pipeline, {"input": "a.jsonl", **given}, {}))


@pytest.fixture
def given(platform, monkeypatch):
    """Flags whose ports can all be opened."""
    monkeypatch.chdir(platform.folder)
    (platform.folder / "a.jsonl").write_text("{}")
    return {"lms": "sqlite:lms.db", "template_allow": ("templates",), "registry": "sqlite:registry.db"}


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_the_defaults_are_valid_settings_of_each_pipeline(pipeline):
    settings = job(pipeline)
    assert settings.pipeline == pipeline
    addresses = dict(settings.worker.addresses)
    assert addresses["learning"] == "sqlite:certbeam.db"
    assert {addresses[name] for name in ("users", "courses") if name in addresses} <= {"sqlite:certbeam.db"}
    assert (settings.worker.enrichment is None) == (pipeline == "generate")
    assert (settings.worker.making is None) == (pipeline == "enrich")
    assert set(settings.sinks) == {"outcomes", "dead_letters"} | (
        {"requests_output"} if pipeline == "enrich" else {"audit"}
    )


def test_batches_caches_and_streams_are_bounded_by_default():
    settings = job()
    assert (settings.max_inflight, settings.worker.batch_size) == (2000, 100)
    assert settings.worker.making.template_cache_bytes == 256 * 1024 * 1024
    assert settings.worker.making.template_seconds == 300


def test_job_settings_are_pickled():
    settings = job(formats="json,pdf", batch_size="7", template_cache_mb="2")
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301 - our own
    assert hash(settings.worker) == hash(pickle.loads(pickle.dumps(settings.worker)))  # noqa: S301 - our own
    assert settings.worker.making.template_cache_bytes == 2 * 1024 * 1024


def test_blanks_duplicates_and_trailing_slashes_are_removed_from_values():
    worker = job(
        base_url="https://x.example/certs/", formats=" json , svg, json", assessed_types="A, B"
    ).worker
    assert worker.making.issuer.base_url == "https://x.example/certs"
    assert worker.making.issuer.formats == ("json", "svg")
    assert worker.enrichment.assessed_types == ("A", "B")


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("base_url", "certs.example.org"),
        ("base_url", "ftp://x/certs"),
        ("base_url", "https://x/certs?y"),
        ("verify_url", "https://x/{certificate}"),
        ("verify_url", "https://x/"),
        ("verify_url", "{0}{id}"),
        ("verify_url", "{id"),
        ("verify_url", "{id}" + "x" * 500),
        ("formats", "json,gif"),
        ("formats", "svg"),
        ("formats", ","),
        ("timezone", "India"),
        ("timezone", "../etc/passwd"),
        ("batch_size", "0"),
        ("batch_size", "-1"),
        ("batch_size", "many"),
        ("template_cache_mb", "0"),
        ("template_seconds", "1.5"),
        ("max_message_bytes", "many"),
        ("max_message_bytes", "65535"),
        ("max_message_bytes", "30000001"),
        ("access_code_key", "missing.key"),
    ],
)
def test_the_error_of_an_invalid_value_names_its_flag(flag, value):
    with pytest.raises(FlagError) as error:
        job(**{flag: value})
    assert (error.value.flag, error.value.value) == (flag, value)


@pytest.mark.parametrize("value", ["65536", "30000000"])
def test_max_message_bytes_limits_stages_and_producers(value):
    settings = job(max_message_bytes=value)
    assert settings.worker.max_message_bytes == settings.kafka.max_message_bytes == int(value)
    assert job().worker.max_message_bytes == 1_000_000


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_all_pipelines_store_large_messages_in_the_same_folder(pipeline):
    assert dict(job(pipeline).worker.addresses)["large_messages"] == "out/large_messages"


def test_the_access_code_key_is_checked_and_not_part_of_the_settings(tmp_path):
    file = tmp_path / "codes.key"
    file.write_bytes(b"sixteen bytes ok\n")
    worker = job(access_code_key=str(file)).worker
    assert worker.making.access_code_key == str(file)
    assert b"sixteen bytes ok" not in pickle.dumps(worker)
    file.write_bytes(b"too short\n")
    with pytest.raises(FlagError, match="16 bytes or more"):
        job(access_code_key=str(file))


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("input", "missing.jsonl"),
        ("lms", "sqlite:missing.db"),
        ("users", "sqlite:missing.db"),
        ("courses", "mysql:x"),
        ("storage", "ftp:x"),
        ("large_messages", "ftp:x"),
        ("large_messages", "out/certs/large"),
        ("registry", "sqlite:missing/x.db"),
        ("template_allow", ("https://user@host/x",)),
        ("audit", "kafkaesque://x"),
        ("audit", "kafka://host:9092/audit?max.request.size=1000000"),
    ],
)
def test_the_error_of_a_port_that_cannot_be_opened_names_its_flag(given, flag, value):
    check_ports(job(**given))
    with pytest.raises(FlagError) as error:
        check_ports(job(**{**given, flag: value}))
    assert error.value.flag == flag


@pytest.fixture
def keys(platform):
    """A key set for the default base_url."""
    base_url = job().worker.making.issuer.base_url
    file = platform.folder / "keys.json"
    write_key_set(file, new_key_set(base_url, seed=b"1" * 32, secret=b"2" * 32, created=1000))
    return str(file)


def test_check_ports_opens_keys_and_status_slots(given, keys, platform):
    settings = job(**given, keys=keys)
    check_ports(settings)
    assert settings.worker.address(STATUS_LISTS) == settings.worker.address(REGISTRY)
    with pytest.raises(FlagError, match=r"^--status_slots=sqlite:missing/x.db"):
        check_ports(job(**given, keys=keys, status_slots="sqlite:missing/x.db"))
    (platform.folder / "keys.json").chmod(0o644)
    with pytest.raises(FlagError, match=r"^--keys=.*chmod 600"):
        check_ports(settings)


def test_check_ports_opens_the_assertion_signer(given):
    check_ports(job(**given, keys="enc+http://enc.example.org?key=1"))
    settings = job(**given, keys="enc+http://enc.example.org?key=1")
    addresses = {**dict(settings.worker.addresses), "assertion_signer": "enc+http://"}
    nowhere = replace(settings.worker, addresses=tuple(addresses.items()))
    with pytest.raises(FlagError, match=r"^--keys=enc\+http://: a URL with a host"):
        check_ports(replace(settings, worker=nowhere))


def test_check_ports_opens_users_and_notice_apis_if_notices_are_sent(given):
    event = {**given, "users": "sqlite:missing.db"}
    check_ports(job("generate", **event))
    for notify in ("http://notices.example.org", "kafka://broker:9092/notices"):
        check_ports(job("generate", **given, notify=notify))
        with pytest.raises(FlagError, match=r"^--users=sqlite:missing.db"):
            check_ports(job("generate", **event, notify=notify))
    with pytest.raises(FlagError, match=r"^--notify=http://"):
        check_ports(job("generate", **given, notify="http://"))


def test_check_ports_opens_the_sinks_of_the_pipeline_only(given):
    enrich = job("enrich", **{**given, "registry": "sqlite:missing/x.db"})
    check_ports(enrich)
    with pytest.raises(FlagError, match=r"^--requests_output=kafka:"):
        check_ports(replace(enrich, sinks={"requests_output": "kafka://broker/topic"}))


def test_the_format_vc_needs_keys(keys):
    assert job(keys=keys).worker.making.issuer.formats == ("json", "vc", "svg")
    assert job().worker.making.issuer.formats == ("json", "svg")
    with pytest.raises(FlagError, match="vc needs a key set"):
        job(formats="json,vc")
    assert job(formats="json,vc", keys=keys).worker.making.issuer.formats == ("json", "vc")


def test_keys_of_another_base_url_are_rejected(keys):
    with pytest.raises(FlagError, match="were made for") as error:
        job(keys=keys, base_url="https://elsewhere.example.org/certs")
    assert error.value.flag == "base_url"


@pytest.mark.parametrize(("length", "fits"), [(500, True), (501, False)])
def test_a_verify_url_of_more_than_500_characters_is_rejected(length, fits):
    value = "https://x/{id}".ljust(length - 36 + len("{id}"), "x")
    if fits:
        assert job(verify_url=value).worker.making.issuer.verify_url == value
    else:
        with pytest.raises(FlagError, match="would have 501 characters"):
            job(verify_url=value)


@pytest.mark.parametrize("proofs", ["eddsa-jcs-2022", "eddsa-rdfc-2022,other", ","])
def test_unknown_proofs_are_rejected(proofs):
    with pytest.raises(FlagError, match="the list is not supported: give eddsa-rdfc-2022"):
        job(proofs=proofs)
    both = "eddsa-rdfc-2022,eddsa-jcs-2022"
    assert job(proofs=both).worker.making.issuer.proofs == tuple(both.split(","))


@pytest.mark.parametrize("sink", ["outcomes", "dead_letters", "audit"])
@pytest.mark.parametrize("source", ["events/a.jsonl", "events/*.jsonl", "file://{folder}/events/a.jsonl"])
def test_check_ports_rejects_a_sink_whose_folder_holds_the_input(given, platform, sink, source):
    (platform.folder / "events").mkdir()
    (platform.folder / "events" / "a.jsonl").write_text("{}")
    read = {**given, "input": source.format(folder=platform.folder)}
    check_ports(job(**read))
    with pytest.raises(FlagError, match="--input is read from this folder") as error:
        check_ports(job(**read, **{sink: f"{platform.folder}/events/"}))
    assert error.value.flag == sink


@pytest.mark.parametrize(("module", "library"), [("typst_engine", "typst"), ("pdf", "pikepdf")])
def test_a_format_whose_library_is_missing_is_rejected_before_the_run(given, monkeypatch, module, library):
    check_ports(job(**given, formats="json,svg,png"))
    monkeypatch.delitem(sys.modules, f"certbeam.artwork.render.{module}")
    monkeypatch.setitem(sys.modules, library, None)
    check_ports(job(**given, formats="json,svg"))
    for formats in ("json,png", "json,pdf"):
        settings = job(**given, formats=formats)
        with pytest.raises(FlagError, match=f"--formats={formats}: .*libcairo2.*{library}"):
            check_ports(settings)
        with pytest.raises(ImportError, match=library):
            acquire(settings.worker)
