"""Write PDF files that share the static background of a template; each certificate appends a few objects.

A certificate is an incremental update of the background file (ISO 32000-1 §7.5.6): new versions of a few objects,
then their cross-reference section and a trailer.
"""

import datetime
import hashlib
import io
import re
import zlib
from collections.abc import Mapping

import pikepdf

from certbeam.artwork.geometry import Matrix
from certbeam.artwork.overlay import Overlay
from certbeam.artwork.render.pdf_content import write_overlay
from certbeam.artwork.render.pdf_glyphless_font import FONT_RESOURCE, add_glyphless_font
from certbeam.artwork.render.pdf_images import build_image_objects
from certbeam.artwork.render.pdf_metadata import Attachment, PdfMetadata
from certbeam.artwork.render.units import POINTS_PER_PIXEL

_COMPRESSION_LEVEL = 1  # several times as fast as the default level, and the result is little larger


class PdfBackground:
    """Static background of a template as a PDF file, to which each certificate is appended."""

    def __init__(self, pdf: bytes, matrix: Matrix, metadata: PdfMetadata) -> None:
        """Prepare a file: add the objects that each certificate replaces.

        Args:
            pdf: the static background, a file of one page.
            matrix: transform from the template's user units to CSS pixels.
            metadata: the metadata of any certificate with this background. Its language and the name of its
                attachment become part of the background.
        """
        self._content = _add_replaceable_objects(pdf, metadata)
        with pikepdf.open(io.BytesIO(self._content)) as file:
            page, trailer = file.pages[0], file.trailer
            self._overlay_object = page.Contents[-1].objgen[0]
            self._info_object = trailer.Info.objgen[0]
            self._catalog_object = trailer.Root.objgen[0]
            self._object_count = int(trailer.Size)
            self._file_id = bytes(trailer.ID[0])
            self._xobjects_object = page.Resources.XObject.objgen[0]
            self._xobjects = {name: xobject.objgen[0] for name, xobject in page.Resources.XObject.items()}
            names = file.Root.get("/Names")
            self._attachment_object = None if names is None else names.EmbeddedFiles.Names[1].EF.F.objgen[0]
            height = float(page.MediaBox[3])
        self._matrix = Matrix(a=POINTS_PER_PIXEL, d=-POINTS_PER_PIXEL, f=height) @ matrix
        self._xref_offset = int(re.findall(rb"startxref\s+(\d+)", self._content)[-1])

    @property
    def size(self) -> int:
        """Size in bytes, for a cache that is bounded in bytes."""
        return len(self._content)

    def render(self, overlay: Overlay, metadata: PdfMetadata) -> bytes:
        """Return a PDF file of the background with an overlay drawn over it.

        Args:
            overlay: what to draw.
            metadata: the metadata of the certificate.
        """
        images = build_image_objects(overlay.glyph_images, self._object_count)
        objects = {
            self._overlay_object: _stream(write_overlay(overlay, self._matrix, images.names)),
            self._info_object: _information_dictionary(metadata),
        }
        if metadata.attachment is not None and self._attachment_object is not None:
            objects[self._attachment_object] = _embedded_file(metadata.attachment)
        if images.objects:
            objects |= images.objects
            objects[self._xobjects_object] = _resource_dictionary(self._xobjects | images.resources)
        return self._content + self._incremental_update(objects)

    def _incremental_update(self, objects: Mapping[int, bytes]) -> bytes:
        """Return new versions of objects, their cross-reference section and the trailer.

        Args:
            objects: object number to content.
        """
        update = bytearray(b"\n")
        xref = bytearray(b"xref\n")
        for number, content in sorted(objects.items()):
            xref += b"%d 1\n%010d 00000 n \n" % (number, len(self._content) + len(update))
            update += b"%d 0 obj\n%b\nendobj\n" % (number, content)
        xref_offset = len(self._content) + len(update)
        size = max(self._object_count, max(objects) + 1)
        return bytes(update + xref + self._trailer(size, xref_offset, hashlib.sha256(update).digest()[:16]))

    def _trailer(self, size: int, xref_offset: int, version_id: bytes) -> bytes:
        trailer = (
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d /ID [<%b> <%b>] >>\n"
            b"startxref\n%d\n%%%%EOF\n"
        )
        return trailer % (
            size,
            self._catalog_object,
            self._info_object,
            self._xref_offset,
            self._file_id.hex().encode(),
            version_id.hex().encode(),
            xref_offset,
        )


def _add_replaceable_objects(content: bytes, metadata: PdfMetadata) -> bytes:
    """Return the file with an empty overlay stream, the font of its text, and an empty attachment."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        # The overlay must start from the page's initial graphics state, so the background saves and restores it.
        page.contents_add(b"q", prepend=True)
        page.contents_add(b"Q")
        page.Contents = pikepdf.Array([*page.Contents, pdf.make_stream(b"")])
        xobjects = page.Resources.get("/XObject", pikepdf.Dictionary())
        page.Resources.XObject = pdf.make_indirect(
            pikepdf.Dictionary(xobjects)
        )  # certificates may add images
        page.Resources.Font = pikepdf.Dictionary({FONT_RESOURCE: add_glyphless_font(pdf)})
        pdf.Root.Lang = pikepdf.String(metadata.language)
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary(Producer="certbeam"))
        if metadata.attachment is not None:
            _add_attachment(pdf, metadata.attachment.name)
        output = io.BytesIO()
        pdf.save(output, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return output.getvalue()


def _add_attachment(pdf: pikepdf.Pdf, name: str) -> None:
    """Add an embedded file without content, as the source of the document (ISO 32000-2 §14.13)."""
    stream = pdf.make_stream(b"", Type=pikepdf.Name.EmbeddedFile)
    specification = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Filespec,
            F=name,
            UF=name,
            AFRelationship=pikepdf.Name.Source,
            EF=pikepdf.Dictionary(F=stream, UF=stream),
        )
    )
    files = pikepdf.Dictionary(Names=pikepdf.Array([name, specification]))
    pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=files)
    pdf.Root.AF = pikepdf.Array([specification])


def _stream(content: bytes, entries: str = "") -> bytes:
    """Return a compressed stream object.

    Args:
        content: the bytes of the stream.
        entries: further entries of its dictionary.
    """
    data = zlib.compress(content, _COMPRESSION_LEVEL)
    dictionary = f"<< {entries} /Filter /FlateDecode /Length {len(data)} >>\nstream\n"
    return dictionary.encode() + data + b"\nendstream"


def _resource_dictionary(resources: Mapping[str, int]) -> bytes:
    """Return a dictionary of references, from resource name to object number."""
    return f"<< {' '.join(f'{name} {number} 0 R' for name, number in resources.items())} >>".encode()


def _embedded_file(attachment: Attachment) -> bytes:
    """Return the stream object of an attachment; its media type is a PDF name, with ``#`` escapes."""
    subtype = re.sub(r"[^A-Za-z0-9]", lambda match: f"#{ord(match[0]):02X}", attachment.media_type)
    size = len(attachment.content)
    return _stream(attachment.content, f"/Type /EmbeddedFile /Subtype /{subtype} /Params << /Size {size} >>")


def _information_dictionary(metadata: PdfMetadata) -> bytes:
    date = metadata.created.astimezone(datetime.timezone.utc).strftime("D:%Y%m%d%H%M%SZ")
    title = ("\ufeff" + metadata.title).encode("utf-16-be").hex()
    return f"<< /Title <{title}> /Producer (certbeam) /CreationDate ({date}) /ModDate ({date}) >>".encode()
