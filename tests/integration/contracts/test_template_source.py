"""The contract of TemplateSource for the adapters of object stores."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from certbeam.io.protocols import TemplateSource
from certbeam.io.template_sources import open_templates
from certbeam.tests.io.contracts.test_template_source import TestTemplateSource

__all__ = ["TestTemplateSource"]


class Bucket:
    """Templates below a prefix of an object store."""

    def __init__(self, prefix: str, upload: Callable[[str, bytes], Any]) -> None:
        self.prefix = prefix
        self._upload = upload

    def put(self, name: str, body: bytes) -> None:
        self._upload(f"templates/{name}", body)


@pytest.fixture(params=["gs", "s3"])
def place(request: pytest.FixtureRequest) -> Bucket:
    if request.param == "gs":
        bucket = request.getfixturevalue("bucket")
        return Bucket(
            f"gs://{bucket.name}/templates", lambda name, body: bucket.blob(name).upload_from_string(body)
        )
    client, bucket = request.getfixturevalue("s3"), request.getfixturevalue("s3_bucket")
    return Bucket(
        f"s3://{bucket}/templates", lambda name, body: client.put_object(Bucket=bucket, Key=name, Body=body)
    )


@pytest.fixture
def source(place: Bucket) -> Iterator[TemplateSource]:
    made = open_templates([place.prefix], None)
    yield made
    made.close()
