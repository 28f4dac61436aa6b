"""Open the sources of everything that an allow-list lets through."""

from collections.abc import Sequence

from certbeam.io.port_table import TEMPLATES
from certbeam.io.protocols import TemplateSource
from certbeam.io.templates.allow_list import AllowList, parse_allow_list
from certbeam.io.templates.fetch import AllowedSource
from certbeam.io.templates.networks import parse_networks
from certbeam.io.uri.address import Address


def open_templates(allow: Sequence[str], base: str | None, networks: Sequence[str] = ()) -> TemplateSource:
    """Open the source of templates and pictures.

    Args:
        allow: values of ``--template_allow``.
        base: value of ``--template_base``; None for the first prefix.
        networks: values of ``--template_networks``.

    Raises:
        FlagError: if one of the values cannot be used.
    """
    return open_allowed(parse_allow_list(allow, base), networks)


def open_allowed(allowed: AllowList, networks: Sequence[str]) -> TemplateSource:
    """Open the source of templates and pictures that an allow-list restricts.

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
