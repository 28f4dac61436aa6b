"""Write the metadata of a PDF twice, as archives require it: as XMP, and as the information dictionary."""

import datetime
import re
from xml.sax.saxutils import escape

from certbeam.artwork.render.pdf_metadata import PdfMetadata
from certbeam.artwork.render.pdf_syntax import write_date, write_text_string

_PRODUCER = "certbeam"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2

# ISO 19005-3, 6.6.2.3 asks for a description of the schemas that it does not define itself, such as that of PDF/UA.
_XMP = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">%(title)s</rdf:li></rdf:Alt></dc:title>
<dc:format>application/pdf</dc:format>
<xmp:CreateDate>%(date)s</xmp:CreateDate><xmp:ModifyDate>%(date)s</xmp:ModifyDate>
<pdf:Producer>%(producer)s</pdf:Producer>
<pdfaid:part>3</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the document conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def write_xmp(metadata: PdfMetadata) -> bytes:
    """Return the stream object of the metadata as XMP, uncompressed: programs find it without reading PDF."""
    date = metadata.created.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    xmp = (_XMP % {"title": escape(_clean(metadata.title)), "date": date, "producer": _PRODUCER}).encode()
    return b"<</Type/Metadata/Subtype/XML/Length %d>>\nstream\n%b\nendstream" % (len(xmp), xmp)


def write_information_dictionary(metadata: PdfMetadata) -> bytes:
    """Return the information dictionary, whose title and dates are those of :func:`write_xmp`."""
    title, date = write_text_string(_clean(metadata.title)), write_date(metadata.created)
    return f"<</Title {title}/Producer({_PRODUCER})/CreationDate{date}/ModDate{date}>>".encode()


def _clean(title: str) -> str:
    """Remove the characters that XML cannot contain."""
    return _NOT_XML.sub("", title)
