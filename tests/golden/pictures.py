"""Golden values of QR codes, baked credentials, and PNG and PDF structure."""

import io
import struct
from collections.abc import Callable, Mapping
from typing import Any

import pikepdf

from certbeam.artwork.qr.qr_code import make_qr
from certbeam.artwork.render import Renderer
from certbeam.badges.baking import bake_png, bake_svg
from certbeam.badges.status_list import StatusListEntry
from certbeam.certificates.certificate import Certificate, IssuerSettings
from certbeam.certificates.maker import CertificateInput, CertificateMaker
from certbeam.issuing.ids import derive_access_code
from certbeam.tests.golden.inputs import SECRET, TEMPLATES, issuer_of, request_of, templates
from certbeam.tests.support import BASE_URL


def qr_code(given: Mapping[str, Any]) -> dict[str, Any]:
    """The text, caption and modules (# is dark) of a certificate's QR code."""
    request = request_of(given["event"])
    text = given["verify_url"].format(base_url=BASE_URL, tag=request.tag, id=request.certificate_id)
    qr = make_qr(text, derive_access_code(request.certificate_id, SECRET))
    size = len(qr.rows)
    rows = ["".join("#" if row[x // 8] >> x % 8 & 1 else "." for x in range(size)) for row in qr.rows]
    return {
        "text": text,
        "caption": qr.caption,
        "view box": qr.view_box,
        "modules": rows,
        "path": qr.path[:80],
    }


def baked_svg(given: Mapping[str, str]) -> str:
    """An SVG with a credential."""
    return b"".join(bake_svg([given["svg"].encode()], given["credential"].encode())).decode()


def baked_png(credential: str) -> str:
    """A PNG with a credential, in hexadecimal digits."""
    return bake_png(TEMPLATES["signature.png"], credential.encode()).hex()


def png_structure(width: int) -> dict[str, Any]:
    """Signature, header and chunk types of a certificate's PNG; its pixels depend on installed libraries."""
    sources = templates()
    filled = sources.template("other.svg").fill({"recipientName": "Asha"}, make_qr("-"))
    image = Renderer().render_png(filled, width=width)
    kinds = []
    place = 8
    while place < len(image):
        length, kind = struct.unpack(">I4s", image[place : place + 8])
        kinds.append(kind.decode())
        place += 12 + length
    return {"head": image[:33].hex(), "chunks": kinds}


def pdf_metadata(event: str) -> dict[str, Any]:
    """Metadata and attachment of a certificate's PDF."""
    sources = templates()
    maker = CertificateMaker(
        IssuerSettings(BASE_URL, "{id}", ("json", "vc", "pdf")),
        sources.template,
        sources.image,
        lambda _: "A1B2C3",
        Renderer(),
        issuer_of("one"),
    )
    (made,) = maker.make([CertificateInput(request_of(event), StatusListEntry(1, 5))])
    assert isinstance(made, Certificate), made
    bodies = {artefact.content_type: artefact.body for artefact in made.artefacts}
    with pikepdf.open(io.BytesIO(bodies["application/pdf"])) as pdf:
        (name,) = pdf.attachments
        attached = pdf.attachments[name].get_file()
        return {
            "information": {key: str(value) for key, value in pdf.docinfo.items()},
            "language": str(pdf.Root.Lang),
            "shows its title": bool(pdf.Root.ViewerPreferences.DisplayDocTitle),
            "attachment": [name, attached.mime_type, attached.size == len(bodies["application/vc"])],
            "relation": str(pdf.Root.AF[0].AFRelationship),
            "media box": [float(side) for side in pdf.pages[0].MediaBox],
        }


TOPICS: dict[str, Callable[[Any], Any]] = {
    "qr_codes": qr_code,
    "baked_svgs": baked_svg,
    "baked_pngs": baked_png,
    "png_structures": png_structure,
    "pdf_metadata": pdf_metadata,
}
