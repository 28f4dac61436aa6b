"""Google Cloud Storage: its client, and its errors in certbeam's words."""

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
"""For requests that carry a precondition or only read, so that they may be repeated."""

REQUEST_SECONDS = 30.0


def open_client(address: Address) -> storage.Client:
    """A client with the credentials of the machine; ``STORAGE_EMULATOR_HOST`` is respected.

    Raises:
        FlagError: when the machine has no credentials.
    """
    try:
        return storage.Client()
    except (GoogleAuthError, OSError) as error:
        raise address.refuse("there are no Google credentials on this machine") from error


@contextmanager
def translated_errors(name: str, service: ServiceName) -> Iterator[None]:
    """Around requests for one object: what Cloud Storage refuses is rejected, what may heal is unavailable.

    Args:
        name: the object's, for the reason.
        service: the service that the error codes name, such as ``storage``.
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
