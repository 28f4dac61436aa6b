"""The contract of Storage, which every embedded adapter keeps."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.storage.folder import FolderStorage

ADAPTERS = {
    "folder": (lambda folder: FolderStorage(folder), lambda folder, name: (folder / name).read_bytes())
}


@pytest.fixture(params=ADAPTERS.values(), ids=list(ADAPTERS))
def adapter(request):
    """How the adapter is opened, and how what is stored is read."""
    return request.param


@pytest.fixture
def storage(adapter, tmp_path):
    opened = adapter[0](tmp_path / "certs")
    yield opened
    opened.close()


@pytest.fixture
def stored(adapter, tmp_path):
    return lambda name: adapter[1](tmp_path / "certs", name)


def artefact(name, body):
    return Artefact(name, "application/json", (body,))


class TestStorage:
    def test_files_have_their_names_and_contents(self, storage, stored):
        assert storage.put(
            [artefact("t/a.json", b"1"), artefact("t/b.svg", b""), artefact("root.json", b"3")]
        ) == [
            None,
            None,
            None,
        ]
        assert (stored("t/a.json"), stored("t/b.svg"), stored("root.json")) == (b"1", b"", b"3")

    def test_an_upload_replaces_the_whole_file(self, storage, stored):
        storage.put([artefact("t/a.json", b"a long first version")])
        assert storage.put([artefact("t/a.json", b"short")]) == [None]
        assert stored("t/a.json") == b"short"

    def test_a_file_is_the_concatenation_of_its_parts(self, storage, stored):
        parts = tuple(b"%d," % number * (1 + number % 7) for number in range(5000))
        assert storage.put([Artefact("t/a.json", "application/json", parts)]) == [None]
        assert stored("t/a.json") == b"".join(parts)

    def test_an_uploaded_file_is_read(self, storage):
        parts = (b"one", b"", b"\x00\xff" * 100_000)
        storage.put([Artefact("t/a.bin", "application/octet-stream", parts), artefact("root.json", b"")])
        assert (storage.get("t/a.bin"), storage.get("root.json")) == (b"".join(parts), b"")
        storage.put([artefact("t/a.bin", b"short")])
        assert storage.get("t/a.bin") == b"short"

    @pytest.mark.parametrize("name", ["missing.json", "t/missing.json"])
    def test_a_file_that_was_not_uploaded_is_missing(self, storage, name):
        storage.put([artefact("t/a.json", b"1")])
        with pytest.raises(Rejected, match=f"{name} is not in the storage") as error:
            storage.get(name)
        assert error.value.code == "storage-missing"
        assert not isinstance(error.value, Unavailable)

    def test_empty_requests_have_empty_results(self, storage):
        assert storage.put([]) == []

    def test_concurrent_uploads_of_a_file_are_atomic(self, adapter, tmp_path, stored):
        versions = [bytes([65 + number]) * 200_000 for number in range(8)]

        def put(body):
            one = adapter[0](tmp_path / "certs")
            return [one.put([artefact("t/a.json", body)]) for _ in range(5)]

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(put, versions))
        assert answers == [[[None]] * 5] * 8
        assert stored("t/a.json") in versions
