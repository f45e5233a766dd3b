"""What a municipality prepared, on the ballot of its delegate; and what is kept of who wrote it (docs/rules.md §2)."""

import json
import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests import factories
from tests.web.site import Browser, Scene, Site, forms_of, snapshot
from tests.web.test_personal_data import meeting_is_over
from tests.web.test_preparing import PAGE, WORDS, advise, block, change_text, key_of
from tests.web.test_queries import MOST, counting
from tests.web.test_reaction_queries import text_of
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.ballots import Choice
from vng_alv.identity import personal_data
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.service import give_mandate, give_proxy
from vng_alv.members.models import OfficeKind
from vng_alv.members.queries import get_association
from vng_alv.members.service import give_office
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Ballot, Round
from vng_alv.voting.preparing import Preparer

BALLOT = "/stemmen/alv"


def test_the_delegate_sees_it_beside_each_question_takes_it_over_and_casts(own: Browser, scene: Scene) -> None:
    first, second, whole = scene.open
    advise(scene, scene.official, {key_of(first): Choice.AGAINST, key_of(second): Choice.ABSTAIN})
    page = own.get(BALLOT).text
    assert page.count("Stemadvies van onze gemeente") == 2
    told = re.sub(r"<[^>]*>|\s+", " ", block(page, first.title))
    assert re.search(rf"Stemadvies van onze gemeente\W+tegen\W+{WORDS}\W+Voorbereid door Ambtenaar op ", told)
    assert "Stemadvies" not in block(page, whole.title)
    assert "Bij 2 van de 3 vragen." in page
    before = snapshot("login_session")
    review = take_over(own)
    assert "Er is nog niets uitgebracht." in review.text
    assert snapshot("login_session") == before
    cast = next(one for one in forms_of(review, BALLOT) if one.action.endswith("/uitbrengen"))
    assert {name: value for name, value in cast.values.items() if name.startswith("choice-")} == {
        f"choice-{first.id}": "against", f"choice-{second.id}": "abstain", f"choice-{whole.id}": "",
    }  # fmt: skip
    back = own.post("/stemmen/alv/controle", {**cast.values, "edit": "1"}).text
    assert re.search(rf'name="choice-{second.id}" value="abstain" checked', back), "it can still be changed"
    cast.values[f"choice-{second.id}"] = "for"
    answer = own.post(cast.action, cast.values)
    assert answer.status_code == 303
    with db.transaction(write=False):
        found = {
            one.round_id: (one.version, one.choice)
            for one in db.session.scalars(select(Ballot).order_by(Ballot.version))
            if one.member_id == scene.members[0].id
        }
    assert found[first.id] == (2, Choice.AGAINST)
    assert found[second.id] == (2, Choice.FOR), "the delegate decides"
    assert found[whole.id] == (1, Choice.AGAINST), "as the scene has it"


def take_over(browser: Browser) -> TestResponse:
    """Press the button; the review."""
    here = next(one for one in browser.forms(BALLOT) if ("preset", "intended") in one.buttons)
    answer = browser.post(here.action, {**here.values, "preset": "intended"})
    assert answer.status_code == 200
    return answer


def test_without_advice_there_is_no_button_and_a_forged_press_fills_in_nothing(own: Browser, scene: Scene) -> None:
    assert "Vul het stemadvies van onze gemeente in" not in own.get(BALLOT).text
    answer = own.post("/stemmen/alv/controle", {"gemeente": "GM0001", "preset": "intended"})
    assert "U heeft bij geen enkele vraag gekozen." in answer.text


def test_a_reason_without_a_choice_is_shown_and_fills_in_nothing(own: Browser, scene: Scene) -> None:
    with db.transaction():
        here = db.session.merge(scene.meeting), db.session.merge(scene.members[0])
        Preparer(*here, get_actor(scene.official.id)).save(uuid.UUID(key_of(scene.open[0])), None, "Volgt", 0)
    page = own.get(BALLOT).text
    assert "Nog geen stemadvies." in page
    assert "Volgt" in page
    assert "Vul het stemadvies van onze gemeente in" not in page


def test_advice_on_an_earlier_text_is_shown_as_such_and_not_filled_in(own: Browser, scene: Scene) -> None:
    advise(scene, scene.official, {key_of(scene.draft): Choice.FOR, key_of(scene.open[0]): Choice.FOR})
    change_text(scene)
    with db.transaction():
        again = db.session.scalars(select(Round).where(Round.proposal_id == scene.draft.proposal_id)).one()
        rounds.open_rounds([again.id], None)
    assert "De tekst is sindsdien gewijzigd." in block(own.get(BALLOT).text, again.title)
    review = take_over(own).text
    assert f'name="choice-{scene.open[0].id}" value="for"' in review
    assert f'name="choice-{again.id}" value=""' in review


def test_whoever_votes_with_a_proxy_sees_nothing_of_the_giver(site: Site, scene: Scene) -> None:
    """Not its advice, and not the way to it; with an office there as well they do."""
    advise(scene, scene.official, {key_of(one): Choice.FOR for one in scene.open})
    with db.transaction():
        get_association().proxies_per_member = 1
        giver, receiver = (db.session.merge(one) for one in scene.members[:2])
        give_proxy(db.session.merge(scene.meeting), giver, receiver, None)
    other = site.browser(scene.clerks[1])
    page = other.get("/stemmen/alv?gemeente=GM0001").text
    assert 'name="choice-' in page
    assert WORDS not in page
    assert "stemadvies" not in page.lower()
    answer = other.post("/stemmen/alv/controle", {"gemeente": "GM0001", "preset": "intended"})
    assert "U heeft bij geen enkele vraag gekozen." in answer.text
    with db.transaction():
        give_office(db.session.merge(scene.clerks[1]), db.session.merge(scene.members[0]), OfficeKind.OFFICIAL, None)
    assert WORDS in site.browser(scene.clerks[1]).get("/stemmen/alv?gemeente=GM0001").text


def test_a_new_delegate_finds_it_and_who_left_does_not(site: Site, scene: Scene) -> None:
    advise(scene, scene.clerks[0], {key_of(scene.open[0]): Choice.FOR})
    with db.transaction():
        member, new = db.session.merge(scene.members[0]), factories.person("wethouder", password=factories.PASSWORD)
        give_office(new, member, OfficeKind.ALDERMAN, None)
        give_mandate(db.session.merge(scene.meeting), member, new, None)
    assert WORDS in site.browser(new).get(BALLOT).text
    assert WORDS not in site.browser(scene.clerks[0]).get(BALLOT).text
    assert WORDS in site.browser(scene.clerks[0]).get(PAGE).text


# --- Personal data


def test_the_export_holds_what_somebody_wrote_and_not_what_colleagues_wrote(site: Site, scene: Scene) -> None:
    key = key_of(scene.open[0])
    advise(scene, scene.official, {key: Choice.FOR})
    advise(scene, scene.clerks[0], {key: Choice.AGAINST}, "Anders bedacht")
    with db.transaction(write=False):
        official, clerk, other = (
            personal_data.collect(one.id) for one in (scene.official, scene.clerks[0], scene.clerks[1])
        )
    assert official["intended_votes"] == []
    assert [(one["choice"], one["reason"]) for one in official["intended_vote_revisions"]] == [("for", WORDS)]
    assert [(one["member"], one["choice"], one["reason"]) for one in clerk["intended_votes"]] == [
        ("GM0001", "against", "Anders bedacht")
    ]
    assert other["intended_votes"] == other["intended_vote_revisions"] == []
    assert "Anders bedacht" not in json.dumps(official)


def test_who_was_erased_is_named_nowhere_and_what_they_wrote_stays(site: Site, scene: Scene) -> None:
    key = key_of(scene.open[0])
    advise(scene, scene.official, {key: Choice.FOR})
    meeting_is_over()
    with db.transaction():
        personal_data.erase(db.session.get_one(Person, scene.official.id), None)
    own = site.browser(scene.clerks[0])
    for path in (PAGE, f"{PAGE}/geschiedenis/{key}", BALLOT):
        page = own.get(path).text
        assert WORDS in page
        assert "Verwijderd" in page
        assert "Ambtenaar" not in page


# --- Statements


def test_pages_take_as_many_statements_for_two_hundred_questions_as_for_two(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction():
        factories.association()
        member = factories.member(1)
        clerk = factories.clerk(member)
        colleagues = [get_actor(factories.clerk(member, f"wethouder{n}", OfficeKind.ALDERMAN).id) for n in range(12)]
        meetings: list[Meeting] = [factories.meeting(code) for code in ("klein", "groot")]
        for meeting, sections in zip(meetings, (2, 200), strict=True):
            give_mandate(meeting, member, clerk, None)
            made = rounds.prepare(factories.proposal(meeting, text_of(sections)), None)
            rounds.open_rounds([one.id for one in made], None)
            preparers = [Preparer(meeting, member, one) for one in colleagues]
            for n, key in enumerate(preparers[0].asked):
                preparers[n % len(preparers)].save(key, Choice.FOR, WORDS, 0)
    browser = site.browser(clerk)
    for page in ("/gemeente/GM0001/stemadvies/{}", "/stemmen/{}", "/vergaderingen/{}"):
        taken = []
        for code in ("klein", "groot"):
            browser.get(page.format(code))
            with counting(monkeypatch) as sent:
                assert browser.get(page.format(code)).status_code == 200
            taken.append(len(sent))
        assert taken[0] == taken[1], page
        assert taken[1] <= MOST, page
    with counting(monkeypatch) as one:
        browser.get("/gemeente/GM0001")
    with db.transaction():
        db.session.execute(
            update(Meeting).where(Meeting.code == "groot").values(starts_at=db.now() - timedelta(days=9))
        )
        db.session.execute(update(Round).where(Round.meeting_id == meetings[1].id).values(state="closed"))
    with counting(monkeypatch) as other:
        browser.get("/gemeente/GM0001")
    assert len(one) == len(other) <= MOST


def test_taking_over_adds_nothing_to_the_cast(site: Site, monkeypatch: pytest.MonkeyPatch, scene: Scene) -> None:
    advise(scene, scene.official, {key_of(one): Choice.FOR for one in scene.open})
    own = site.browser(scene.clerks[0])
    cast = next(one for one in forms_of(take_over(own), BALLOT) if one.action.endswith("/uitbrengen"))
    with counting(monkeypatch) as sent:
        assert own.post(cast.action, cast.values).status_code == 303
    assert len(sent) == (5 if db.is_sqlite() else 1), sent
