"""The store of large messages: each part is written once, and a failed store is not called for a minute."""

from types import SimpleNamespace

import pytest

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.storage.folder import FolderStorage
from certbeam.issuing.large_messages import Part, cut_bytes
from certbeam.stages import large_messages
from certbeam.stages.large_messages import LargeMessages, StoredMessages
from certbeam.tests.support import Watched


def part(text):
    (made,) = cut_bytes(text.encode()).parts
    return made


def down(_put, artefacts):
    return [Unavailable(ErrorCode.STORAGE_UNAVAILABLE, "no answer") for _ in artefacts]


@pytest.fixture
def storage(tmp_path):
    return Watched(FolderStorage(tmp_path / "large"))


def names(storage):
    return [[one.name for one in artefacts] for method, artefacts in storage.calls if method == "put"]


def test_each_part_is_written_once(storage, tmp_path):
    store, one, other = LargeMessages(storage), part("one"), part("other")
    assert store.put([one, one]) == {}
    assert store.put([other, one]) == {}
    assert store.put([one]) == {}
    assert names(storage) == [[one.name], [other.name]]
    assert (tmp_path / "large" / one.name).read_bytes() == b"one"
    store.close()
    assert storage.calls[-1] == ("close",)


def test_a_refused_part_is_reported_and_written_later(tmp_path):
    one, other, now = part("one"), part("other"), [0.0]

    def refuses_one(put, artefacts):
        return [
            Rejected(ErrorCode.STORAGE_REFUSED, "no") if artefact.name == one.name else put([artefact])[0]
            for artefact in artefacts
        ]

    instead = {"put": refuses_one}
    storage = Watched(FolderStorage(tmp_path / "large"))
    storage._instead = instead
    store = LargeMessages(storage, lambda: now[0])
    assert {name: error.code for name, error in store.put([one, other]).items()} == {
        one.name: "storage-refused"
    }
    assert store.put([other]) == {}
    instead.clear()
    now[0] = 60.0
    assert store.put([one, other]) == {}
    assert names(storage) == [[one.name, other.name], [one.name]]


def test_a_store_that_does_not_answer_is_not_called_for_a_minute(tmp_path):
    storage, now = Watched(FolderStorage(tmp_path / "large"), put=down), [0.0]
    store = LargeMessages(storage, lambda: now[0])
    for second in (0.0, 1.0, 59.0):
        now[0] = second
        assert [error.code for error in store.put([part("one")]).values()] == ["storage-unavailable"]
    assert len(names(storage)) == 1
    now[0] = 60.0
    store.put([part("one")])
    assert len(names(storage)) == 2


def test_stored_parts_are_read_once(tmp_path):
    one = part("one")
    LargeMessages(FolderStorage(tmp_path)).put([one])
    stored = StoredMessages(str(tmp_path))
    assert stored.fetch(one.name) == b"one"
    (tmp_path / one.name).unlink()
    assert stored.fetch(one.name) == b"one"
    stored.close()


def test_a_part_that_cannot_be_read_is_requested_once(tmp_path):
    stored, one = StoredMessages(str(tmp_path)), part("one")
    for _ in range(2):
        with pytest.raises(Rejected):
            stored.fetch(one.name)
        LargeMessages(FolderStorage(tmp_path)).put([one])


def test_a_store_is_opened_at_the_first_read():
    stored = StoredMessages("gopher://x?key_file=secret")
    stored.close()
    with pytest.raises(ValueError, match="unknown scheme"):
        stored.fetch(part("one").name)


def test_the_error_of_a_missing_part_does_not_quote_the_options_of_the_address(tmp_path, monkeypatch):
    stored = StoredMessages(f"{tmp_path}?option=1")
    monkeypatch.setattr(
        large_messages, "LARGE_MESSAGES", SimpleNamespace(open=lambda _: FolderStorage(tmp_path))
    )
    with pytest.raises(Rejected, match="cannot be read from") as error:
        stored.fetch(part("one").name)
    assert error.value.code == "large-message-missing"
    assert "option" not in error.value.reason


def test_a_store_that_does_not_answer_is_unavailable(tmp_path):
    (tmp_path / part("one").name).mkdir()
    with pytest.raises(Unavailable, match="cannot be read"):
        StoredMessages(str(tmp_path)).fetch(part("one").name)


def test_a_part_larger_than_the_cache_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(large_messages, "_MAX_CACHED_BYTES", 2)
    body = Part("0" * 64 + ".bin", b"one")
    LargeMessages(FolderStorage(tmp_path)).put([body])
    assert StoredMessages(str(tmp_path)).fetch(body.name) == b"one"


def test_a_store_that_has_recovered_takes_every_part_again(storage):
    now = [0.0]
    store = LargeMessages(storage, lambda: now[0])
    storage._instead["put"] = down
    assert store.put([part("one")]) != {}
    storage._instead.clear()
    now[0] += 60
    for text in ("two", "three", "four"):
        assert store.put([part(text)]) == {}
