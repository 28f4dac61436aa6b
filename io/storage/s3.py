"""Certificates in Amazon S3, or in a store that speaks its protocol."""

import base64
import hashlib
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from certbeam.credentials.certificates import Artefact
from certbeam.credentials.errors import Rejected, Unavailable
from certbeam.io.addresses import Address
from certbeam.io.options import Options
from certbeam.io.storage.concurrent import CONCURRENCY, ConcurrentStorage, cache_control

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ADDRESS = "s3://BUCKET/PREFIX"

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=CONCURRENCY,
    # Content-MD5 is checked by every store that speaks the protocol; the newer checksums are refused by some.
    request_checksum_calculation="when_required",
)
_OVERLOADED = 429
_FAULT = 500


def open_s3_storage(address: Address) -> ConcurrentStorage:
    """Storage below ``s3://BUCKET/PREFIX?endpoint=URL&region=NAME``; the prefix may be empty.

    Credentials, and a region that is not given, come from where the AWS tools find them too: the environment,
    their files, the machine's role.

    Raises:
        FlagError: when the address is wrong, or there are no credentials.
    """
    options = Options(address)
    bucket, _, prefix = options.location.removeprefix("//").partition("/")
    endpoint, region = options.take("endpoint"), options.take("region")
    options.done()
    if not bucket:
        raise address.refuse(f"an address such as {ADDRESS} is needed")
    session = boto3.Session(region_name=region or None)
    try:
        if session.get_credentials() is None:
            raise address.refuse("there are no AWS credentials on this machine")
        client = session.client("s3", endpoint_url=endpoint or None, config=_CONFIG)
    except (BotoCoreError, ValueError) as error:
        raise address.refuse(str(error)) from error
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
        checksum = hashlib.md5(artefact.body, usedforsecurity=False).digest()
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=artefact.body,
                ContentType=artefact.content_type,
                CacheControl=cache_control(artefact.name),
                ContentMD5=base64.b64encode(checksum).decode("ascii"),
            )
        except ClientError as error:
            raise _rejected(name, error) from error
        except BotoCoreError as error:
            reason = f"S3 does not answer for {name}: {type(error).__name__}"
            raise Unavailable("storage-unavailable", reason) from error


def _rejected(name: str, error: ClientError) -> Rejected:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _FAULT)
    code = error.response.get("Error", {}).get("Code", "no code")
    if status == _OVERLOADED or status >= _FAULT:
        return Unavailable("storage-unavailable", f"S3 is overloaded or broken at {name}: {code}")
    return Rejected("storage-refused", f"S3 refuses {name}: {code}")
