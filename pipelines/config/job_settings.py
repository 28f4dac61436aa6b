"""Flags checked and made into a job's settings, before anything is submitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from certbeam.artwork.render import load_renderers
from certbeam.badges.data_integrity import CRYPTOSUITES, JCS, RDFC
from certbeam.badges.did_web import did_web
from certbeam.badges.key_set import KeySet
from certbeam.certificates.artefact import CONTENT_TYPES
from certbeam.certificates.certificate import IssuerSettings
from certbeam.io import adapters
from certbeam.io.events.kafka_topics import DEFAULTS, KafkaSettings, check_expansion_service
from certbeam.io.keys.access_codes import read_access_code_key
from certbeam.io.limits import LEAST_MESSAGE_BYTES, MOST_MESSAGE_BYTES
from certbeam.io.uri.address import FlagError
from certbeam.pipelines.config.flags import ENRICH
from certbeam.stages.worker import WorkerSettings

SINKS = ("outcomes", "dead_letters", "audit", "requests_output")
_MAX_VERIFY_URL = 500
_ANY_ID = "00000000-0000-5000-8000-000000000000"
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class JobSettings:
    """What a pipeline is built from.

    Attributes:
        sinks: the address of each sink that the pipeline has, by flag.
        max_inflight: how many events a streaming job takes in before it has finished with them.
        apart: whether stages are kept apart, so that the runner's page has some boxes of them, and messages are
            spread over all workers.
    """

    pipeline: str
    input: str
    sinks: Mapping[str, str]
    worker: WorkerSettings
    kafka: KafkaSettings = DEFAULTS
    max_inflight: int = 2000
    apart: bool = False

    @property
    def streaming(self) -> bool:
        """Whether the input does not end."""
        return self.input.startswith("kafka:") and not self.kafka.bounded


def job_settings(pipeline: str, values: Mapping[str, Any]) -> JobSettings:
    """The settings of a job from the values of all its flags.

    Raises:
        FlagError: for a value that cannot be used.
    """
    lms, notify = values["lms"], values.get("notify", "none")
    key_set, assertion_signer = adapters.split_keys(values["keys"]) if values.get("keys") else ("", "")
    worker = WorkerSettings(
        issuer=_issuer(values, key_set),
        lms=lms,
        users=values.get("users") or lms,
        courses=values.get("courses") or lms,
        storage=values.get("storage", ""),
        registry=values.get("registry", ""),
        template_allow=tuple(values["template_allow"]),
        template_base=values.get("template_base"),
        template_cache_bytes=_positive("template_cache_mb", values.get("template_cache_mb", "1")) * _MEGABYTE,
        template_seconds=_positive("template_seconds", values.get("template_seconds", "1")),
        assessed_types=tuple(_list(values.get("assessed_types", ""))),
        timezone=_timezone(values.get("timezone", "UTC")),
        batch_size=_positive("batch_size", values["batch_size"]),
        keys=key_set,
        access_code_key=values.get("access_code_key") or "",
        assertion_signer=assertion_signer,
        status_slots=values.get("status_slots") or values.get("registry", ""),
        notify="" if _is_topic(notify) or notify == "none" else notify,
        template_networks=tuple(values.get("template_networks") or ()),
        large_messages=values["large_messages"],
        max_message_bytes=_message_bytes(values),
    )
    sinks = {flag: values[flag] for flag in SINKS if values.get(flag)}
    if _is_topic(notify):
        sinks["notify"] = notify
    in_flight = _positive("max_inflight", values["max_inflight"])
    return JobSettings(pipeline, values["input"], sinks, worker, _kafka(values), in_flight)


def check_ports(settings: JobSettings) -> None:
    """Open every port of a job once, so that what cannot work is refused here and not by a worker.

    Raises:
        FlagError: for an address that leads nowhere, and for formats that cannot be drawn here.
    """
    worker = settings.worker
    if settings.pipeline != ENRICH:
        _check_drawing(worker.issuer.formats)
    adapters.event_source(settings.input, settings.kafka)
    adapters.open_storage(worker.large_messages, adapters.LARGE_MESSAGES).close()
    adapters.open_learning(worker.lms).close()
    adapters.open_templates(worker.template_allow, worker.template_base, worker.template_networks).close()
    for flag, address in settings.sinks.items():
        adapters.event_sink(flag, address, settings.kafka)
        adapters.check_input_stays(settings.input, flag, address)
    if settings.pipeline != "generate":
        adapters.open_users(worker.users).close()
        adapters.open_courses(worker.courses).close()
    if settings.pipeline != ENRICH:
        adapters.open_storage(worker.storage).close()
        adapters.check_private(worker.storage, worker.large_messages)
        adapters.open_registry(worker.registry).close()
    if worker.notify or "notify" in settings.sinks:
        adapters.open_users(worker.users).close()
    if worker.notify:
        adapters.open_notice_board(worker.notify).close()
    if worker.keys:
        adapters.open_signer(worker.keys).close()
        adapters.open_status_slots(worker.status_slots).close()
    if worker.assertion_signer:
        adapters.open_assertion_signer(worker.assertion_signer).close()


def _check_drawing(formats: tuple[str, ...]) -> None:
    try:
        load_renderers(formats)
    except (ImportError, OSError) as error:
        remedy = f"png and pdf cannot be drawn here; are libcairo2 and the libraries installed? {error}"
        raise FlagError("formats", ",".join(formats), remedy) from error


def _is_topic(address: str) -> bool:
    return address.startswith("kafka:")


def _kafka(values: Mapping[str, Any]) -> KafkaSettings:
    service = values.get("expansion_service") or ""
    check_expansion_service(service)
    return KafkaSettings(
        expansion_service=service,
        java_worker=_host_and_port("java_worker", values.get("java_worker") or ""),
        max_num_records=_bound("max_num_records", values),
        max_read_time=_bound("max_read_time", values),
        max_message_bytes=_message_bytes(values),
    )


def _message_bytes(values: Mapping[str, Any]) -> int:
    value = values["max_message_bytes"]
    number = _positive("max_message_bytes", value)
    if not LEAST_MESSAGE_BYTES <= number <= MOST_MESSAGE_BYTES:
        remedy = f"it must be between {LEAST_MESSAGE_BYTES} and {MOST_MESSAGE_BYTES}"
        raise FlagError("max_message_bytes", value, remedy)
    return number


def _host_and_port(flag: str, value: str) -> str:
    host, _, port = value.rpartition(":")
    if value and not (host and port.isdecimal()):
        raise FlagError(flag, value, "HOST:PORT is needed")
    return value


def _bound(flag: str, values: Mapping[str, Any]) -> int | None:
    return _positive(flag, values[flag]) if values.get(flag) else None


def _issuer(values: Mapping[str, Any], keys: str) -> IssuerSettings:
    base_url = _base_url(values["base_url"])
    if keys:
        key_set_of(keys, base_url)
        check_issuer_url(base_url)
    read_access_code_key(values.get("access_code_key") or "", keys, base_url)
    return IssuerSettings(
        base_url=base_url,
        verify_url=_verify_url(values.get("verify_url", "{id}"), base_url),
        formats=_formats(values.get("formats"), keys),
        proofs=_proofs(values.get("proofs", RDFC)),
    )


def _base_url(value: str) -> str:
    remedy = "a URL such as https://certs.example.org/certs is needed"
    try:
        parts = urlsplit(value)
    except ValueError as error:
        raise FlagError("base_url", value, remedy) from error
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise FlagError("base_url", value, remedy)
    return value.rstrip("/")


def check_issuer_url(base_url: str) -> None:
    """Whether credentials can be signed for this base_url.

    Raises:
        FlagError: when ``did:web`` cannot lead there.
    """
    try:
        did_web(base_url)
    except ValueError as error:
        raise FlagError("base_url", base_url, str(error)) from error


def key_set_of(keys: str, base_url: str | None) -> KeySet | None:
    """The key set of ``--keys`` where it is a file, once it is known to be made for ``base_url``.

    Raises:
        FlagError: when it cannot be read, or is made for another.
    """
    held = adapters.key_set(keys)
    if held and held.base_url and base_url and held.base_url != base_url.rstrip("/"):
        raise FlagError("base_url", base_url, f"the keys in {keys} were made for {held.base_url}")
    return held


def _verify_url(value: str, base_url: str) -> str:
    try:
        shown = value.format(base_url=base_url, tag="tag", id=_ANY_ID)
    except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
        raise FlagError("verify_url", value, "only {base_url}, {tag} and {id} are filled in") from error
    if _ANY_ID not in shown or len(shown) > _MAX_VERIFY_URL:
        raise FlagError("verify_url", value, "it must hold {id}, and be short enough for a QR code")
    return value


def _proofs(value: str) -> tuple[str, ...]:
    proofs = tuple(dict.fromkeys(_list(value)))
    if RDFC not in proofs or not set(proofs) <= set(CRYPTOSUITES):
        raise FlagError("proofs", value, f"{RDFC} is needed, and may have {JCS} beside it")
    return proofs


def _formats(given: str | None, keys: str) -> tuple[str, ...]:
    value = given or ("json,vc,svg" if keys else "json,svg")
    formats = tuple(dict.fromkeys(_list(value)))
    for one in formats:
        if one not in CONTENT_TYPES:
            raise FlagError("formats", value, f"{one!r} is not one of {', '.join(CONTENT_TYPES)}")
    if "vc" in formats and not keys:
        raise FlagError("formats", value, "vc is signed: give --keys a key set, made by 'certbeam keys new'")
    if "json" not in formats:
        raise FlagError("formats", value, "json must be among them: the registry's jsonUrl leads there")
    return formats


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise FlagError("timezone", value, "a name such as Asia/Kolkata or UTC is needed") from error
    return value


def _positive(flag: str, value: str) -> int:
    try:
        number = int(value)
    except ValueError as error:
        raise FlagError(flag, value, "a whole number is needed") from error
    if number < 1:
        raise FlagError(flag, value, "it must be at least 1")
    return number


def _list(value: str) -> list[str]:
    return [one.strip() for one in value.split(",") if one.strip()]
