"""Temporary files of servers and their processes are in the folders of the servers."""

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
def test_the_temporary_folder_is_added_to_the_options_of_java(monkeypatch, given, options):
    monkeypatch.delenv("JDK_JAVA_OPTIONS", raising=False)
    if given:
        monkeypatch.setenv("JDK_JAVA_OPTIONS", given)
    assert temporary_files_in(Path("/a b")) == {"TMPDIR": "/a b", "JDK_JAVA_OPTIONS": options}
