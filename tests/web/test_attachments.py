"""Files beside a reaction: what may come in, who may open them, and how they go out."""

import io
import zipfile
import zlib
from collections.abc import Mapping

import pypdf
import pytest
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject
from werkzeug.test import TestResponse

from tests.web.site import Browser, Scene, Site, attach, snapshot
from tests.web.test_consultation import R2, REACT, over, sent
from vng_alv import db
from vng_alv.consultation import checking
from vng_alv.domain.permissions import Role
from vng_alv.errors import Refused
from vng_alv.proposals.queries import get_proposal

FILES = REACT + "/bijlagen"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.x{}+xml"/></Types>'
)
RELATION = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://x/{}" Target="https://example.org/x" TargetMode="External"/></Relationships>'
)


def pdf(**actions: DictionaryObject) -> bytes:
    """A PDF of one page, with these in its catalog."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    for name, action in actions.items():
        writer.root_object[NameObject(f"/{name}")] = writer._add_object(action)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def action(kind: str, **more: str) -> DictionaryObject:
    """An action of a PDF."""
    found = DictionaryObject({NameObject("/S"): NameObject(f"/{kind}")})
    for name, value in more.items():
        found[NameObject(f"/{name}")] = TextStringObject(value)
    return found


def attached() -> bytes:
    """A PDF with a file in it."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(72, 72)
    writer.add_attachment("x.exe", b"MZ")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def locked(word: str) -> bytes:
    """A PDF with a password, also an empty one."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt(word, "eigenaar", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def packed() -> bytes:
    """A PDF in which an action stands in a compressed stream of objects, where bytes tell nothing."""
    body = b"4 0 <</S/JavaScript/JS(app.alert\\(1\\))>>"
    first = body.index(b"<<")
    stream = zlib.compress(body)
    parts = [b"%PDF-1.5\n"]
    offsets = {}
    for number, text in (
        (1, b"<</Type/Catalog/Pages 2 0 R/OpenAction 4 0 R>>"),
        (2, b"<</Type/Pages/Count 1/Kids[3 0 R]>>"),
        (3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"),
        (5, b"<</Type/ObjStm/N 1/First %d/Filter/FlateDecode/Length %d>>stream\n%s\nendstream"
         % (first, len(stream), stream)),
    ):  # fmt: skip
        offsets[number] = sum(map(len, parts))
        parts.append(b"%d 0 obj%s endobj\n" % (number, text))
    where = sum(map(len, parts))
    rows = [b"\x00\x00\x00\x00"] + [
        b"\x02\x00\x05\x00" if n == 4 else b"\x01" + offsets.get(n, where).to_bytes(2, "big") + b"\x00"
        for n in range(1, 7)
    ]
    table = b"".join(rows)
    head = b"<</Type/XRef/Size 7/W[1 2 1]/Root 1 0 R/Length %d>>" % len(table)
    parts.append(b"6 0 obj%sstream\n%s\nendstream endobj\nstartxref\n%d\n%%%%EOF" % (head, table, where))
    return b"".join(parts)


def docx(kind: str = "", **more: str) -> bytes:
    """A Word document, with further parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("[Content_Types].xml", TYPES.format(kind))
        parts.writestr("word/document.xml", "<document><body/></document>")
        for name, text in more.items():
            parts.writestr(name, text)
    return out.getvalue()


def damaged(data: bytes) -> bytes:
    """A zip of which a part does not fit its sum."""
    where = data.index(b"word/document.xml") + len(b"word/document.xml") + 4
    return data[:where] + bytes([data[where] ^ 0xFF]) + data[where + 1 :]


GOOD = {
    "pdf": pdf(),
    "docx": docx(),
    "docx with a link": docx(**{"word/_rels/document.xml.rels": RELATION.format("hyperlink")}),
}
BAD = {
    "script": (pdf(OpenAction=action("JavaScript", JS="app.alert(1)")), "file_active"),
    "launch": (pdf(OpenAction=action("Launch", F="calc.exe")), "file_active"),
    "form": (pdf(AcroForm=DictionaryObject({NameObject("/XFA"): ArrayObject()})), "file_active"),
    "sends": (pdf(AA=action("SubmitForm", F="https://example.org")), "file_active"),
    "file in it": (attached(), "file_active"),
    "script in a stream": (packed(), "file_active"),
    "spelled otherwise": (pdf() + b"\n9 0 obj<</S/Java#53cript /X 1>>endobj", "file_active"),
    "password": (locked("geheim"), "document_locked"),
    "empty password": (locked(""), "document_locked"),
    "cut off": (pdf()[:60], "document_damaged"),
    "page": (b"<html><script>alert(1)</script>%PDF-1.4", "file_kind"),
    "picture": (b"\x89PNG\r\n\x1a\n", "file_kind"),
    "zip": (b"PK\x03\x04" + b"x" * 40, "document_damaged"),
    "macros": (docx("macroEnabled.main"), "document_has_macros"),
    "macro part": (docx(**{"word/vbaProject.bin": "x"}), "document_has_macros"),
    "object": (docx(**{"word/embeddings/oleObject1.bin": "x"}), "document_has_macros"),
    "template elsewhere": (
        docx(**{"word/_rels/settings.xml.rels": RELATION.format("attachedTemplate")}),
        "document_points_outside",
    ),
    "bomb": (docx(**{"word/x.xml": "0" * 40_000_000}), "unpacked_too_large"),
    "damaged": (damaged(docx()), "document_damaged"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_sound_comes_in(name: str) -> None:
    assert checking.kind_of(GOOD[name]) == name[:4].strip()


@pytest.mark.parametrize("name", BAD)
def test_what_is_damaged_locked_or_acts_by_itself_stays_out(name: str) -> None:
    data, why = BAD[name]
    with pytest.raises(Refused, match=why):
        checking.kind_of(data)


@pytest.fixture
def own(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.clerks[0])


def upload(browser: Browser, data: bytes, name: str = "Onze brief.pdf") -> TestResponse:
    """Choose a file and send it."""
    return browser.post(FILES, {"file": (io.BytesIO(data), name)})


def test_a_file_comes_in_by_its_content_and_goes_out_as_a_file(scene: Scene, own: Browser) -> None:
    data = docx()
    assert upload(own, data, "../nota\u202e.exe").status_code == 303
    page = own.get(FILES).text
    assert "nota .exe.docx" in page
    link = next(part for part in page.split('href="') if "nota" in part).partition('"')[0]
    answer = own.get(link)
    assert answer.data == data
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize("name", ["script", "picture", "bomb"])
def test_a_file_that_is_refused_leaves_nothing_behind_and_says_why(scene: Scene, own: Browser, name: str) -> None:
    before = snapshot()
    answer = upload(own, BAD[name][0])
    assert answer.status_code == 422
    assert any(words in answer.text for words in ("Zo&#39;n bijlage kan niet mee", "kan niet mee", "te groot"))
    assert snapshot() == before


def path_of(scene: Scene) -> str:
    return f"{R2}/bijlagen/{scene.address['attachment_id']}"


def readers(site: Site, scene: Scene) -> set[str]:
    """Who may open the file."""
    found: Mapping[str, int] = {
        str(name): site.browser(person).get(path_of(scene)).status_code for name, person in scene.everybody()
    }
    assert set(found.values()) <= {200, 404}
    return {name for name, status in found.items() if status == 200}


def test_who_may_open_a_file_before_and_after_sending_and_after_closing(site: Site, scene: Scene, own: Browser) -> None:
    assert readers(site, scene) == {"own", "official"}
    sent(own)
    early = {Role.RAPPORTEUR, Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR}
    assert readers(site, scene) == {"own", "official", *(role.value for role in early)}
    over(scene)
    assert readers(site, scene) == {name for name, _ in scene.everybody()}
    assert path_of(scene) in site.browser().get(R2).text


def test_a_draft_of_a_file_stays_hidden_after_closing(site: Site, scene: Scene) -> None:
    over(scene)
    assert readers(site, scene) == {"own", "official"}


def test_a_file_of_another_member_is_not_there_to_change(site: Site, scene: Scene, own: Browser) -> None:
    with db.transaction():
        other = attach(get_proposal(scene.meeting.id, "R2"), scene.members[1], scene.clerks[1])
    before = snapshot()
    assert own.post(f"{FILES}/{other.id}", {"act": "weg"}).status_code == 404
    assert snapshot() == before


def test_a_file_that_is_in_force_goes_only_when_it_is_sent_again(site: Site, scene: Scene, own: Browser) -> None:
    sent(own)
    assert own.post(f"{FILES}/{scene.address['attachment_id']}", {"act": "weg"}).status_code == 303
    assert "Wordt weggehaald als u opnieuw verstuurt." in own.get(FILES).text
    assert site.browser(scene.staff[Role.SECRETARIAT]).get(path_of(scene)).status_code == 200
    sent(own)
    assert site.browser(scene.staff[Role.SECRETARIAT]).get(path_of(scene)).status_code == 404
