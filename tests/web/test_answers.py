"""Answers to reactions, and the opening and closing of a consultation."""

import html
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests import factories
from tests.web.site import Browser, Scene, Site, forms_of, snapshot
from tests.web.test_consultation import REACT
from vng_alv import db
from vng_alv.answering import service as answering
from vng_alv.consultation import service
from vng_alv.consultation.models import Comment, Consultation
from vng_alv.domain.permissions import Role
from vng_alv.errors import Conflict

R2 = "/vergaderingen/alv/stukken/R2"


# --- Answers


def answer_path(scene: Scene) -> str:
    return f"/secretariaat/vergaderingen/alv/stukken/R1/verwerken/{scene.comment.id}"


def typed(scene: Scene, body: str) -> dict[str, str]:
    """What the form sends of somebody who saw all that stands there now."""
    with db.transaction(write=False):
        seen = answering.seen_of(db.session.get_one(Comment, scene.comment.id))
    return {"body": body, **seen._asdict()}


def test_an_answer_is_given_by_those_who_answer_and_stands_beside_the_reaction(site: Site, scene: Scene) -> None:
    for name, person in scene.everybody():
        answer = site.browser(person).post(answer_path(scene), typed(scene, f"Antwoord van {name}"))
        may = name in {Role.RAPPORTEUR, Role.SECRETARIAT, Role.ADMINISTRATOR}
        assert answer.status_code == (303 if may else 401 if person is None else 403), name
    for path in ("/reacties", "/onderdelen/A1"):
        shown = site.browser().get("/vergaderingen/alv/stukken/R1" + path).text
        assert "Antwoord van administrator" in shown
        assert "Antwoord van chair" not in shown


def test_an_answer_without_words_is_refused_and_the_old_one_stays(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.staff[Role.SECRETARIAT])
    for body, sentence in ((" \n ", "Er staat nog geen tekst."), ("x" * 20_001, "Deze tekst is te lang")):
        answer = browser.post(answer_path(scene), typed(scene, body))
        assert answer.status_code == 422
        assert sentence in answer.text
    assert "Dank u." in site.browser().get("/vergaderingen/alv/stukken/R1/onderdelen/A1").text


def test_a_reaction_to_another_text_is_not_answered_here(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.staff[Role.SECRETARIAT])
    assert browser.post(answer_path(scene).replace("R1", "R2"), typed(scene, "x")).status_code == 404


def test_a_draft_is_never_answered(site: Site, scene: Scene) -> None:
    with db.transaction(write=False):
        draft = db.session.scalars(select(Comment).where(Comment.sent_at.is_(None)).limit(1)).one()
    path = answer_path(scene).replace("R1", "R2").replace(str(scene.comment.id), str(draft.id))
    answer = site.browser(scene.staff[Role.SECRETARIAT]).post(path, typed(scene, "Gelezen!"))
    assert answer.status_code == 404
    with db.transaction(write=False):
        assert db.session.get_one(Comment, draft.id).answer is None


def test_who_answers_gets_from_the_list_to_the_same_reaction_and_nobody_else_does(site: Site, scene: Scene) -> None:
    path = "/vergaderingen/alv/stukken/R1/reacties"
    for name, person in scene.everybody():
        shown = site.browser(person).get(path).text
        assert "<textarea" not in shown
        links = re.findall(rf'href="({answer_path(scene)}[^"]*)"', shown)
        assert bool(links) is (name in {Role.RAPPORTEUR, Role.SECRETARIAT, Role.ADMINISTRATOR}), name
    staff = site.browser(scene.staff[Role.SECRETARIAT])
    (link,) = re.findall(rf'href="({answer_path(scene)}[^"]*)"', staff.get(path).text)
    saved = staff.submit(html.unescape(link), body="Dank u wel.")
    assert saved.status_code == 303
    assert f'id="r-{scene.comment.id}"' in staff.get(saved.headers["Location"]).text


# --- The reaction changes while its answer is typed


@pytest.fixture
def early(scene: Scene) -> str:
    """Where the reaction of GM0002 is answered, of which the consultation still runs."""
    with db.transaction(write=False):
        found = select(Comment.id).where(Comment.member_id == scene.members[1].id, Comment.sent_at.is_not(None))
        return f"/secretariaat{R2}/verwerken/{db.session.scalars(found).one()}"


def form_at(answer: TestResponse, path: str) -> MultiDict[str, str]:
    """What the form on a page that was answered would send."""
    return next(form.values for form in forms_of(answer, path) if form.action == path)


def replace(clerk: Browser, body: str, *, send: bool = True) -> None:
    """Write another text in the place of what was sent, and send it."""
    key = next(name for name, value in clerk.forms(REACT)[0].values.items() if value.startswith("Vroege reactie"))
    assert clerk.submit(REACT, **{key.replace("-", "__", 1): body}).status_code == 303
    if send:
        assert clerk.submit(REACT + "/versturen").status_code == 303


def test_an_answer_to_a_text_that_was_replaced_meanwhile_waits_beside_the_new_text(
    site: Site, scene: Scene, early: str
) -> None:
    staff, clerk = site.browser(scene.staff[Role.SECRETARIAT]), site.browser(scene.clerks[1])
    values = form_at(staff.get(early), early)
    values.setlist("body", ["Op de eerste tekst"])
    replace(clerk, "Toch heel iets anders")
    before = snapshot()
    refused = staff.post(early, values)
    assert refused.status_code == 409
    assert "Gemeente 2 heeft deze reactie intussen vervangen." in refused.text
    assert "Op de eerste tekst</textarea>" in refused.text
    assert "Toch heel iets anders" in refused.text.partition("De nieuwe tekst van de reactie")[2]
    assert "Vroege reactie" not in refused.text
    assert snapshot() == before
    assert staff.post(early, values).status_code == 409, "the same form again"
    values = form_at(refused, early)
    assert values["body"].strip() == "Op de eerste tekst"
    assert staff.post(early, values).status_code == 303
    told = clerk.get(REACT).text
    assert "Op de eerste tekst" in told
    assert "op een eerdere tekst van deze reactie" not in told


def test_a_draft_that_is_not_sent_stands_in_no_answers_way(site: Site, scene: Scene, early: str) -> None:
    staff, clerk = site.browser(scene.staff[Role.SECRETARIAT]), site.browser(scene.clerks[1])
    values = form_at(staff.get(early), early)
    values.setlist("body", ["Dank u."])
    replace(clerk, "Nog niet klaar", send=False)
    assert staff.post(early, values).status_code == 303


def test_an_answer_to_what_was_taken_back_meanwhile_can_be_copied(site: Site, scene: Scene, early: str) -> None:
    staff, clerk = site.browser(scene.staff[Role.SECRETARIAT]), site.browser(scene.clerks[1])
    values = form_at(staff.get(early), early)
    values.setlist("body", ["Hier werkte ik lang aan"])
    assert clerk.submit(REACT + "/intrekken").status_code == 303
    before = snapshot()
    refused = staff.post(early, values)
    assert refused.status_code == 409
    assert "De gemeente heeft deze reactie intussen ingetrokken." in refused.text
    assert "Hier werkte ik lang aan" in refused.text
    assert snapshot() == before
    assert staff.get(early).status_code == 404


# --- Opening and closing


def test_a_deadline_is_kept_in_the_time_of_amsterdam(site: Site, scene: Scene) -> None:
    """Also over the change of the clocks: 14:30 there is 12:30 UTC in July and 13:30 in January."""
    browser = site.browser(scene.staff[Role.SECRETARIAT])
    path = "/secretariaat/vergaderingen/alv/stukken/R2/consultatie"
    for day, hour in (("2030-07-01", 12), ("2030-01-15", 13)):
        assert browser.submit(path, action="/consultatie", day=day, clock="14:30").status_code == 303
        with db.transaction(write=False):
            found = db.session.scalars(select(Consultation).order_by(Consultation.closes_at.desc()).limit(1)).one()
            assert (found.closes_at.hour, found.closes_at.minute) == (hour, 30)
            assert found.closes_at.astimezone(ZoneInfo("Europe/Amsterdam")).hour == 14


def test_a_deadline_in_the_past_and_a_second_consultation_are_refused(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.staff[Role.SECRETARIAT])
    path = "/secretariaat/vergaderingen/alv/stukken/{}/consultatie"
    before = snapshot()
    past = browser.post(path.format("R2"), {"day": "2020-01-01", "clock": "10:00"})
    assert (past.status_code, "Dat moment is al voorbij." in past.text) == (422, True)
    unpublished = browser.post(path.format("V1"), {"day": "2030-01-01", "clock": "10:00"})
    assert (unpublished.status_code, "Er is nog geen tekst gepubliceerd." in unpublished.text) == (422, True)
    closed = browser.post(path.format("R1"), {"day": "2030-01-01", "clock": "10:00"})
    assert closed.status_code == 422
    assert snapshot() == before


def test_a_draft_begun_by_two_at_once_is_one_draft(database: str) -> None:
    with db.transaction():
        factories.association()
        member = factories.member(1)
        people = [factories.get_actor(factories.clerk(member, name).id) for name in ("een", "twee")]
        found = service.open_consultation(factories.proposal(factories.meeting()), db.now() + timedelta(hours=1), None)
    with db.transaction():
        service.save_draft(db.session.merge(found), member, None, "eerst", None, 0, people[0])
    with pytest.raises(Conflict, match="edited_meanwhile"), db.transaction():
        service.save_draft(db.session.merge(found), member, None, "ook", None, 0, people[1])


def test_the_page_of_a_closed_consultation_says_when_it_closed(site: Site, scene: Scene, own: Browser) -> None:
    with db.transaction():
        moment = datetime(2026, 3, 2, 15, 4, tzinfo=ZoneInfo("Europe/Amsterdam"))
        db.session.execute(update(Consultation).values(opened_at=moment - timedelta(days=1), closes_at=moment))
    assert "gesloten sinds maandag 2 maart 2026, 15:04 uur" in own.get(REACT).text
