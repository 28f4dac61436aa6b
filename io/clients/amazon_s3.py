"""Client of Amazon S3, and the translation of its errors."""

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
"""Size of the connection pool: the number of concurrent uploads."""

_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 6},
    connect_timeout=5,
    read_timeout=30,
    max_pool_connections=CONNECTIONS,
    # Every store with S3's protocol verifies Content-MD5; some refuse the newer checksums.
    request_checksum_calculation="when_required",
)
_OVERLOADED = 429
_FAULT = 500


def open_client(address: Address, *, endpoint: str = "", region: str = "") -> "S3Client":
    """Open a client with the credentials of the environment, AWS's files or the machine's role.

    Args:
        address: the address, for errors.
        endpoint: URL of the store; an empty string to look it up as the credentials.
        region: name of the region; an empty string to look it up as the credentials.

    Raises:
        FlagError: if there are no credentials, or the endpoint is not a URL.
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
    """Translate the errors of S3 that the block raises.

    Args:
        name: name of the object, for the reason.
        service: the service that the error codes name.

    Raises:
        Rejected: if S3 refuses the request.
        Unavailable: if S3 does not answer or reports a transient error.
    """
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "no code")
        status = status_of(error)
        if status == _OVERLOADED or status >= _FAULT:
            raise Unavailable(
                SERVICE_ERRORS[service].unavailable, f"S3 is overloaded or broken at {name}: {code}"
            ) from error
        raise Rejected(SERVICE_ERRORS[service].refused, f"S3 refuses {name}: {code}") from error
    except BotoCoreError as error:
        reason = f"S3 does not answer for {name}: {type(error).__name__}"
        raise Unavailable(SERVICE_ERRORS[service].unavailable, reason) from error


def status_of(error: ClientError) -> int:
    """Return the HTTP status code of an error; 500 if it has none."""
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", _FAULT)
