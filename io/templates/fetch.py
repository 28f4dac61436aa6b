"""Fetch templates and pictures into memory."""

from collections.abc import Mapping

from certbeam.io.protocols import Fetched, TemplateSource
from certbeam.io.templates.allow_list import AllowList


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
