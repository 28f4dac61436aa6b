"""What servers and their processes leave behind goes with their folders."""

from pathlib import Path

import pytest

from certbeam.deploy.services.server import temporary_files_in


@pytest.mark.parametrize(
    ("given", "options"),
    [
        (None, '"-Djava.io.tmpdir=/a b"'),
        ("-Djavax.net.ssl.trustStore=/mine", '-Djavax.net.ssl.trustStore=/mine "-Djava.io.tmpdir=/a b"'),
    ],
)
def test_java_is_told_where_beside_what_it_is_told_already(monkeypatch, given, options):
    monkeypatch.delenv("JDK_JAVA_OPTIONS", raising=False)
    if given:
        monkeypatch.setenv("JDK_JAVA_OPTIONS", given)
    assert temporary_files_in(Path("/a b")) == {"TMPDIR": "/a b", "JDK_JAVA_OPTIONS": options}
