"""RegisterCertificate: add an entry to the registry for each stored certificate."""

from collections.abc import Iterable, Sequence
from typing import Any

from certbeam.stages.elements import StoredCertificate
from certbeam.stages.registration import register_certificates
from certbeam.transforms.stage import Stage, StageFn


class _RegisterFn(StageFn[StoredCertificate]):
    stage = "RegisterCertificate"
    io_bound = True

    def process_elements(self, elements: Sequence[StoredCertificate]) -> Iterable[tuple[int, Any]]:
        return register_certificates(elements, self.worker)


class RegisterCertificate(Stage):
    """Register stored certificates. The elements do not change."""

    step = "Register certificates"
    stage_fn = _RegisterFn
