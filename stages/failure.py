"""Failures of single elements, and the errors that cause them."""

import logging
from dataclasses import dataclass

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected
from certbeam.issuing.claim import Claim

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Claim that failed in a stage, and the error."""

    claim: Claim
    error: Rejected


def to_rejection(stage: str, error: Exception) -> Rejected:
    """Convert an exception to the error of one element.

    An exception other than :class:`Rejected` is a defect of certbeam. Its position in the code is logged, and the
    element can be replayed after the defect is fixed.
    """
    position = _position(error)
    _clear_tracebacks(error)
    if isinstance(error, Rejected):
        return error
    # The message of such an exception may quote personal data of the element. The position cannot.
    logger.error("unexpected %s in %s at %s", type(error).__name__, stage, position)
    return Rejected(ErrorCode.UNEXPECTED, f"unexpected {type(error).__name__} in {stage} at {position}")


def _clear_tracebacks(error: BaseException | None) -> None:
    """Clear the tracebacks of an exception and its causes.

    Their frames reference everything that was processed then, such as fifty certificates, until the garbage collector
    runs.
    """
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        _clear_tracebacks(error.__cause__)
        error = error.__context__


def _position(error: Exception) -> str:
    """Return the function and line that raised an exception."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
