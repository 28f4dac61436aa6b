"""SignAssertions: have a service sign the assertions of requested certificates, before the files are made."""

from collections.abc import Iterable, Sequence
from typing import Any

from certbeam.stages.assertion_signing import STAGE, sign_assertions
from certbeam.stages.elements import Requesting
from certbeam.transforms.stage import Stage, StageFn


class _SignFn(StageFn[Requesting]):
    stage = STAGE
    io_bound = True

    def process_elements(self, elements: Sequence[Requesting]) -> Iterable[tuple[int, Any]]:
        return sign_assertions(elements, self.worker)


class SignAssertions(Stage):
    """Add signatures to requested certificates."""

    step = "Sign assertions"
    stage_fn = _SignFn
