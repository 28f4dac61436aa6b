"""Certificates in Azure Blob Storage."""

import hashlib
import os
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient, ContentSettings, StorageErrorCode

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.storage.concurrent_upload import CacheControl, ConcurrentStorage, cache_control, missing
from certbeam.io.uri.address import Address
from certbeam.io.uri.options import Options

ADDRESS = "az://CONTAINER/PREFIX"
CONNECTION = "AZURE_STORAGE_CONNECTION_STRING"
"""The environment variable of Azure's tools with an account and its key."""

_RETRIES: dict[str, Any] = {
    "connection_timeout": 5,
    "read_timeout": 30,
    "retry_total": 5,
    "initial_backoff": 1,
    "increment_base": 2,
}
"""Time-outs in seconds, and six attempts with 1, 2, 4, … s between them."""
_TOO_MANY = 429
_FAULT = 500


def open_azure_storage(address: Address, cache: CacheControl = cache_control) -> ConcurrentStorage:
    """Open the storage below ``az://CONTAINER/PREFIX?account=NAME``; the prefix may be empty.

    The other options are ``endpoint``, for an account that is not at its usual URL, and ``key_file`` or ``key_env``
    for the account's key. Without a key, the machine's identity is used. Without an account, the environment variable
    :data:`CONNECTION` is used.

    Args:
        address: the address.
        cache: the Cache-Control header of each file.

    Raises:
        FlagError: with what is missing or wrong.
    """
    options = Options(address)
    container, _, prefix = options.location.removeprefix("//").partition("/")
    account, endpoint, key = options.take("account"), options.take("endpoint"), options.secret("key")
    options.done()
    if not container:
        raise address.refuse(f"an address such as {ADDRESS} is needed")
    if not (account or endpoint or CONNECTION in os.environ):
        raise address.refuse(
            f"the storage account is missing: add ?account=NAME, or set the variable {CONNECTION}"
        )
    try:
        if account or endpoint:
            url = endpoint or f"https://{account}.blob.core.windows.net"
            credential = {"account_name": account, "account_key": key} if key else DefaultAzureCredential()
            client = ContainerClient(url, container, credential=credential, **_RETRIES)
        else:
            client = ContainerClient.from_connection_string(os.environ[CONNECTION], container, **_RETRIES)
    except ValueError as error:
        raise address.refuse(f"it cannot be used: {error}") from error
    return ConcurrentStorage(_Blobs(client, prefix.strip("/"), cache))


class _Blobs:
    """The blobs below a prefix of a container. An upload is atomic."""

    def __init__(self, container: ContainerClient, prefix: str, cache: CacheControl) -> None:
        self._cache = cache
        self._container = container
        self._prefix = f"{prefix}/" if prefix else ""

    def put(self, artefact: Artefact) -> None:
        """Upload a file. It replaces an earlier one.

        Raises:
            Rejected: if Azure refuses the request.
            Unavailable: if Azure does not answer.
        """
        name = self._prefix + artefact.name
        body = artefact.body
        checksum = hashlib.md5(body, usedforsecurity=False).digest()
        settings = ContentSettings(
            content_type=artefact.content_type,
            cache_control=self._cache(artefact.name),
            content_md5=bytearray(checksum),
        )
        try:
            self._container.upload_blob(
                name,
                body,
                overwrite=True,
                content_settings=settings,
                # Azure compares the body with the checksum before it stores the blob.
                validate_content=True,
            )
        except AzureError as error:
            raise _translate(name, error) from error

    def get(self, name: str) -> bytes:
        """Download a file.

        Raises:
            Rejected: if it does not exist, or Azure refuses the request.
            Unavailable: if Azure does not answer.
        """
        key = self._prefix + name
        try:
            body: bytes = self._container.download_blob(key).readall()
        except ResourceNotFoundError as error:
            # A missing container is a wrong address, not a missing file.
            is_blob = getattr(error, "error_code", None) == StorageErrorCode.BLOB_NOT_FOUND
            raise (missing(key) if is_blob else _translate(key, error)) from error
        except AzureError as error:
            raise _translate(key, error) from error
        return body


def _translate(name: str, error: AzureError) -> Rejected:
    status = error.status_code if isinstance(error, HttpResponseError) else None
    if status is None or status == _TOO_MANY or status >= _FAULT:
        reason = f"Azure does not answer for {name}: {status or type(error).__name__}"
        return Unavailable(ErrorCode.STORAGE_UNAVAILABLE, reason)
    return Rejected(ErrorCode.STORAGE_REFUSED, f"Azure refuses {name}: {status}")
