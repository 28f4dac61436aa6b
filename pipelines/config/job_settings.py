"""Build the settings of a job from flags, and check them before the job is submitted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from certbeam.artwork.render import load_renderers
from certbeam.badges.data_integrity import CRYPTOSUITES, JCS, RDFC
from certbeam.badges.did_web import build_did
from certbeam.badges.key_set import KeySet
from certbeam.certificates.artefact import CONTENT_TYPES
from certbeam.certificates.certificate import IssuerSettings
from certbeam.io.events.json_lines import check_input_stays
from certbeam.io.events.kafka_topics import KafkaSettings, check_expansion_service, is_topic
from certbeam.io.keys.access_codes import read_access_code_key
from certbeam.io.limits import LEAST_MESSAGE_BYTES, MOST_MESSAGE_BYTES
from certbeam.io.port import GENERATE
from certbeam.io.port_table import (
    ASSERTION_SIGNER,
    COURSES,
    INPUT,
    LARGE_MESSAGES,
    LEARNING,
    NOTICES,
    NOTICES_SINK,
    REGISTRY,
    SERVICES,
    SIGNER,
    SINKS,
    STATUS_LISTS,
    STORAGE,
    TEMPLATES,
    USERS,
)
from certbeam.io.private_store import check_private
from certbeam.io.signers import SignerAddresses, find_key_set, parse_signers
from certbeam.io.template_sources import open_templates
from certbeam.io.uri.address import FlagError
from certbeam.stages.worker import EnrichmentSettings, MakingSettings, TemplateSettings, WorkerSettings

_MAX_VERIFY_URL = 500
_ANY_ID = "00000000-0000-5000-8000-000000000000"
_MEGABYTE = 1024 * 1024
_NONE = "none"
"""Value of ``--notify`` if nobody is notified."""


@dataclass(frozen=True)
class JobSettings:
    """Settings that a pipeline is built from.

    Attributes:
        sinks: the address of each sink of the pipeline, by flag.
        max_inflight: maximum number of events that a streaming job has in flight.
        break_fusion: True if some stages begin an operator chain, and messages are spread over all workers.
    """

    pipeline: str
    input: str
    sinks: Mapping[str, str]
    worker: WorkerSettings
    kafka: KafkaSettings
    max_inflight: int
    break_fusion: bool = False

    @property
    def streaming(self) -> bool:
        """Return True if the input has no end."""
        return is_topic(self.input) and not self.kafka.bounded


def job_settings(pipeline: str, values: Mapping[str, Any]) -> JobSettings:
    """Return the settings of a job from the values of all flags of its pipeline.

    Raises:
        FlagError: for a value that cannot be used.
    """
    keys = values.get(SIGNER.flag)
    signers = parse_signers(keys) if keys else SignerAddresses("", "")
    worker = WorkerSettings(
        addresses=_addresses(pipeline, values, signers),
        templates=TemplateSettings(
            tuple(values[TEMPLATES.flag]), values["template_base"], tuple(values["template_networks"])
        ),
        batch_size=_positive("batch_size", values["batch_size"]),
        max_message_bytes=_message_bytes(values),
        enrichment=_enrichment(values) if pipeline in COURSES.pipelines else None,
        making=_making(values, signers.key_set) if pipeline in STORAGE.pipelines else None,
    )
    return JobSettings(
        pipeline=pipeline,
        input=values[INPUT.flag],
        sinks=_sinks(values),
        worker=worker,
        kafka=_kafka(values),
        max_inflight=_positive("max_inflight", values["max_inflight"]),
    )


def _addresses(
    pipeline: str, values: Mapping[str, Any], signers: SignerAddresses
) -> tuple[tuple[str, str], ...]:
    """Return pairs of a port's name and its address, for the services that a pipeline uses."""
    notify = values.get(NOTICES.flag, _NONE)
    defaults = {
        USERS: values[LEARNING.flag],
        COURSES: values[LEARNING.flag],
        STATUS_LISTS: values.get(REGISTRY.flag),
    }
    used = {
        **{port: values.get(port.flag) or defaults.get(port) for port in SERVICES},
        SIGNER: signers.key_set,
        ASSERTION_SIGNER: signers.service,
        NOTICES: "" if notify == _NONE or is_topic(notify) else notify,
    }
    if pipeline == GENERATE and notify == _NONE:
        # The generate event names the learner; only notices need the user's record.
        del used[USERS]
    if not (signers.key_set or values.get(STATUS_LISTS.flag)):
        del used[STATUS_LISTS]
    return tuple((port.name, text) for port, text in used.items() if text and pipeline in port.pipelines)


def _sinks(values: Mapping[str, Any]) -> dict[str, str]:
    sinks = {port.flag: values[port.flag] for port in SINKS if values.get(port.flag)}
    if not is_topic(sinks.get(NOTICES_SINK.flag, "")):
        sinks.pop(NOTICES_SINK.flag, None)
    return sinks


def _enrichment(values: Mapping[str, Any]) -> EnrichmentSettings:
    return EnrichmentSettings(
        base_url=_base_url(values["base_url"]),
        assessed_types=tuple(_list(values["assessed_types"])),
        timezone=_timezone(values["timezone"]),
    )


def _making(values: Mapping[str, Any], key_set: str) -> MakingSettings:
    return MakingSettings(
        issuer=_issuer(values, key_set),
        access_code_key=values["access_code_key"] or "",
        template_cache_bytes=_positive("template_cache_mb", values["template_cache_mb"]) * _MEGABYTE,
        template_seconds=_positive("template_seconds", values["template_seconds"]),
    )


def check_ports(settings: JobSettings) -> None:
    """Open and close every port of a job, so that an unusable address is rejected before submission.

    Raises:
        FlagError: if an address cannot be used, or this machine cannot draw a format.
    """
    worker = settings.worker
    if worker.making:
        _check_drawing(worker.making.issuer.formats)
    INPUT.open(settings.input, settings.kafka)
    for port in SINKS:
        if address := settings.sinks.get(port.flag):
            port.open(address, settings.kafka)
            check_input_stays(settings.input, port.flag, address)
    templates = worker.templates
    open_templates(templates.allow, templates.base, templates.networks).close()
    for service in SERVICES:
        if worker.has(service):
            service.open(worker.address(service)).close()
    if worker.has(STORAGE):
        check_private(worker.address(STORAGE), worker.address(LARGE_MESSAGES))


def _check_drawing(formats: tuple[str, ...]) -> None:
    try:
        load_renderers(formats)
    except (ImportError, OSError) as error:
        reason = f"this machine cannot draw png or pdf: install libcairo2 and certbeam's libraries ({error})"
        raise FlagError("formats", ",".join(formats), reason) from error


def _kafka(values: Mapping[str, Any]) -> KafkaSettings:
    service = values["expansion_service"] or ""
    check_expansion_service(service)
    return KafkaSettings(
        expansion_service=service,
        java_worker=_host_and_port("java_worker", values["java_worker"] or ""),
        max_num_records=_limit("max_num_records", values),
        max_read_time=_limit("max_read_time", values),
        max_message_bytes=_message_bytes(values),
    )


def _message_bytes(values: Mapping[str, Any]) -> int:
    value = values["max_message_bytes"]
    number = _positive("max_message_bytes", value)
    if not LEAST_MESSAGE_BYTES <= number <= MOST_MESSAGE_BYTES:
        reason = f"it is out of range: give a number from {LEAST_MESSAGE_BYTES} to {MOST_MESSAGE_BYTES}"
        raise FlagError("max_message_bytes", value, reason)
    return number


def _host_and_port(flag: str, value: str) -> str:
    host, _, port = value.rpartition(":")
    if value and not (host and port.isdecimal()):
        raise FlagError(flag, value, "it is not HOST:PORT: give an address such as localhost:50001")
    return value


def _limit(flag: str, values: Mapping[str, Any]) -> int | None:
    return _positive(flag, values[flag]) if values[flag] else None


def _issuer(values: Mapping[str, Any], keys: str) -> IssuerSettings:
    base_url = _base_url(values["base_url"])
    if keys:
        key_set_of(keys, base_url)
        check_issuer_url(base_url)
    read_access_code_key(values["access_code_key"] or "", keys, base_url)
    return IssuerSettings(
        base_url=base_url,
        verify_url=_verify_url(values["verify_url"], base_url),
        formats=_formats(values["formats"], keys),
        proofs=_proofs(values["proofs"]),
    )


def _base_url(value: str) -> str:
    reason = "it is not an http(s) URL without a query: give a URL such as https://certs.example.org/certs"
    try:
        parts = urlsplit(value)
    except ValueError as error:
        raise FlagError("base_url", value, reason) from error
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise FlagError("base_url", value, reason)
    return value.rstrip("/")


def check_issuer_url(base_url: str) -> None:
    """Check that an issuer with this base URL can have a ``did:web``, which signed credentials need.

    Raises:
        FlagError: if it cannot.
    """
    try:
        build_did(base_url)
    except ValueError as error:
        raise FlagError("base_url", base_url, str(error)) from error


def key_set_of(keys: str, base_url: str | None) -> KeySet | None:
    """Read the key set that ``--keys`` names, and check that it was made for a base URL.

    Args:
        keys: the value of ``--keys``.
        base_url: the value of ``--base_url``; None for that of the key set.

    Returns:
        None if ``--keys`` names no key set.

    Raises:
        FlagError: if the key set cannot be read, or was made for another base URL.
    """
    keys_of_issuer = find_key_set(keys)
    if keys_of_issuer and base_url:
        check_same_base_url(base_url, keys_of_issuer, keys)
    return keys_of_issuer


def check_same_base_url(base_url: str, keys: KeySet, source: str) -> None:
    """Check that a key set was made for a base URL. A key set without one fits all.

    Args:
        base_url: the value of ``--base_url``.
        keys: the key set.
        source: where the key set is, for the message.

    Raises:
        FlagError: if it was made for another base URL.
    """
    if keys.base_url not in ("", base_url.rstrip("/")):
        reason = f"the keys in {source} were made for {keys.base_url}: give this URL, or other keys"
        raise FlagError("base_url", base_url, reason)


def _verify_url(value: str, base_url: str) -> str:
    try:
        text = value.format(base_url=base_url, tag="tag", id=_ANY_ID)
    except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
        reason = "a field in braces is unknown or malformed: use only {base_url}, {tag} and {id}"
        raise FlagError("verify_url", value, reason) from error
    if _ANY_ID not in text:
        raise FlagError(
            "verify_url", value, "{id} is missing: add it, so that each QR code names its certificate"
        )
    if len(text) > _MAX_VERIFY_URL:
        reason = f"the QR code would have {len(text)} characters: shorten it to {_MAX_VERIFY_URL} at most"
        raise FlagError("verify_url", value, reason)
    return value


def _proofs(value: str) -> tuple[str, ...]:
    proofs = tuple(dict.fromkeys(_list(value)))
    if RDFC not in proofs or not set(proofs) <= set(CRYPTOSUITES):
        raise FlagError("proofs", value, f"the list is not supported: give {RDFC}, or {RDFC},{JCS}")
    return proofs


def _formats(given: str | None, keys: str) -> tuple[str, ...]:
    value = given or ("json,vc,svg" if keys else "json,svg")
    formats = tuple(dict.fromkeys(_list(value)))
    for name in formats:
        if name not in CONTENT_TYPES:
            reason = f"{name!r} is not a format: choose from {', '.join(CONTENT_TYPES)}"
            raise FlagError("formats", value, reason)
    if "vc" in formats and not keys:
        reason = "vc needs a key set: add one to --keys, made by 'certbeam keys new', or remove vc"
        raise FlagError("formats", value, reason)
    if "json" not in formats:
        raise FlagError("formats", value, "json is missing: add it, because registry rows refer to its file")
    return formats


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise FlagError(
            "timezone", value, "it is not an IANA time zone: give a name such as Asia/Kolkata or UTC"
        ) from error
    return value


def _positive(flag: str, value: str) -> int:
    try:
        number = int(value)
    except ValueError as error:
        raise FlagError(flag, value, "it is not a whole number: give a number of at least 1") from error
    if number < 1:
        raise FlagError(flag, value, "it is out of range: give a number of at least 1")
    return number


def _list(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]
