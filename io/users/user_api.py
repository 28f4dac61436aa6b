"""Users from the platform's user API (``docs/contracts.md``, "User API")."""

from collections.abc import Collection, Mapping
from urllib.parse import quote

from certbeam.foundation.errors import Rejected
from certbeam.io.clients.http_service import HttpService, open_service
from certbeam.io.uri.address import Address
from certbeam.io.users.user_records import parse_user
from certbeam.issuing.learning_records import User

_PATH = "/private/user/v1/read"
_FIELDS = "organisations,roles,locations,declarations,externalIds"
_BLOCKED = ("UOS_USRRED0006", "USER_ACCOUNT_BLOCKED")
"""Error codes of a blocked account."""
_NOT_FOUND = (400, 404)


def open_user_api(address: Address) -> "UserApi":
    """Open the user API at ``http(s)://HOST[:PORT][/PATH]``.

    Raises:
        FlagError: if the address is wrong.
    """
    return UserApi(open_service("users", address, _PATH))


class UserApi:
    """:class:`~certbeam.io.protocols.Users` over ``GET …/private/user/v1/read/{userId}``."""

    def __init__(self, service: HttpService) -> None:
        self._service = service

    def users(self, ids: Collection[str]) -> Mapping[str, User | Rejected]:
        """See :class:`~certbeam.io.protocols.Users`."""
        results = zip(ids, self._service.map_or_errors(self._user, ids), strict=True)
        return {user_id: user for user_id, user in results if user is not None}

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _user(self, user_id: str) -> User | None:
        response = self._service.get(f"/{quote(user_id, safe='')}?{_FIELDS}")
        if response.ok:
            record = response.result.get("response")
            return parse_user(record) if isinstance(record, Mapping) else None
        if any(code in response.text for code in _BLOCKED):
            return User({}, is_blocked=True)
        if response.status in _NOT_FOUND:
            return None
        raise self._service.refused(response)
