"""Templates and pictures in Google Cloud Storage."""

from urllib.parse import unquote, urlsplit

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.io.clients.google_storage import REQUEST_SECONDS, RETRY, open_client, translated_errors
from certbeam.io.protocols import Fetched
from certbeam.io.templates.allow_list import AllowList
from certbeam.io.templates.limits import check_size
from certbeam.io.templates.networks import Networks
from certbeam.io.uri.address import Address


def open_gcs_templates(address: Address, allowed: AllowList, networks: Networks) -> "GcsTemplates":  # noqa: ARG001 - as every opener of templates
    """Open the source of templates in a store."""
    return GcsTemplates(address)


class GcsTemplates:
    """:class:`~certbeam.io.protocols.TemplateSource` of ``gs`` URLs. The version of an object is its generation."""

    def __init__(self, address: Address) -> None:
        self._client = open_client(address)

    def fetch(self, url: str, known_version: str = "") -> Fetched | None:
        """See :class:`~certbeam.io.protocols.TemplateSource`."""
        parts = urlsplit(url)
        bucket = self._client.bucket(parts.netloc)
        with translated_errors(url, "template"):
            blob = bucket.get_blob(unquote(parts.path).lstrip("/"), timeout=REQUEST_SECONDS, retry=RETRY)
            if blob is None:
                raise Rejected(ErrorCode.TEMPLATE_MISSING, f"there is no object {url}")
            version = str(blob.generation)
            if version == known_version:
                return None
            check_size(url, blob.size)
            body = blob.download_as_bytes(
                if_generation_match=blob.generation, checksum="crc32c", timeout=REQUEST_SECONDS, retry=RETRY
            )
        return Fetched(body, version)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
