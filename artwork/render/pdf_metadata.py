"""Define the metadata and the attachment of a PDF, without importing the libraries that draw it."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Attachment:
    """File embedded in a PDF.

    Attributes:
        name: the file name.
        content: the bytes of the file.
        media_type: the media type, such as ``application/ld+json``.
    """

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class PdfMetadata:
    """Metadata of a PDF.

    Attributes:
        title: the document title, which viewers show in their title bar.
        language: BCP 47 tag of the text.
        created: the creation and modification date; no clock is read.
        attachment: the embedded file; None if there is none.
    """

    title: str
    language: str
    created: datetime.datetime
    attachment: Attachment | None = None
