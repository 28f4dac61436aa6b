"""Make the notices of a batch of recorded certificates."""

from collections.abc import Iterator, Sequence

from certbeam.foundation.errors import Rejected
from certbeam.issuing.certificate_request import CertificateRequest
from certbeam.issuing.learning_records import BatchKey
from certbeam.issuing.notices import Notices, build_notices
from certbeam.stages.failure import to_rejection
from certbeam.stages.worker import Worker

STAGE = "MakeNotices"


def make_notices(
    requests: Sequence[CertificateRequest], worker: Worker
) -> Iterator[tuple[int, Notices | Rejected]]:
    """Look up the users and templates of certificates, and make their notices.

    Yields:
        Positions with the notices or with an error. A blocked user has neither.
    """
    try:
        users = worker.users.users({request.recipient_id for request in requests})
        batches = worker.learning.batch_templates({_batch_of(request) for request in requests})
    except Rejected as error:
        yield from ((position, error) for position in range(len(requests)))
        return
    for position, request in enumerate(requests):
        try:
            user = users.get(request.recipient_id)
            if isinstance(user, Rejected):
                raise user
            if user is None or not user.is_blocked:
                template = batches.get(_batch_of(request), {}).get(request.template_id, {})
                yield position, build_notices(request, user, template, worker.settings.templates.root)
        except Exception as error:
            yield position, to_rejection(STAGE, error)


def _batch_of(request: CertificateRequest) -> BatchKey:
    return BatchKey(request.course_id, request.batch_id)
