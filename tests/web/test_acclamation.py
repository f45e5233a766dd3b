"""Deciding by acclamation and on the advice, on the console, the ballot and the pages of the outcome (§4.11, §4.12)."""

import csv
import io
import uuid
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from tests import factories
from tests.web.site import Browser, Scene, Site, bring_motion, count, forms_of, vote
from tests.web.test_amendment_ballot import plain
from tests.web.test_preparing import PAGE, block, save
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundState, Way
from vng_alv.domain.submissions import AdviceKind, SubmissionState
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.proposals.models import ProposalKind
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
from vng_alv.voting import acclamation, service
from vng_alv.voting import preparing_queries as preparing
from vng_alv.voting.models import Round
from vng_alv.voting.notices import facts
from vng_alv.voting.queries import rounds_of

DESK = "/secretariaat/vergaderingen/alv"
MOTION = "# Een korte motie\n\nVerzoekt het bestuur dit te doen.\n"


@pytest.fixture
def today(scene: Scene) -> Scene:
    """The meeting is today, and nothing is open that is voted on."""
    with db.transaction():
        scene.meeting.starts_at = db.now()  # also of what is merged again below
        db.session.merge(scene.meeting)
        for one in rounds_of(scene.meeting.id):
            if one.state in {RoundState.OPEN, RoundState.DRAFT, RoundState.COUNTED}:
                service.annul(one, "Opgeruimd", None)
    return scene


@pytest.fixture
def chair(site: Site, today: Scene) -> Browser:
    """The chair, with a second step of just now."""
    return site.browser(today.staff[Role.CHAIR])


def asked(today: Scene, code: str = "A1") -> Round:
    """A proposal that is put to the hall now."""
    with db.transaction():
        text = factories.proposal(db.session.merge(today.meeting), MOTION, code, ProposalKind.MOTION)
        (made,) = service.prepare(text, None)
        acclamation.choose(made, Way.ACCLAMATION, None)
        service.open_rounds([made.id], None)
    return made


def get(key: uuid.UUID) -> Round:
    """As it is now."""
    with db.transaction(write=False):
        return db.session.get_one(Round, key, populate_existing=True)


def press(browser: Browser, path: str, action: str, **more: str) -> None:
    """Send the form of a page that leads there, as it stands, with what is filled in."""
    form = next(f for f in forms_of(browser.get(path), path) if f.action == action)
    values = form.values.copy()
    values.pop("csrf_token")
    for name, value in more.items():
        values[name] = value
    assert browser.post(action, values).status_code == 303


def test_from_draft_to_the_published_outcome_without_a_number_of_votes(
    site: Site, today: Scene, chair: Browser
) -> None:
    with db.transaction():
        text = factories.proposal(db.session.merge(today.meeting), MOTION, "A1", ProposalKind.MOTION)
        (made,) = service.prepare(text, None)
    number = made.number
    page = chair.get(DESK)
    assert f'name="way-{number}"' in page.text
    assert chair.post(DESK + "/regels", {"round": number, f"way-{number}": "acclamation"}).status_code == 303
    chair.post(DESK + "/openen", {"round": number, f"way-{number}": "acclamation"})
    assert get(made.id).way is Way.ACCLAMATION
    page = chair.get(DESK).text
    assert "Vraag de zaal of iemand tegen is" in page
    assert "van de 3 stemmen uitgebracht" not in page
    # Two members are against: one says so in the hall, one on its own ballot.
    press(chair, DESK, f"{DESK}/stemmingen/{number}/aantekening", gemeente="GM0002")
    own, ballot = site.browser(today.clerks[0]), "/stemmen/alv?gemeente=GM0001"
    assert "Is Gemeente 1 tegen? Laat dat aantekenen" in own.get("/vergaderingen/alv").text
    assert "0 stemmen" not in own.get(ballot).text
    assert "Laat onze stem tegen aantekenen" in own.get(ballot).text
    press(own, ballot, f"/stemmen/alv/{number}/aantekenen")
    assert "Neem onze aantekening terug" in own.get(ballot).text
    assert "Gemeente 1" in chair.get(DESK).text
    public = site.browser()
    before = public.get(f"/vergaderingen/alv/uitslagen/{number}").text
    assert "Gemeente 2" not in before
    assert "Er worden geen stemmen geteld" in before
    assert {"number": number, "state": "open", "closes_at": None, "way": "acclamation"} in public.get(
        "/vergaderingen/alv/stand.json"
    ).json["rounds"]
    press(chair, DESK, f"{DESK}/stemmingen/{number}/acclamatie")
    said = "Aangenomen bij acclamatie, 2 leden lieten tegen aantekenen: Gemeente 1, Gemeente 2."
    for where in (f"/vergaderingen/alv/uitslagen/{number}", "/vergaderingen/alv/uitslagen", DESK):
        shown = public.get(where).text if where != DESK else chair.get(where).text
        assert said in shown, where
    page = public.get(f"/vergaderingen/alv/uitslagen/{number}").text
    for count_ in ("0 stemmen", "0 gemeenten", "%", "niet gestemd", "geen stem<"):
        assert count_ not in page.split("alv-verdict", 1)[1].split("Als bestand")[0], count_
    assert get(made.id).state is RoundState.PUBLISHED


def test_the_files_say_who_is_against_and_count_nobody(site: Site, today: Scene, chair: Browser) -> None:
    made = asked(today)
    with db.transaction():
        acclamation.note(db.session.get_one(Round, made.id), today.members[1].id, None)
        acclamation.pronounce([made.id], None)
    where = f"/vergaderingen/alv/uitslagen/{made.number}"
    data = site.browser().get(where + ".json").json
    assert data["round"]["way"] == "acclamation"
    assert data["verdict"] == "adopted"
    assert data["noted-against"] == [{"code": "GM0002", "name": "Gemeente 2"}]
    assert [data[key] for key in ("turnout", "sums", "base", "votes", "arithmetic", "calculation", "advisory")] == [
        None, None, None, [], [], [], {},
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(site.browser().get(where + ".csv").text.lstrip("\ufeff"))))
    assert [(row["code"], row["keuze"], row["wijze"]) for row in rows] == [
        ("GM0001", "", "acclamatie"),
        ("GM0002", "tegen, aangetekend", "acclamatie"),
        ("GM0003", "", "acclamatie"),
        ("GM0004", "", "acclamatie"),
    ]
    with db.transaction(write=False):
        mail = db.session.scalars(
            select(Notice).where(Notice.kind == NoticeKind.RESULT).order_by(Notice.created_at.desc())
        ).first()
        assert mail
        told = facts(mail, today.clerks[0], "https://alv.example", "x")
        assert told["results"] == [
            (made.number, "Een korte motie", "Aangenomen bij acclamatie, 1 lid liet tegen aantekenen: Gemeente 2.")
        ]
        assert told["voted"] is False


def test_an_objection_is_one_button_to_an_ordinary_vote(site: Site, today: Scene, chair: Browser) -> None:
    made = asked(today)
    press(chair, DESK, f"{DESK}/stemmingen/{made.number}/bezwaar")
    assert get(made.id).state is RoundState.ANNULLED
    page = chair.get(DESK).text
    assert "Er staat één vraag klaar." in page
    assert acclamation.OBJECTION in page
    assert "bezwaar" in site.browser().get(f"/vergaderingen/alv/uitslagen/{made.number}").text


def test_a_member_notes_for_itself_only_and_an_advisory_one_not_at_all(site: Site, today: Scene) -> None:
    made = asked(today)
    path = f"/stemmen/alv/{made.number}/aantekenen"
    other = site.browser(today.clerks[1])
    assert other.post(path, {"gemeente": "GM0001"}).status_code == 422
    advisory = site.browser(today.clerks[3])
    assert "Laat onze stem tegen aantekenen" not in advisory.get("/stemmen/alv?gemeente=GM0004").text
    answer = advisory.post(path, {"gemeente": "GM0004"})
    assert answer.status_code == 422
    assert "adviserende stem" in answer.text
    assert other.post(path, {"gemeente": "GM0002"}).status_code == 303
    assert other.post(path, {"gemeente": "GM0002", "terug": "1"}).status_code == 303


def test_no_acclamation_for_a_stricter_rule_is_told_in_a_sentence(today: Scene, chair: Browser) -> None:
    with db.transaction():
        text = factories.proposal(db.session.merge(today.meeting), MOTION, "S1", ProposalKind.STATUTES)
        (made,) = service.prepare(text, None)
    answer = chair.post(DESK + "/regels", {f"way-{made.number}": "acclamation"})
    assert answer.status_code == 422
    assert "Voor een statutenwijziging, of een strengere regel, moeten de stemmen worden geteld." in answer.text
    assert get(made.id).way is Way.BALLOTS


# --- On the advice


@dataclass(frozen=True)
class Advised:
    """A motion with the advice to hold it over."""

    key: uuid.UUID
    proposal_id: uuid.UUID | None
    label: str


@pytest.fixture
def motion(today: Scene) -> Advised:
    """The same."""
    with db.transaction():
        board = get_actor(today.staff[Role.BOARD].id)
        made = bring_motion(
            db.session.merge(today.meeting), db.session.merge(today.members[0]), today.clerks[0],
            SubmissionState.SUBMITTED,
        )  # fmt: skip
        submissions.advise(made.submission, AdviceKind.HOLD_OVER, "Wij wachten op het Rijk.", board)
        submissions.publish_advice(made.submission, 1, board)
        return Advised(made.submission_id, made.proposal_id, made.submission.label)


def test_the_ballot_and_the_outcome_say_that_it_is_about_the_advice(
    site: Site, today: Scene, chair: Browser, motion: Advised
) -> None:
    key, code = motion.key, motion.label  # the text of a motion is called as the motion
    chair.post(DESK + "/voorbereiden", {"proposal": code})
    page = chair.get(DESK).text
    assert "Stem over het preadvies ‘aanhouden’" in page
    assert chair.post(DESK + "/preadvies", {"proposal": code}).status_code == 303
    page = chair.get(DESK).text
    assert "In stemming komt het preadvies ‘aanhouden’, niet de motie zelf." in page
    with db.transaction(write=False):
        (made,) = [r for r in rounds_of(today.meeting.id) if r.proposal_id == motion.proposal_id]
    assert chair.post(DESK + "/voorbereiden", {"proposal": code}).status_code == 422
    assert chair.post(DESK + "/openen", {"round": made.number}).status_code == 303
    ballot = site.browser(today.clerks[0]).get("/stemmen/alv?gemeente=GM0001").text
    assert "U stemt over het advies, niet over de motie zelf." in ballot
    assert "Voor betekent: de motie wordt aangehouden." in ballot
    assert "Wij wachten op het Rijk." in ballot
    assert "dit te doen" in ballot
    against = "Tegen betekent: het advies wordt niet gevolgd. Over de motie zelf kan dan nog worden gestemd."
    for choice in ("for", "against"):
        review = site.browser(today.clerks[0]).post(
            "/stemmen/alv/controle", {"gemeente": "GM0001", f"choice-{made.id}": choice}
        )
        assert "Voor betekent: de motie wordt aangehouden." in review.text
        assert (against in review.text) == (choice == "against")
    vote(today, 0, {made.id: "for"})
    vote(today, 1, {made.id: "against"})
    count(made, publish=True)
    got = "65,22% voor (75 van de 115 stemmen voor en tegen)"
    said = f"Preadvies ‘aanhouden’ aangenomen met {got}: de motie wordt aangehouden."
    public = site.browser()
    for where in (f"/vergaderingen/alv/uitslagen/{made.number}", f"/moties/{key}", "/vergaderingen/alv/uitslagen"):
        assert said in public.get(where).text, where
    assert "Preadvies aangenomen" in public.get(f"/moties/{key}").text
    data = public.get(f"/vergaderingen/alv/uitslagen/{made.number}.json").json
    assert data["round"]["advice"] == {
        "says": "hold_over", "version": 1, "motion": code, "address": f"/moties/{key}",
    }  # fmt: skip
    with db.transaction(write=False):
        assert db.session.get_one(Submission, key).state is SubmissionState.HELD_OVER
    # It is decided for this meeting, so the console does not ask for it again.
    assert f'value="{code}"' not in chair.get(DESK).text


def test_what_a_municipality_prepares_on_the_advice_is_apart_from_what_it_prepared_on_the_motion(
    site: Site, today: Scene, chair: Browser, motion: Advised
) -> None:
    official, own = site.browser(today.official), site.browser(today.clerks[0])
    chair.post(DESK + "/voorbereiden", {"proposal": motion.label})
    save(official, **{f"choice__{motion.proposal_id}": "for", f"reason__{motion.proposal_id}": "Voor de motie zelf"})
    chair.post(DESK + "/preadvies", {"proposal": motion.label})
    with db.transaction(write=False):
        (made,) = [r for r in rounds_of(today.meeting.id) if r.proposal_id == motion.proposal_id]
        key, title = preparing.key_of(made), made.title
    page = block(official.get(PAGE).text, title)
    for words in ("Voor betekent: de motie wordt aangehouden.", "Wij wachten op het Rijk.", "Voor de motie zelf"):
        assert words in page, words
    marked = plain(page.partition("Stemadvies over de motie zelf")[2])
    assert "Dit ging over een andere vraag. Voor of tegen kan hier het omgekeerde betekenen." in marked
    assert f'name="choice-{key}" value="" checked' in page, "not filled in with it"
    assert chair.post(DESK + "/openen", {"round": made.number}).status_code == 303
    ballot = own.get("/stemmen/alv?gemeente=GM0001").text
    assert "Stemadvies over de motie zelf" in block(ballot, title)
    assert "Vul het stemadvies van onze gemeente in" not in ballot
    save(official, **{f"choice__{key}": "against", f"reason__{key}": "Niet wachten"})
    for where in ("/stemmen/alv?gemeente=GM0001", "/stemmen/alv/stemadvies?gemeente=GM0001"):
        found = own.get(where).text
        said = plain(found.partition("Stemadvies van onze gemeente over het preadvies")[2].partition("</article>")[0])
        assert said.startswith("tegen Niet wachten Voorbereid door Ambtenaar op "), where
        assert "Voor de motie zelf" not in found, where
        assert "Vul het stemadvies van onze gemeente in" in found, where
    review = own.post("/stemmen/alv/controle", {"gemeente": "GM0001", "preset": "intended"}).text
    assert f'name="choice-{made.id}" value="against"' in review
    other = site.browser(today.clerks[1]).get("/stemmen/alv/stemadvies?gemeente=GM0002").text
    assert f'data-of="{made.number}"' in other
    assert "Niet wachten" not in other


def test_who_prepares_hears_why_there_is_no_vote_on_the_advice(today: Scene, chair: Browser) -> None:
    with db.transaction():
        text = factories.proposal(db.session.merge(today.meeting), MOTION, "A9", ProposalKind.MOTION)
    answer = chair.post(DESK + "/preadvies", {"proposal": text.code})
    assert answer.status_code == 422
    assert "Het bestuur heeft over deze motie geen preadvies gepubliceerd" in answer.text
