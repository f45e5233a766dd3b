"""Opening an office file, a zip of XML, without believing what it says about itself."""

import io
import re
import zipfile
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from vng_alv.domain.packed import DAMAGED
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused

#: An element of lxml, which is published without type information.
Element = Any

MAX_ENTRIES = 2_000
#: Bytes, of all entries together and of one part that we read.
MAX_UNPACKED = 30 * 2**20
MAX_PART = 12 * 2**20
#: How much smaller packed may be than unpacked; XML of real documents stays under 50.
MAX_RATIO = 200
RATIO_FROM = 2**20
#: Elements in one part: fifty times a long resolution.
MAX_TAGS = 500_000

OUTSIDE = re.compile(r"^[/\\]|\\|(^|/)\.\.(/|$)|^[A-Za-z]:")
STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
)  # fmt: skip


class Archive:
    """The parts of an office file by name. Raises ``Refused`` for what is damaged, locked or out of proportion."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except DAMAGED:
            raise Refused(Refusal.DOCUMENT_DAMAGED) from None
        entries = self._zip.infolist()
        self.names = {entry.filename for entry in entries}
        if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
            raise Refused(Refusal.UNPACKED_TOO_LARGE, megabytes=MAX_UNPACKED // 2**20)
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise Refused(Refusal.DOCUMENT_LOCKED)
            if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * entry.compress_size:
                raise Refused(Refusal.UNPACKED_TOO_LARGE, megabytes=MAX_UNPACKED // 2**20)
            if OUTSIDE.search(entry.filename) or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Refused(Refusal.DOCUMENT_DAMAGED)
        packed = sum(entry.compress_size for entry in entries)
        if len(self.names) < len(entries) or packed > len(data):  # the same bytes twice
            raise Refused(Refusal.DOCUMENT_DAMAGED)
        self._left = MAX_UNPACKED

    def bytes_of(self, name: str) -> bytes:
        """What a part holds; nothing where it is not there. Reads no more than the limits, whatever was declared."""
        if name not in self.names:
            return b""
        limit = min(MAX_PART, self._left)
        try:
            with self._zip.open(name) as part:
                data = part.read(limit + 1)
        except DAMAGED:
            raise Refused(Refusal.DOCUMENT_DAMAGED) from None
        if len(data) > limit:
            raise Refused(Refusal.UNPACKED_TOO_LARGE, megabytes=MAX_UNPACKED // 2**20)
        self._left -= len(data)
        return data

    def xml(self, name: str) -> Element | None:
        """The root of an XML part, or None. A part that declares a document type (entities, files) is refused."""
        data = self.bytes_of(name)
        if not data:
            return None
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
            raise Refused(Refusal.DOCUMENT_POINTS_OUTSIDE)
        if data.count(b"<") > 2 * MAX_TAGS:
            raise Refused(Refusal.DOCUMENT_TOO_COMPLEX)
        for strict, usual in STRICT:
            data = data.replace(strict, usual)
        # The encoding is ours, so that none can be declared that would hide what was looked for above.
        parser = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        try:
            return etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            if "memory" in str(error).lower():
                raise MemoryError from None
            raise Refused(Refusal.DOCUMENT_DAMAGED) from None


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Element | None, name: str, otherwise: str = "") -> str:
    """An attribute by its name without namespace."""
    if element is None:
        return otherwise
    return next((str(v) for k, v in element.attrib.items() if k.rpartition("}")[2] == name), otherwise)


def child(element: Element | None, *names: str) -> Element | None:
    """The first child of a name, of that the first child of the next name, and so on."""
    for name in names:
        if element is None:
            return None
        element = next((c for c in element if local(c) == name), None)
    return element
