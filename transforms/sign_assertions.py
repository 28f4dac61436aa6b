"""SignAssertions: have a service sign the assertions of requested certificates, before the files are made."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.stages.assertion_signing import sign_assertions
from certbeam.stages.elements import Requesting, make_inputs
from certbeam.stages.failure import Failure
from certbeam.transforms.stage import Stage, StageFn


class _SignFn(StageFn[Requesting]):
    stage = "SignAssertions"
    io_bound = True

    def process_elements(self, elements: Sequence[Requesting]) -> Iterator[tuple[int, Any]]:
        inputs, failures = make_inputs(elements, self.stage)
        yield from failures
        for position, signature in sign_assertions(inputs, self.worker).items():
            if isinstance(signature, Rejected):
                yield position, Failure(elements[position].claim, signature)
            else:
                yield position, replace(inputs[position], signature=signature)


class SignAssertions(Stage):
    """Add signatures to requested certificates."""

    step = "Sign assertions"
    stage_fn = _SignFn
