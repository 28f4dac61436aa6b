"""Objects that all stages share in a worker process."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from certbeam.stages.published import Published
from certbeam.stages.worker import acquire, release
from certbeam.tests.support import Watched, put_port


def test_equal_settings_share_one_worker_and_its_ports(platform):
    settings = platform.settings()
    with ThreadPoolExecutor(8) as pool:
        workers = list(pool.map(acquire, [settings] * 8))
        ports = list(pool.map(lambda worker: worker.learning, workers))
    assert len(set(map(id, workers))) == 1
    assert len(set(map(id, ports))) == 1
    for _ in workers:
        release(settings)


def test_other_settings_have_another_worker(platform):
    with platform.worker() as one, platform.worker(batch_size=7) as other:
        assert one is not other


def test_the_last_release_closes_the_ports(platform):
    settings = platform.settings()
    worker = acquire(settings)
    acquire(settings)
    watched = put_port(worker, "registry", Watched(worker.registry))
    release(settings)
    assert watched.calls == []
    release(settings)
    assert watched.calls == [("close",)]


def test_after_the_last_release_a_new_worker_is_made(platform):
    with platform.worker() as first:
        pass
    with platform.worker() as second:
        assert second is not first


def test_a_port_is_opened_at_its_first_use(platform):
    with platform.worker(registry="unknown:x") as worker:
        assert worker.learning is worker.learning
        with pytest.raises(ValueError, match="unknown scheme"):
            _ = worker.registry


def test_names_of_published_objects_are_bounded():
    published = Published()
    published.add(str(number) for number in range(50_000))
    assert published.select_missing(["0", "new"]) == ["new"]
    published.add(["new"])
    # The least recently used name was evicted.
    assert published.select_missing(["0", "1", "2", "new"]) == ["1"]


def test_local_files_and_databases_are_embedded(platform):
    assert platform.settings().is_embedded
    assert platform.settings(storage="file:///certs", status_slots="sqlite:slots.db").is_embedded


@pytest.mark.parametrize(
    ("port", "address"),
    [
        ("learning", "cassandra://one/k"),
        ("users", "http://users"),
        ("courses", "redis://one?api=http://x"),
        ("storage", "gs://bucket"),
        ("registry", "certreg+https://registry"),
        ("status_slots", "cassandra://one/k"),
        ("notices", "http://notices"),
        ("assertion_signer", "enc+http://enc"),
    ],
)
def test_settings_with_a_remote_port_are_not_embedded(platform, port, address):
    assert not platform.settings(**{port: address}).is_embedded


def test_the_cloud_placeholder_is_replaced_by_an_allowed_url(platform, monkeypatch):
    monkeypatch.chdir(platform.folder)
    folder = (platform.folder / "templates").as_uri()
    assert platform.settings(allow=("templates",)).templates.root == f"{folder}/"
    assert platform.settings(allow=("templates",), base="templates/x").templates.root == f"{folder}/x/"
    https = platform.settings(allow=("https://cdn.example.org/t",))
    assert https.templates.root == "https://cdn.example.org/t/"
