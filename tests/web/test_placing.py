"""The secretariat places a motion or another text under an item of the agenda."""

import uuid

import pytest
from sqlalchemy import select

from tests import factories
from tests.web.site import Browser, Scene, Site, bring_motion, snapshot
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import SubmissionState
from vng_alv.errors import Missing
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.service import add_agenda_item
from vng_alv.motions.service import submit as submit_motion
from vng_alv.proposals.queries import get_proposal
from vng_alv.proposals.service import place
from vng_alv.submissions.models import Submission

HERE = "/secretariaat/vergaderingen/alv/stukken"


@pytest.fixture
def staff(site: Site, scene: Scene) -> Browser:
    """The browser of the secretariat."""
    return site.browser(scene.staff[Role.SECRETARIAT])


@pytest.fixture
def label(scene: Scene) -> str:
    """The code of the motion that was submitted."""
    with db.transaction(write=False):
        return db.session.get_one(Submission, scene.motions[SubmissionState.SUBMITTED]).label


def item(title: str) -> str:
    """The key of an item that is put on the agenda."""
    with db.transaction():
        meeting = db.session.scalars(select(Meeting).where(Meeting.code == "alv")).one()
        return str(add_agenda_item(meeting, title, None).id)


def number(title: str) -> int:
    """The number of an item on the agenda."""
    with db.transaction(write=False):
        meeting = db.session.scalars(select(Meeting).where(Meeting.code == "alv")).one()
        return next(one.number for one in meeting.agenda if one.title == title)


def under(browser: Browser, title: str) -> str:
    """What stands on the agenda of the meeting under an item."""
    text = browser.get("/vergaderingen/alv").text
    return text.partition(f'lang="nl">{title}</h3>')[2].partition("</li>")[0]


def test_a_motion_is_placed_moved_and_taken_off(site: Site, scene: Scene, staff: Browser, label: str) -> None:
    page, chosen, other = f"/moties/{scene.motions[SubmissionState.SUBMITTED]}", item("Wonen"), item("Moties")
    first, second = number("Wonen"), number("Moties")
    guest = site.browser()
    assert f'href="{HERE}/{label}/agendapunt"' in staff.get(page).text
    assert "/agendapunt" not in guest.get(page).text
    assert f"Agendapunt {first}" not in guest.get(page).text
    answer = staff.submit(f"{HERE}/{label}/agendapunt", item=chosen)
    assert answer.headers["Location"] == "/vergaderingen/alv#agenda"
    assert f"{label} staat bij agendapunt {first}. Wonen." in staff.get("/vergaderingen/alv").text
    assert f"/stukken/{label}" in under(guest, "Wonen")
    assert f"Agendapunt {first}" in guest.get(page).text
    assert staff.submit(f"{HERE}/{label}/agendapunt", item=other).status_code == 303
    assert f"/stukken/{label}" not in under(guest, "Wonen")
    assert f"/stukken/{label}" in under(guest, "Moties")
    assert staff.submit(f"{HERE}/{label}/agendapunt", item="later").status_code == 303
    assert f"/stukken/{label}" not in under(guest, "Moties")
    with db.transaction(write=False):
        acts = db.session.scalars(
            select(AuditEntry.data).where(AuditEntry.act == "proposal.place").order_by(AuditEntry.id)
        )
        assert [entry["number"] for entry in acts] == [first, second, None]


def test_what_is_not_on_the_agenda_is_not_chosen(staff: Browser, label: str) -> None:
    with db.transaction():
        foreign = str(factories.meeting("ander").agenda[0].id)
    before = snapshot("login_session")
    for wrong in (foreign, "", "1", "x"):
        assert staff.submit(f"{HERE}/{label}/agendapunt", item=wrong).status_code == 422
    assert snapshot("login_session") == before


def test_an_item_of_another_meeting_is_refused(scene: Scene, label: str) -> None:
    with db.transaction():
        foreign = factories.meeting("ander").agenda[0]
        proposal = get_proposal(scene.meeting.id, label)
        with pytest.raises(Missing):
            place(proposal, foreign, None)
        assert proposal.agenda_item is None


def test_the_form_begins_with_the_item_of_the_text_that_a_motion_names(scene: Scene, staff: Browser) -> None:
    where, elsewhere = item("Wonen"), item("Moties")
    with db.transaction():
        meeting, member = db.session.get_one(Meeting, scene.meeting.id), db.session.merge(scene.members[0])
        get_proposal(meeting.id, "R2").agenda_item_id = uuid.UUID(where)
        motion = bring_motion(meeting, member, scene.clerks[0], SubmissionState.DRAFT)
        motion.requests = ["resolutie R2 uit te stellen"]
        code = submit_motion(motion, get_actor(scene.clerks[0].id)).submission.label

    def begins_with() -> str:
        (form,) = staff.forms(f"{HERE}/{code}/agendapunt")
        return str(form.values["item"])

    assert begins_with() == where
    assert staff.submit(f"{HERE}/{code}/agendapunt", item=elsewhere).status_code == 303
    assert begins_with() == elsewhere
    (form,) = staff.forms(f"{HERE}/R1/agendapunt")
    assert form.values["item"] == "later"


def test_other_texts_are_placed_too(site: Site, staff: Browser) -> None:
    chosen = item("Wonen")
    assert f'href="{HERE}/R2/agendapunt"' in staff.get("/vergaderingen/alv/stukken/R2").text
    assert staff.submit(f"{HERE}/R2/agendapunt", item=chosen).status_code == 303
    assert "/stukken/R2" in under(site.browser(), "Wonen")
