"""The worker: the ports, caches and credential issuer of a process, shared by all its stages."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from typing import Any, Protocol, TypeVar, cast
from zoneinfo import ZoneInfo

from certbeam.artwork.render import Renderer, load_renderers
from certbeam.badges.issuer import CredentialIssuer
from certbeam.certificates.artefact import Artefact
from certbeam.certificates.certificate import IssuerSettings
from certbeam.certificates.documents import build_installation_documents
from certbeam.io.keys.access_codes import read_access_code_key
from certbeam.io.port import Port
from certbeam.io.port_table import (
    ASSERTION_SIGNER,
    COURSES,
    LARGE_MESSAGES,
    LEARNING,
    NOTICES,
    REGISTRY,
    SERVICES,
    SIGNER,
    STATUS_LISTS,
    STORAGE,
    USERS,
)
from certbeam.io.protocols import (
    AssertionSigner,
    Courses,
    LearningRecords,
    Notifier,
    Registry,
    Signer,
    StatusLists,
    Storage,
    Users,
)
from certbeam.io.template_sources import open_templates
from certbeam.io.templates.allow_list import parse_allow_list
from certbeam.io.templates.cache import Templates
from certbeam.stages.garbage_collection import freeze_loaded_objects
from certbeam.stages.large_messages import LargeMessages
from certbeam.stages.published import Published


@dataclass(frozen=True)
class TemplateSettings:
    """Sources that templates and images may be fetched from.

    Attributes:
        allow: URL prefixes.
        base: URL that relative template URLs are resolved against, and that replaces the cloud placeholder; None for
            the first prefix.
        networks: non-public networks that may be fetched from.
    """

    allow: tuple[str, ...]
    base: str | None = None
    networks: tuple[str, ...] = ()

    @cached_property
    def root(self) -> str:
        """Return the URL that replaces the cloud placeholder in template URLs, with a trailing slash."""
        return parse_allow_list(self.allow, self.base).base


@dataclass(frozen=True)
class EnrichmentSettings:
    """Settings of pipelines that decide who has earned a certificate.

    Attributes:
        base_url: URL under which the storage is served.
        assessed_types: content types whose scores count (``assessment.metrics.supported.contenttype``).
        timezone: IANA name of the time zone of issue dates.
    """

    base_url: str
    assessed_types: tuple[str, ...]
    timezone: str

    @property
    def zone(self) -> tzinfo:
        """Return the time zone of issue dates."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class MakingSettings:
    """Settings of pipelines that make certificates.

    Attributes:
        issuer: the settings that all certificates of the installation share.
        access_code_key: file with the secret of the access codes; ``""`` if the key set has it, or without keys.
        template_cache_bytes: maximum size of the compiled templates that a worker caches.
        template_seconds: time after which a cached template is revalidated at its source.
    """

    issuer: IssuerSettings
    access_code_key: str
    template_cache_bytes: int
    template_seconds: float


@dataclass(frozen=True)
class WorkerSettings:
    """Settings that a worker needs for the stages of a pipeline. They are part of the job graph, and hold no secret.

    Attributes:
        addresses: names and addresses of the ports that the pipeline uses (:data:`~certbeam.io.port_table.SERVICES`).
        batch_size: maximum number of elements that are processed together.
        max_message_bytes: maximum size of a message to a sink, key and value together.
        enrichment: None for a pipeline that reads no issue events.
        making: None for a pipeline that makes no certificates.
    """

    addresses: tuple[tuple[str, str], ...]
    templates: TemplateSettings
    batch_size: int
    max_message_bytes: int
    enrichment: EnrichmentSettings | None = None
    making: MakingSettings | None = None

    def has(self, port: Port[Any]) -> bool:
        """Return True if the pipeline uses a port."""
        return any(name == port.name for name, _ in self.addresses)

    def address(self, port: Port[Any]) -> str:
        """Return the address of a port.

        Raises:
            KeyError: if the pipeline does not use it.
        """
        return dict(self.addresses)[port.name]

    @cached_property
    def is_embedded(self) -> bool:
        """Return True if all ports are on this machine's disk."""
        used = (port for port in SERVICES if self.has(port))
        return all(port.adapter_of(self.address(port)).is_local for port in used)


class _Closable(Protocol):
    def close(self) -> None: ...


T = TypeVar("T", bound=_Closable)
S = TypeVar("S")


class Worker:
    """The ports of a process, each opened when a stage first uses it.

    Attributes:
        renderer: renders PNG and PDF.
        published: names of documents that need no further upload.
        known_lists: numbers of the status lists that are in storage.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self.settings = settings
        self.published = Published()
        self.renderer = Renderer()
        self.known_lists: set[int] = set()
        self._ports: dict[str, _Closable] = {}
        self._lock = threading.Lock()

    @property
    def enrichment(self) -> EnrichmentSettings:
        """Return the settings by which eligibility is decided."""
        return _require(self.settings.enrichment, "enrichment")

    @property
    def making(self) -> MakingSettings:
        """Return the settings by which certificates are made."""
        return _require(self.settings.making, "making")

    @property
    def learning(self) -> LearningRecords:
        """Return the batches, enrolments and scores."""
        return self._open(LEARNING)

    @property
    def users(self) -> Users:
        """Return the users."""
        return self._open(USERS)

    @property
    def courses(self) -> Courses:
        """Return the courses and contents."""
        return self._open(COURSES)

    @property
    def storage(self) -> Storage:
        """Return the object store of certificates."""
        return self._open(STORAGE)

    @property
    def registry(self) -> Registry:
        """Return the certificate registry."""
        return self._open(REGISTRY)

    @property
    def status_slots(self) -> StatusLists:
        """Return the status list indexes of certificates."""
        return self._open(STATUS_LISTS)

    @property
    def signer(self) -> Signer:
        """Return the issuer's keys."""
        return self._open(SIGNER)

    @property
    def assertion_signer(self) -> AssertionSigner:
        """Return the service that signs assertions."""
        return self._open(ASSERTION_SIGNER)

    @property
    def notice_board(self) -> Notifier:
        """Return the service that notifies learners."""
        return self._open(NOTICES)

    @cached_property
    def credential_issuer(self) -> CredentialIssuer | None:
        """Return the issuer that signs; None if the pipeline has no key set."""
        if not self.settings.has(SIGNER):
            return None
        signer, issuer = self.signer, self.making.issuer
        return CredentialIssuer(issuer.base_url, signer.keys, signer.sign, issuer.proofs)

    @cached_property
    def access_code_key(self) -> bytes:
        """Return the secret of the access codes. It is read on the worker, so that no job graph contains it."""
        settings = self.settings
        key_set = settings.address(SIGNER) if settings.has(SIGNER) else ""
        return read_access_code_key(self.making.access_code_key, key_set, self.making.issuer.base_url)

    @cached_property
    def documents(self) -> tuple[Artefact, ...]:
        """Return the documents that the installation publishes once for all certificates."""
        return build_installation_documents(self.making.issuer.base_url, self.credential_issuer)

    @property
    def large_messages(self) -> LargeMessages:
        """Return the private store of parts of large dead letters."""
        return self._cached(
            LARGE_MESSAGES.name,
            lambda: LargeMessages(LARGE_MESSAGES.open(self.settings.address(LARGE_MESSAGES))),
        )

    @property
    def templates(self) -> Templates:
        """Return the caches of compiled templates and images."""
        return self._cached("templates", self._open_templates)

    def close(self) -> None:
        """Close everything that was opened."""
        while self._ports:
            self._ports.popitem()[1].close()

    def _open_templates(self) -> Templates:
        sources, making = self.settings.templates, self.making
        source = open_templates(sources.allow, sources.base, sources.networks)
        return Templates(source, max_bytes=making.template_cache_bytes, seconds=making.template_seconds)

    def _open(self, port: Port[T]) -> T:
        return self._cached(port.name, lambda: port.open(self.settings.address(port)))

    def _cached(self, name: str, make: Callable[[], T]) -> T:
        with self._lock:
            if name not in self._ports:
                self._ports[name] = make()
            return cast("T", self._ports[name])


def _require(value: S | None, name: str) -> S:
    if value is None:
        raise LookupError(f"the pipeline's settings have no {name}")
    return value


_workers: dict[WorkerSettings, tuple[Worker, int]] = {}
_workers_lock = threading.Lock()


def acquire(settings: WorkerSettings) -> Worker:
    """Return the process's worker for some settings; each call needs a :func:`release`.

    Raises:
        ImportError, OSError: if the pipeline makes certificates and a rendering library is missing.
    """
    with _workers_lock:
        if settings.making:
            load_renderers(settings.making.issuer.formats)
        if not _workers:
            freeze_loaded_objects()
        worker, users = _workers.get(settings) or (Worker(settings), 0)
        _workers[settings] = (worker, users + 1)
        return worker


def release(settings: WorkerSettings) -> None:
    """Release what :func:`acquire` returned. The last release closes the ports."""
    with _workers_lock:
        worker, users = _workers.pop(settings)
        if users > 1:
            _workers[settings] = (worker, users - 1)
            return
    worker.close()
