"""What the first page of the secretariat says that waits, for each role, and the lists that it leads to."""

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from tests import factories
from tests.web.site import Browser, Scene, Site, amend, react
from tests.web.test_amendment_counts import crowd
from tests.web.test_amendments import words_of
from tests.web.test_queries import counting
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.answering import service as answering
from vng_alv.consultation import service as consultations
from vng_alv.consultation.models import Comment
from vng_alv.domain.motions import FollowUpState
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import AdviceKind, SubmissionState
from vng_alv.meetings.models import Meeting
from vng_alv.motions import service as motions
from vng_alv.motions.models import Motion
from vng_alv.proposals.queries import get_proposal
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission

HOME = "/secretariaat"
HERE = "/secretariaat/vergaderingen/alv"
REACTIONS = f"{HERE}/stukken/R2/verwerken?stand=open"
ADVICE = f"{HERE}/preadviezen#wacht"
MERGING = f"{HERE}/stukken/R2/verwerken-amendementen"
ACCOUNTS = "/secretariaat/moties?stand=niets"


def waiting(browser: Browser) -> dict[str, str]:
    """What waits, by the address that it leads to."""
    part = browser.get(HOME).text.partition('id="wacht"')[2].partition("</section>")[0]
    return {unescape(href): words_of(words) for href, words in re.findall(r'href="([^"]+)">(.*?)</a>', part, re.S)}


def amendment(scene: Scene, state: SubmissionState) -> uuid.UUID:
    """One more amendment on R2."""
    with db.transaction():
        text, member = get_proposal(scene.meeting.id, "R2"), db.session.merge(scene.members[1])
        key = amend(text, member, scene.clerks[1], submit=True)
        if state is not SubmissionState.SUBMITTED:
            submissions.move(db.session.get_one(Submission, key), state, None)
    return key


def test_each_role_reads_what_waits_for_it_with_the_way_to_the_list(site: Site, scene: Scene) -> None:
    amendment(scene, SubmissionState.TAKEN_OVER)
    amendment(scene, SubmissionState.ADOPTED)
    reactions = {REACTIONS: "1 reactie is nog niet beantwoord"}
    advice = {ADVICE: "2 amendementen en moties hebben nog geen preadvies"}
    managing = {
        MERGING: "2 amendementen moeten nog in de tekst", ACCOUNTS: "Over 1 aangenomen motie is nog niets gemeld",
    }  # fmt: skip
    expected: dict[Role, dict[str, str]] = {
        Role.SECRETARIAT: reactions | advice | managing, Role.ADMINISTRATOR: reactions | advice | managing,
        Role.RAPPORTEUR: reactions | advice, Role.BOARD: advice,
    }  # fmt: skip
    for role, person in scene.staff.items():
        browser = site.browser(person)
        found = waiting(browser)
        assert found == expected.get(role, {}), role
        assert ("Dit wacht op u" in browser.get(HOME).text) is bool(found), role
        assert all(browser.get(path).status_code == 200 for path in found), role


def test_the_numbers_are_those_of_the_lists(site: Site, scene: Scene) -> None:
    amendment(scene, SubmissionState.TAKEN_OVER)
    staff = site.browser(scene.staff[Role.SECRETARIAT])
    assert set(waiting(staff)) == {REACTIONS, ADVICE, MERGING, ACCOUNTS}
    assert staff.get(REACTIONS).text.count('class="alv-work__row"') == 1
    assert "Wacht op preadvies (2)" in staff.get(ADVICE).text
    assert staff.get(MERGING).text.count('name="amendement"') == 1
    assert staff.get(ACCOUNTS).text.count('name="motie"') == 1


def test_what_was_done_waits_no_more_and_then_nothing_is_shown(site: Site, scene: Scene) -> None:
    staff, key = site.browser(scene.staff[Role.SECRETARIAT]), amendment(scene, SubmissionState.SUBMITTED)
    with db.transaction():
        actor = get_actor(scene.staff[Role.SECRETARIAT].id)
        early = db.session.scalars(select(Comment).where(Comment.member_id == scene.members[1].id)).one()
        answering.answer_one(early, "Dank u.", answering.seen_of(early), actor)
        assert early.answers
    assert set(waiting(staff)) == {ADVICE, ACCOUNTS}
    with db.transaction():
        motion = db.session.get_one(Motion, scene.motions[SubmissionState.ADOPTED])
        motions.follow_up(motion, FollowUpState.IN_PROGRESS, "Begonnen.", actor)
    with db.transaction():
        submissions.advise(db.session.get_one(Submission, key), AdviceKind.HOLD_OVER, "", actor)
    assert waiting(staff) == {ADVICE: "2 amendementen en moties hebben nog geen preadvies"}
    with db.transaction():  # what was submitted to a meeting that was held is not advised on any more
        db.session.get_one(Meeting, scene.meeting.id).starts_at = db.now() - timedelta(days=1, hours=1)
    assert waiting(staff) == {}
    assert "Dit wacht op u" not in staff.get(HOME).text


def test_a_running_consultation_leads_to_where_its_reactions_are_processed(site: Site, scene: Scene) -> None:
    path = f"{HERE}/stukken/R2/verwerken"
    reads = {Role.RAPPORTEUR, Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR}
    for role, person in scene.staff.items():
        part = site.browser(person).get(HOME).text.partition('id="consultaties"')[2].partition("</section>")[0]
        assert "1 van de 4 gemeenten heeft gereageerd" in part, role
        assert (f'href="{path}"' in part) is (role in reads), role


def test_the_first_page_of_a_role_leads_to_what_waits(site: Site, scene: Scene) -> None:
    for role, person in scene.staff.items():
        shown = site.browser(person).get("/").text
        assert "Naar het secretariaat" in shown, role
        assert "Er wordt nu niets van u gevraagd" not in shown, role
    assert "Naar het secretariaat" not in site.browser(scene.clerks[0]).get("/").text


def test_it_asks_no_more_of_the_database_when_more_waits(
    site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, found = site.browser(scene.staff[Role.SECRETARIAT]), []
    for more in (False, True):
        if more:
            crowd(scene, 60)
            with db.transaction():
                for n in range(3):
                    text = factories.proposal(factories.meeting(f"extra{n}"), code=f"X{n}")
                    consultations.open_consultation(text, db.now() + timedelta(hours=1), None)
                    for member, clerk in zip(scene.members, scene.clerks, strict=True):
                        react(text, db.session.merge(member), clerk, send=True)
        for _ in range(2):
            with counting(monkeypatch) as sent:
                assert staff.get(HOME).status_code == 200
        found.append(len(sent))
    assert found[0] == found[1]
    assert len(waiting(staff)) == 6
