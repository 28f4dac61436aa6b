"""Uploads to Cloud Storage name the generation that they replace. A fake bucket checks it; the emulator does not."""

import base64
from dataclasses import dataclass, field
from typing import Any

import google_crc32c
import pytest
from google.api_core.exceptions import Forbidden, PreconditionFailed, ServiceUnavailable, TooManyRequests

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.storage.gcs_bucket import _Blobs


@dataclass
class Blob:
    bucket: "Bucket"
    name: str
    generation: int = 0
    body: bytes = b""
    cache_control: str = ""

    @property
    def crc32c(self) -> str:
        return base64.b64encode(google_crc32c.Checksum(self.body).digest()).decode()

    def upload_from_string(self, body: bytes, *, if_generation_match: int, **_: Any) -> None:
        if self.bucket.errors:
            raise self.bucket.errors.pop()
        standing = self.bucket.blobs.get(self.name)
        if (standing.generation if standing else 0) != if_generation_match:
            raise PreconditionFailed("")
        self.bucket.uploads += 1
        self.body, self.generation = body, if_generation_match + 1
        self.bucket.blobs[self.name] = self


@dataclass
class Bucket:
    """A bucket that enforces preconditions."""

    blobs: dict[str, Blob] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)
    uploads: int = 0

    def blob(self, name: str) -> Blob:
        return Blob(self, name)

    def get_blob(self, name: str, **_: Any) -> Blob | None:
        return self.blobs.get(name)


def put(bucket: Bucket, body: bytes) -> None:
    _Blobs(bucket, "certs").put(Artefact("b/one.json", "application/json", (body,)))


def test_the_same_content_is_not_uploaded_again():
    bucket = Bucket()
    for _ in range(3):
        put(bucket, b"one")
    assert bucket.uploads == 1


def test_other_content_replaces_the_current_generation():
    bucket = Bucket()
    for body in (b"one", b"two"):
        put(bucket, body)
    assert bucket.blobs["certs/b/one.json"].body == b"two"
    assert bucket.blobs["certs/b/one.json"].generation == 2


def test_an_upload_with_a_lost_response_is_not_repeated():
    bucket = Bucket()
    put(bucket, b"one")
    bucket.errors.append(PreconditionFailed(""))
    put(bucket, b"one")
    assert bucket.uploads == 1


@pytest.mark.parametrize(
    ("error", "raised", "code"),
    [
        (Forbidden(""), Rejected, "storage-refused"),
        (TooManyRequests(""), Unavailable, "storage-unavailable"),
        (ServiceUnavailable(""), Unavailable, "storage-unavailable"),
    ],
)
def test_errors_of_the_service_are_translated(error: Exception, raised: type[Rejected], code: str):
    with pytest.raises(Rejected) as found:
        put(Bucket(errors=[error]), b"one")
    assert (type(found.value), found.value.code) == (raised, code)


def test_an_upload_is_unavailable_after_five_failed_preconditions():
    bucket = Bucket(errors=[PreconditionFailed("") for _ in range(10)])
    with pytest.raises(Unavailable):
        put(bucket, b"one")
    assert len(bucket.errors) == 5
