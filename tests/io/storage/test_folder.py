"""The storage folder, beyond the contract of Storage."""

import fcntl
import os
from threading import Thread

import pytest

from certbeam.certificates.artefact import Artefact
from certbeam.foundation.errors import Unavailable
from certbeam.io.storage.folder import FolderStorage
from certbeam.tests.support import present


def artefact(name, body=b"body"):
    return Artefact(name, "application/json", (body,))


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_no_temporary_files_remain_in_the_folder(tmp_path):
    FolderStorage(tmp_path).put([artefact("t/a.json"), artefact("t/a.svg")])
    assert names(tmp_path) == ["t/a.json", "t/a.svg"]


def test_the_temporary_file_of_a_killed_writer_is_replaced(tmp_path):
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / ".a.json.part").write_bytes(b"the longer half of a file")
    assert FolderStorage(tmp_path).put([artefact("t/a.json")]) == [None]
    assert names(tmp_path) == ["t/a.json"]
    assert (tmp_path / "t/a.json").read_bytes() == b"body"


def test_a_file_is_complete_if_the_kernel_writes_a_part_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "writev", lambda descriptor, parts: os.write(descriptor, b"".join(parts)[:3]))
    parts = (b"ab", b"cde", b"", b"fgh")
    assert FolderStorage(tmp_path).put([Artefact("t/a.json", "application/json", parts)]) == [None]
    assert (tmp_path / "t/a.json").read_bytes() == b"abcdefgh"


def test_a_file_that_cannot_be_written_does_not_affect_others(tmp_path):
    (tmp_path / "t" / "a.json").mkdir(parents=True)
    (tmp_path / "u").write_bytes(b"a file where a folder should be")
    answers = FolderStorage(tmp_path).put([artefact("t/a.json"), artefact("u/a.json"), artefact("t/b.json")])
    first, second, written = answers
    assert (type(first), type(second), written) == (Unavailable, Unavailable, None)
    assert [present(error).code for error in (first, second)] == ["storage-unavailable"] * 2
    assert present(first).reason.startswith("t/a.json cannot be written: ")
    assert (tmp_path / "t/b.json").read_bytes() == b"body"


def test_a_file_that_cannot_be_read_is_unavailable(tmp_path):
    (tmp_path / "t" / "a.json").mkdir(parents=True)
    with pytest.raises(Unavailable, match=r"t/a\.json cannot be read: Is a directory") as error:
        FolderStorage(tmp_path).get("t/a.json")
    assert error.value.code == "storage-unavailable"


def test_a_reader_of_the_old_file_reads_it_to_its_end(tmp_path):
    storage = FolderStorage(tmp_path)
    storage.put([artefact("t/a.json", b"old")])
    with (tmp_path / "t/a.json").open("rb") as reader:
        storage.put([artefact("t/a.json", b"new")])
        assert reader.read() == b"old"
    assert (tmp_path / "t/a.json").read_bytes() == b"new"


def test_files_can_be_read_by_the_web_server(tmp_path):
    FolderStorage(tmp_path).put([artefact("t/a.json")])
    assert os.stat(tmp_path / "t/a.json").st_mode & 0o400


def test_a_writer_waits_for_another_one_and_leaves_the_file_of_that_one_unchanged(tmp_path):
    (tmp_path / "t").mkdir()
    partial, target = tmp_path / "t" / ".a.json.part", tmp_path / "t" / "a.json"
    writer = Thread(target=FolderStorage(tmp_path).put, args=([artefact("t/a.json")],))
    with partial.open("w+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        other.write(b"of the other writer")
        other.flush()
        writer.start()
        writer.join(0.2)
        assert writer.is_alive()
        partial.rename(target)
        fcntl.flock(other, fcntl.LOCK_UN)
        writer.join()
        other.seek(0)
        assert other.read() == b"of the other writer"
    assert target.read_bytes() == b"body"
    assert names(tmp_path) == ["t/a.json"]


def test_a_folder_that_another_writer_makes_meanwhile_is_used(tmp_path, monkeypatch):
    make = os.makedirs

    def make_after_another(folder, **options):
        make(folder)
        make(folder, **options)

    monkeypatch.setattr(os, "makedirs", make_after_another)
    assert FolderStorage(tmp_path).put([artefact("t/a.json")]) == [None]
    assert names(tmp_path) == ["t/a.json"]


def test_everyone_may_read_a_file_and_only_its_owner_may_write_it(tmp_path):
    umask = os.umask(0)
    try:
        FolderStorage(tmp_path).put([artefact("t/a.json")])
    finally:
        os.umask(umask)
    assert os.stat(tmp_path / "t/a.json").st_mode & 0o777 == 0o644


def test_an_empty_file_takes_over_what_a_killed_writer_left_behind(tmp_path):
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / ".a.json.part").write_bytes(b"half")
    assert FolderStorage(tmp_path).put([artefact("t/a.json", b"")]) == [None]
    assert (tmp_path / "t/a.json").read_bytes() == b""


def test_a_file_may_have_more_parts_than_the_kernel_takes_at_once(tmp_path):
    parts = tuple(b"%d," % number for number in range(2 * os.sysconf("SC_IOV_MAX") + 1))
    assert FolderStorage(tmp_path).put([Artefact("t/a.json", "application/json", parts)]) == [None]
    assert (tmp_path / "t/a.json").read_bytes() == b"".join(parts)
