"""SignAssertions: have a service sign the assertions of requested certificates, before the files are made."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.stages.assertion_signing import sign_assertions
from certbeam.stages.elements import Requested
from certbeam.stages.event_parsing import read_requests
from certbeam.stages.failure import Failure
from certbeam.transforms.stage import Stage, StageFn


class _SignFn(StageFn[Requested]):
    stage = "SignAssertions"
    io_bound = True

    def process_elements(self, elements: Sequence[Requested]) -> Iterator[tuple[int, Any]]:
        requests, failures = read_requests(elements, self.stage)
        yield from failures
        asked = {position: (request, elements[position].slot) for position, request in requests.items()}
        for position, signature in sign_assertions(asked, self.worker).items():
            if isinstance(signature, Rejected):
                yield position, Failure(elements[position].claim, signature)
            else:
                yield position, replace(elements[position], signature=signature, read=requests[position])


class SignAssertions(Stage):
    """Add signatures to :class:`Requested` certificates."""

    step = "Sign assertions"
    stage_fn = _SignFn
