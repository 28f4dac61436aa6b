"""Arguments of uploads to object stores, recorded by fake clients."""

import base64
import hashlib
from types import SimpleNamespace
from typing import Any

import pytest
from azure.core.exceptions import AzureError, HttpResponseError
from botocore.exceptions import ClientError

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.clients import amazon_s3
from certbeam.io.storage import azure_container as azure
from certbeam.io.storage import gcs_bucket as gcs
from certbeam.io.storage import s3_bucket as s3
from certbeam.io.storage.concurrent_upload import ConcurrentStorage, cache_control
from certbeam.io.uri.address import parse_address

HOUR, MINUTE = "public, max-age=3600", "public, max-age=60"
NAMES = {
    "batch-1/1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f11.json": HOUR,
    "batch-1/1f8a5ae2-9d0b-5a8a-b9c1-6a7d9d0e3f11": HOUR,
    "issuers/0d847c54-6fb5-5018-b72b-443dde9013b2.json": HOUR,
    "v1/context.json": HOUR,
    "status/1.json": MINUTE,
    "keys/a.json": MINUTE,
    "keys/a/0d847c54-6fb5-5018-b72b-443dde9013b2.json": MINUTE,
    "did.json": MINUTE,
    "issuer.json": MINUTE,
}
BODY = b'{"a":1}'
CHECKSUM = hashlib.md5(BODY, usedforsecurity=False).digest()


class _Bucket:
    """A fake bucket of Cloud Storage that records uploads."""

    def __init__(self) -> None:
        self.uploads: list[dict[str, Any]] = []

    def blob(self, name: str) -> "_Blob":
        return _Blob(self, name)


class _Blob:
    def __init__(self, bucket: _Bucket, name: str) -> None:
        self._bucket = bucket
        self.name = name
        self.cache_control = ""

    def upload_from_string(self, body: bytes, **arguments: Any) -> None:
        told = {"name": self.name, "body": body, "cache": self.cache_control, **arguments}
        self._bucket.uploads.append(told)


class _Client:
    """A fake client of S3 and Azure that records uploads, or raises an error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.uploads: list[dict[str, Any]] = []
        self._error = error

    def put_object(self, **arguments: Any) -> None:
        self._note(arguments)

    def upload_blob(self, name: str, body: bytes, **arguments: Any) -> None:
        self._note({"name": name, "body": body, **arguments})

    def _note(self, told: dict[str, Any]) -> None:
        if self._error:
            raise self._error
        self.uploads.append(told)


def put(uploads: Any, name: str = "batch-1/a.json") -> None:
    uploads.put(Artefact(name, "application/json", (BODY[:3], BODY[3:])))


def to_s3(client: Any) -> s3._Objects:
    return s3._Objects(client, "bucket", "", cache_control)


def to_azure(container: Any) -> azure._Blobs:
    return azure._Blobs(container, "certs", cache_control)


@pytest.mark.parametrize(("name", "kept"), NAMES.items())
def test_status_lists_and_keys_are_cached_for_a_minute_and_certificates_for_an_hour(name: str, kept: str):
    assert cache_control(name) == kept


@pytest.mark.parametrize(("name", "kept"), NAMES.items())
class TestEachStore:
    def test_upload_to_cloud_storage(self, name: str, kept: str):
        bucket = _Bucket()
        put(gcs._Blobs(bucket, "certs", cache_control), name)
        (told,) = bucket.uploads
        assert (told["name"], told["body"], told["cache"]) == (f"certs/{name}", BODY, kept)
        assert (told["content_type"], told["checksum"]) == ("application/json", "crc32c")
        assert told["if_generation_match"] == 0

    def test_upload_to_s3(self, name: str, kept: str):
        client = _Client()
        put(to_s3(client), name)
        assert client.uploads == [
            {
                "Bucket": "bucket",
                "Key": name,
                "Body": BODY,
                "ContentType": "application/json",
                "CacheControl": kept,
                "ContentMD5": base64.b64encode(CHECKSUM).decode(),
            }
        ]

    def test_upload_to_azure(self, name: str, kept: str):
        container = _Client()
        put(to_azure(container), name)
        (told,) = container.uploads
        settings = told.pop("content_settings")
        assert told == {"name": f"certs/{name}", "body": BODY, "overwrite": True, "validate_content": True}
        assert (settings.content_type, settings.cache_control) == ("application/json", kept)
        assert bytes(settings.content_md5) == CHECKSUM


def _s3_error(status: int) -> ClientError:
    response: Any = {"Error": {"Code": "X"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "PutObject")


def _azure_error(status: int) -> HttpResponseError:
    error = HttpResponseError("")
    error.status_code = status
    return error


@pytest.mark.parametrize(
    ("error", "raised", "code"),
    [
        (_s3_error(403), Rejected, "storage-refused"),
        (_s3_error(429), Unavailable, "storage-unavailable"),
        (_s3_error(500), Unavailable, "storage-unavailable"),
        (_azure_error(403), Rejected, "storage-refused"),
        (_azure_error(429), Unavailable, "storage-unavailable"),
        (_azure_error(500), Unavailable, "storage-unavailable"),
        (AzureError(""), Unavailable, "storage-unavailable"),
    ],
)
def test_errors_of_the_store_are_translated(error: Exception, raised: type[Rejected], code: str):
    client = _Client(error)
    with pytest.raises(Rejected) as found:
        put(to_s3(client) if isinstance(error, ClientError) else to_azure(client))
    assert (type(found.value), found.value.code) == (raised, code)


def test_a_rejected_file_does_not_affect_others():
    stored = []

    def put_one(artefact: Artefact) -> None:
        if artefact.name == "b":
            raise Rejected(ErrorCode.STORAGE_REFUSED, "why")
        stored.append(artefact.name)

    storage = ConcurrentStorage(SimpleNamespace(put=put_one))
    answers = storage.put([Artefact(name, "", ()) for name in "abc"])
    storage.close()
    assert [answer and answer.code for answer in answers] == [None, "storage-refused", None]
    assert sorted(stored) == ["a", "c"]


def test_the_client_of_s3_retries_and_sends_no_new_checksums(monkeypatch: pytest.MonkeyPatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "tests")
    client = amazon_s3.open_client(parse_address("storage", "s3://bucket"), region="eu-west-1")
    config: Any = client.meta.config  # its stubs lack the options
    assert config.retries == {"mode": "standard", "total_max_attempts": 6}
    assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (5, 30, 10)
    assert config.request_checksum_calculation == "when_required"


def test_a_closed_storage_uploads_nothing():
    stored: list[Artefact] = []
    storage = ConcurrentStorage(SimpleNamespace(put=stored.append))
    storage.close()
    with pytest.raises(RuntimeError):
        storage.put([Artefact("a", "", ())])
    assert stored == []
