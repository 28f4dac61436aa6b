"""Addresses of the platform's HTTP services."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from certbeam.io.uri.address import Address
from certbeam.io.uri.options import Options


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Parsed address of a service.

    Attributes:
        url: URL with the scheme http or https, without options and without a slash at the end.
        api_key: value of the Authorization header; an empty string for no header.
    """

    url: str
    api_key: str

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of every request."""
        return {"Authorization": self.api_key} if self.api_key else {}


def service_address(address: Address, default_path: str, options: Options | None = None) -> ServiceAddress:
    """Parse ``[KIND+]http(s)://HOST[:PORT][/PATH]?api_key_file=FILE`` (or ``api_key_env=VARIABLE``).

    Args:
        address: the address.
        default_path: path of the API if the address has none: the one of Sunbird's installations.
        options: options of the address, if the caller has taken some; None to parse them.

    Raises:
        FlagError: if the address has no host, or an unknown option.
    """
    options = options or Options(address)
    api_key = options.secret("api_key")
    options.done()
    url = f"{address.scheme.rpartition('+')[2]}:{options.location}".rstrip("/")
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None:
        raise address.refuse("a URL with a host and without a user is needed")
    return ServiceAddress(url if parts.path else url + default_path, api_key)
