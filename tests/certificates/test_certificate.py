"""The files and the registry entry of a certificate."""

from dataclasses import replace
from urllib.parse import unquote

import orjson
import pytest

from certbeam.artwork.render import Renderer
from certbeam.artwork.template import compile_template
from certbeam.certificates.artefact import CONTENT_TYPES
from certbeam.certificates.certificate import IssuerSettings
from certbeam.certificates.maker import CertificateInput, CertificateMaker
from certbeam.foundation.errors import Rejected
from certbeam.io.templates.fonts import system_fonts
from certbeam.tests.badges.issuers import issuer
from certbeam.tests.support import BASE_URL, ETS, PIXEL, SVG, certificate

SETTINGS = IssuerSettings(BASE_URL, "{base_url}/{tag}/{id}", ("json", "svg"))
CODE = "A1B2C3"


def no_image(url):
    raise AssertionError(f"{url} was loaded")


def made(text="${recipientName}", settings=SETTINGS, load_image=no_image, body=SVG, issuer=None, **edata):
    template = compile_template(body.format(text).encode(), embed=no_image, fonts=system_fonts())
    maker = CertificateMaker(settings, lambda _: template, load_image, lambda _: CODE, Renderer(), issuer)
    (one,) = maker.make([CertificateInput(certificate(**edata))])
    if isinstance(one, Exception):
        raise one
    return one


def bodies(one):
    return {artefact.name.rpartition(".")[2]: artefact.body for artefact in one.artefacts}


def test_each_format_is_one_file_in_the_folder_of_the_tag():
    one = made(settings=replace(SETTINGS, formats=tuple(CONTENT_TYPES)), issuer=issuer())
    assert [(artefact.name, artefact.content_type) for artefact in one.artefacts] == [
        (f"batch-1/{one.id}.{'vc.json' if kind == 'vc' else kind}", media_type)
        for kind, media_type in CONTENT_TYPES.items()
    ] + [(f"batch-1/{one.id}", "application/json")]
    found = bodies(one)
    assert found["png"].startswith(b"\x89PNG")
    assert found["pdf"].startswith(b"%PDF")
    assert b"Learner u-1" in found["svg"]


def test_without_an_issuer_there_is_no_credential():
    one = made(settings=replace(SETTINGS, formats=("json", "vc", "svg")))
    assert set(bodies(one)) == {"json", "svg", f"batch-1/{one.id}"}
    assert b"openbadges:credential" not in bodies(one)["svg"]


def test_the_credential_is_baked_into_svg_and_png():
    one = made(settings=replace(SETTINGS, formats=("json", "vc", "svg", "png")), issuer=issuer())
    credential = next(each.body for each in one.artefacts if each.name.endswith(".vc.json"))
    assert credential in bodies(one)["svg"]
    assert credential in bodies(one)["png"]


def test_a_certificate_has_the_documents_that_its_assertion_refers_to():
    one = made(issuer=issuer())
    document = orjson.loads(bodies(one)[f"batch-1/{one.id}"])
    documents = {f"{BASE_URL}/{each.name}": orjson.loads(each.body) for each in one.documents}
    badge = document["badge"]
    assert documents[badge["id"]] == badge
    assert documents[badge["issuer"]["id"]] == badge["issuer"]
    assert documents[document["evidence"]["id"]] == document["evidence"]
    assert documents[document["verification"]["creator"]]["owner"] == badge["issuer"]["id"]
    assert badge["issuer"]["publicKey"] == [document["verification"]["creator"]]


def test_the_json_file_is_the_assertion_with_the_svg_as_print_uri():
    one = made()
    document = orjson.loads(bodies(one)["json"])
    prefix, uri = document.pop("printUri").split(",", 1)
    assert prefix == "data:image/svg+xml"
    assert unquote(uri).encode() == bodies(one)["svg"]
    assert document == orjson.loads(one.entry.data)
    assert document["id"] == f"{BASE_URL}/batch-1/{one.id}"


def test_the_same_request_gives_the_same_bytes():
    everything = replace(SETTINGS, formats=tuple(CONTENT_TYPES))
    assert made(settings=everything) == made(settings=everything)


def test_values_are_escaped_in_the_svg():
    name = [{"recipientName": "<script>A & B</script>", "recipientId": "u-1"}]
    svg = bodies(made(data=name))["svg"]
    assert b"<script>" not in svg
    assert b"&lt;script&gt;A &amp; B" in svg


def test_the_registry_entry_has_ids_times_urls_and_json():
    one = made(settings=replace(SETTINGS, formats=("json", "pdf")))
    entry = one.entry
    assert entry.id == one.id == one.request.certificate_id
    assert entry.access_code == one.access_code == CODE
    assert entry.created_at == ETS
    assert entry.json_url == f"{BASE_URL}/batch-1/{one.id}.json"
    assert entry.pdf_url == f"{BASE_URL}/batch-1/{one.id}.pdf"
    assert orjson.loads(entry.recipient) == {"id": "u-1", "type": "individual"}
    assert orjson.loads(entry.related) == one.request.related


def test_the_registry_entry_has_no_pdf_url_if_no_pdf_is_made():
    assert made().entry.pdf_url is None


def test_the_error_names_an_unknown_variable():
    with pytest.raises(Rejected, match="'grade'") as error:
        made("${grade}")
    assert error.value.code == "missing-variable"


def test_only_images_that_the_template_shows_and_the_request_has_are_loaded():
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30">'
        '<image width="9" height="9" href="${{signatory0Image}}"/>'
        '<image width="9" height="9" href="${{signatory1Image}}"/>{}</svg>'
    )
    loaded = []
    signatory = {"name": "M", "id": "S", "designation": "D", "image": "m.png"}

    def load(url):
        loaded.append(url)
        return PIXEL

    one = made("", body=picture, load_image=load, signatoryList=[signatory])
    assert loaded == ["m.png"]
    assert PIXEL.encode() in bodies(one)["svg"]
