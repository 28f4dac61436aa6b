"""Contract of Storage for every adapter, embedded or with a server."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.port_table import STORAGE
from certbeam.io.protocols import Storage


@dataclass
class Place:
    """An adapter, and another way to read the files that it wrote."""

    storage: Storage
    read: Callable[[str], bytes]


@pytest.fixture(params=["folder", "gs", "gs-prefix", "s3", "az"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "folder":
        opened = Place(STORAGE.open(str(tmp_path)), lambda name: (tmp_path / name).read_bytes())
    elif request.param == "s3":
        client, name = request.getfixturevalue("s3"), request.getfixturevalue("s3_bucket")
        opened = Place(
            STORAGE.open(f"s3://{name}/certs"),
            lambda file: client.get_object(Bucket=name, Key=f"certs/{file}")["Body"].read(),
        )
    elif request.param == "az":
        container = request.getfixturevalue("azure_container")
        opened = Place(
            STORAGE.open(f"az://{container.container_name}/certs"),
            lambda file: container.download_blob(f"certs/{file}").readall(),
        )
    else:
        bucket = request.getfixturevalue("bucket")
        prefix = "certs/2026/" if request.param == "gs-prefix" else ""
        opened = Place(
            STORAGE.open(f"gs://{bucket.name}/{prefix}"),
            lambda name: bucket.blob(prefix + name).download_as_bytes(),
        )
    yield opened
    opened.storage.close()


def artefact(name: str, body: bytes) -> Artefact:
    return Artefact(name, "application/json", (body,))


class TestStorage:
    def test_files_have_their_names_and_contents(self, place: Place):
        files = [artefact(f"batch/{number}.json", b"%d" % number) for number in range(30)]
        assert place.storage.put(files) == [None] * 30
        assert [place.read(one.name) for one in files] == [one.body for one in files]

    def test_an_existing_file_is_replaced(self, place: Place):
        for body in (b"first", b"first", b"second, and longer"):
            assert place.storage.put([artefact("batch/one.json", body)]) == [None]
            assert place.read("batch/one.json") == body

    def test_a_file_can_be_stored_at_the_root(self, place: Place):
        assert place.storage.put([artefact("issuer.json", b"{}")]) == [None]
        assert place.read("issuer.json") == b"{}"

    def test_an_uploaded_file_is_read(self, place: Place):
        body = b"\x00\xff" * 3_000_000
        assert place.storage.put([artefact("batch/one.bin", body), artefact("root.json", b"")]) == [None] * 2
        assert place.storage.get("batch/one.bin") == body
        assert place.storage.get("root.json") == b""

    def test_a_file_that_was_not_uploaded_is_missing(self, place: Place):
        assert place.storage.put([artefact("batch/one.json", b"{}")]) == [None]
        for name in ("missing.json", "batch/missing.json"):
            with pytest.raises(Rejected, match=f"{name} is not in the storage") as error:
                place.storage.get(name)
            assert error.value.code == "storage-missing"
            assert not isinstance(error.value, Unavailable)

    def test_an_empty_call_has_no_effect(self, place: Place):
        assert place.storage.put([]) == []
