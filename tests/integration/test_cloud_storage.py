"""Object stores: headers of uploads, replays, events and templates."""

import hashlib
from pathlib import Path
from typing import Any

import orjson
import pytest
from apache_beam.io.filesystems import FileSystems
from azure.storage.blob import ContainerClient
from click.testing import CliRunner
from google.cloud import storage

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.events.json_lines import find_chunks, read_lines
from certbeam.io.port_table import LARGE_MESSAGES, STORAGE
from certbeam.io.template_sources import open_templates
from certbeam.io.uri.address import FlagError
from certbeam.issuing.dead_letter import DeadLetter
from certbeam.pipelines.cli.main import main
from certbeam.pipelines.runners.beam_options import beam_options
from certbeam.tests.integration.azurite_server import ACCOUNT, KEY, Azurite
from certbeam.tests.support import present

EVENT = {"mid": "m", "edata": {"batchId": "batch-1", "userIds": ["u-1"]}}
LETTER = DeadLetter(EVENT, "certbeam-issue", "S", ErrorCode.USER_MISSING, "e", {}).serialise()


def test_an_upload_has_content_type_and_cache_control(bucket: storage.Bucket):
    opened = STORAGE.open(f"gs://{bucket.name}")
    opened.put(
        [
            Artefact("b/one.svg", "image/svg+xml", (b"<svg/>",)),
            Artefact("issuer.json", "application/json", (b"{}",)),
        ]
    )
    opened.close()
    certificate, issuer = bucket.get_blob("b/one.svg"), bucket.get_blob("issuer.json")
    assert (certificate.content_type, certificate.cache_control) == ("image/svg+xml", "public, max-age=3600")
    assert (issuer.content_type, issuer.cache_control) == ("application/json", "public, max-age=60")


PRIVATE = "private, no-store"
"""The header of large messages."""


def put_large_message(address: str) -> None:
    opened = LARGE_MESSAGES.open(address)
    assert opened.put([Artefact("one.json", "application/octet-stream", (b"{}",))]) == [None]
    opened.close()


def test_large_messages_are_not_cached(bucket: storage.Bucket):
    put_large_message(f"gs://{bucket.name}/large")
    assert bucket.get_blob("large/one.json").cache_control == PRIVATE


def test_only_files_of_a_missing_bucket_fail(cloud_storage: storage.Client):
    opened = STORAGE.open("gs://nowhere-at-all/certs")
    (error,) = opened.put([Artefact("b/one.json", "application/json", (b"{}",))])
    opened.close()
    assert error is not None
    assert error.code == "storage-refused"


def test_an_address_without_a_bucket_is_refused(cloud_storage: storage.Client):
    with pytest.raises(FlagError, match="gs://BUCKET"):
        STORAGE.open("gs://")


class TestTemplates:
    def test_a_template_is_fetched_again_when_its_generation_changed(self, bucket: storage.Bucket):
        blob = bucket.blob("templates/one.svg")
        blob.upload_from_string(b"<svg>1</svg>", content_type="image/svg+xml")
        url = f"gs://{bucket.name}/templates/one.svg"
        source = open_templates([f"gs://{bucket.name}/templates"], None)
        first = source.fetch(url)
        assert first is not None
        assert first.body == b"<svg>1</svg>"
        assert source.fetch(url, first.version) is None
        blob.upload_from_string(b"<svg>2</svg>", content_type="image/svg+xml")
        second = source.fetch(url, first.version)
        assert second is not None
        assert second.body == b"<svg>2</svg>"
        source.close()

    def test_a_template_that_is_missing_or_not_allowed_is_rejected(self, bucket: storage.Bucket):
        source = open_templates([f"gs://{bucket.name}/templates"], None)
        with pytest.raises(Rejected, match="no object"):
            source.fetch(f"gs://{bucket.name}/templates/none.svg")
        with pytest.raises(Rejected, match="template_allow"):
            source.fetch(f"gs://{bucket.name}/elsewhere/one.svg")
        source.close()


class TestEvents:
    @pytest.fixture(params=["gs", "s3"])
    def folder(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
        """The address of a dead letter in a bucket, for a command in a new process."""
        monkeypatch.setattr(FileSystems, "_pipeline_options", None)
        if request.param == "gs":
            bucket = request.getfixturevalue("bucket")
            bucket.blob("events/one.jsonl").upload_from_string(LETTER)
            return f"gs://{bucket.name}/events"
        name = request.getfixturevalue("s3_bucket")
        request.getfixturevalue("s3").put_object(Bucket=name, Key="events/one.jsonl", Body=LETTER)
        return f"s3://{name}/events"

    def test_events_are_read_with_their_file_and_line(self, folder: str):
        beam_options([], known=[])
        (record,) = [record for chunk in find_chunks(f"{folder}/*.jsonl") for record in read_lines(chunk)]
        assert (record.value, record.source) == (LETTER, {"file": f"{folder}/one.jsonl", "line": 1})

    def test_dead_letters_are_replayed(self, folder: str, tmp_path: Path):
        replayed = tmp_path / "again.jsonl"
        done = CliRunner().invoke(main, ["replay", f"{folder}/*.jsonl", f"--output={replayed}"])
        assert (done.exit_code, orjson.loads(replayed.read_bytes())) == (0, EVENT)

    def test_a_missing_input_is_reported_before_a_run(self, folder: str, tmp_path: Path):
        flags = [f"--input={folder}/none.jsonl", f"--lms=sqlite:{tmp_path / 'lms.db'}", "--template_allow=/t"]
        done = CliRunner().invoke(main, ["issue", *flags])
        assert "no file matches" in done.output
        assert done.exit_code == 2


@pytest.mark.usefixtures("s3")
class TestS3:
    def test_an_upload_has_content_type_and_cache_control(self, s3: Any, s3_bucket: str):
        opened = STORAGE.open(f"s3://{s3_bucket}")
        opened.put([Artefact("b/one.svg", "image/svg+xml", (b"<svg/>",))])
        opened.close()
        found = s3.head_object(Bucket=s3_bucket, Key="b/one.svg")
        assert (found["ContentType"], found["CacheControl"]) == ("image/svg+xml", "public, max-age=3600")

    def test_large_messages_are_not_cached(self, s3: Any, s3_bucket: str):
        put_large_message(f"s3://{s3_bucket}/large")
        assert s3.head_object(Bucket=s3_bucket, Key="large/one.json")["CacheControl"] == PRIVATE

    def test_only_files_of_a_missing_bucket_fail(self):
        opened = STORAGE.open("s3://nowhere-at-all")
        (error,) = opened.put([Artefact("one.json", "application/json", (b"{}",))])
        with pytest.raises(Rejected, match="NoSuchBucket") as unread:
            opened.get("one.json")
        assert unread.value.code == "storage-refused"
        opened.close()
        assert error is not None
        assert (error.code, "NoSuchBucket" in error.reason) == ("storage-refused", True)

    def test_an_endpoint_that_does_not_answer_is_unavailable(self):
        opened = STORAGE.open("s3://certs?endpoint=http://127.0.0.1:1&region=eu-west-1")
        (error,) = opened.put([Artefact("one.json", "application/json", (b"{}",))])
        opened.close()
        assert isinstance(error, Unavailable)

    @pytest.mark.parametrize(
        ("address", "remedy"),
        [("s3://", "s3://BUCKET"), ("s3://b?endpoint=here", "here"), ("s3://b?acl=public", "acl")],
    )
    def test_an_invalid_address_is_rejected(self, address: str, remedy: str):
        with pytest.raises(FlagError, match=remedy):
            STORAGE.open(address)


def test_templates_from_s3(s3: Any, s3_bucket: str):
    url = f"s3://{s3_bucket}/templates/one.svg"
    source = open_templates([f"s3://{s3_bucket}/templates"], None)
    s3.put_object(Bucket=s3_bucket, Key="templates/one.svg", Body=b"<svg>1</svg>")
    first = source.fetch(url)
    assert first is not None
    assert first.body == b"<svg>1</svg>"
    assert source.fetch(url, first.version) is None
    s3.put_object(Bucket=s3_bucket, Key="templates/one.svg", Body=b"<svg>2</svg>")
    second = source.fetch(url, first.version)
    assert second is not None
    assert second.body == b"<svg>2</svg>"
    with pytest.raises(Rejected, match="no object"):
        source.fetch(f"s3://{s3_bucket}/templates/none.svg")
    with pytest.raises(Rejected, match="template_allow"):
        source.fetch(f"s3://{s3_bucket}/elsewhere/one.svg")
    source.close()


class TestAzure:
    def test_an_upload_has_content_type_and_cache_control(self, azure_container: ContainerClient):
        opened = STORAGE.open(f"az://{azure_container.container_name}")
        opened.put([Artefact("b/one.svg", "image/svg+xml", (b"<svg/>",))])
        opened.close()
        settings = azure_container.get_blob_client("b/one.svg").get_blob_properties().content_settings
        assert (settings.content_type, settings.cache_control) == ("image/svg+xml", "public, max-age=3600")
        assert bytes(present(settings.content_md5)) == hashlib.md5(b"<svg/>", usedforsecurity=False).digest()

    def test_large_messages_are_not_cached(self, azure_container: ContainerClient):
        put_large_message(f"az://{azure_container.container_name}/large")
        properties = azure_container.get_blob_client("large/one.json").get_blob_properties()
        assert properties.content_settings.cache_control == PRIVATE

    def test_an_account_and_its_key_can_be_given(
        self, azure_container: ContainerClient, azurite: Azurite, monkeypatch: pytest.MonkeyPatch
    ):
        address = f"az://{azure_container.container_name}?account={ACCOUNT}&endpoint={azurite.endpoint}"
        for key, code in ((KEY, None), ("d3Jvbmc=", "storage-refused")):
            monkeypatch.setenv("CERTBEAM_KEY", key)
            opened = STORAGE.open(f"{address}&key_env=CERTBEAM_KEY")
            (error,) = opened.put([Artefact("one.json", "application/json", (b"{}",))])
            opened.close()
            assert (error and error.code) == code

    @pytest.mark.usefixtures("azure_container")
    def test_only_files_of_a_missing_container_fail(self):
        opened = STORAGE.open("az://nowhere-at-all")
        (error,) = opened.put([Artefact("one.json", "application/json", (b"{}",))])
        with pytest.raises(Rejected, match="404") as unread:
            opened.get("one.json")
        assert unread.value.code == "storage-refused"
        opened.close()
        assert error is not None
        assert error.code == "storage-refused"

    @pytest.mark.parametrize(
        ("address", "remedy"),
        [("az://", "az://CONTAINER"), ("az://c", "account"), ("az://c?account=a&key=k", "key_file")],
    )
    def test_an_invalid_address_is_rejected(self, address: str, remedy: str):
        with pytest.raises(FlagError, match=remedy):
            STORAGE.open(address)
