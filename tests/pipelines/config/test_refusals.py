"""Refusals of flags and their limits, before anything is submitted."""

import pytest

from certbeam.badges.key_set import new_key_set
from certbeam.io.keys.jwk_file import write_key_set
from certbeam.io.port import ISSUE
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.config.flags import complete
from certbeam.pipelines.config.job_settings import job_settings, key_set_of
from certbeam.tests.support import present

BASE_URL = "https://certs.example.org/certs"


def job(**given):
    return job_settings(ISSUE, complete(ISSUE, {"input": "a.jsonl", **given}, {}))


def write_keys(folder, base_url=BASE_URL, name="issuer.keys"):
    file = folder / name
    write_key_set(file, new_key_set(base_url, seed=b"1" * 32, secret=b"2" * 32, created=1))
    return str(file)


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("java_worker", "localhost"),
        ("java_worker", ":4000"),
        ("java_worker", "localhost:"),
        ("java_worker", "localhost:port"),
        ("max_num_records", "0"),
        ("max_num_records", "many"),
        ("max_read_time", "-1"),
        ("base_url", "https://certs.example.org/certs#part"),
        ("verify_url", "{id.certificate}"),
        ("verify_url", "{id} {}"),
        ("proofs", "eddsa-jcs-2022"),
        ("timezone", "Asia/Nowhere"),
        ("timezone", "/etc/localtime"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_its_flag(flag, value):
    with pytest.raises(FlagError) as error:
        job(**{flag: value})
    assert (error.value.flag, error.value.value) == (flag, value)


def test_the_least_and_empty_values_are_accepted():
    settings = job(batch_size="1", max_num_records="1", max_read_time="1", assessed_types="A,,B,")
    assert settings.worker.batch_size == 1
    assert (settings.kafka.max_num_records, settings.kafka.max_read_time) == (1, 1)
    assert settings.worker.enrichment.assessed_types == ("A", "B")
    assert (job().kafka.max_num_records, job().kafka.max_read_time) == (None, None)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_files_may_be_published_at_http_and_https_urls(scheme):
    url = f"{scheme}://certs.example.org/certs"
    assert job(base_url=url).worker.making.issuer.base_url == url


def test_the_address_of_a_java_worker_is_passed_on():
    assert job(java_worker="localhost:4000").kafka.java_worker == "localhost:4000"
    assert job().kafka.java_worker == ""


@pytest.mark.parametrize(
    ("input_", "bounds", "is_streaming"),
    [
        ("a.jsonl", {}, False),
        ("kafka://localhost:9092/topic", {}, True),
        ("kafka://localhost:9092/topic", {"max_num_records": "5"}, False),
        ("kafka://localhost:9092/topic", {"max_read_time": "5"}, False),
    ],
)
def test_a_job_streams_if_it_reads_a_topic_without_a_bound(input_, bounds, is_streaming):
    assert job(input=input_, **bounds).streaming is is_streaming


@pytest.mark.parametrize("base_url", ["http://certs.example.org/certs", "https://certs.example.org"])
def test_an_issuer_that_signs_needs_a_url_of_a_did(tmp_path, base_url):
    with pytest.raises(FlagError, match="signed credentials need") as error:
        job(base_url=base_url, keys=write_keys(tmp_path, base_url))
    assert (error.value.flag, error.value.value) == ("base_url", base_url)


def test_a_key_set_belongs_to_one_base_url(tmp_path):
    keys = write_keys(tmp_path)
    for base_url in (BASE_URL, f"{BASE_URL}/", None, ""):
        assert present(key_set_of(keys, base_url)).base_url == BASE_URL
    assert key_set_of("enc+http://signing.example.org", BASE_URL) is None
    assert present(key_set_of(write_keys(tmp_path, "", "without.keys"), BASE_URL)).base_url == ""
    with pytest.raises(FlagError, match=f"were made for {BASE_URL}") as error:
        key_set_of(keys, "https://elsewhere.example.org/certs")
    assert error.value.flag == "base_url"
