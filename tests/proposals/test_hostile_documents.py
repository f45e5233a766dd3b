"""Files that are made to hurt: each is refused in a sentence, soon, in little memory, and away from the site."""

import io
import json
import random
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from tests.conftest import ROOT
from tests.proposals import making
from tests.proposals.making import open_document_parts, p, packed, word, word_parts
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.proposals.reading.archive import Archive
from vng_alv.refusals import sentence

SECONDS = 5.0
MEGABYTES = 200


def replaced(name: str, data: str | bytes, parts: dict[str, str | bytes] | None = None) -> bytes:
    """A document with one part that is another one."""
    return packed({**(parts or word_parts(p("x"))), name: data})


def document(content: str, doctype: str) -> bytes:
    root = f"<w:document {making.W}><w:body>{p(content)}</w:body></w:document>"
    return replaced("word/document.xml", f'<?xml version="1.0"?>{doctype}{root}')


def laughs() -> str:
    lines = ['<!ENTITY a0 "lol">', *(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))]
    return f"<!DOCTYPE x [{''.join(lines)}]>"


def hidden_doctype() -> bytes:
    """A document type in an encoding in which a search for it finds nothing."""
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    return replaced("word/document.xml", text.encode("utf-16"))


def bomb() -> bytes:
    return replaced("word/document.xml", b"<a>" + b" " * (29 * 2**20))


def lying_bomb() -> bytes:
    """A part that says it is small and is not."""
    data = bytearray(bomb())
    real = (29 * 2**20 + 3).to_bytes(4, "little")
    while (at := data.find(real)) >= 0:
        data[at : at + 4] = (5_000).to_bytes(4, "little")
    return bytes(data)


def twice() -> bytes:
    parts = word_parts(p("een"))
    return replaced("word/documenX.xml", parts["word/document.xml"]).replace(b"documenX", b"document")


def with_password() -> bytes:
    data = bytearray(word(p("x")))
    at = 0
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        data[at + 8] |= 1
        at += 4
    return bytes(data)


def far_away(offset: int) -> bytes:
    """A part that says it begins further on than any file is long."""
    data = bytearray(word(p("x")))
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    name = at + 46 + int.from_bytes(data[at + 28 : at + 30], "little")
    extra = struct.pack("<HHQ", 1, 8, offset)
    struct.pack_into("<I", data, end + 12, struct.unpack_from("<I", data, end + 12)[0] + len(extra))
    struct.pack_into("<I", data, at + 42, 0xFFFFFFFF)
    struct.pack_into("<H", data, at + 30, len(extra))
    data[name:name] = extra
    return bytes(data)


def crowd_of_paragraphs() -> bytes:
    shuffled = random.Random(1)
    return word("".join(f'<w:p w:rsidR="{shuffled.random()}"/>' for _ in range(70_000)))


def half_a_million_paragraphs() -> bytes:
    return word("<w:p/>" * 500_000)


def tables() -> bytes:
    shuffled = random.Random(1)
    return word("".join(f"<w:tbl>{making.row(str(shuffled.random()))}</w:tbl>" for _ in range(10_000)))


def deep() -> bytes:
    return word("<w:sdt>" * 5_000 + "</w:sdt>" * 5_000)


def wide_spans() -> bytes:
    cells = '<table:table-cell table:number-columns-repeated="999999999"><text:p>x</text:p></table:table-cell>'
    rows = f'<table:table-row table:number-rows-repeated="999999999">{cells}</table:table-row>'
    return making.open_document(f"<table:table>{rows * 400}</table:table>")


def pdf_of(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"


def page_with(content: bytes, more: bytes = b"") -> bytes:
    return pdf_of(
        CATALOGUE,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), more, content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )


def burst() -> bytes:
    return page_with(
        zlib.compress(zlib.compress(b"(a) Tj " * 14_000_000, 1), 9), b"/Filter [/FlateDecode /FlateDecode]"
    )


def long_work() -> bytes:
    return page_with(
        zlib.compress(b"BT /F 9 Tf " + b"1 0 0 1 0 0 cm (abc) Tj T* " * 400_000 + b"ET"), b"/Filter /FlateDecode"
    )


def locked_pdf() -> bytes:
    writer = pypdf.PdfWriter(io.BytesIO(making.pdf("Geheim")))
    writer.encrypt("wachtwoord", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


LOOP = pdf_of(CATALOGUE, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>")
MANY = pdf_of(CATALOGUE, b"<< /Type /Pages /Kids [3 0 R] /Count 999999999 >>", b"<< /Type /Page /Parent 2 0 R >>")
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)

#: A file that ends a reading in more than one way: which comes first differs by machine.
TOO_MUCH = {Refusal.DOCUMENT_TOO_COMPLEX, Refusal.READING_TOOK_TOO_LONG}

HOSTILE: dict[str, tuple[Callable[[], bytes], set[Refusal]]] = {
    "a zip that bursts": (bomb, {Refusal.UNPACKED_TOO_LARGE}),
    "a part packed beyond belief": (
        lambda: replaced("word/document.xml", b"<a>" + b" " * (5 * 2**20) + b"</a>"), {Refusal.UNPACKED_TOO_LARGE}
    ),
    "a zip that lies about its size": (lying_bomb, {Refusal.DOCUMENT_DAMAGED, Refusal.UNPACKED_TOO_LARGE}),
    "a zip with a part twice": (twice, {Refusal.DOCUMENT_DAMAGED}),
    "a crowd of parts": (
        lambda: packed({**word_parts(p("x")), **{f"word/{n}": "" for n in range(3_000)}}),
        {Refusal.UNPACKED_TOO_LARGE},
    ),
    "a name that climbs": (lambda: replaced("../../etc/cron.d/x", "x"), {Refusal.DOCUMENT_DAMAGED}),
    "a name from the root": (lambda: replaced("/etc/passwd", "x"), {Refusal.DOCUMENT_DAMAGED}),
    "a packing that nobody uses": (
        lambda: packed(word_parts(p("x")), zipfile.ZIP_LZMA), {Refusal.DOCUMENT_DAMAGED}
    ),
    "half a zip": (lambda: word(p("x" * 9_000))[:700], {Refusal.DOCUMENT_DAMAGED}),
    "a zip in a zip": (lambda: packed({"word.docx": word(p("x"))}), {Refusal.NOT_DOCUMENT}),
    "a billion laughs": (lambda: document("&a9;", laughs()), {Refusal.DOCUMENT_POINTS_OUTSIDE}),
    "a file from outside": (
        lambda: document("&e;", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
        {Refusal.DOCUMENT_POINTS_OUTSIDE},
    ),
    "an address from outside": (
        lambda: document("x", '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'), {Refusal.DOCUMENT_POINTS_OUTSIDE}
    ),
    "an outside in an open document": (
        lambda: replaced("styles.xml", "<!DOCTYPE x><x/>", open_document_parts("<text:p>x</text:p>")),
        {Refusal.DOCUMENT_POINTS_OUTSIDE},
    ),
    "a document type that hides": (hidden_doctype, {Refusal.DOCUMENT_DAMAGED}),
    "macros": (lambda: replaced("word/vbaProject.bin", b"x"), {Refusal.DOCUMENT_HAS_MACROS}),
    "macros by their kind": (
        lambda: replaced("[Content_Types].xml", "application/vnd.ms-word.document.macroEnabled.main+xml"),
        {Refusal.DOCUMENT_HAS_MACROS},
    ),
    "macros in an open document": (
        lambda: replaced("Basic/Standard/Module1.xml", "x", open_document_parts("")), {Refusal.DOCUMENT_HAS_MACROS}
    ),
    "a program": (lambda: b"MZ\x90\x00" + bytes(range(256)) * 40, {Refusal.NOT_DOCUMENT}),
    "a spreadsheet": (lambda: packed({"xl/workbook.xml": "<x/>"}), {Refusal.NOT_DOCUMENT}),
    "an old document": (lambda: OLE, {Refusal.NOT_DOCUMENT}),
    "a document with a password": (
        lambda: OLE + "EncryptedPackage".encode("utf-16-le"), {Refusal.DOCUMENT_LOCKED}
    ),
    "a zip with a password": (with_password, {Refusal.DOCUMENT_LOCKED}),
    "an open document with a password": (
        lambda: replaced("META-INF/manifest.xml", "<encryption-data/>", open_document_parts("")),
        {Refusal.DOCUMENT_LOCKED},
    ),
    "no body": (lambda: replaced("word/document.xml", "<x/>"), {Refusal.DOCUMENT_DAMAGED}),
    "no XML": (lambda: replaced("word/document.xml", "x" * 99), {Refusal.DOCUMENT_DAMAGED}),
    "10,000 tables": (tables, {Refusal.DOCUMENT_TOO_COMPLEX}),
    "70,000 paragraphs": (crowd_of_paragraphs, {Refusal.DOCUMENT_TOO_COMPLEX}),
    "500,000 paragraphs": (half_a_million_paragraphs, {Refusal.UNPACKED_TOO_LARGE, Refusal.DOCUMENT_TOO_COMPLEX}),
    "depth": (deep, {Refusal.DOCUMENT_DAMAGED, Refusal.DOCUMENT_TOO_COMPLEX}),
    "a table without end": (wide_spans, {Refusal.DOCUMENT_TOO_COMPLEX}),
    "markdown without end": (
        lambda: b"|a" * 3_000 + b"|\n" + b"|-" * 3_000 + b"|\n" + b"|\n" * 3_000,
        TOO_MUCH,
    ),
    "a text in the tongue of machines": (lambda: b"{\\rtf1 x}" + b" " * 5_000, {Refusal.NOT_DOCUMENT}),
    "a locked PDF": (locked_pdf, {Refusal.DOCUMENT_LOCKED}),
    "a PDF in a circle": (lambda: LOOP, {Refusal.DOCUMENT_DAMAGED, Refusal.PDF_WITHOUT_TEXT}),
    "a PDF of a billion pages": (lambda: MANY, {Refusal.TOO_MANY_PAGES}),
    "a PDF of 201 pages": (lambda: making.pdf("#pagebreak()\n" * 200 + "x"), {Refusal.TOO_MANY_PAGES}),
    "a PDF that bursts": (burst, TOO_MUCH),
    "a PDF that goes on": (long_work, TOO_MUCH),
    "a scan": (lambda: page_with(b"0 0 9 9 re f"), {Refusal.PDF_WITHOUT_TEXT}),
    "half a PDF": (lambda: making.pdf("Tekst")[:300], {Refusal.DOCUMENT_DAMAGED, Refusal.PDF_WITHOUT_TEXT}),
    "more bytes than we take": (lambda: b"x" * (10 * 2**20 + 1), {Refusal.DOCUMENT_TOO_LARGE}),
}  # fmt: skip

#: Reads a file in a process of its own, so that what its child used can be told from what others used.
MEASURE = """
import json, resource, sys, time
from vng_alv.errors import Refused
from vng_alv.proposals import reading
began, said, facts = time.monotonic(), "", {}
try:
    reading.read(open(sys.argv[1], "rb").read(), "")
except Refused as refused:
    said, facts = refused.refusal.value, refused.facts
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([said, facts, time.monotonic() - began, used.ru_maxrss / 1024]))
"""


@pytest.mark.parametrize("what", HOSTILE)
def test_it_is_refused_in_a_sentence_within_5_seconds_and_200_megabytes(what: str, tmp_path: Path) -> None:
    make, expected = HOSTILE[what]
    file = tmp_path / "file"
    file.write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    said, facts, seconds, megabytes = json.loads(done.stdout)
    assert said in expected
    assert sentence(Refused(Refusal(said), **facts))
    assert megabytes < MEGABYTES
    assert seconds < SECONDS + 1  # one more for ending it, on a machine that has other work


@pytest.mark.parametrize("offset", [2**32, 2**62, 2**63, 2**64 - 1])
def test_a_part_out_of_the_world_is_a_damaged_document_and_no_fault_of_ours(offset: int) -> None:
    archive = Archive(far_away(offset))
    with pytest.raises(Refused) as refused:
        for name in archive.names:
            archive.bytes_of(name)
    assert refused.value.refusal is Refusal.DOCUMENT_DAMAGED


LIMITED = """
import os, resource, sys
from vng_alv.proposals.reading.child import limit
limit()
def refused(act):
    try:
        act()
    except (MemoryError, OSError, ValueError):
        return True
print(refused(lambda: bytearray(200 * 2**20)), refused(lambda: open(sys.argv[1], "wb", 0).write(b"x")),
      resource.getrlimit(resource.RLIMIT_CPU)[0] <= 5, resource.getrlimit(resource.RLIMIT_CORE)[1] == 0,
      resource.getrlimit(resource.RLIMIT_NPROC)[1] == 0)
"""


def test_the_child_has_little_memory_and_time_and_writes_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "x")], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["True"] * 5, done.stderr
