"""Certificates in Google Cloud Storage."""

import base64

import google_crc32c
from google.api_core.exceptions import NotFound, PreconditionFailed
from google.cloud.storage import Bucket

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Unavailable
from certbeam.io.clients.google_storage import REQUEST_SECONDS, RETRY, open_client, translated_errors
from certbeam.io.storage.concurrent_upload import CacheControl, ConcurrentStorage, cache_control, missing
from certbeam.io.uri.address import Address

ADDRESS = "gs://BUCKET/PREFIX"

_NEW = 0
"""The generation of a missing object."""
_MAX_ATTEMPTS = 5


def open_gcs_storage(address: Address, cache: CacheControl = cache_control) -> ConcurrentStorage:
    """Open the storage below ``gs://BUCKET/PREFIX``; the prefix may be empty.

    Args:
        address: the address.
        cache: the Cache-Control header of each file.

    Raises:
        FlagError: if the address has no bucket, or the machine has no credentials.
    """
    bucket, _, prefix = address.path.removeprefix("//").partition("/")
    if not bucket:
        raise address.refuse(f"an address such as {ADDRESS} is needed")
    return ConcurrentStorage(_Blobs(open_client(address).bucket(bucket), prefix.strip("/"), cache))


class _Blobs:
    """The objects below a prefix of a bucket.

    An upload names the generation that it replaces, so that it is idempotent.
    """

    def __init__(self, bucket: Bucket, prefix: str, cache: CacheControl = cache_control) -> None:
        self._cache = cache
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    def put(self, artefact: Artefact) -> None:
        """Upload a file, unless the object has the same content. It replaces an earlier one.

        Raises:
            Rejected: if Cloud Storage refuses the request.
            Unavailable: if Cloud Storage does not answer, or other writers change the object all the time.
        """
        name = self._prefix + artefact.name
        generation = _NEW
        with translated_errors(name, "storage"):
            for _ in range(_MAX_ATTEMPTS):
                try:
                    self._upload(name, artefact, generation)
                except PreconditionFailed:
                    current = self._bucket.get_blob(name, timeout=REQUEST_SECONDS, retry=RETRY)
                    if current is not None and current.crc32c == _checksum(artefact.body):
                        return
                    generation = current.generation if current else _NEW
                else:
                    return
        raise Unavailable(
            ErrorCode.STORAGE_UNAVAILABLE,
            f"{name} was changed by other writers during each of {_MAX_ATTEMPTS} attempts: replay the event",
        )

    def get(self, name: str) -> bytes:
        """Download a file.

        Raises:
            Rejected: if it does not exist, or Cloud Storage refuses the request.
            Unavailable: if Cloud Storage does not answer.
        """
        blob = self._bucket.blob(self._prefix + name)
        with translated_errors(self._prefix + name, "storage"):
            try:
                body: bytes = blob.download_as_bytes(timeout=REQUEST_SECONDS, retry=RETRY)
            except NotFound as error:
                raise missing(self._prefix + name) from error
        return body

    def _upload(self, name: str, artefact: Artefact, generation: int) -> None:
        blob = self._bucket.blob(name)
        blob.cache_control = self._cache(artefact.name)
        blob.upload_from_string(
            artefact.body,
            content_type=artefact.content_type,
            if_generation_match=generation,
            checksum="crc32c",
            timeout=REQUEST_SECONDS,
            retry=RETRY,
        )


def _checksum(body: bytes) -> str:
    """Return the CRC32C checksum in the form of Cloud Storage."""
    return base64.b64encode(google_crc32c.Checksum(body).digest()).decode("ascii")
