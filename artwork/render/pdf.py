"""Write PDF files that share the static background of a template; each certificate appends a few objects.

Each file conforms to PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1). A certificate is an incremental update of the
background file (ISO 32000-1 §7.5.6): new versions of a few objects, the elements of its structure tree, then their
cross-reference section and a trailer.
"""

import hashlib
import io
import re
from collections.abc import Mapping

import pikepdf

from certbeam.artwork.geometry import Matrix
from certbeam.artwork.overlay import Overlay
from certbeam.artwork.render.pdf_content import write_overlay
from certbeam.artwork.render.pdf_glyphless_font import FONT_RESOURCE, add_glyphless_font
from certbeam.artwork.render.pdf_images import build_image_objects
from certbeam.artwork.render.pdf_languages import normalise_language
from certbeam.artwork.render.pdf_metadata import Attachment, PdfMetadata
from certbeam.artwork.render.pdf_structure import StructureObjects, write_structure
from certbeam.artwork.render.pdf_syntax import write_date, write_name, write_references, write_stream
from certbeam.artwork.render.pdf_xmp import write_information_dictionary, write_xmp
from certbeam.artwork.render.typst_engine import svg_to_pdf
from certbeam.artwork.render.units import POINTS_PER_PIXEL

_EMPTY_PAGE = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'


class PdfBackground:
    """Static background of a template as a PDF file, to which each certificate is appended."""

    def __init__(self, pdf: bytes, matrix: Matrix, metadata: PdfMetadata) -> None:
        """Prepare a file: add the objects that each certificate replaces.

        Args:
            pdf: the static background, a PDF/A-3a and PDF/UA-1 file of one page whose content is an artifact.
            matrix: transform from the template's user units to CSS pixels.
            metadata: the metadata of any certificate with this background. Its language and the name of its
                attachment become part of the background.
        """
        self._language = normalise_language(metadata.language)
        self._content = _add_replaceable_objects(pdf, self._language, metadata.attachment)
        with pikepdf.open(io.BytesIO(self._content)) as file:
            page, trailer, catalog = file.pages[0], file.trailer, file.Root
            self._overlay_object = page.Contents[-1].objgen[0]
            self._to_unicode_object = page.Resources.Font[FONT_RESOURCE].ToUnicode.objgen[0]
            self._information_object = trailer.Info.objgen[0]
            self._xmp_object = catalog.Metadata.objgen[0]
            self._structure = _find_structure(file)
            self._catalog_object = catalog.objgen[0]
            self._object_count = int(trailer.Size)
            self._file_id = bytes(trailer.ID[0])
            self._xobjects_object = page.Resources.XObject.objgen[0]
            self._xobjects = {name: xobject.objgen[0] for name, xobject in page.Resources.XObject.items()}
            names = catalog.get("/Names")
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
        content = write_overlay(overlay, self._matrix, self._language, images.names)
        first_number = self._object_count + len(images.objects)
        objects = {
            self._overlay_object: write_stream(content.stream),
            self._information_object: write_information_dictionary(metadata),
            self._xmp_object: write_xmp(metadata),
            **write_structure(content.elements, self._structure, first_number),
            **images.objects,
        }
        if images.objects:
            objects[self._xobjects_object] = write_references(self._xobjects | images.resources)
        if content.to_unicode is not None:
            objects[self._to_unicode_object] = write_stream(content.to_unicode)
        if metadata.attachment is not None and self._attachment_object is not None:
            objects[self._attachment_object] = _write_embedded_file(metadata.attachment, metadata)
        return self._content + self._write_incremental_update(objects)

    def _write_incremental_update(self, objects: Mapping[int, bytes]) -> bytes:
        """Return new versions of objects and new objects, their cross-reference section and the trailer.

        Args:
            objects: object number to content.
        """
        parts = [b"\n"]
        xref = [b"xref\n"]
        offset = len(self._content) + 1
        for number, content in sorted(objects.items()):
            parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, content))
            xref.append(b"%d 1\n%010d 00000 n \n" % (number, offset))
            offset += len(parts[-1])
        update = b"".join(parts)
        object_count = max(self._object_count, max(objects) + 1)
        version_id = hashlib.sha256(update).digest()[:16]
        return b"".join([update, *xref, self._write_trailer(offset, object_count, version_id)])

    def _write_trailer(self, xref_offset: int, object_count: int, version_id: bytes) -> bytes:
        trailer = (
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d /ID [<%b> <%b>] >>\n"
            b"startxref\n%d\n%%%%EOF\n"
        )
        return trailer % (
            object_count,
            self._catalog_object,
            self._information_object,
            self._xref_offset,
            self._file_id.hex().encode(),
            version_id.hex().encode(),
            xref_offset,
        )


def _add_replaceable_objects(content: bytes, language: str, attachment: Attachment | None) -> bytes:
    """Return the file with empty versions of the objects that each certificate replaces.

    These are the stream of the overlay, the metadata, the structure tree and the content of the attachment.
    """
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        # The overlay must start from the page's initial graphics state, so the background saves and restores it.
        page.contents_add(b"q", prepend=True)
        page.contents_add(b"Q")
        page.Contents = pikepdf.Array([*page.Contents, pdf.make_stream(b"")])
        page.StructParents = 0
        xobjects = page.Resources.get("/XObject", pikepdf.Dictionary())
        page.Resources.XObject = pdf.make_indirect(
            pikepdf.Dictionary(xobjects)
        )  # certificates may add images
        if "/Font" not in page.Resources:
            page.Resources.Font = pikepdf.Dictionary()
        page.Resources.Font[FONT_RESOURCE] = add_glyphless_font(pdf)
        if "/OutputIntents" not in pdf.Root:
            _add_output_intent(pdf)
        pdf.Root.StructTreeRoot.ParentTree = pdf.make_indirect(pikepdf.Dictionary())
        pdf.Root.StructTreeRoot.ParentTreeNextKey = 1
        pdf.Root.MarkInfo = pikepdf.Dictionary(
            Marked=True
        )  # Poppler reports typst's entry Suspects as an error
        pdf.Root.Lang = pikepdf.String(language)
        pdf.Root.Metadata = pdf.make_stream(b"")
        pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary(Producer="certbeam"))
        if attachment is not None:
            _add_attachment(pdf, attachment.name)
        output = io.BytesIO()
        pdf.save(output, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return output.getvalue()


def _add_output_intent(pdf: pikepdf.Pdf) -> None:
    """Add typst's output intent (ISO 19005-3, 6.2.3), the sRGB colour space."""
    with pikepdf.open(io.BytesIO(svg_to_pdf(_EMPTY_PAGE))) as archival:
        (output_intent,) = archival.Root.OutputIntents
        pdf.Root.OutputIntents = pikepdf.Array([pdf.copy_foreign(output_intent)])


def _find_structure(pdf: pikepdf.Pdf) -> StructureObjects:
    root = pdf.Root.StructTreeRoot
    objects = (root, root.K[0], root.ParentTree, pdf.pages[0].obj)
    return StructureObjects(*(item.objgen[0] for item in objects))


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


def _write_embedded_file(attachment: Attachment, metadata: PdfMetadata) -> bytes:
    """Return the stream object of an attachment, as old as the document."""
    parameters = f"/Params<</Size {len(attachment.content)}/ModDate{write_date(metadata.created)}>>"
    entries = f"/Type/EmbeddedFile/Subtype{write_name(attachment.media_type)}{parameters}"
    return write_stream(attachment.content, entries)
