"""Failures of single elements, and the errors behind them."""

import logging
from dataclasses import dataclass

from certbeam.foundation.errors import Rejected
from certbeam.issuing.claim import Claim

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """A claim that fails at this stage."""

    claim: Claim
    error: Rejected


def rejection(stage: str, error: Exception) -> Rejected:
    """What an exception says about one element.

    Anything but a :class:`Rejected` is a fault of ours that this element brings to light: it is logged with
    its place in the code, and the element is kept for a replay after the mend.
    """
    place = _place(error)
    _forget_frames(error)
    if isinstance(error, Rejected):
        return error
    # The message of a foreign exception may quote the element, and with it personal data; the place cannot.
    logger.error("unexpected %s in %s at %s", type(error).__name__, stage, place)
    return Rejected("unexpected", f"unexpected {type(error).__name__} in {stage} at {place}")


def _forget_frames(error: BaseException | None) -> None:
    """Let go of the frames that an error and those behind it went through.

    They hold all that was at work then, such as fifty certificates, and are held by it until the collector comes.
    """
    while error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        _forget_frames(error.__cause__)
        error = error.__context__


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "an unknown place"
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
