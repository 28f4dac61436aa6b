"""Client of Google Cloud Storage, and the translation of its errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from google.api_core.exceptions import ClientError, GoogleAPIError, TooManyRequests
from google.auth.exceptions import GoogleAuthError
from google.cloud import storage
from google.cloud.storage.retry import DEFAULT_RETRY
from requests.exceptions import RequestException

from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.clients.service_errors import SERVICE_ERRORS, ServiceName
from certbeam.io.uri.address import Address

RETRY = DEFAULT_RETRY.with_delay(initial=0.2, multiplier=2.0, maximum=5.0).with_timeout(60.0)
"""Retries of idempotent requests: reads, and uploads with a precondition."""

REQUEST_SECONDS = 30.0


def open_client(address: Address) -> storage.Client:
    """Open a client with the machine's credentials. ``STORAGE_EMULATOR_HOST`` names an emulator.

    Raises:
        FlagError: if the machine has no credentials.
    """
    try:
        return storage.Client()
    except (GoogleAuthError, OSError) as error:
        raise address.refuse("there are no Google credentials on this machine") from error


@contextmanager
def translated_errors(name: str, service: ServiceName) -> Iterator[None]:
    """Translate the errors of Cloud Storage that the block raises.

    Args:
        name: name of the object, for the reason.
        service: the service that the error codes name.

    Raises:
        Rejected: if Cloud Storage refuses the request.
        Unavailable: if Cloud Storage does not answer or reports a transient error.
    """
    try:
        yield
    except TooManyRequests as error:
        raise Unavailable(
            SERVICE_ERRORS[service].unavailable, f"Cloud Storage is overloaded at {name}"
        ) from error
    except ClientError as error:
        raise Rejected(
            SERVICE_ERRORS[service].refused, f"Cloud Storage refuses {name}: {error.code}"
        ) from error
    except (GoogleAPIError, GoogleAuthError, RequestException) as error:
        reason = f"Cloud Storage does not answer for {name}: {type(error).__name__}"
        raise Unavailable(SERVICE_ERRORS[service].unavailable, reason) from error
