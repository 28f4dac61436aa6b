"""Certificates in Amazon S3, or in a store that speaks its protocol."""

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
    """Storage below ``s3://BUCKET/PREFIX?endpoint=URL&region=NAME``; the prefix may be empty.

    Raises:
        FlagError: when the address is wrong, or there are no credentials.
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
    """Uploads, each of which is there whole or not at all, and downloads."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str, cache: CacheControl) -> None:
        self._cache = cache
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""

    def put(self, artefact: Artefact) -> None:
        """Write a file over what stands there.

        Raises:
            Rejected: when S3 refuses it, or does not answer.
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
        """Read a file.

        Raises:
            Rejected: when it is not there, S3 refuses it, or does not answer.
        """
        key = self._prefix + name
        with translated_errors(key, "storage"):
            try:
                return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            except self._client.exceptions.NoSuchKey as error:
                raise missing(key) from error
