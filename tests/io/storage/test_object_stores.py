"""Open object stores by their addresses, and read files from them, with fake clients."""

import io
from types import SimpleNamespace
from typing import Any

import google.api_core.exceptions as google_errors
import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.port_table import LARGE_MESSAGES, STORAGE
from certbeam.io.storage import azure_container as azure
from certbeam.io.storage import gcs_bucket as gcs
from certbeam.io.uri.address import FlagError

NAME = "batch-1/a.json"
ARTEFACT = Artefact(NAME, "application/json", (b"{}",))
LOCATIONS = [
    ("public", NAME),
    ("public/", NAME),
    ("public/certs", f"certs/{NAME}"),
    ("public/a/b/", f"a/b/{NAME}"),
]
"""Container or bucket with its prefix, and the name of the object that has the file :data:`NAME`."""


class Container:
    """A fake container of Azure that records how it is opened and what is uploaded."""

    def __init__(self, url: str, container: str, **options: Any) -> None:
        if url == "https://":
            raise ValueError("Invalid URL")
        self.opened = (url, container)
        self.credential = options.pop("credential", None)
        self.options = options
        self.names: list[str] = []
        self.answer: Any = b""
        containers.append(self)

    @classmethod
    def from_connection_string(cls, text: str, container: str, **options: Any) -> "Container":
        return cls(text, container, **options)

    def upload_blob(self, name: str, _body: bytes, *, content_settings: Any, **_: Any) -> None:
        self.names.append(name)
        self.cache_control = content_settings.cache_control

    def download_blob(self, name: str) -> Any:
        self.names.append(name)
        if isinstance(self.answer, Exception):
            raise self.answer
        return SimpleNamespace(readall=lambda: self.answer)


containers: list[Container] = []

CACHED = [(STORAGE, "public, max-age=3600"), (LARGE_MESSAGES, "private, no-store")]
"""Readers may keep certificates for a while. Large messages hold personal data, which no cache may keep."""


class TestAzure:
    @pytest.fixture(autouse=True)
    def _fake(self, monkeypatch: pytest.MonkeyPatch):
        containers.clear()
        monkeypatch.setattr(azure, "ContainerClient", Container)
        monkeypatch.setattr(azure, "DefaultAzureCredential", lambda: "identity of the machine")
        monkeypatch.setenv("ACCOUNT_KEY", "hush")
        monkeypatch.delenv(azure.CONNECTION, raising=False)

    @pytest.mark.parametrize(
        ("options", "url", "credential"),
        [
            (
                "account=certs&key_env=ACCOUNT_KEY",
                "https://certs.blob.core.windows.net",
                {"account_name": "certs", "account_key": "hush"},
            ),
            ("account=certs", "https://certs.blob.core.windows.net", "identity of the machine"),
            ("account=certs&endpoint=http://one:1/certs", "http://one:1/certs", "identity of the machine"),
            ("endpoint=https://blobs.example.org", "https://blobs.example.org", "identity of the machine"),
        ],
    )
    def test_an_account_is_opened_at_its_url_with_its_key_or_the_identity_of_the_machine(
        self, options, url, credential
    ):
        STORAGE.open(f"az://public/certs?{options}").close()
        (container,) = containers
        assert (container.opened, container.credential) == ((url, "public"), credential)
        assert container.options == {
            "connection_timeout": 5,
            "read_timeout": 30,
            "retry_total": 5,
            "initial_backoff": 1,
            "increment_base": 2,
        }

    def test_without_an_account_the_connection_string_of_the_environment_counts(self, monkeypatch):
        monkeypatch.setenv(azure.CONNECTION, "AccountName=certs")
        STORAGE.open("az://public/certs").close()
        (container,) = containers
        assert container.opened == ("AccountName=certs", "public")
        assert container.options["retry_total"] == 5

    @pytest.mark.parametrize(
        ("address", "reason"),
        [
            ("az://public/certs", r"^--storage=az://public/certs: the storage account is missing"),
            ("az:///certs?account=certs", "an address such as az://CONTAINER/PREFIX is needed"),
            ("az://public/certs?endpoint=https://", "it cannot be used: Invalid URL"),
            ("az://public/certs?account=certs&colour=red", "colour"),
        ],
    )
    def test_an_address_that_cannot_be_used_is_refused_with_its_flag(self, address, reason):
        with pytest.raises(FlagError, match=reason) as error:
            STORAGE.open(address)
        assert (error.value.flag, error.value.value) == ("storage", address)

    @pytest.mark.parametrize(("location", "name"), LOCATIONS)
    def test_names_are_below_the_prefix(self, location, name):
        storage = STORAGE.open(f"az://{location}?account=certs")
        assert storage.put([ARTEFACT]) == [None]
        storage.get(NAME)
        storage.close()
        assert containers[0].names == [name, name]

    @pytest.mark.parametrize(
        ("status", "error_code", "code"),
        [
            (404, "BlobNotFound", "storage-missing"),
            (404, "ContainerNotFound", "storage-refused"),
            (404, None, "storage-refused"),
            (403, None, "storage-refused"),
            (429, None, "storage-unavailable"),
            (499, None, "storage-refused"),
            (500, None, "storage-unavailable"),
        ],
    )
    def test_only_a_missing_blob_is_a_missing_file(self, status, error_code, code):
        error = (ResourceNotFoundError if status == 404 else HttpResponseError)("")
        error.status_code = status
        if error_code:
            vars(error)["error_code"] = error_code
        storage = STORAGE.open("az://public/certs?account=certs")
        containers[0].answer = error
        with pytest.raises(Rejected) as raised:
            storage.get(NAME)
        storage.close()
        assert raised.value.code == code

    def test_a_file_is_read(self):
        storage = STORAGE.open("az://public/certs?account=certs")
        containers[0].answer = b"{}"
        assert storage.get(NAME) == b"{}"
        storage.close()

    @pytest.mark.parametrize(("port", "header"), CACHED)
    def test_files_may_be_cached_as_the_port_says(self, port, header):
        storage = port.open("az://public/certs?account=certs")
        assert storage.put([ARTEFACT]) == [None]
        storage.close()
        assert containers[0].cache_control == header


class TestS3:
    @pytest.fixture(autouse=True)
    def _credentials(self, monkeypatch: pytest.MonkeyPatch, tmp_path):
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "none"))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "tests")

    def stub(self, address):
        storage: Any = STORAGE.open(address)
        return storage, Stubber(storage._objects._client)

    @pytest.mark.parametrize(
        ("options", "endpoint"),
        [
            ("region=eu-west-1", "https://s3.eu-west-1.amazonaws.com"),
            ("region=eu-west-1&endpoint=http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ],
    )
    def test_a_bucket_is_opened_in_its_region_or_at_its_endpoint(self, monkeypatch, options, endpoint):
        monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
        storage, stub = self.stub(f"s3://public/certs?{options}")
        assert stub.client.meta.endpoint_url == endpoint
        assert stub.client.meta.region_name == "eu-west-1"
        storage.close()

    @pytest.mark.parametrize(
        ("location", "key"),
        [
            ("public", NAME),
            ("public/", NAME),
            ("public/certs", f"certs/{NAME}"),
            ("public/a/b/", f"a/b/{NAME}"),
        ],
    )
    def test_names_are_below_the_prefix(self, location, key):
        storage, stub = self.stub(f"s3://{location}?region=eu-west-1")
        body = StreamingBody(io.BytesIO(b"{}"), 2)
        stub.add_response("get_object", {"Body": body}, {"Bucket": "public", "Key": key})
        with stub:
            assert storage.get(NAME) == b"{}"
        storage.close()

    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            ("NoSuchKey", 404, "storage-missing"),
            ("NoSuchBucket", 404, "storage-refused"),
            ("AccessDenied", 403, "storage-refused"),
            ("SlowDown", 429, "storage-unavailable"),
            ("InternalError", 500, "storage-unavailable"),
        ],
    )
    def test_only_a_missing_object_is_a_missing_file(self, error, status, code):
        storage, stub = self.stub("s3://public/certs?region=eu-west-1")
        stub.add_client_error("get_object", error, http_status_code=status)
        with stub, pytest.raises(Rejected) as raised:
            storage.get(NAME)
        storage.close()
        assert raised.value.code == code

    @pytest.mark.parametrize(
        ("address", "reason"),
        [
            ("s3:///certs", "an address such as s3://BUCKET/PREFIX is needed"),
            ("s3://public/certs?endpoint=nowhere", "Invalid endpoint"),
            ("s3://public/certs?colour=red", "colour"),
        ],
    )
    def test_an_address_that_cannot_be_used_is_refused_with_its_flag(self, address, reason):
        with pytest.raises(FlagError, match=reason) as error:
            STORAGE.open(address)
        assert (error.value.flag, error.value.value) == ("storage", address)

    def test_a_machine_without_credentials_is_refused(self, monkeypatch):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        with pytest.raises(FlagError, match="there are no AWS credentials on this machine"):
            STORAGE.open("s3://public/certs?region=eu-west-1")

    @pytest.mark.parametrize(("port", "header"), CACHED)
    def test_files_may_be_cached_as_the_port_says(self, port, header):
        storage = port.open("s3://public/certs?region=eu-west-1")
        stub = Stubber(storage._objects._client)
        expected = {
            "Bucket": "public",
            "Key": f"certs/{NAME}",
            "CacheControl": header,
            **dict.fromkeys(("Body", "ContentType", "ContentMD5"), ANY),
        }
        stub.add_response("put_object", {}, expected)
        with stub:
            assert storage.put([ARTEFACT]) == [None]
        storage.close()


class TestCloudStorage:
    @pytest.fixture(autouse=True)
    def _fake(self, monkeypatch: pytest.MonkeyPatch):
        self.answer: Any = b"{}"
        self.read: list[tuple[str, str]] = []
        monkeypatch.setattr(gcs, "open_client", lambda _: SimpleNamespace(bucket=self.bucket))

    def bucket(self, bucket):
        def download(name, **_):
            self.read.append((bucket, name))
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        def blob(name):
            self.blob = SimpleNamespace(
                download_as_bytes=lambda **options: download(name, **options),
                upload_from_string=lambda _body, **_: None,
            )
            return self.blob

        return SimpleNamespace(blob=blob)

    @pytest.mark.parametrize(("location", "name"), LOCATIONS)
    def test_names_are_below_the_prefix(self, location, name):
        storage = STORAGE.open(f"gs://{location}")
        assert storage.get(NAME) == b"{}"
        storage.close()
        assert self.read == [("public", name)]

    @pytest.mark.parametrize(
        ("error", "code", "kind"),
        [
            (google_errors.NotFound(""), "storage-missing", Rejected),
            (google_errors.Forbidden(""), "storage-refused", Rejected),
            (google_errors.TooManyRequests(""), "storage-unavailable", Unavailable),
            (google_errors.InternalServerError(""), "storage-unavailable", Unavailable),
        ],
    )
    def test_only_a_missing_object_is_a_missing_file(self, error, code, kind):
        self.answer = error
        storage = STORAGE.open("gs://public/certs")
        with pytest.raises(kind) as raised:
            storage.get(NAME)
        storage.close()
        assert raised.value.code == code

    def test_an_address_without_a_bucket_is_refused(self):
        with pytest.raises(FlagError, match="an address such as gs://BUCKET/PREFIX is needed"):
            STORAGE.open("gs:///certs")

    @pytest.mark.parametrize(("port", "header"), CACHED)
    def test_files_may_be_cached_as_the_port_says(self, port, header):
        storage = port.open("gs://public/certs")
        assert storage.put([ARTEFACT]) == [None]
        storage.close()
        assert self.blob.cache_control == header
