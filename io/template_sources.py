"""Open the sources of all templates and pictures on an allow-list."""

from collections.abc import Mapping, Sequence

from certbeam.io.port_table import TEMPLATES
from certbeam.io.protocols import Fetched, TemplateSource
from certbeam.io.templates.allow_list import AllowList, parse_allow_list
from certbeam.io.templates.networks import parse_networks
from certbeam.io.uri.address import Address


class AllowedSource:
    """:class:`~certbeam.io.protocols.TemplateSource` of the URLs on an allow-list.

    Args:
        allowed: the URLs that may be fetched.
        sources: the source of each scheme that the allow-list has.
    """

    def __init__(self, allowed: AllowList, sources: Mapping[str, TemplateSource]) -> None:
        self._allowed = allowed
        self._sources = sources

    def fetch(self, url: str, known_version: str = "") -> Fetched | None:
        """See :class:`~certbeam.io.protocols.TemplateSource`."""
        resolved = self._allowed.resolve(url)
        scheme = resolved.partition(":")[0]
        return self._sources[scheme].fetch(resolved, known_version)

    def close(self) -> None:
        """Close all sources."""
        for source in self._sources.values():
            source.close()


def open_templates(allow: Sequence[str], base: str | None, networks: Sequence[str] = ()) -> AllowedSource:
    """Open the source of templates and pictures.

    Args:
        allow: values of ``--template_allow``.
        base: value of ``--template_base``; None for the first prefix.
        networks: values of ``--template_networks``.

    Raises:
        FlagError: if one of the values cannot be used.
    """
    return open_allowed(parse_allow_list(allow, base), networks)


def open_allowed(allowed: AllowList, networks: Sequence[str]) -> AllowedSource:
    """Open the source of templates and pictures that an allow-list restricts.

    Args:
        allowed: the URLs that may be fetched.
        networks: values of ``--template_networks``.

    Raises:
        FlagError: if a network or a prefix cannot be used.
    """
    not_public = parse_networks(networks)
    sources: dict[str, TemplateSource] = {}
    for prefix in allowed.prefixes:
        scheme, _, path = prefix.partition(":")
        if scheme not in sources:
            address = Address(TEMPLATES.flag, prefix, scheme, path)
            sources[scheme] = TEMPLATES.adapter(address).open(address, allowed, not_public)
    return AllowedSource(allowed, sources)
