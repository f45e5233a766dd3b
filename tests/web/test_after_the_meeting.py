"""Once the meeting has been held no page offers members to bring something, and a motion offers no amendments."""

from datetime import timedelta

import pytest

from tests.web.site import Browser, Scene, Site, amend
from vng_alv import db
from vng_alv.domain.clock import start_of_day
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import SubmissionState
from vng_alv.meetings.models import Meeting
from vng_alv.proposals.queries import get_proposal
from vng_alv.submissions.models import Submission

MOTIONS, TEXT = "/vergaderingen/alv/moties", "/vergaderingen/alv/stukken/R2"
OVER = "Indienen, wijzigen of intrekken kan niet meer."
S = SubmissionState


@pytest.fixture
def draft(scene: Scene) -> str:
    """The page of a draft of an amendment of the first member."""
    with db.transaction():
        running = get_proposal(scene.meeting.id, "R2")
        key = amend(running, db.session.merge(scene.members[0]), scene.clerks[0], submit=False)
    return f"/amendementen/{key}"


def begin(scene: Scene, *, held: bool) -> None:
    """Let the meeting begin with this day, or with the end of the day before."""
    with db.transaction():
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        meeting.starts_at = start_of_day(db.now()) - timedelta(microseconds=held)
        meeting.amendments_until = db.now() + timedelta(days=1)


def offers(browser: Browser, path: str) -> set[str]:
    """Of what members do with what they bring, what a page offers, and what it tells."""
    words = {"Schrijf een motie", "Nakijken en indienen", "Verder schrijven", "Wijzig de motie", "Verander de delen",
             "Laat in delen stemmen", "Intrekken", "Vraag om mee in te dienen", "Bekijk en dien in",
             "Bewerk het concept", "Wijzig het amendement", "Amendement maken", "Concept weggooien",
             "Besluit vastleggen", OVER}  # fmt: skip
    text = browser.get(path).text
    return {word for word in words if word in text}


def test_pages_offer_members_nothing_any_more(site: Site, scene: Scene, own: Browser, draft: str) -> None:
    amendment, motion = f"/amendementen/{scene.address['submission_id']}", f"/moties/{scene.motions[S.SUBMITTED]}"
    written = f"/moties/{scene.motions[S.DRAFT]}"
    ask = "Vraag om mee in te dienen"
    before = {
        MOTIONS: {"Schrijf een motie"},
        TEXT: {"Amendement maken"},
        f"{TEXT}/amendementen": {"Amendement maken"},
        draft: {"Bekijk en dien in", "Bewerk het concept", ask, "Concept weggooien"},
        amendment: {"Wijzig het amendement", "Intrekken", ask},
        motion: {"Wijzig de motie", "Laat in delen stemmen", "Intrekken", ask},
        written: {"Nakijken en indienen", "Verder schrijven", ask, "Concept weggooien"},
    }
    after = {
        MOTIONS: {OVER},
        TEXT: set(),
        f"{TEXT}/amendementen": {OVER},
        draft: {OVER, "Concept weggooien"},
        amendment: set(),
        motion: set(),
        written: {OVER, "Concept weggooien"},
    }
    begin(scene, held=False)
    assert {path: offers(own, path) for path in before} == before
    begin(scene, held=True)
    assert {path: offers(own, path) for path in after} == after
    staff = site.browser(scene.staff[Role.SECRETARIAT])
    assert offers(staff, motion) == offers(staff, amendment) == {"Intrekken", "Besluit vastleggen"}


def test_what_was_open_in_a_form_is_refused_and_kept(scene: Scene, own: Browser, sections: list[str]) -> None:
    typed = {"title": "Te laat getypt", "requests-0": "dit te regelen"}
    changed = {"title": "Te laat getypt", f"kop-{sections[0]}": "Wonen", f"tekst-{sections[0]}": "Wij slopen."}
    begin(scene, held=True)
    for path, values in ((f"{MOTIONS}/nieuw?gemeente=GM0001", typed), (f"{TEXT}/amendementen/nieuw", changed)):
        opened = own.get(path)
        assert opened.status_code == 303
        assert opened.headers["Location"] == path.partition("/nieuw")[0]
        answer = own.post(path, values)
        assert answer.status_code == 422
        assert "Deze vergadering is geweest." in answer.text
        assert "Te laat getypt" in answer.text
    key = scene.motions[S.SUBMITTED]
    refused = own.post(f"/indieningen/{key}/intrekken", {"why": "Te laat"})
    assert refused.status_code == 422
    assert "Deze vergadering is geweest." in refused.text


def test_steps_about_a_draft_lead_back_to_it(scene: Scene, own: Browser, draft: str) -> None:
    begin(scene, held=True)
    for page in (draft, f"/moties/{scene.motions[S.DRAFT]}"):
        for step in ("bewerken", "indienen"):
            answer = own.get(f"{page}/{step}")
            if (page, step) == (draft, "indienen"):  # its page says why it cannot be submitted
                assert OVER in answer.text
                assert "Dien in namens" not in answer.text
            else:
                assert (answer.status_code, answer.headers["Location"]) == (303, page)


def test_a_motion_offers_no_amendments(scene: Scene, own: Browser, sections: list[str]) -> None:
    begin(scene, held=False)
    with db.transaction(write=False):
        label = db.session.get_one(Submission, scene.motions[S.SUBMITTED]).label
    text = f"/vergaderingen/alv/stukken/{label}"
    assert "Motie" in own.get(text).text
    assert "Amendement maken" not in own.get(text).text
    listed = own.get(f"{text}/amendementen").text
    assert "Een motie krijgt geen amendementen." in listed
    assert "Amendement maken" not in listed
    assert own.get(f"{text}/amendementen/nieuw").headers["Location"] == f"{text}/amendementen"
    sent = {"title": "T", f"kop-{sections[0]}": "Wonen", f"tekst-{sections[0]}": "Wij slopen."}
    answer = own.post(f"{text}/amendementen/nieuw", sent)
    assert answer.status_code == 422
    assert "Een motie krijgt geen amendementen: alleen de indieners wijzigen haar." in answer.text
