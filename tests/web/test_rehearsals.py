"""A rehearsal is marked wherever it is seen, and is seen nowhere as an outcome (docs/rules.md §4.13)."""

import json
import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from tests.web import receipts
from tests.web.site import Browser, Scene, Site, forms_of
from tests.web.test_secrecy import MOVING, seen
from tests.web.test_unsent import words_of
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.ballots import Choice
from vng_alv.domain.permissions import Role
from vng_alv.meetings.models import Meeting
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting import service as rounds
from vng_alv.voting import timing
from vng_alv.voting.cast import cast
from vng_alv.voting.models import Ballot, Result, Round
from vng_alv.voting.notices import composer

DESK = "/secretariaat/vergaderingen/alv"
BALLOT = "/stemmen/alv?proef=1"
MARK = "Dit is een proefstemming"
#: Who looks: everybody sees what one of these does.
LOOKING = ("guest", "own", "other", Role.CHAIR, Role.SECRETARIAT)
#: Where a rehearsal may leave a trace once it is over: on the console, in the log, the list of mails and how many
#: wait, what somebody gets of their own data, and that somebody practised on the timeline; its turnout, beside that of
#: votes, in the standing, and the screen in the hall, which says what it is. (What ``seen`` calls the read model it
#: makes itself, of every row that there is.)
TRACES = re.compile(
    r"\S+ (/secretariaat|/secretariaat/vergaderingen/alv|/secretariaat/logboek(\?.*)?|/secretariaat/berichten(\?.*)?"
    r"|/account/gegevens|/account/logboek|/vergaderingen/alv/stand.json"
    r"|/secretariaat/vergaderingen/alv/tijdlijn|/zaal/alv(/beeld)?)$|stream$|read model$|(notice|mail|log) \S+$"
)
#: And while it is open: where people are led to it.
LEADS = re.compile(r"\S+ (/|/vergaderingen/alv|/stemmen/alv(\?gemeente=GM0001)?)$")


def rehearse(scene: Scene) -> Round:
    with db.transaction():
        return timing.rehearse(db.session.get_one(Meeting, scene.meeting.id), None)


def try_out(scene: Scene, one: Round, *choices: str) -> list[str]:
    """The first members choose; their receipts."""
    codes = []
    for who, choice in enumerate(choices):
        with db.transaction(write=False):
            person = get_actor(scene.clerks[who].id)
            done = cast("alv", scene.members[who].code, {one.id: choice}, uuid.uuid4(), person)
            codes.append(done.receipt)
    return codes


def close(one: Round) -> None:
    with db.transaction():
        rounds.close([one.id], None)


@pytest.fixture
def looking(site: Site, scene: Scene) -> dict[str, Browser]:
    """A browser of each kind of visitor."""
    return {name: site.browser(person) for name, person in scene.everybody() if name in LOOKING}


def test_nothing_anybody_can_get_differs_for_a_rehearsal_but_where_it_belongs(
    site: Site, scene: Scene, looking: dict[str, Browser]
) -> None:
    """Every page, export, CSV and JSON of every visitor: before one, while it is open, and after it was closed; and
    then with every choice turned into another one, behind the application's back."""
    before = seen(site, scene, looking)
    made = rehearse(scene)
    codes = try_out(scene, made, "for", "against", "for")
    during = seen(site, scene, looking)
    close(made)
    with db.transaction(write=False):
        assert not db.session.scalars(select(Result).where(Result.round_id == made.id)).all()
    after = seen(site, scene, looking)
    for now, allowed in ((during, (TRACES, LEADS)), (after, (TRACES,))):
        differs = {name for name in now if before.get(name) != now[name]}
        assert differs
        wrong = sorted(name for name in differs if not any(pattern.match(name) for pattern in allowed))
        assert not wrong
        told = {name for name in now if "Proefvraag" in now[name] and not TRACES.match(name)}
        assert not told  # the question itself stands on its own ballot and receipt
        name = "guest /vergaderingen/alv/stand.json"
        votes, tried = (json.loads(look[name].partition(" ")[2]) for look in (before, now))
        assert (votes["rounds"], votes["rehearsals"]) == (tried["rounds"], [])
        assert [(one["number"], one["members"]) for one in tried["rehearsals"]] == [("P1", 3)]
    own = [f"/stembewijs/{code}" for code in codes] + [BALLOT]

    def receipts() -> dict[str, str]:
        return {
            f"{name} {path}": MOVING.sub("", words_of(browser.get(path).data))
            for name, browser in looking.items()
            for path in own
        }

    mine = receipts()
    with db.transaction():
        off = "DROP TRIGGER ballot_no_update" if db.is_sqlite() else "ALTER TABLE ballot DISABLE TRIGGER USER"
        db.session.execute(text(off))
        for ballot in db.session.scalars(select(Ballot).where(Ballot.round_id == made.id)):
            ballot.choice = Choice.AGAINST if ballot.choice == Choice.FOR else Choice.FOR
    turned, theirs = seen(site, scene, looking), receipts()
    assert {name for name in turned if turned[name] != after[name]} == {
        "own /account/gegevens",
        "other /account/gegevens",
    }
    assert {name for name in mine if mine[name] != theirs[name]} == {
        f"own /stembewijs/{codes[0]}",
        f"other /stembewijs/{codes[1]}",
    }


def test_it_is_marked_from_the_ballot_to_the_receipt(site: Site, scene: Scene, own: Browser) -> None:
    made = rehearse(scene)
    assert "proef=1" in own.get("/").text
    assert "proef=1" in own.get("/vergaderingen/alv").text
    assert "proef=1" in own.get("/stemmen/alv").text
    page = own.get(BALLOT)
    assert MARK in page.text
    assert "Proefstemming P1" in page.text
    assert not any(str(one.id) in page.text for one in scene.open)  # never on one form with what is real
    review = own.submit(BALLOT, action="/controle", **{f"choice__{made.id}": "for"})
    assert review.status_code == 200
    values = next(f for f in forms_of(own.get(BALLOT), BALLOT) if f"choice-{made.id}" in f.values).values
    values[f"choice-{made.id}"] = "for"
    review = own.post("/stemmen/alv/controle", values)
    assert MARK in review.text
    form = next(f for f in forms_of(review, "/stemmen/alv/controle") if "key" in f.values)
    back = own.post("/stemmen/alv/controle", {**form.values.to_dict(), "edit": "1"})
    assert MARK in back.text
    receipt = own.post("/stemmen/alv/uitbrengen", form.values).headers["Location"]
    page = own.get(receipt)
    assert MARK in page.text
    assert "telt niet mee" in page.text
    assert "/uitslagen" not in re.sub(r"<header.*?</header>", "", page.text, flags=re.S)


def test_its_mails_say_so_in_subject_and_text(site: Site, scene: Scene) -> None:
    made = rehearse(scene)
    try_out(scene, made, "against")
    with db.transaction(write=False):
        compose = composer("http://x", "alv@vereniging.example", "s")
        newest = select(Notice).order_by(Notice.created_at.desc())
        mails = [
            db.session.scalars(newest.where(Notice.kind == kind)).first()
            for kind in (NoticeKind.VOTE_OPENED, NoticeKind.RECEIPT)
        ]
        for notice in mails:
            assert notice
            for locale, mark, words in (("nl", "PROEF: ", MARK), ("en", "REHEARSAL: ", "This is a rehearsal.")):
                notice.person.locale = locale
                mail = compose(notice, notice.person)
                assert str(mail["Subject"]).startswith(mark)
                for kind in ("plain", "html"):
                    part = mail.get_body((kind,))
                    assert part
                    assert words in part.get_content()
                    assert "against" not in part.get_content()
                    assert "tegen" not in part.get_content()
        usual = db.session.scalars(
            select(Notice).where(Notice.kind == NoticeKind.VOTE_OPENED).order_by(Notice.created_at)
        ).first()
        assert usual
        assert not str(compose(usual, usual.person)["Subject"]).startswith("PROEF")


def test_the_chair_makes_one_in_one_act_and_closes_it(site: Site, scene: Scene) -> None:
    chair = site.browser(scene.staff[Role.CHAIR])
    assert chair.submit(DESK, action="/proefstemming").status_code == 303
    page = chair.get(DESK).text
    assert "Proefstemming P1 is open: Proefvraag" in page
    assert "Deze tellen nergens mee. Er komt geen uitslag." in page
    assert chair.submit(DESK, action="/proefstemming").status_code == 303
    assert chair.post(f"{DESK}/sluiten", {"round": "P1"}).status_code == 303
    page = chair.get(DESK).text
    assert "Proefstemming: 0 van de 3 gemeenten deden mee. Er is geen uitslag." in page
    for act in ("bekendmaken", "openen"):
        assert chair.post(f"{DESK}/{act}", {"round": "P1"}).status_code == 409
    for path in ("uitslagen/P1", "uitslagen/P1.csv", "uitslagen/P1.json"):
        assert site.browser().get(f"/vergaderingen/alv/{path}").status_code == 404
    assert site.browser(scene.staff[Role.BOARD]).post(f"{DESK}/proefstemming").status_code == 403


def test_it_can_be_given_an_end_weeks_away(site: Site, scene: Scene) -> None:
    made = rehearse(scene)
    chair = site.browser(scene.staff[Role.CHAIR])
    page = chair.post(f"{DESK}/verlengen", {"round": "P1"})
    assert "Sluit nu met de hand." in page.text
    day = (datetime.now(UTC) + timedelta(weeks=4)).date()
    answer = chair.post(f"{DESK}/verlengen", {"round": "P1", "day": f"{day}", "clock": "17:00"})
    assert answer.status_code == 303
    with db.transaction(write=False):
        assert db.session.get_one(Round, made.id).closes_at


def test_who_has_no_mandate_cannot_try(site: Site, scene: Scene) -> None:
    rehearse(scene)
    assert MARK not in site.browser(scene.nobody).get(BALLOT).text
    assert site.browser().get(BALLOT).status_code == 303


# --- Beside intended votes, and as a signed receipt


def test_its_ballot_offers_no_intended_votes(own: Browser, scene: Scene) -> None:
    rehearse(scene)
    assert "stemadvies" in own.get("/stemmen/alv").text
    page = own.get(BALLOT)
    assert MARK in page.text
    assert "stemadvies" not in page.text.partition("<main")[2].partition("</main")[0]


def test_its_receipt_is_marked_in_the_signed_file_and_where_it_is_checked(
    site: Site, own: Browser, scene: Scene
) -> None:
    made = rehearse(scene)
    (code,) = try_out(scene, made, "for")
    guest = site.browser()
    file = receipts.file_of(own, code)
    assert [(vote["round"], vote["rehearsal"]) for vote in file["receipt"]["votes"]] == [(1, True)]
    assert "proefstem" in file["about"]
    for answer in (
        receipts.brought(guest, file),
        guest.submit(receipts.CHECK, action=receipts.CHECK, text=code),
    ):
        assert MARK in answer.text
        assert "Deze stem telt nergens mee" in receipts.told(answer)
        assert "/uitslagen/1" not in answer.text  # that is another round
    assert receipts.RIGHT in receipts.told(receipts.brought(guest, file))
    unmarked = receipts.brought(guest, receipts.changed(file, "rehearsal", False))
    assert receipts.WRONG in receipts.told(unmarked)


def test_beside_a_vote_on_one_receipt_each_keeps_what_it_is(site: Site, own: Browser, scene: Scene) -> None:
    made, real = rehearse(scene), receipts.opened(scene)[0]
    with db.transaction(write=False):
        person = get_actor(scene.clerks[0].id)
        code = cast("alv", scene.members[0].code, {real.id: "for", made.id: "against"}, uuid.uuid4(), person).receipt
    file = receipts.file_of(own, code)
    assert {(vote["round"], vote["rehearsal"], vote["vote"]) for vote in file["receipt"]["votes"]} == {
        (real.number, False, "voor"), (made.number, True, "tegen"),
    }  # fmt: skip
    receipts.publish(scene, 0)
    told = receipts.told(receipts.brought(site.browser(), file))
    assert receipts.RIGHT in told
    assert told.count(receipts.IN_LIST) == told.count("Deze stem telt nergens mee") == 1
