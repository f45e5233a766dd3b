"""Whether a file may stand beside a reaction, looked at in a process of its own that can do nothing else.

``main`` reads a file from standard input and writes JSON to standard output: its kind, or why it is refused. A file
that does something by itself is refused, because others will open it.
"""

import io
import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from vng_alv.proposals.reading.child import limit

#: What a PDF does by itself, or hides: the keys of dictionaries, and the kinds of actions and annotations.
ACTIVE_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMedia", "/RichMediaContent", "/XFA"}
ACTIVE_KINDS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/Rendition", "/Movie", "/Sound",
                "/EmbeddedFile", "/FileAttachment", "/RichMedia", "/3D", "/Screen"}  # fmt: skip
#: The same in the bytes, for what a reader of broken files would find and ours does not; long enough to be no accident.
ACTIVE_BYTES = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia)[\s/<>\[\](){}%]")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
DEEPEST = 60
#: Parts of a Word document that are programs.
PROGRAMS = re.compile(r"vbaproject|vbadata|activex|oleobject|\.(?:bin|exe|dll|js|vbs|ps1|hta)$", re.IGNORECASE)


def kind_of(data: bytes) -> str:
    """'pdf' or 'docx'. Raises ``Refused`` for what is another kind, damaged, locked, or does something by itself."""
    from vng_alv.domain.refusals import Refusal  # noqa: PLC0415 - after the limits
    from vng_alv.errors import Refused  # noqa: PLC0415

    if data.startswith(b"%PDF-"):
        _check_pdf(data)
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        _check_docx(data)
        return "docx"
    raise Refused(Refusal.FILE_KIND)


def _check_pdf(data: bytes) -> None:
    import pypdf  # noqa: PLC0415

    from vng_alv.domain.refusals import Refusal  # noqa: PLC0415
    from vng_alv.errors import Refused  # noqa: PLC0415

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted:
            raise Refused(Refusal.DOCUMENT_LOCKED)
        pages = len(reader.pages)
        active = _active(reader.trailer, 0) or any(_active(found, 0) for found in _objects(reader))
    except (Refused, MemoryError, RecursionError):
        raise
    except Exception:  # pypdf lets through whatever a broken file makes it stumble over
        raise Refused(Refusal.DOCUMENT_DAMAGED) from None
    if not pages:
        raise Refused(Refusal.DOCUMENT_DAMAGED)
    if active or ACTIVE_BYTES.search(ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), data)):
        raise Refused(Refusal.FILE_ACTIVE)


def _objects(reader: Any) -> Iterator[Any]:
    """Every object of a PDF, those in streams of objects too."""
    from pypdf.generic import IndirectObject  # noqa: PLC0415

    for generation, numbers in reader.xref.items():
        for number in numbers:
            yield IndirectObject(number, generation, reader).get_object()
    for number in reader.xref_objStm:
        yield IndirectObject(number, 0, reader).get_object()


def _active(found: Any, depth: int) -> bool:
    """Whether an object does something by itself; what it refers to is looked at in its own turn."""
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(found, dict):
        if not ACTIVE_KEYS.isdisjoint(found.keys()):
            return True
        if any(dict.get(found, key) in ACTIVE_KINDS for key in ("/S", "/Type", "/Subtype")):
            return True
        return any(_active(dict.get(found, key), depth + 1) for key in found)
    return isinstance(found, list) and any(_active(item, depth + 1) for item in list.__iter__(found))


def _check_docx(data: bytes) -> None:
    from vng_alv.domain.refusals import Refusal  # noqa: PLC0415
    from vng_alv.errors import Refused  # noqa: PLC0415
    from vng_alv.proposals.reading.archive import Archive, attribute  # noqa: PLC0415
    from vng_alv.proposals.reading.docx import main_part  # noqa: PLC0415

    archive = Archive(data)
    main = main_part(archive)
    if not main:
        raise Refused(Refusal.FILE_KIND)
    if b"macroEnabled" in archive.bytes_of("[Content_Types].xml") or any(map(PROGRAMS.search, archive.names)):
        raise Refused(Refusal.DOCUMENT_HAS_MACROS)
    if archive.xml(main) is None:
        raise Refused(Refusal.DOCUMENT_DAMAGED)
    for name in sorted(archive.names):
        if name.endswith(".rels"):
            relations = archive.xml(name)
            for relation in () if relations is None else relations:
                outside = attribute(relation, "TargetMode").lower() == "external"
                if outside and not attribute(relation, "Type").endswith("/hyperlink"):
                    raise Refused(Refusal.DOCUMENT_POINTS_OUTSIDE)
        elif name != main:
            archive.bytes_of(name)  # whole, with the sum that belongs to it


def answer(data: bytes) -> dict[str, object]:
    """The kind of a file, or its refusal with the facts of the sentence."""
    from vng_alv.domain.refusals import Refusal  # noqa: PLC0415
    from vng_alv.errors import Refused  # noqa: PLC0415

    try:
        return {"kind": kind_of(data)}
    except Refused as refused:
        return {"refused": refused.refusal.value, "facts": refused.facts}
    except (MemoryError, RecursionError):
        return {"refused": Refusal.DOCUMENT_TOO_COMPLEX.value, "facts": {}}


def main() -> None:
    """Look, answer, end."""
    import logging  # noqa: PLC0415
    import warnings  # noqa: PLC0415

    limit()
    logging.disable()
    warnings.simplefilter("ignore")
    try:
        said = json.dumps(answer(sys.stdin.buffer.read()))
    except Exception as error:  # a fault of ours: the other side writes it in its log
        said = json.dumps({"failed": type(error).__name__})
    sys.stdout.write(said)
