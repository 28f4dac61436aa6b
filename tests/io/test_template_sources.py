"""The sources of the prefixes on an allow-list."""

import pytest

from certbeam.io.template_sources import open_templates
from certbeam.io.uri.address import FlagError
from certbeam.tests.support import serving


def test_each_scheme_of_the_prefixes_has_a_source(tmp_path):
    (tmp_path / "a.svg").write_bytes(b"<svg/>")
    server = serving(tmp_path)
    source = open_templates([str(tmp_path), server.url], None)
    for url in ("a.svg", f"{server.url}/a.svg"):
        fetched = source.fetch(url)
        assert fetched is not None
        assert fetched.body == b"<svg/>"
    assert server.asked == ["/a.svg"]
    source.close()
    server.close()


@pytest.mark.parametrize("prefix", ["ftp://x/y", "x://y"])
def test_a_prefix_of_templates_with_an_unknown_scheme_is_refused(prefix):
    with pytest.raises(
        FlagError, match=f"^--template_allow={prefix}/: unknown scheme '.*'; known: a folder, "
    ):
        open_templates([prefix], None)
