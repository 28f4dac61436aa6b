"""What a PDF says of itself and carries, told without what draws it."""

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Attachment:
    """A file that a PDF carries.

    Attributes:
        name: its file name.
        content: its bytes.
        media_type: what it is, such as ``application/ld+json``.
    """

    name: str
    content: bytes
    media_type: str


@dataclass(frozen=True)
class PdfMetadata:
    """What a PDF says of itself.

    Attributes:
        title: shown in a viewer's title bar.
        language: BCP 47 tag of its text.
        created: when it says it was made; no clock is read.
        attachment: the file it carries; None if it carries none.
    """

    title: str
    language: str
    created: datetime.datetime
    attachment: Attachment | None = None
