"""Amazon S3: its client, and its errors in certbeam's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.clients.service_errors import SERVICE_ERRORS, ServiceName
from certbeam.io.uri.address import Address

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECTIONS = 10
"""As many as there are uploads at once."""

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=CONNECTIONS,
    # Content-MD5 is checked by every store that speaks the protocol; the newer checksums are refused by some.
    request_checksum_calculation="when_required",
)
_OVERLOADED = 429
_FAULT = 500


def open_client(address: Address, *, endpoint: str = "", region: str = "") -> "S3Client":
    """A client with the credentials of the environment, of AWS's files, or of the machine's role.

    What is not given, the endpoint and the region too, is looked for there.

    Raises:
        FlagError: when there are no credentials, or the endpoint is no URL.
    """
    session = boto3.Session(region_name=region or None)
    try:
        if session.get_credentials() is None:
            raise address.refuse("there are no AWS credentials on this machine")
        return session.client("s3", endpoint_url=endpoint or None, config=_CONFIG)
    except (BotoCoreError, ValueError) as error:
        raise address.refuse(str(error)) from error


@contextmanager
def translated_errors(name: str, service: ServiceName) -> Iterator[None]:
    """Around requests for one object: what S3 refuses is rejected, what may heal is unavailable.

    Args:
        name: the object's, for the reason.
        service: the service that the error codes name, such as ``storage``.
    """
    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {}).get("Code", "no code")
        status = status_of(error)
        if status == _OVERLOADED or status >= _FAULT:
            raise Unavailable(
                SERVICE_ERRORS[service].unavailable, f"S3 is overloaded or broken at {name}: {told}"
            ) from error
        raise Rejected(SERVICE_ERRORS[service].refused, f"S3 refuses {name}: {told}") from error
    except BotoCoreError as error:
        reason = f"S3 does not answer for {name}: {type(error).__name__}"
        raise Unavailable(SERVICE_ERRORS[service].unavailable, reason) from error


def status_of(error: ClientError) -> int:
    """The HTTP status of an answer that is an error."""
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _FAULT)
