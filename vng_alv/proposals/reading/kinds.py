"""What kind of document bytes are, by their content, and its reader; ``document_of`` runs in ``child``."""

import re

from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.proposals.markdown import Document, parse

#: An older Office file, and what a newer one with a password is wrapped in.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: What no text has: its bytes are something else.
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
#: How text for machines begins.
MARKUP = re.compile(r"\s*(?:\{\\rtf|<\?xml|<!doctype|<html)", re.IGNORECASE)
#: Characters of a text: ten times the longest that an assembly saw.
MAX_TEXT = 400_000


def is_text(data: bytes) -> bool:
    """Whether these bytes are no file of another kind that we know."""
    return not (data.startswith((b"PK", OLE)) or data[:1024].lstrip().startswith(b"%PDF-"))


def document_of(data: bytes) -> Document:
    """The document that these bytes are. Raises ``Refused``. Libraries are loaded for the kind at hand only."""
    if data.startswith(b"PK"):
        return _office(data)
    if data[:1024].lstrip().startswith(b"%PDF-"):
        from vng_alv.proposals.reading import pdf, writing  # noqa: PLC0415

        return writing.document_of(pdf.read(data))
    if data.startswith(OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        raise Refused(Refusal.DOCUMENT_LOCKED if locked else Refusal.NOT_DOCUMENT)
    return parse(text_of(data))


def text_of(data: bytes) -> str:
    """Bytes as text: UTF-8, or else Windows-1252. Raises ``Refused`` where no text has such bytes, or so many."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if CONTROL.search(text) or MARKUP.match(text):
        raise Refused(Refusal.NOT_DOCUMENT)
    if len(text) > MAX_TEXT:
        raise Refused(Refusal.TOO_LARGE)
    return text


def _office(data: bytes) -> Document:
    from vng_alv.proposals.reading import archive, docx, odt, writing  # noqa: PLC0415

    parts = archive.Archive(data)
    if odt.is_odt(parts):
        return writing.document_of(odt.read(parts))
    if main := docx.main_part(parts):
        return writing.document_of(docx.read(parts, main))
    raise Refused(Refusal.NOT_DOCUMENT)
