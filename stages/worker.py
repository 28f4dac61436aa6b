"""What a worker process holds once: sessions, caches and the issuer's settings, shared by all its DoFns."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import Protocol, TypeVar, cast
from zoneinfo import ZoneInfo

from certbeam.artwork.render import Renderer, load_renderers
from certbeam.badges.issuer import CredentialIssuer
from certbeam.certificates.artefact import Artefact
from certbeam.certificates.certificate import IssuerSettings
from certbeam.certificates.documents import installation_documents
from certbeam.io.adapters import (
    LARGE_MESSAGES,
    open_assertion_signer,
    open_courses,
    open_learning,
    open_notice_board,
    open_registry,
    open_signer,
    open_status_slots,
    open_storage,
    open_templates,
    open_users,
)
from certbeam.io.keys.access_codes import read_access_code_key
from certbeam.io.ports import (
    AssertionSigner,
    Courses,
    LearningRecords,
    NoticeBoard,
    Registry,
    Signer,
    StatusSlots,
    Storage,
    Users,
)
from certbeam.io.templates.allow_list import parse_allow_list
from certbeam.io.templates.cache import Templates
from certbeam.io.uri.address import parse_address
from certbeam.stages.garbage_collection import freeze_loaded_objects
from certbeam.stages.large_messages import LargeMessages
from certbeam.stages.published import Published


@dataclass(frozen=True)
class WorkerSettings:
    """All that a worker needs to know to do any stage; it travels to the workers as it is, without any secret.

    Attributes:
        lms, users, courses, storage, registry: addresses of the ports.
        template_allow: URL prefixes that templates and pictures may come from.
        template_networks: networks that are not public, whose hosts templates and pictures may come from.
        template_base: what relative template URLs and the cloud placeholder stand for; None: the first prefix.
        template_cache_bytes: bound of the compiled templates kept.
        template_seconds: how long a template is used before its source is asked for a newer one.
        assessed_types: content types whose scores count (``assessment.metrics.supported.contenttype``).
        timezone: IANA name of the zone of issue dates.
        batch_size: how many claims are looked up, stored and registered together.
        keys: address of the issuer's keys; "" where there are no credentials.
        access_code_key: file of the secret of the access codes; "" where it is in the keys, or nowhere.
        assertion_signer: address of the service that signs assertions; "" where the keys do, if there are any.
        status_slots: address of the places on status lists.
        notify: address of the notification and feed APIs; "" where nobody is told over HTTP.
        large_messages: address of the private store of what is too large for a dead letter.
        max_message_bytes: bound of key and value of each message to a sink.
    """

    issuer: IssuerSettings
    lms: str
    users: str
    courses: str
    storage: str
    registry: str
    template_allow: tuple[str, ...]
    template_base: str | None
    template_cache_bytes: int
    template_seconds: float
    assessed_types: tuple[str, ...]
    timezone: str
    batch_size: int
    large_messages: str
    max_message_bytes: int
    keys: str = ""
    access_code_key: str = ""
    assertion_signer: str = ""
    status_slots: str = ""
    notify: str = ""
    template_networks: tuple[str, ...] = ()

    @cached_property
    def is_embedded(self) -> bool:
        """Whether all that is looked up and written is on this machine's disk, so that nothing is waited for."""
        ports = (self.lms, self.users, self.courses, self.storage, self.registry, self.status_slots)
        schemes = {parse_address("", port).scheme for port in ports if port}
        return schemes <= _EMBEDDED and not self.notify and not self.assertion_signer

    @property
    def zone(self) -> tzinfo:
        """The zone of issue dates."""
        return ZoneInfo(self.timezone)

    @cached_property
    def template_root(self) -> str:
        """What the cloud placeholder in template URLs stands for: a whole URL, also where the flag is a folder."""
        return parse_allow_list(self.template_allow, self.template_base).base


_EMBEDDED = frozenset({"file", "sqlite"})


class _Closable(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=_Closable)


class Worker:
    """The ports of a process, each opened when it is first asked for.

    Attributes:
        renderer: draws certificates.
        published: what need not be put in storage again.
        known_lists: numbers of the status lists that stand in storage.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self.published = Published()
        self.renderer = Renderer()
        self.known_lists: set[int] = set()
        self._ports: dict[str, _Closable] = {}
        self._lock = threading.Lock()

    @property
    def learning(self) -> LearningRecords:
        """Batches, enrolments and scores."""
        return self._port("learning", lambda: open_learning(self.settings.lms))

    @property
    def users(self) -> Users:
        """Who the learners are."""
        return self._port("users", lambda: open_users(self.settings.users))

    @property
    def courses(self) -> Courses:
        """Names and types of courses and contents."""
        return self._port("courses", lambda: open_courses(self.settings.courses))

    @property
    def storage(self) -> Storage:
        """Where certificates are put."""
        return self._port("storage", lambda: open_storage(self.settings.storage))

    @property
    def large_messages(self) -> LargeMessages:
        """Where what is too large for a dead letter is kept."""
        return self._port(
            "large_messages",
            lambda: LargeMessages(open_storage(self.settings.large_messages, LARGE_MESSAGES)),
        )

    @property
    def registry(self) -> Registry:
        """The register of certificates."""
        return self._port("registry", lambda: open_registry(self.settings.registry))

    @property
    def status_slots(self) -> StatusSlots:
        """Places on status lists."""
        return self._port("status_slots", lambda: open_status_slots(self.settings.status_slots))

    @property
    def signer(self) -> Signer:
        """The issuer's keys."""
        return self._port("signer", lambda: open_signer(self.settings.keys))

    @property
    def assertion_signer(self) -> AssertionSigner:
        """The service that signs assertions."""
        return self._port("assertion_signer", lambda: open_assertion_signer(self.settings.assertion_signer))

    @cached_property
    def credential_issuer(self) -> CredentialIssuer | None:
        """Who signs; None where nothing is signed."""
        if not self.settings.keys:
            return None
        signer, settings = self.signer, self.settings.issuer
        return CredentialIssuer(settings.base_url, signer.keys, signer.sign, settings.proofs)

    @cached_property
    def access_code_key(self) -> bytes:
        """The secret of the access codes: read here, so that it stands in no job's graph."""
        settings = self.settings
        return read_access_code_key(settings.access_code_key, settings.keys, settings.issuer.base_url)

    @cached_property
    def documents(self) -> tuple[Artefact, ...]:
        """What the installation publishes once for all certificates."""
        return installation_documents(self.settings.issuer.base_url, self.credential_issuer)

    @property
    def notice_board(self) -> NoticeBoard:
        """How learners are told."""
        return self._port("notices", lambda: open_notice_board(self.settings.notify))

    @property
    def templates(self) -> Templates:
        """Compiled templates and pictures."""
        return self._port("templates", self._open_templates)

    def close(self) -> None:
        """Close everything that was opened."""
        while self._ports:
            self._ports.popitem()[1].close()

    def _open_templates(self) -> Templates:
        settings = self.settings
        source = open_templates(settings.template_allow, settings.template_base, settings.template_networks)
        return Templates(source, max_bytes=settings.template_cache_bytes, seconds=settings.template_seconds)

    def _port(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._ports:
                self._ports[name] = make()
            return cast("T", self._ports[name])


_workers: dict[WorkerSettings, tuple[Worker, int]] = {}
_workers_lock = threading.Lock()


def acquire(settings: WorkerSettings) -> Worker:
    """The process's worker for these settings; each call needs a :func:`release`.

    Raises:
        ImportError, OSError: when certificates are to be drawn, and cannot be on this machine.
    """
    with _workers_lock:
        load_renderers(settings.issuer.formats)
        if not _workers:
            freeze_loaded_objects()
        worker, users = _workers.get(settings) or (Worker(settings), 0)
        _workers[settings] = (worker, users + 1)
        return worker


def release(settings: WorkerSettings) -> None:
    """Give back what :func:`acquire` gave; the last one out closes the ports."""
    with _workers_lock:
        worker, users = _workers.pop(settings)
        if users > 1:
            _workers[settings] = (worker, users - 1)
            return
    worker.close()
