"""Certificates in Amazon S3, or in a store that speaks its protocol."""

import base64
import hashlib
from typing import TYPE_CHECKING

from certbeam.certificates.artefact import Artefact
from certbeam.io.clients.amazon_s3 import open_client, translated_errors
from certbeam.io.storage.concurrent_upload import ConcurrentStorage, cache_control
from certbeam.io.uri.address import Address
from certbeam.io.uri.options import Options

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ADDRESS = "s3://BUCKET/PREFIX"


def open_s3_storage(address: Address) -> ConcurrentStorage:
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
    return ConcurrentStorage(_Uploads(client, bucket, prefix.strip("/")).put)


class _Uploads:
    """Uploads, each of which is there whole or not at all."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str) -> None:
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
                CacheControl=cache_control(artefact.name),
                ContentMD5=base64.b64encode(checksum).decode("ascii"),
            )
