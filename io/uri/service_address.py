"""Addresses of the platform's HTTP services, as they stand in flags."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from certbeam.io.uri.address import Address
from certbeam.io.uri.options import Options


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where a service is.

    Attributes:
        url: http or https, without options and without a slash at the end.
        api_key: sent as it is in the Authorization header; "" for none.
    """

    url: str
    api_key: str

    @property
    def headers(self) -> dict[str, str]:
        """What every call carries."""
        return {"Authorization": self.api_key} if self.api_key else {}


def service_address(address: Address, default_path: str, options: Options | None = None) -> ServiceAddress:
    """The service at ``[KIND+]http(s)://HOST[:PORT][/PATH]?api_key_file=FILE`` (or ``api_key_env``).

    Args:
        address: as it stands in the flag.
        default_path: the API's path in production, where the address has none.
        options: of the address, when some of them were taken before.

    Raises:
        FlagError: when there is no host, or an option that is none.
    """
    options = options or Options(address)
    api_key = options.secret("api_key")
    options.done()
    url = f"{address.scheme.rpartition('+')[2]}:{options.location}".rstrip("/")
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None:
        raise address.refuse("a URL with a host is needed, and no user in it")
    return ServiceAddress(url if parts.path else url + default_path, api_key)
