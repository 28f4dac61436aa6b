"""Caches of templates and pictures: contents, time to live and size."""

import base64
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from certbeam.foundation.error_codes import ErrorCode
from certbeam.foundation.errors import Rejected, Unavailable
from certbeam.io.protocols import Fetched
from certbeam.io.template_sources import open_templates
from certbeam.io.templates import cache as cache_module
from certbeam.io.templates.cache import FreshCache, Templates
from certbeam.tests.support import PIXEL, SVG, Clock, Watched

SECONDS = 300


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def source(tmp_path):
    made = Watched(open_templates([str(tmp_path)], None))
    yield made
    made.close()


@pytest.fixture
def cache(source, clock):
    return FreshCache(source, upper, len, max_bytes=10_000, seconds=SECONDS, clock=clock)


def upper(url, fetched):
    if not fetched.body:
        raise Rejected(ErrorCode.TEMPLATE_NOT_SVG, f"{url} is empty")
    return fetched.body.upper()


def counts(cache):
    return dict(cache.take_counts())


def is_unavailable(_method, *_arguments):
    raise Unavailable(ErrorCode.TEMPLATE_UNAVAILABLE, "no answer")


def test_a_file_is_fetched_and_made_once(cache, source, tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    first = cache.get("a")
    assert first == b"X"
    assert cache.get("a") is first
    assert len(source.calls) == 1
    assert counts(cache) == {"misses": 1, "hits": 1}


def test_counts_are_taken_once(cache, tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    cache.get("a")
    cache.take_counts()
    assert counts(cache) == {}


def test_a_change_is_noticed_after_the_time_to_live(cache, clock, tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    cache.get("a")
    (tmp_path / "a").write_bytes(b"changed")
    clock.now += SECONDS - 1
    assert cache.get("a") == b"X"
    clock.now += 1
    assert cache.get("a") == b"CHANGED"
    assert counts(cache) == {"misses": 1, "hits": 1, "refreshes": 1}


def test_an_unchanged_file_is_cached_for_another_time_to_live(cache, clock, source, tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    first = cache.get("a")
    clock.now += SECONDS
    assert cache.get("a") is first
    assert source.calls[-1][2] != ""
    clock.now += SECONDS - 1
    assert cache.get("a") is first
    assert counts(cache) == {"misses": 1, "refreshes": 1, "hits": 1}


def test_an_error_is_cached_for_the_time_to_live(cache, clock, source, tmp_path):
    for _ in range(3):
        with pytest.raises(Rejected) as error:
            cache.get("missing")
        assert error.value.code == "template-missing"
    assert len(source.calls) == 1
    (tmp_path / "missing").write_bytes(b"mended")
    clock.now += SECONDS
    assert cache.get("missing") == b"MENDED"


def test_an_error_of_make_is_cached_for_the_time_to_live(cache, clock, source, tmp_path):
    (tmp_path / "a").write_bytes(b"")
    for _ in range(2):
        with pytest.raises(Rejected, match="a is empty"):
            cache.get("a")
    assert len(source.calls) == 1
    clock.now += SECONDS
    with pytest.raises(Rejected, match="a is empty"):
        cache.get("a")
    assert len(source.calls) == 2


def test_an_unavailable_source_is_not_requested_again_at_once(tmp_path, source, clock):
    (tmp_path / "a").write_bytes(b"x")
    down = Watched(source, fetch=is_unavailable)
    cache = FreshCache(down, upper, len, max_bytes=10_000, seconds=SECONDS, clock=clock)
    for _ in range(3):
        with pytest.raises(Unavailable):
            cache.get("a")
    assert len(down.calls) == 1
    down._instead.clear()
    clock.now += 10
    assert cache.get("a") == b"X"


def test_a_cached_value_is_used_while_the_source_is_unavailable(tmp_path, source, clock):
    (tmp_path / "a").write_bytes(b"x")
    watched = Watched(source)
    cache = FreshCache(watched, upper, len, max_bytes=10_000, seconds=SECONDS, clock=clock)
    cache.get("a")
    clock.now += SECONDS
    watched._instead["fetch"] = is_unavailable
    assert [cache.get("a"), cache.get("a")] == [b"X", b"X"]
    (tmp_path / "a").write_bytes(b"new")
    watched._instead.clear()
    clock.now += 10
    assert cache.get("a") == b"NEW"


def test_the_traceback_of_a_cached_error_does_not_grow(source, clock):
    cache = FreshCache(source, upper, len, max_bytes=10_000, seconds=SECONDS, clock=clock)
    depths = []
    for _ in range(3):
        with pytest.raises(Rejected) as caught:
            cache.get("missing")
        depths.append(len(caught.traceback))
    assert depths[1] == depths[2]


def test_evictions_are_counted(tmp_path, source, clock):
    cache = FreshCache(source, upper, len, max_bytes=10, seconds=SECONDS, clock=clock)
    for name in "abc":
        (tmp_path / name).write_bytes(name.encode() * 4)
        cache.get(name)
    assert counts(cache) == {"misses": 3, "evictions": 1}


def test_the_least_recently_used_entry_is_evicted(tmp_path, source, clock):
    cache = FreshCache(source, upper, len, max_bytes=10, seconds=SECONDS, clock=clock)
    for name in "abc":
        (tmp_path / name).write_bytes(name.encode() * 4)
    cache.get("a")
    cache.get("b")
    cache.get("a")
    cache.get("c")
    cache.take_counts()
    cache.get("a")
    cache.get("c")
    assert counts(cache) == {"hits": 2}
    cache.get("b")
    assert counts(cache) == {"misses": 1, "evictions": 1}


def test_a_value_larger_than_the_cache_is_not_cached(tmp_path, source, clock):
    cache = FreshCache(source, upper, len, max_bytes=10, seconds=SECONDS, clock=clock)
    (tmp_path / "small").write_bytes(b"s")
    (tmp_path / "large").write_bytes(b"l" * 11)
    cache.get("small")
    assert cache.get("large") == b"L" * 11
    assert cache.get("large") == b"L" * 11
    cache.get("small")
    assert counts(cache) == {"misses": 3, "hits": 1}


def test_errors_have_a_size(source, clock):
    cache = FreshCache(source, upper, len, max_bytes=2048, seconds=SECONDS, clock=clock)
    for name in ("missing1", "missing2", "missing3", "missing1"):
        with pytest.raises(Rejected):
            cache.get(name)
    assert counts(cache) == {"misses": 4, "evictions": 2}


def test_concurrent_threads_load_a_file_once(cache, source, tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(cache.get, ["a"] * 40)) == {b"X"}
    assert len(source.calls) == 1
    assert counts(cache) == {"misses": 1, "hits": 39}


SECONDS_AT_MOST = 60
"""Until a test fails that would otherwise hang."""


class SlowSource:
    """Fetches one byte for each URL; a URL in ``slow`` waits until :meth:`answer`.

    Attributes:
        asked: the URLs in the order of the calls.
    """

    def __init__(self, *slow):
        self.asked = []
        self.begun = threading.Semaphore(0)
        self._slow = {url: threading.Event() for url in slow}

    def fetch(self, url, _known_version=""):
        self.asked.append(url)
        self.begun.release()
        if url in self._slow:
            assert self._slow[url].wait(SECONDS_AT_MOST)
        return Fetched(b"x", "v")

    def answer(self, url):
        self._slow[url].set()

    def close(self):
        pass


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as made:
        yield made


@pytest.fixture
def wait_for_waiters(monkeypatch):
    """A function that returns once that many threads wait for the load of another."""
    waiting = threading.Semaphore(0)

    class Noted(Future):
        def result(self, _timeout=None):
            waiting.release()
            return super().result(SECONDS_AT_MOST)

    def wait(count):
        for _ in range(count):
            assert waiting.acquire(timeout=SECONDS_AT_MOST)

    monkeypatch.setattr(cache_module, "Future", Noted)
    return wait


def begun(source):
    assert source.begun.acquire(timeout=SECONDS_AT_MOST)


def test_no_url_waits_for_the_load_of_another(pool):
    source = SlowSource("slow")
    cache = FreshCache(source, upper, len, max_bytes=10_000, seconds=SECONDS)
    cache.get("hit")
    loading = pool.submit(cache.get, "slow")
    begun(source)
    try:
        for url in ("hit", "miss"):
            assert pool.submit(cache.get, url).result(SECONDS_AT_MOST) == b"X"
        assert pool.submit(cache.take_counts).result(SECONDS_AT_MOST) == {"hits": 1, "misses": 3}
        assert not loading.done()
    finally:
        source.answer("slow")
    assert loading.result() == b"X"


def test_no_url_waits_while_a_value_is_made_for_another(pool):
    making, made = threading.Event(), threading.Event()

    def make(url, fetched):
        if url == "slow":
            making.set()
            assert made.wait(SECONDS_AT_MOST)
        return fetched.body

    cache = FreshCache(SlowSource(), make, len, max_bytes=10_000, seconds=SECONDS)
    loading = pool.submit(cache.get, "slow")
    assert making.wait(SECONDS_AT_MOST)
    try:
        assert pool.submit(cache.get, "other").result(SECONDS_AT_MOST) == b"x"
    finally:
        made.set()
    assert loading.result() == b"x"


@pytest.mark.parametrize("max_bytes", [10_000, 0])
def test_threads_that_need_the_same_url_share_a_load_even_of_a_value_that_is_not_cached(
    pool, wait_for_waiters, max_bytes
):
    source = SlowSource("slow")
    cache = FreshCache(source, lambda *_: object(), lambda _: 1, max_bytes=max_bytes, seconds=SECONDS)
    loads = [pool.submit(cache.get, "slow") for _ in range(8)]
    wait_for_waiters(7)
    source.answer("slow")
    assert len({id(one.result(SECONDS_AT_MOST)) for one in loads}) == 1
    assert source.asked == ["slow"]
    assert counts(cache) == {"misses": 1, "hits": 7}
    assert cache._loads == {}


def test_threads_that_need_an_expired_entry_share_a_revalidation(pool, wait_for_waiters, clock):
    source = SlowSource("slow")
    cache = FreshCache(source, upper, len, max_bytes=10_000, seconds=SECONDS, clock=clock)
    source.answer("slow")
    cache.get("slow")
    source._slow["slow"].clear()
    clock.now += SECONDS
    loads = [pool.submit(cache.get, "slow") for _ in range(4)]
    wait_for_waiters(3)
    assert not any(one.done() for one in loads)
    source.answer("slow")
    assert {one.result(SECONDS_AT_MOST) for one in loads} == {b"X"}
    assert source.asked == ["slow", "slow"]
    assert counts(cache) == {"misses": 1, "refreshes": 1, "hits": 3}


def test_an_error_is_raised_in_all_waiting_threads_and_cached(pool, wait_for_waiters):
    def reject(url, _fetched):
        wait_for_waiters(3)
        raise Rejected(ErrorCode.TEMPLATE_NOT_SVG, f"{url} is empty")

    source = SlowSource()
    cache = FreshCache(source, reject, len, max_bytes=10_000, seconds=SECONDS)
    errors = [one.exception(SECONDS_AT_MOST) for one in [pool.submit(cache.get, "a") for _ in range(4)]]
    with pytest.raises(Rejected, match="a is empty"):
        cache.get("a")
    assert {error.code for error in errors} == {"template-not-svg"}
    assert source.asked == ["a"]
    assert counts(cache) == {"misses": 1, "hits": 4}


def test_waiting_threads_load_again_after_an_unexpected_error(pool, wait_for_waiters):
    errors = [RuntimeError("first"), KeyboardInterrupt("second")]

    def make(_, fetched):
        if errors:
            wait_for_waiters(len(errors))
            raise errors.pop(0)
        return fetched.body

    source = SlowSource()
    cache = FreshCache(source, make, len, max_bytes=10_000, seconds=SECONDS)
    loads = [pool.submit(cache.get, "a") for _ in range(3)]
    outcomes = {str(one.exception(SECONDS_AT_MOST) or one.result()) for one in loads}
    assert outcomes == {"first", "second", "b'x'"}
    assert source.asked == ["a"] * 3
    assert counts(cache) == {"misses": 3}
    assert cache._loads == {}


def test_limits_and_counts_are_exact_under_threads(pool):
    cache = FreshCache(SlowSource(), upper, lambda _: 3, max_bytes=20, seconds=SECONDS)
    urls = [str(number % 11) for number in range(4000)]
    assert set(pool.map(cache.get, urls)) == {b"X"}
    counted = cache.take_counts()
    assert counted["hits"] + counted["misses"] == len(urls)
    assert counted["misses"] - counted["evictions"] == len(cache._entries) == 6
    assert cache._entries.currsize == 18
    assert cache._loads == {}


@pytest.fixture
def templates(source):
    return Templates(source, max_bytes=1_000_000, seconds=SECONDS)


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (base64.b64decode(PIXEL.partition(",")[2]), "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"<?xml version='1.0'?><svg/>", "image/svg+xml"),
        (b" " * 4092 + b"<svg/>", "image/svg+xml"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"\x1f\x8b\x08", "image/svg+xml"),
    ],
)
def test_the_media_type_is_found_by_the_content(templates, tmp_path, body, media_type):
    (tmp_path / "picture.txt").write_bytes(body)
    uri = templates.image("picture.txt")
    assert uri == f"data:{media_type};base64,{base64.b64encode(body).decode()}"


@pytest.mark.parametrize("body", [b"", b"<html>", b"MZ", b"<html>".ljust(4096) + b"<svg/>"])
def test_a_file_that_is_not_a_picture_is_rejected(templates, tmp_path, body):
    (tmp_path / "picture.png").write_bytes(body)
    with pytest.raises(Rejected) as error:
        templates.image("picture.png")
    assert error.value.code == "image-unknown"


def test_a_data_uri_is_not_fetched(templates, source):
    assert templates.image(PIXEL) == PIXEL
    assert source.calls == []


def picture(size):
    """An SVG whose ``data:`` URI has ``size`` characters."""
    head = len("data:image/svg+xml;base64,")
    body = b"<svg>".ljust((size - head) // 4 * 3, b" ")
    assert head + len(base64.b64encode(body)) == size
    return body


def test_the_image_cache_is_a_quarter_of_the_template_cache(source, tmp_path):
    templates = Templates(source, max_bytes=4 * 1026, seconds=SECONDS)
    for name, size in (("fits.svg", 1026), ("too-large.svg", 1030)):
        (tmp_path / name).write_bytes(picture(size))
        templates.image(name)
        templates.image(name)
    assert counts(templates.images) == {"misses": 3, "hits": 1}
    for name in ("half.svg", "other-half.svg"):
        (tmp_path / name).write_bytes(picture(514))
        templates.image(name)
    assert counts(templates.images) == {"misses": 2, "evictions": 2}


def test_a_template_is_cached_up_to_the_given_size(source, tmp_path):
    (tmp_path / "a.svg").write_text(SVG.format("a"))
    size = Templates(source, max_bytes=1_000_000, seconds=SECONDS).template("a.svg").size
    for room, seen in ((size, {"misses": 1, "hits": 1}), (size - 1, {"misses": 2})):
        templates = Templates(source, max_bytes=room, seconds=SECONDS)
        templates.template("a.svg")
        templates.template("a.svg")
        assert counts(templates.compiled) == seen


def test_a_template_is_compiled_with_its_pictures_from_the_allow_list(templates, tmp_path):
    (tmp_path / "logo.svg").write_text(SVG.format(""))
    body = SVG.format("").replace("<text", '<image width="9" height="9" href="logo.svg"/><text')
    (tmp_path / "a.svg").write_text(body)
    assert b"data:image/svg+xml;base64," in b"".join(templates.template("a.svg").static_parts)
    (tmp_path / "b.svg").write_text(body.replace("logo.svg", "../logo.svg"))
    with pytest.raises(Rejected) as error:
        templates.template("b.svg")
    assert error.value.code == "template-refused"


def test_a_file_without_a_version_is_fetched_again(source, clock, tmp_path):
    (tmp_path / "a").write_bytes(b"x")
    unversioned = Watched(source, fetch=lambda method, url, _known: Fetched(method(url).body, ""))
    cache = FreshCache(unversioned, upper, len, max_bytes=10, seconds=SECONDS, clock=clock)
    for _ in range(2):
        assert cache.get("a") == b"X"
        clock.now += SECONDS
    assert len(unversioned.calls) == 2


def test_a_failure_that_is_looked_at_again_becomes_the_newest_failure(tmp_path, source, clock):
    watched = Watched(source)
    cache = FreshCache(watched, upper, len, max_bytes=10_000, seconds=SECONDS, clock=clock)
    with pytest.raises(Rejected) as missing:
        cache.get("a")
    watched._instead["fetch"] = is_unavailable
    clock.now += SECONDS
    with pytest.raises(Unavailable):
        cache.get("a")
    assert missing.value.code == "template-missing"


def test_closing_the_templates_closes_their_source(source):
    Templates(source, max_bytes=10_000, seconds=SECONDS).close()
    assert source.calls == [("close",)]


def test_a_source_that_does_not_answer_is_left_alone_for_ten_seconds(source, clock):
    down = Watched(source, fetch=is_unavailable)
    cache = FreshCache(down, upper, len, max_bytes=10_000, seconds=SECONDS, clock=clock)
    for seconds, calls in ((0, 1), (9.9, 1), (0.1, 2), (9.9, 2)):
        clock.now += seconds
        with pytest.raises(Unavailable):
            cache.get("a")
        assert len(down.calls) == calls


def test_a_failure_takes_a_kibibyte_of_the_cache(source, clock):
    for max_bytes, kept in ((1023, 0), (1024, 1), (2047, 1), (2048, 2)):
        cache = FreshCache(source, upper, len, max_bytes=max_bytes, seconds=SECONDS, clock=clock)
        for name in ("a", "b"):
            with pytest.raises(Rejected):
                cache.get(name)
        assert len(cache._entries) == kept
