"""The list of decisions for everybody: what was pronounced, and nothing else."""

import io
import json

import docx
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.web.site import Scene, Site
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Role
from vng_alv.meetings import attendance
from vng_alv.voting import disputing, service
from vng_alv.voting.models import Round

CLOSING = "/secretariaat/vergaderingen/alv/afronding"
PAGE = "/vergaderingen/alv/besluitenlijst"


def test_everybody_reads_what_was_pronounced(site: Site, scene: Scene) -> None:
    guest = site.browser()
    before = guest.get(PAGE)
    assert before.status_code == 200
    # M1 was pronounced, M2 only counted, and M3 is in preparation.
    assert f"Stemming {scene.published.number}: " in before.text
    assert f"Stemming {scene.counted.number}: " not in before.text
    assert "Motie M2: er is nog niets besloten." in before.text
    listed = json.loads(guest.get(PAGE + ".json").data)
    assert [v["number"] for i in listed["items"] for t in i["texts"] for v in t["votes"]] == [scene.published.number]
    assert guest.get("/vergaderingen/alv/uitslagenlijst.csv").text.count("\r\n") == 2
    assert PAGE in guest.get("/vergaderingen/alv/uitslagen").text
    assert guest.get("/vergaderingen/alv/besluitenlijst.exe").status_code == 404
    with db.transaction():
        service.publish([scene.counted.id], None)
    assert f"Stemming {scene.counted.number}: " in guest.get(PAGE).text
    assert "Motie M2: er is nog niets besloten." not in guest.get(PAGE).text


def test_the_secretariat_sees_what_is_left(site: Site, scene: Scene) -> None:
    secretariat = site.browser(scene.staff[Role.SECRETARIAT])
    page = secretariat.get(CLOSING).text
    opened = ", ".join(str(one.number) for one in sorted(scene.open, key=lambda r: r.number))
    assert f"Nog niet: stemming {scene.draft.number}." in page
    assert f"Nog niet: stemmingen {opened}." in page
    assert f"Nog niet: stemming {scene.counted.number}." in page
    assert "Van geen gemeente is vastgelegd dat zij er was." in page
    assert "Eén motie wacht nog." in page
    with db.transaction():
        chair, second = (get_actor(scene.staff[role].id) for role in (Role.CHAIR, Role.SECRETARIAT))
        service.publish([scene.counted.id], None)
        disputing.ask(db.session.get_one(Round, scene.published.id), "Fout", chair)
        attendance.arrive(db.session.merge(scene.meeting), [scene.members[0].id], second)
    page = secretariat.get(CLOSING).text
    assert f"Nog niet: stemming {scene.counted.number}." not in page
    assert f"Nog niet: stemming {scene.published.number}." in page  # somebody asked that it is declared void
    assert "Van geen gemeente is vastgelegd" not in page
    # Nobody else reads of that request.
    assert "ongeldig" not in site.browser().get(PAGE).text


def test_the_draft_minutes_are_of_the_secretariat(site: Site, scene: Scene) -> None:
    with db.transaction():
        meeting, staff = db.session.merge(scene.meeting), get_actor(scene.staff[Role.SECRETARIAT].id)
        attendance.arrive(meeting, [scene.members[1].id, scene.members[3].id], staff)
        attendance.leave(meeting, [scene.members[1].id], staff)
    answer = site.browser(scene.staff[Role.SECRETARIAT]).get("/secretariaat/vergaderingen/alv/notulen.docx")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    paper = docx.Document(io.BytesIO(answer.data))
    lines = [one.text for one in paper.paragraphs]
    assert "In de zaal was één lid, met 40 stemmen." in lines
    assert "2 leden stemden zonder in de zaal te zijn aangemeld: Gemeente 1." not in lines
    assert "Eén lid stemde zonder in de zaal te zijn aangemeld: Gemeente 1." in lines
    assert [[cell.text for cell in row.cells][:2] for row in paper.tables[0].rows][1:] == [
        ["Gemeente 2", "40"], ["Gemeente 4 (adviserend)", "12"],
    ]  # fmt: skip
    assert paper.tables[0].rows[1].cells[3].text
    assert f"Stemming {scene.published.number}: {scene.published.title}" in lines
    assert not [line for line in lines if line.startswith(f"Stemming {scene.counted.number}:")]
    assert "concept".upper() in paper.sections[0].header.paragraphs[0].text


def test_minutes_are_published_and_stay(site: Site, scene: Scene) -> None:
    secretariat, guest = site.browser(scene.staff[Role.SECRETARIAT]), site.browser()
    assert "Er zijn nog geen notulen gepubliceerd." in secretariat.get(CLOSING).text
    paper = secretariat.get("/secretariaat/vergaderingen/alv/notulen.docx").data
    first = "/vergaderingen/alv/notulen/1"
    assert guest.get(first).status_code == 404

    def send(content: bytes, name: str) -> int:
        return secretariat.post(CLOSING, {"file": (io.BytesIO(content), name)}).status_code

    assert send(b"<script>geen notulen</script>", "x.docx") == 422
    assert send(b"", "x.docx") == 422
    assert guest.get(first).status_code == 404
    assert send(paper, "../notulen <b>.docx") == 303
    kept = guest.get(first)
    assert (kept.status_code, kept.data) == (200, paper)
    assert kept.headers["Content-Disposition"] == 'attachment; filename="notulen b.docx"'
    assert first in guest.get(PAGE).text
    assert send(paper, "nog eens.docx") == 422  # the same file again
    assert guest.get("/vergaderingen/alv/notulen/2").status_code == 404
    with db.transaction(write=False):
        (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "minutes.publish"))
        assert (entry.data["number"], entry.actor_id) == (1, scene.staff[Role.SECRETARIAT].id)
    for change in ("UPDATE minutes SET number = 2", "DELETE FROM minutes"):
        with pytest.raises(IntegrityError), db.transaction():
            db.session.execute(text(change))
