"""Certificates in Amazon S3, or in a store with its protocol."""

import base64
import hashlib
from typing import TYPE_CHECKING

from certbeam.certificates.artefact import Artefact
from certbeam.io.clients.amazon_s3 import open_client, translated_errors
from certbeam.io.storage.concurrent_upload import CacheControl, ConcurrentStorage, cache_control, missing
from certbeam.io.uri.address import Address
from certbeam.io.uri.options import Options

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ADDRESS = "s3://BUCKET/PREFIX"


def open_s3_storage(address: Address, cache: CacheControl = cache_control) -> ConcurrentStorage:
    """Open the storage below ``s3://BUCKET/PREFIX?endpoint=URL&region=NAME``; the prefix may be empty.

    Args:
        address: the address.
        cache: the Cache-Control header of each file.

    Raises:
        FlagError: if the address is wrong, or there are no credentials.
    """
    options = Options(address)
    bucket, _, prefix = options.location.removeprefix("//").partition("/")
    endpoint, region = options.take("endpoint"), options.take("region")
    options.done()
    if not bucket:
        raise address.refuse(f"an address such as {ADDRESS} is needed")
    client = open_client(address, endpoint=endpoint, region=region)
    return ConcurrentStorage(_Objects(client, bucket, prefix.strip("/"), cache))


class _Objects:
    """The objects below a prefix of a bucket. An upload is atomic."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str, cache: CacheControl) -> None:
        self._cache = cache
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    def put(self, artefact: Artefact) -> None:
        """Upload a file. It replaces an earlier one.

        Raises:
            Rejected: if S3 refuses the request.
            Unavailable: if S3 does not answer.
        """
        name = self._prefix + artefact.name
        body = artefact.body
        checksum = hashlib.md5(body, usedforsecurity=False).digest()
        with translated_errors(name, "storage"):
            self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=body,
                ContentType=artefact.content_type,
                CacheControl=self._cache(artefact.name),
                ContentMD5=base64.b64encode(checksum).decode("ascii"),
            )

    def get(self, name: str) -> bytes:
        """Download a file.

        Raises:
            Rejected: if it does not exist, or S3 refuses the request.
            Unavailable: if S3 does not answer.
        """
        key = self._prefix + name
        with translated_errors(key, "storage"):
            try:
                return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except self._client.exceptions.NoSuchKey as error:
                raise missing(key) from error
