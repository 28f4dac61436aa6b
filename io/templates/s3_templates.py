"""Templates and pictures in Amazon S3."""

from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.clients.amazon_s3 import open_client, status_of, translated_errors
from certbeam.io.protocols import Fetched
from certbeam.io.templates.allow_list import AllowList
from certbeam.io.templates.limits import check_size
from certbeam.io.templates.networks import Networks
from certbeam.io.uri.address import Address

_NOT_MODIFIED = 304
_NOT_FOUND = 404


def open_s3_templates(address: Address, allowed: AllowList, networks: Networks) -> "S3Templates":  # noqa: ARG001 - as every opener of templates
    """Open the source of templates in a store."""
    return S3Templates(address)


class S3Templates:
    """:class:`~certbeam.io.protocols.TemplateSource` of ``s3`` URLs. The version of an object is its ETag."""

    def __init__(self, address: Address) -> None:
        self._client = open_client(address)

    def fetch(self, url: str, known_version: str = "") -> Fetched | None:
        """See :class:`~certbeam.io.protocols.TemplateSource`."""
        parts = urlsplit(url)
        key = unquote(parts.path).lstrip("/")
        condition: dict[str, Any] = {"IfNoneMatch": known_version} if known_version else {}
        with translated_errors(url, "template"):
            try:
                response = self._client.get_object(Bucket=parts.netloc, Key=key, **condition)
            except ClientError as error:
                if status_of(error) == _NOT_MODIFIED:
                    return None
                if status_of(error) == _NOT_FOUND:
                    raise Rejected(ErrorCode.TEMPLATE_MISSING, f"there is no object {url}") from error
                raise
            with response["Body"] as body:
                check_size(url, response["ContentLength"])
                return Fetched(body.read(), response["ETag"])

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
