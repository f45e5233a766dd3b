"""The screen in the hall, messages to all screens, and the questions that ballots fetch."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import RESOLUTION
from tests.factories import proposal as new_proposal
from tests.web.site import Browser, Scene, Site
from tests.web.test_queries import counting
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.announcing import MAX_TEXT, READY
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import Way
from vng_alv.meetings.agenda import set_current
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals.models import ProposalKind
from vng_alv.results.hall import Scene as Going
from vng_alv.results.hall import picture_of
from vng_alv.voting import acclamation, service, timing
from vng_alv.voting.models import Round
from vng_alv.voting.queries import rounds_of
from vng_alv.voting.tally import tally

DESK = "/secretariaat/vergaderingen/alv"
#: Statements of a picture, whatever is on it.
MOST = 14


def put(code: str, text: str = RESOLUTION, *, motion: bool = True) -> list[Round]:
    """Open the rounds on a new text."""
    with db.transaction():
        meeting = get_meeting("alv")
        made = new_proposal(meeting, text, code, ProposalKind.MOTION if motion else ProposalKind.RESOLUTION)
        return service.open_rounds([one.id for one in service.prepare(made, None)], None)


def closed(rounds: list[Round], *, publish: bool = True) -> None:
    """Close and count rounds, and perhaps pronounce them together."""
    keys = [one.id for one in rounds]
    with db.transaction():
        service.close(keys, None)
        for key in keys:
            tally(key)
        if publish:
            service.publish(keys, None)


def going() -> tuple[Going, list[str]]:
    """What the screen shows, and the rounds that it is about."""
    with db.transaction(write=False):
        found = picture_of(get_meeting("alv"), "nl")
        return found.scene, [one.label for one in found.rounds]


@pytest.fixture
def alone(scene: Scene) -> None:
    """A meeting in which nothing else is open."""
    with db.transaction():
        running = [one.id for one in rounds_of(scene.meeting.id) if one.state == "open"]
    for key in running:
        with db.transaction():
            service.close([key], None)
            tally(key)
            service.publish([key], None)


@pytest.mark.usefixtures("alone")
def test_what_is_open_goes_first_and_then_what_happened_last() -> None:
    first = put("H1")
    label = first[0].label
    assert going() == (Going.ASKED, [label])
    closed(first, publish=False)
    scene, waiting = going()
    assert (scene, label in waiting) == (Going.CLOSED, True)
    with db.transaction():
        service.publish([first[0].id], None)
    assert going() == (Going.OUTCOME, [label])
    with db.transaction():
        tried = timing.rehearse(get_meeting("alv"), None, closes_at=None)
    assert going() == (Going.REHEARSAL, [tried.label])
    second = put("H2")
    assert going() == (Going.ASKED, [second[0].label])
    closed(second)
    # The rehearsal is open still, and what was pronounced is later.
    assert going() == (Going.OUTCOME, [second[0].label])


@pytest.mark.usefixtures("alone")
def test_what_the_meeting_is_at_is_shown_until_something_is_put_to_the_vote(site: Site) -> None:
    first = put("H1")
    closed(first)
    assert going()[0] is Going.OUTCOME
    with db.transaction():
        meeting = get_meeting("alv")
        meeting.starts_at = db.now()
    with db.transaction():
        meeting = get_meeting("alv")
        set_current(meeting, meeting.agenda[1].id, None)
    assert going() == (Going.ITEM, [])
    guest = site.browser()
    page = guest.get("/zaal/alv").text
    assert 'data-item="2"' in page
    assert "Agendapunt 2" in page
    assert json.loads(guest.get("/vergaderingen/alv/stand.json").text)["item"] == 2
    second = put("H2")
    assert going() == (Going.ASKED, [second[0].label])


@pytest.mark.usefixtures("alone")
def test_no_number_but_turnout_before_it_is_pronounced(site: Site) -> None:
    found = put("H1")
    guest = site.browser()
    for state in ("open", "counted"):
        if state == "counted":
            closed(found, publish=False)
        page = guest.get("/zaal/alv/beeld").text
        assert "van de stemmen" in page
        for word in ("Aangenomen", "Verworpen", "alv-tiles", "hall__sums"):
            assert word not in page
    with db.transaction():
        service.publish([found[0].id], None)
    page = guest.get("/zaal/alv/beeld").text
    assert "alv-tiles" in page or "Geen uitslag" in page or "Verworpen" in page
    assert "hall__sums" in page


@pytest.mark.usefixtures("alone")
def test_a_rehearsal_says_what_it_is_and_acclamation_has_no_turnout(site: Site) -> None:
    guest = site.browser()
    with db.transaction():
        timing.rehearse(get_meeting("alv"), None, closes_at=None)
    page = guest.get("/zaal/alv/beeld").text
    assert "telt nergens mee" in page
    assert "Proefstemming P" in page
    with db.transaction():
        meeting = get_meeting("alv")
        meeting.starts_at = db.now()
        made = service.prepare(new_proposal(meeting, RESOLUTION, "H3", ProposalKind.MOTION), None)
        acclamation.choose(made[0], Way.ACCLAMATION, None)
        service.open_rounds([made[0].id], None)
    page = guest.get("/zaal/alv/beeld").text
    assert "bij acclamatie" in page
    assert "data-turnout" not in page


@pytest.mark.usefixtures("alone")
def test_a_picture_takes_as_many_statements_for_one_question_as_for_many(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = site.browser()

    def cost(path: str) -> int:
        guest.get(path)
        with counting(monkeypatch) as sent:
            assert guest.get(path).status_code == 200
        return len(sent)

    found = put("H1")
    one = {path: cost(path) for path in ("/zaal/alv/beeld", "/stemmen/alv/vragen")}
    more = put("H2", motion=False)
    many = {path: cost(path) for path in one}
    assert many["/zaal/alv/beeld"] == one["/zaal/alv/beeld"] <= MOST
    assert many["/stemmen/alv/vragen"] <= one["/stemmen/alv/vragen"] + 1 <= MOST  # the sections' texts
    closed(found)
    closed(more)
    assert cost("/zaal/alv/beeld") <= MOST


def test_what_did_not_change_is_not_sent_again(site: Site, scene: Scene) -> None:
    guest = site.browser()
    for path in ("/zaal/alv/beeld", "/stemmen/alv/vragen"):
        first = guest.get(path)
        again = guest.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert "max-age=1" in first.headers["Cache-Control"]


def test_the_questions_of_everybody_hold_nothing_of_anybody(site: Site, scene: Scene) -> None:
    """Whoever asks gets the same, and no guard of a form."""
    pages = {site.browser(who).get("/stemmen/alv/vragen").text for who in (None, scene.clerks[0], scene.clerks[1])}
    assert len(pages) == 1
    page = pages.pop()
    assert "csrf_token" not in page
    assert 'name="choice-' in page
    assert "Stemadvies van onze gemeente" not in page


# --- Messages


@pytest.fixture
def chair(site: Site, scene: Scene) -> Browser:
    """The browser of the chair."""
    return site.browser(dict(scene.everybody())[Role.CHAIR])


def standing(site: Site) -> str | None:
    """The message in the standing of the meeting."""
    said = json.loads(site.browser().get("/vergaderingen/alv/stand.json").text)["announcement"]
    return said["text"] if said else None


SAYS = ("/zaal/alv", "/vergaderingen/alv", "/vergaderingen/alv/uitslagen")


def test_a_message_is_on_every_screen_until_it_is_taken_back(site: Site, scene: Scene, chair: Browser) -> None:
    assert chair.submit(DESK, action="/mededeling", announcement="  De koffie\tstaat klaar. ", minutes="5")
    assert standing(site) == "De koffie staat klaar."
    for path in SAYS:
        assert "De koffie staat klaar." in site.browser().get(path).text
    chair.post(DESK + "/mededeling", {"ready": READY[0][0]})
    assert standing(site) == READY[0][0]  # the newest alone
    chair.post(DESK + "/mededeling/intrekken")
    assert standing(site) is None
    for path in SAYS:
        assert READY[0][0] not in site.browser().get(path).text
    with db.transaction(write=False):
        acts = db.session.scalars(select(AuditEntry.act).where(AuditEntry.act.like("meeting.%say"))).all()
    assert sorted(acts) == ["meeting.say", "meeting.say", "meeting.unsay"]


@pytest.mark.parametrize(
    ("words", "minutes"), [("", "5"), ("x" * (MAX_TEXT + 1), "5"), ("Goed", "0"), ("Goed", "241"), ("Goed", "veel")]
)
def test_what_cannot_be_said_is_told_and_stays_as_it_was_typed(
    site: Site, scene: Scene, chair: Browser, words: str, minutes: str
) -> None:
    answer = chair.post(DESK + "/mededeling", {"announcement": words, "minutes": minutes})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert f'value="{words}"' in answer.text
    assert f'value="{minutes}"' in answer.text
    assert standing(site) is None


def test_a_message_takes_itself_away(site: Site, scene: Scene, chair: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    chair.post(DESK + "/mededeling", {"announcement": "Nog even.", "minutes": "2"})
    assert standing(site) == "Nog even."
    with db.transaction(write=False):
        after = db.now() + timedelta(minutes=3)
    monkeypatch.setattr(db, "now", lambda: after)
    assert standing(site) is None
    assert "Nog even." not in site.browser().get("/zaal/alv").text
