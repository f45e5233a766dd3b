"""The files on the site: public, the same for everybody, never a draft, and made once."""

import csv
import hashlib
import io
import json
import threading
import time
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pypdf
import pytest

from tests.web.site import Scene, Site, amend
from vng_alv import db, limits
from vng_alv.domain.permissions import Role
from vng_alv.exports import archive, pdf, store, views
from vng_alv.proposals.models import ProposalKind
from vng_alv.proposals.queries import get_proposal
from vng_alv.proposals.reading import read
from vng_alv.proposals.service import create, import_text, publish, read_text

SET = "/vergaderingen/alv/vergaderset.pdf"
ZIP = "/vergaderingen/alv/vergaderset.zip"
TEXT = "/vergaderingen/alv/stukken/R2"
SECRET = "Geheime eenhoorn"


def amended(scene: Scene, *, submit: bool = True, title: str = "Meer bouwen", body: str = "Wij bouwen meer.") -> str:
    """The address of an amendment on R2, without what comes after the dot."""
    with db.transaction():
        proposal, member = get_proposal(scene.meeting.id, "R2"), db.session.merge(scene.members[0])
        made = amend(proposal, member, scene.clerks[0], submit=submit, title=title, body=body)
    return f"/amendementen/{made}"


def said(file: bytes) -> str:
    return " ".join(" ".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(file)).pages).split())


def new_version(scene: Scene, body: str, *, public: bool) -> None:
    """A next version of R2."""
    with db.transaction():
        proposal = get_proposal(scene.meeting.id, "R2")
        import_text(proposal, read_text(f"# Een besluit\n\n## A1. Wonen\n\n{body}\n".encode()), None)
        if public:
            publish(proposal, None)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The template of each PDF that is made."""
    found: list[str] = []
    real = pdf.make

    def counting(template: str, data: dict[str, object]) -> bytes:
        found.append(template)
        time.sleep(0.2)
        return real(template, data)

    monkeypatch.setattr(pdf, "make", counting)
    return found


def test_a_text_as_pdf_and_word_in_each_public_version(site: Site, scene: Scene) -> None:
    new_version(scene, "Wij bouwen veel meer.", public=True)
    guest = site.browser()
    newest, first = guest.get(f"{TEXT}.pdf"), guest.get(f"{TEXT}.pdf?versie=1")
    assert newest.mimetype == "application/pdf"
    assert newest.headers["Content-Disposition"] == 'inline; filename="r2-een-besluit-v2.pdf"'
    assert "Wij bouwen veel meer." in said(newest.data)
    assert "versie 2" in said(newest.data)
    assert "veel meer" not in said(first.data)
    word = guest.get(f"{TEXT}.docx")
    assert read(word.data, "r2.docx").sections[0].body == "Wij bouwen veel meer."
    compared = guest.get(f"{TEXT}/vergelijk.docx?van=1&naar=2")
    assert b"w:ins" in zipfile.ZipFile(io.BytesIO(compared.data)).read("word/document.xml")


HIDDEN = [
    f"{TEXT}.pdf?versie=2", f"{TEXT}.docx?versie=2", f"{TEXT}.pdf?versie=0", f"{TEXT}.pdf?versie=x",
    f"{TEXT}.pdf?versie=99999999999999999999", f"{TEXT}/vergelijk.docx?van=1&naar=2", f"{TEXT}/vergelijk.docx",
    "/vergaderingen/alv/stukken/V1.pdf", "/vergaderingen/alv/stukken/V1.docx", "/vergaderingen/niet/vergaderset.pdf",
    "/vergaderingen/niet/vergaderset.zip", "/amendementen/niet.docx", f"/amendementen/{uuid.UUID(int=0)}.docx",
]  # fmt: skip


def test_what_is_not_public_is_not_there(site: Site, scene: Scene) -> None:
    new_version(scene, SECRET, public=False)
    for browser in (site.browser(), site.browser(scene.staff[Role.SECRETARIAT])):
        assert {path: browser.get(path).status_code for path in HIDDEN} == dict.fromkeys(HIDDEN, 404)


def test_drafts_are_in_no_file(site: Site, scene: Scene) -> None:
    draft = amended(scene, submit=False, title=SECRET, body=SECRET)
    new_version(scene, SECRET, public=False)
    with db.transaction():
        hidden = create(db.session.merge(scene.meeting), "V9", ProposalKind.PROPOSAL, SECRET, None)
        import_text(hidden, read_text(f"# {SECRET}\n".encode()), None)
    for browser in (site.browser(), site.browser(scene.clerks[0]), site.browser(scene.staff[Role.SECRETARIAT])):
        assert browser.get(f"{draft}.docx").status_code == 404
        assert SECRET not in said(browser.get(SET).data)
        with zipfile.ZipFile(io.BytesIO(browser.get(ZIP).data)) as pack:
            for name in pack.namelist():
                content = pack.read(name)
                words = said(content) if name.endswith(".pdf") else content.decode()
                assert SECRET not in words
                assert "V9" not in words


def test_an_amendment_in_word_and_in_the_set(site: Site, scene: Scene) -> None:
    path = amended(scene)
    guest = site.browser()
    answer = guest.get(f"{path}.docx")
    assert answer.status_code == 200
    xml = zipfile.ZipFile(io.BytesIO(answer.data)).read("word/document.xml").decode()
    assert 'w:author="Gemeente 1"' in xml
    words = said(guest.get(SET).data)
    assert "Meer bouwen" in words
    assert "[erbij: meer]" in words


def test_everybody_gets_the_same_set(site: Site, scene: Scene, made: list[str]) -> None:
    answers = [
        browser.get(SET)
        for browser in (site.browser(), site.browser(scene.clerks[0]), site.browser(scene.staff[Role.SECRETARIAT]))
    ]
    assert len({answer.data for answer in answers}) == 1
    assert made == ["set"]


def test_what_a_reader_has_is_not_sent_again(site: Site, scene: Scene, made: list[str]) -> None:
    guest = site.browser()
    first = guest.get(SET)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"
    again = guest.get(SET, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    amended(scene)
    changed = guest.get(SET, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != tag
    assert made == ["set", "set"]


def test_a_reader_in_english_gets_an_english_one(site: Site, scene: Scene) -> None:
    answers = {language: site.browser().get(SET, headers={"Accept-Language": language}) for language in ("nl", "en")}
    assert "bladzijde 1" in said(answers["nl"].data)
    assert "page 1" in said(answers["en"].data)


def test_what_ten_ask_for_at_once_is_made_once(site: Site, scene: Scene, made: list[str]) -> None:
    together = threading.Barrier(10)

    def ask(_number: int) -> tuple[int, str]:
        client = site.app.test_client()
        together.wait()
        answer = client.get(SET, base_url="http://localhost:8000")
        return answer.status_code, hashlib.sha256(answer.data).hexdigest()

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(ask, range(10)))
    assert len(answers) == 1
    assert answers.pop()[0] == 200
    assert made == ["set"]


def test_when_too_many_wait_it_is_told(site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "WAITING", threading.BoundedSemaphore(1))
    with store.WAITING:
        answer = site.browser().get(SET)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert "halve minuut" in answer.text


def test_a_failure_is_told_with_a_reference_and_not_kept(
    site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(pdf, "PATIENCE", 0.001)
        answer = site.browser().get(SET)
    assert answer.status_code == 503
    assert "kon nu niet worden gemaakt" in answer.text
    assert site.browser().get(SET).status_code == 200


def test_only_what_has_to_be_made_is_counted(site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[str] = []
    monkeypatch.setattr(limits, "spend", lambda what, _who: spent.append(what))
    guest = site.browser()
    for _ in range(3):
        assert guest.get(f"{TEXT}.docx").status_code == 200
    assert spent == ["export"]


def test_making_holds_no_connection(site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []

    def make(_facts: object) -> bytes:
        held.append(db.session().in_transaction())
        return b"zip"

    monkeypatch.setattr(archive, "make", make)
    assert site.browser().get(ZIP).status_code == 200
    assert held == [False]


def test_the_set_lags_seconds_and_no_more(site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "KEEP", 60)
    guest = site.browser()
    first = guest.get(SET).data
    amended(scene)
    assert guest.get(SET).data == first
    views._recent.clear()
    assert guest.get(SET).data != first


def test_the_zip_lists_what_is_in_it(site: Site, scene: Scene) -> None:
    amended(scene, title="=SOM(1;2)")
    with zipfile.ZipFile(io.BytesIO(site.browser().get(ZIP).data)) as pack:
        names = set(pack.namelist())
        data = json.loads(pack.read("inhoud.json"))
        rows = list(csv.DictReader(io.StringIO(pack.read("inhoud.csv").decode("utf-8-sig"))))
        listed = {row["bestand"]: row for row in data["bestanden"]}
        assert set(listed) == names - {"inhoud.csv", "inhoud.json"}
        for name, row in listed.items():
            assert hashlib.sha256(pack.read(name)).hexdigest() == row["sha256-bestand"]
        own = read_text(pack.read("stukken/r2-een-besluit.md"))
    assert [row["bestand"] for row in rows] == [row["bestand"] for row in data["bestanden"]]
    assert "stukken/r2-een-besluit.pdf" in names
    assert "'=SOM(1;2)" in {row["titel"] for row in rows if row["soort"] == "amendment"}
    assert [s.number for s in own.sections] == ["A1", "A2"]
    assert data["vergadering"]["code"] == "alv"


def test_the_store_keeps_no_more_than_it_may(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 250)
    kept = store.Store(tmp_path / "exports")  # type: ignore[operator]
    for name in ("een", "twee", "drie"):
        kept.get(name, lambda: b"x" * 100)
        time.sleep(0.02)
    assert [kept.find(name) is not None for name in ("een", "twee", "drie")] == [False, True, True]


def test_pages_lead_to_the_files(site: Site, scene: Scene) -> None:
    guest = site.browser()
    assert f'href="{SET}"' in guest.get("/vergaderingen/alv").text
    page = guest.get(TEXT).text
    assert f'href="{TEXT}.pdf?versie=1"' in page
    assert f'href="{TEXT}.docx?versie=1"' in page
