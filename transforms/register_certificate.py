"""RegisterCertificate: add an entry to the registry for each stored certificate."""

from collections.abc import Iterator, Sequence
from typing import Any

from certbeam.foundation.errors import Rejected
from certbeam.stages.elements import StoredCertificate
from certbeam.stages.failure import Failure
from certbeam.stages.registration import revoked_since
from certbeam.transforms.stage import Stage, StageFn


class _RegisterFn(StageFn[StoredCertificate]):
    stage = "RegisterCertificate"
    io_bound = True

    def process_elements(self, elements: Sequence[StoredCertificate]) -> Iterator[tuple[int, Any]]:
        try:
            standings = self.worker.registry.add([one.entry for one in elements])
        except Rejected as error:
            yield from (
                (position, Failure(one.request.claim, error)) for position, one in enumerate(elements)
            )
            return
        for position, (one, standing) in enumerate(zip(elements, standings, strict=True)):
            if isinstance(standing, Rejected):
                yield position, Failure(one.request.claim, standing)
            elif standing.revoked is None:
                yield position, one
            else:
                yield position, revoked_since(one.request, standing.revoked)


class RegisterCertificate(Stage):
    """Register :class:`StoredCertificate` certificates. The elements do not change."""

    step = "Register certificates"
    stage_fn = _RegisterFn
