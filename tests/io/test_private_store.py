"""The store of large messages is not inside the storage of certificates."""

import pytest

from certbeam.io.private_store import check_private
from certbeam.io.uri.address import FlagError


@pytest.mark.parametrize(
    ("storage", "large"),
    [
        ("certs", "certs"),
        ("certs", "certs/large"),
        ("certs", "./elsewhere/../certs/large"),
        ("certs", "file://{}/certs/large"),
        ("gs://bucket/certs", "gs://bucket/certs/"),
        ("s3://bucket", "s3://bucket/large?region=eu-west-1"),
        ("az://container/certs?account=a", "az://container/certs/large?account=a"),
    ],
)
def test_a_store_of_large_messages_inside_the_storage_is_refused(tmp_path, monkeypatch, storage, large):
    monkeypatch.chdir(tmp_path)
    large = large.format(tmp_path)
    with pytest.raises(FlagError, match="which is public") as error:
        check_private(storage, large)
    assert (error.value.flag, error.value.value) == ("large_messages", large)


@pytest.mark.parametrize(
    ("storage", "large"),
    [
        ("out/certs", "out/large_messages"),
        ("certs", "certs-private"),
        ("large/certs", "large"),
        ("gs://bucket/certs", "gs://bucket/certs-private"),
        ("gs://bucket/certs", "gs://private/certs"),
        ("gs://bucket/certs", "s3://bucket/certs"),
    ],
)
def test_a_store_of_large_messages_outside_the_storage_is_accepted(storage, large):
    check_private(storage, large)
