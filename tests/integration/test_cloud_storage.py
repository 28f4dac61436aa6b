"""Google Cloud Storage: what readers and replays see of the uploads, and templates from there."""

import pytest
from google.cloud import storage

from certbeam.credentials.certificates import Artefact
from certbeam.credentials.errors import Rejected
from certbeam.io.adapters import open_storage, open_templates
from certbeam.io.addresses import FlagError


def test_readers_are_told_the_type_and_how_long_to_keep_it(bucket: storage.Bucket):
    opened = open_storage(f"gs://{bucket.name}")
    opened.put(
        [
            Artefact("b/one.svg", "image/svg+xml", b"<svg/>"),
            Artefact("issuer.json", "application/json", b"{}"),
        ]
    )
    opened.close()
    certificate, issuer = bucket.get_blob("b/one.svg"), bucket.get_blob("issuer.json")
    assert (certificate.content_type, certificate.cache_control) == ("image/svg+xml", "public, max-age=3600")
    assert (issuer.content_type, issuer.cache_control) == ("application/json", "public, max-age=60")


def test_a_bucket_that_is_not_there_fails_its_files_only(cloud_storage: storage.Client):
    opened = open_storage("gs://nowhere-at-all/certs")
    (error,) = opened.put([Artefact("b/one.json", "application/json", b"{}")])
    opened.close()
    assert error is not None
    assert error.code == "storage-refused"


def test_an_address_without_a_bucket_is_refused(cloud_storage: storage.Client):
    with pytest.raises(FlagError, match="gs://BUCKET"):
        open_storage("gs://")


class TestTemplates:
    def test_a_template_is_fetched_again_when_its_generation_changed(self, bucket: storage.Bucket):
        blob = bucket.blob("templates/one.svg")
        blob.upload_from_string(b"<svg>1</svg>", content_type="image/svg+xml")
        url = f"gs://{bucket.name}/templates/one.svg"
        source = open_templates([f"gs://{bucket.name}/templates"], None)
        first = source.fetch(url)
        assert first is not None
        assert first.body == b"<svg>1</svg>"
        assert source.fetch(url, first.version) is None
        blob.upload_from_string(b"<svg>2</svg>", content_type="image/svg+xml")
        second = source.fetch(url, first.version)
        assert second is not None
        assert second.body == b"<svg>2</svg>"
        source.close()

    def test_what_is_not_there_or_not_allowed_is_rejected(self, bucket: storage.Bucket):
        source = open_templates([f"gs://{bucket.name}/templates"], None)
        with pytest.raises(Rejected, match="no object"):
            source.fetch(f"gs://{bucket.name}/templates/none.svg")
        with pytest.raises(Rejected, match="template_allow"):
            source.fetch(f"gs://{bucket.name}/elsewhere/one.svg")
        source.close()
