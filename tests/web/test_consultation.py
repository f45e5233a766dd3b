"""Reacting: drafts among colleagues, sent once for the municipality, public after closing (docs/rules.md §3)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from tests import factories
from tests.web.site import Browser, Scene, Site, forms_of, snapshot
from vng_alv import db
from vng_alv.consultation import service
from vng_alv.consultation.models import Comment, Consultation, Position
from vng_alv.domain.permissions import Role
from vng_alv.errors import Conflict, Refused
from vng_alv.members.models import OfficeKind
from vng_alv.members.service import give_office

R2 = "/vergaderingen/alv/stukken/R2"
REACT = R2 + "/reageren"
DRAFT, EARLY = "Geheim concept van GM0001", "Vroege reactie van GM0002"


@pytest.fixture
def own(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.clerks[0])


def running() -> Consultation:
    """The consultation that is open."""
    return db.session.scalars(select(Consultation).order_by(Consultation.closes_at.desc()).limit(1)).one()


def over(scene: Scene) -> None:
    """Let the deadline of the open consultation pass."""
    with db.transaction():
        found = running()
        found.opened_at, found.closes_at = db.now() - timedelta(hours=2), db.now() - timedelta(seconds=1)


def everything(site: Site, scene: Scene, name: str) -> str:
    """All that a visitor can read about the text."""
    browser = site.browser(dict(scene.everybody())[name])
    paths = (R2, REACT, REACT + "/versturen", R2 + "/reacties.csv", "/", "/secretariaat" + R2 + "/reacties")
    return "".join(browser.get(path).text for path in paths)


def test_a_draft_is_seen_by_people_of_the_same_member_only(site: Site, scene: Scene) -> None:
    for name, _ in scene.everybody():
        assert (DRAFT in everything(site, scene, name)) is (name in {"own", "official"}), name


def test_a_draft_that_was_not_sent_stays_hidden_after_closing(site: Site, scene: Scene) -> None:
    over(scene)
    for name, _ in scene.everybody():
        assert (DRAFT in everything(site, scene, name)) is (name in {"own", "official"}), name


def test_what_was_sent_is_for_those_who_answer_until_closing_and_then_for_everybody(site: Site, scene: Scene) -> None:
    early = {"other", Role.RAPPORTEUR, Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR}
    for name, _ in scene.everybody():
        assert (EARLY in everything(site, scene, name)) is (name in early), name
    over(scene)
    for name, _ in scene.everybody():
        assert EARLY in everything(site, scene, name), name
    assert "Alle verstuurde" not in site.browser().get(R2).text
    assert site.browser().get(R2 + "/reacties.csv").status_code == 200


def test_a_draft_goes_from_colleague_to_secretary_and_is_sent_once(site: Site, scene: Scene, own: Browser) -> None:
    colleague = site.browser(scene.official)
    assert "Versturen doet de gemeentesecretaris of griffier: Griffier-Gm0001" in colleague.get(REACT).text
    assert colleague.submit(REACT, body__geheel="Namens de wethouder", position__geheel="disagree").status_code == 303
    assert "Namens de wethouder" in own.get(REACT).text
    assert own.submit(REACT, save="versturen").headers["Location"] == REACT + "/versturen"
    form = own.forms(REACT + "/versturen")[0]
    assert own.post(form.action, form.values).status_code == 303
    before = snapshot()
    again = own.post(form.action, form.values)
    assert again.headers["Location"] == REACT
    assert "Er is geen concept dat nog verstuurd moet worden." in own.get(REACT).text
    assert snapshot() == before
    with db.transaction(write=False):
        sent = [c for c in db.session.scalars(select(Comment)) if c.member_id == scene.members[0].id and c.sent_at]
    assert {c.body for c in sent} >= {DRAFT, "Namens de wethouder"}


def test_only_the_secretary_or_the_clerk_sends(site: Site, scene: Scene) -> None:
    before = snapshot("login_session", "audit_entry")
    colleague = site.browser(scene.official)
    assert colleague.get(REACT + "/versturen").status_code == 403
    assert colleague.post(REACT + "/versturen", {"seen": "x"}).status_code == 403
    assert snapshot("login_session", "audit_entry") == before
    for kind in OfficeKind:
        with db.transaction():
            give_office(db.session.merge(scene.official), db.session.merge(scene.members[0]), kind, None)
        expected = 200 if kind in {OfficeKind.SECRETARY, OfficeKind.CLERK} else 403
        assert site.browser(scene.official).get(REACT + "/versturen").status_code == expected, kind


def test_a_change_of_a_colleague_stops_the_sending_and_is_shown(site: Site, scene: Scene, own: Browser) -> None:
    form = own.forms(REACT + "/versturen")[0]
    site.browser(scene.official).submit(REACT, body__geheel="Nog iets")
    before = snapshot()
    answer = own.post(form.action, form.values)
    assert answer.status_code == 409
    assert "Er is niets verstuurd." in answer.text
    assert "Nog iets" in answer.text
    assert snapshot() == before


def first_key(browser: Browser) -> str:
    form = browser.forms(REACT)[0]
    return next(n for n in form.values if n.startswith("body-") and form.values[n] == DRAFT).removeprefix("body-")


def test_two_at_one_draft_both_keep_their_words(site: Site, scene: Scene, own: Browser) -> None:
    """Who saves second sees both texts and decides; nobody's words are lost or overwritten unseen."""
    key, colleague = first_key(own), site.browser(scene.official)
    mine, theirs = own.forms(REACT)[0], colleague.forms(REACT)[0]
    theirs.values[f"body-{key}"] = "Woorden van de ambtenaar"
    assert colleague.post(theirs.action, theirs.values).status_code == 303
    before = snapshot()
    mine.values[f"body-{key}"] = "Woorden van de griffier"
    answer = own.post(mine.action, mine.values)
    assert answer.status_code == 422
    assert "Dit bewaarde Ambtenaar" in answer.text
    assert "Woorden van de ambtenaar" in answer.text
    shown = next(f for f in forms_of(answer, REACT) if f"body-{key}" in f.values)
    assert shown.values[f"body-{key}"] == "Woorden van de griffier"
    assert snapshot() == before
    assert own.post(shown.action, shown.values).status_code == 303
    assert "Woorden van de griffier" in own.get(REACT).text


def test_a_field_that_was_left_alone_does_not_undo_a_colleagues_change(site: Site, scene: Scene, own: Browser) -> None:
    key, colleague = first_key(own), site.browser(scene.official)
    mine = own.forms(REACT)[0]
    theirs = colleague.forms(REACT)[0]
    theirs.values[f"body-{key}"] = "Nieuw van de ambtenaar"
    assert colleague.post(theirs.action, theirs.values).status_code == 303
    mine.values["body-geheel"] = "Over het geheel"
    assert own.post(mine.action, mine.values).status_code == 303
    page = own.get(REACT).text
    assert "Nieuw van de ambtenaar" in page
    assert "Over het geheel" in page


def test_after_the_deadline_nothing_is_kept_and_the_typed_words_stay_on_the_page(scene: Scene, own: Browser) -> None:
    form, sending = own.forms(REACT)[0], own.forms(REACT + "/versturen")[0]
    over(scene)
    before = snapshot()
    form.values["body-geheel"] = "Net te laat getypt"
    answer = own.post(form.action, form.values)
    assert answer.status_code == 422
    assert "De consultatie is gesloten" in answer.text
    assert "Net te laat getypt</textarea>" in answer.text
    late = own.post(sending.action, sending.values)
    assert late.status_code == 409
    assert "De consultatie is gesloten" in late.text
    assert snapshot() == before


def test_the_moment_of_the_deadline_itself_is_too_late(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction():
        factories.association()
        member = factories.member(1)
        clerk = factories.clerk(member)
        made = factories.proposal(factories.meeting())
        found = service.open_consultation(made, db.now() + timedelta(hours=1), None)
        moment, who = found.closes_at, factories.get_actor(clerk.id)
        monkeypatch.setattr(db, "now", lambda: moment)
        with pytest.raises(Refused, match="consultation_closed"):
            service.save_draft(found, member, None, "x", Position.AGREE, 0, who)
        monkeypatch.setattr(db, "now", lambda: moment - timedelta(microseconds=1))
        assert service.save_draft(found, member, None, "x", Position.AGREE, 0, who) is not None


def test_what_was_sent_is_not_changed_any_more(site: Site, scene: Scene, own: Browser) -> None:
    form = own.forms(REACT)[0]
    sending = own.forms(REACT + "/versturen")[0]
    assert own.post(sending.action, sending.values).status_code == 303
    key = next(n for n in form.values if n.startswith("body-") and form.values[n] == DRAFT)
    form.values[key] = "Toch anders"
    before = snapshot()
    answer = own.post(form.action, form.values)
    assert answer.status_code == 422
    assert "Een collega heeft deze reactie intussen verstuurd." in answer.text
    assert "Toch anders" in answer.text
    assert snapshot() == before


def test_an_emptied_draft_is_taken_away(own: Browser, scene: Scene) -> None:
    key = first_key(own)
    values = own.forms(REACT)[0].values
    values[f"body-{key}"], values[f"position-{key}"] = "  ", ""
    assert own.post(REACT, values).status_code == 303
    assert DRAFT not in own.get(REACT).text
    assert own.get(REACT + "/versturen").status_code == 303


def test_a_reaction_too_long_is_refused_and_kept_on_the_page(own: Browser, scene: Scene) -> None:
    before = snapshot()
    answer = own.submit(REACT, body__geheel="lang " * 5_000)
    assert answer.status_code == 422
    assert "Dit is te groot om te verwerken." in answer.text
    assert answer.text.count("lang") >= 5_000
    assert snapshot() == before


# --- Answers


def answer_path(scene: Scene) -> str:
    return f"/secretariaat/vergaderingen/alv/stukken/R1/reacties/{scene.comment.id}"


def test_an_answer_is_given_by_those_who_answer_and_stands_beside_the_reaction(site: Site, scene: Scene) -> None:
    for name, person in scene.everybody():
        answer = site.browser(person).post(answer_path(scene), {"body": f"Antwoord van {name}"})
        may = name in {Role.RAPPORTEUR, Role.SECRETARIAT, Role.ADMINISTRATOR}
        assert answer.status_code == (303 if may else 401 if person is None else 403), name
    shown = site.browser().get("/vergaderingen/alv/stukken/R1").text
    assert "Antwoord van administrator" in shown
    assert "Antwoord van chair" not in shown


def test_an_answer_without_words_is_refused_and_the_old_one_stays(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.staff[Role.SECRETARIAT])
    for body, sentence in ((" \n ", "Er staat nog geen tekst."), ("x" * 20_001, "Dit is te groot om te verwerken.")):
        answer = browser.post(answer_path(scene), {"body": body})
        assert answer.status_code == 422
        assert sentence in answer.text
    assert "Dank u." in site.browser().get("/vergaderingen/alv/stukken/R1").text


def test_a_reaction_to_another_text_is_not_answered_here(site: Site, scene: Scene) -> None:
    browser = site.browser(scene.staff[Role.SECRETARIAT])
    assert browser.post(answer_path(scene).replace("R1", "R2"), {"body": "x"}).status_code == 404


def test_a_draft_is_never_answered(site: Site, scene: Scene) -> None:
    with db.transaction(write=False):
        draft = db.session.scalars(select(Comment).where(Comment.sent_at.is_(None)).limit(1)).one()
    path = answer_path(scene).replace("R1", "R2").replace(str(scene.comment.id), str(draft.id))
    answer = site.browser(scene.staff[Role.SECRETARIAT]).post(path, {"body": "Gelezen!"})
    assert answer.status_code in {403, 404, 422}
    with db.transaction(write=False):
        assert db.session.get_one(Comment, draft.id).answer is None


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
