"""The users, from the platform's user API (contracts §5)."""

from collections.abc import Collection, Mapping
from urllib.parse import quote

from certbeam.foundation.errors import Rejected
from certbeam.io.clients.http_service import HttpService
from certbeam.io.uri.address import Address
from certbeam.io.uri.service_address import service_address
from certbeam.io.users.user_records import user_of
from certbeam.issuing.learning_records import User

_PATH = "/private/user/v1/read"
_FIELDS = "organisations,roles,locations,declarations,externalIds"
_BLOCKED = ("UOS_USRRED0006", "USER_ACCOUNT_BLOCKED")
"""Error codes of an account that is blocked."""
_NOT_THERE = (400, 404)


def open_user_api(address: Address) -> "UserApi":
    """The user API at ``http(s)://HOST[:PORT][/PATH]``; production's path stands in where there is none.

    Raises:
        FlagError: when the address is wrong.
    """
    service = service_address(address, _PATH)
    return UserApi(HttpService("users", service.url, service.headers))


class UserApi:
    """:class:`~certbeam.io.protocols.Users` over ``GET …/private/user/v1/read/{userId}``."""

    def __init__(self, service: HttpService) -> None:
        self._service = service

    def users(self, ids: Collection[str]) -> Mapping[str, User | Rejected]:
        """See :class:`~certbeam.io.protocols.Users`."""
        found = zip(ids, self._service.each(self._user, ids), strict=True)
        return {one: user for one, user in found if user is not None}

    def close(self) -> None:
        """Close the connections."""
        self._service.close()

    def _user(self, identifier: str) -> User | Rejected | None:
        try:
            answer = self._service.get(f"/{quote(identifier, safe='')}?{_FIELDS}")
        except Rejected as error:
            return error
        if answer.ok:
            record = answer.result.get("response")
            return user_of(record) if isinstance(record, Mapping) else None
        if any(code in answer.text for code in _BLOCKED):
            return User({}, is_blocked=True)
        return None if answer.status in _NOT_THERE else self._service.refused(answer)
