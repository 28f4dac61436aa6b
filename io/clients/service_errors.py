"""The error codes of services and stores whose adapters use the same client."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from certbeam.foundation.error_codes import ErrorCode

ServiceName = Literal["content", "notices", "registry", "signing", "storage", "template", "users"]


class ServiceErrors(NamedTuple):
    """Error codes of a service.

    Attributes:
        refused: the service refuses a request, and would refuse it again.
        unavailable: the service does not answer, or reports an internal error.
    """

    refused: ErrorCode
    unavailable: ErrorCode


SERVICE_ERRORS: Mapping[ServiceName, ServiceErrors] = {
    "content": ServiceErrors(ErrorCode.CONTENT_REFUSED, ErrorCode.CONTENT_UNAVAILABLE),
    "notices": ServiceErrors(ErrorCode.NOTICES_REFUSED, ErrorCode.NOTICES_UNAVAILABLE),
    "registry": ServiceErrors(ErrorCode.REGISTRY_REFUSED, ErrorCode.REGISTRY_UNAVAILABLE),
    "signing": ServiceErrors(ErrorCode.SIGNING_REFUSED, ErrorCode.SIGNING_UNAVAILABLE),
    "storage": ServiceErrors(ErrorCode.STORAGE_REFUSED, ErrorCode.STORAGE_UNAVAILABLE),
    "template": ServiceErrors(ErrorCode.TEMPLATE_REFUSED, ErrorCode.TEMPLATE_UNAVAILABLE),
    "users": ServiceErrors(ErrorCode.USERS_REFUSED, ErrorCode.USERS_UNAVAILABLE),
}
