"""PDF files that share a constant part: each certificate appends only what is its own.

What is appended is an incremental update (ISO 32000-1 §7.5.6): new versions of a few objects, after the
bytes of the constant file. Text is drawn as outlines; the characters lie over them unseen, in a font without
glyphs, so that they can be searched, copied and read aloud.
"""

import datetime
import hashlib
import io
import math
import re
import zlib
from collections.abc import Iterable
from functools import cache

import pikepdf
from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph

from certbeam.credentials.drawing import Code, Ink, Matrix, Overlay, Words
from certbeam.credentials.render.pdf_metadata import Attachment, PdfMetadata
from certbeam.credentials.text.bidi import MIRRORED, embedding_levels, visual_order

POINTS_PER_PIXEL = 0.75
_UNSEEN = 3  # text rendering mode, ISO 32000-1 §9.3.6
_CHARACTER_WIDTH = 0.5  # em, of each character of the font without glyphs


class PdfBase:
    """The constant part of a template as a PDF file, ready to be drawn over."""

    def __init__(self, pdf: bytes, matrix: Matrix, metadata: PdfMetadata) -> None:
        """Prepare a file.

        Args:
            pdf: the constant part, a file of one page.
            matrix: from the template's units to pixels.
            metadata: those of any of the certificates: language, and name and type of the attachment, stay.
        """
        self._content = _prepare(pdf, metadata)
        with pikepdf.open(io.BytesIO(self._content)) as prepared:
            self._drawing = prepared.pages[0].Contents[-1].objgen[0]
            self._info = prepared.trailer.Info.objgen[0]
            self._root = prepared.trailer.Root.objgen[0]
            self._count = int(prepared.trailer.Size)
            self._identity = bytes(prepared.trailer.ID[0])
            names = prepared.Root.get("/Names")
            self._attached = None if names is None else names.EmbeddedFiles.Names[1].EF.F.objgen[0]
            height = float(prepared.pages[0].MediaBox[3])
        self._matrix = Matrix(a=POINTS_PER_PIXEL, d=-POINTS_PER_PIXEL, f=height) @ matrix
        found = re.findall(rb"startxref\s+(\d+)", self._content)
        self._xref = int(found[-1])

    @property
    def size(self) -> int:
        """The bytes it holds."""
        return len(self._content)

    def with_overlay(self, overlay: Overlay, metadata: PdfMetadata) -> bytes:
        """The page with something drawn over it, as a PDF file."""
        objects = {self._drawing: _stream(_drawing(overlay, self._matrix)), self._info: _info(metadata)}
        if metadata.attachment is not None and self._attached is not None:
            objects[self._attached] = _embedded_file(metadata.attachment)
        return self._content + self._update(objects)

    def _update(self, objects: dict[int, bytes]) -> bytes:
        """New versions of objects, the table of where they are, and the trailer."""
        update = bytearray(b"\n")
        table = bytearray(b"xref\n")
        for number, content in sorted(objects.items()):
            table += b"%d 1\n%010d 00000 n \n" % (number, len(self._content) + len(update))
            update += b"%d 0 obj\n%b\nendobj\n" % (number, content)
        start = len(self._content) + len(update)
        version = hashlib.sha256(update).digest()[:16]
        trailer = (
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /Prev %d /ID [<%b> <%b>] >>\n"
            b"startxref\n%d\n%%%%EOF\n"
        )
        identities = (self._identity.hex().encode(), version.hex().encode())
        return bytes(
            update + table + trailer % (self._count, self._root, self._info, self._xref, *identities, start)
        )


def _prepare(content: bytes, metadata: PdfMetadata) -> bytes:
    """The file with places for a drawing, its characters' font and an attachment."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        page.contents_add(b"q", prepend=True)  # so that the drawing starts from the page's own state
        page.contents_add(b"Q")
        page.Contents = pikepdf.Array([*page.Contents, pdf.make_stream(b"")])
        page.Resources.Font = pikepdf.Dictionary(Text=_font(pdf))
        pdf.Root.Lang = pikepdf.String(metadata.language)
        pdf.Root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        pdf.trailer.Info = pdf.make_indirect(pikepdf.Dictionary(Producer="certbeam"))
        if metadata.attachment is not None:
            _add_attachment(pdf, metadata.attachment)
        output = io.BytesIO()
        pdf.save(output, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return output.getvalue()


def _add_attachment(pdf: pikepdf.Pdf, attachment: Attachment) -> None:
    stream = pdf.make_stream(b"", Type=pikepdf.Name.EmbeddedFile)
    specification = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Filespec,
            F=attachment.name,
            UF=attachment.name,
            AFRelationship=pikepdf.Name.Source,
            EF=pikepdf.Dictionary(F=stream, UF=stream),
        )
    )
    files = pikepdf.Dictionary(Names=pikepdf.Array([attachment.name, specification]))
    pdf.Root.Names = pikepdf.Dictionary(EmbeddedFiles=files)
    pdf.Root.AF = pikepdf.Array([specification])


def _font(pdf: pikepdf.Pdf) -> pikepdf.Object:
    """A font whose codes are UTF-16 and whose every glyph is empty."""
    name = pikepdf.Name("/Unseen")
    descriptor = pikepdf.Dictionary(
        Type=pikepdf.Name.FontDescriptor,
        FontName=name,
        Flags=4,
        FontBBox=[0, 0, 500, 1000],
        ItalicAngle=0,
        Ascent=1000,
        Descent=0,
        CapHeight=1000,
        StemV=80,
        FontFile2=pdf.make_stream(_empty_font()),
    )
    descendant = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        CIDToGIDMap=pdf.make_stream(bytes(2 * 0x10000)),
        DW=int(1000 * _CHARACTER_WIDTH),
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type0,
            BaseFont=name,
            Encoding=pikepdf.Name("/Identity-H"),
            DescendantFonts=pikepdf.Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_stream(_TO_UNICODE),
        )
    )


_TO_UNICODE = b"""\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


@cache
def _empty_font() -> bytes:
    builder = FontBuilder(1000)
    builder.setupGlyphOrder([".notdef"])
    builder.setupCharacterMap({})
    builder.setupGlyf({".notdef": Glyph()})
    builder.setupHorizontalMetrics({".notdef": (int(1000 * _CHARACTER_WIDTH), 0)})
    builder.setupHorizontalHeader(ascent=1000, descent=0)
    builder.setupNameTable({"familyName": "Unseen", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    output = io.BytesIO()
    builder.save(output)
    return output.getvalue()


def _drawing(overlay: Overlay, matrix: Matrix) -> bytes:
    read = sorted(overlay.words, key=lambda words: (words.y, words.x))  # from top to bottom, as people do
    return b"\n".join(
        [
            *(_code(code, matrix @ code.matrix) for code in overlay.codes),
            *(_ink(ink, matrix @ ink.matrix) for ink in overlay.inks),
            *(_words(words, matrix) for words in read if words.text and words.width),
        ]
    )


def _code(code: Code, matrix: Matrix) -> bytes:
    runs = " ".join(f"{x} {y} {length} 1 re" for x, y, length in code.qr.runs)
    box = f"1 1 1 rg 0 0 {code.qr.width} {code.qr.height} re f"
    return f"q {_cm(matrix)} {box} 0 0 0 rg {runs} f Q".encode()


def _ink(ink: Ink, matrix: Matrix) -> bytes:
    red, green, blue = ink.color
    parts = [f"q {_cm(matrix)} {red:.4g} {green:.4g} {blue:.4g} rg".encode()]
    pen_x = pen_y = 0
    for outline, x, y in ink.glyphs:
        parts.append(b"1 0 0 1 %d %d cm" % (x - pen_x, y - pen_y))
        parts.append(outline.pdf)
        pen_x, pen_y = x, y
    parts.append(b"Q")
    return b" ".join(parts)


def _words(words: Words, matrix: Matrix) -> bytes:
    """A line's characters, as wide as its outlines, in the order and mirrored as they are seen, which viewers undo."""
    text = words.text
    levels = embedding_levels(text)
    if any(levels):
        seen = [
            MIRRORED.get(each, each) if level % 2 else each for each, level in zip(text, levels, strict=True)
        ]
        text = "".join(seen[index] for index in visual_order(levels))
    codes = text.encode("utf-16-be")
    stretch = 100 * words.width / (len(codes) / 2 * _CHARACTER_WIDTH * words.size)
    cosine, sine = math.cos(math.radians(words.turn)), math.sin(math.radians(words.turn))
    place = _numbers(matrix @ Matrix(cosine, sine, sine, -cosine, words.x, words.y))
    font = f"{_UNSEEN} Tr /Text {words.size:.4g} Tf {stretch:.4g} Tz"
    return f"BT {font} {place} Tm <{codes.hex()}> Tj ET".encode()


def _cm(matrix: Matrix) -> str:
    return f"{_numbers(matrix)} cm"


def _numbers(matrix: Matrix) -> str:
    numbers: Iterable[float] = (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
    return " ".join(f"{number:.8f}".rstrip("0").rstrip(".") for number in numbers)


def _stream(content: bytes, entries: str = "") -> bytes:
    data = zlib.compress(content, 1)  # several times as fast as the usual level, and little larger
    head = f"<< {entries} /Filter /FlateDecode /Length {len(data)} >>\nstream\n"
    return head.encode() + data + b"\nendstream"


def _embedded_file(attachment: Attachment) -> bytes:
    kind = re.sub(r"[^A-Za-z0-9]", lambda match: f"#{ord(match[0]):02X}", attachment.media_type)
    size = len(attachment.content)
    return _stream(attachment.content, f"/Type /EmbeddedFile /Subtype /{kind} /Params << /Size {size} >>")


def _info(metadata: PdfMetadata) -> bytes:
    moment = metadata.created.astimezone(datetime.timezone.utc).strftime("D:%Y%m%d%H%M%SZ")
    title = ("\ufeff" + metadata.title).encode("utf-16-be").hex()
    return (
        f"<< /Title <{title}> /Producer (certbeam) /CreationDate ({moment}) /ModDate ({moment}) >>".encode()
    )
