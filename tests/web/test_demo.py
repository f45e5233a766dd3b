"""The demo shows every part of the work, and each step that its first page offers leads to where it begins."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from tests.web.site import Site
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.demo.seed import AMENDED, CONSULTED, LARGE, MEETING, NEXT_MEETING, seed
from vng_alv.domain.motions import FollowUpState
from vng_alv.domain.sections import Recognition
from vng_alv.domain.submissions import CoAnswer, SubmissionKind, SubmissionState
from vng_alv.meetings.queries import get_meeting
from vng_alv.motions.models import Motion
from vng_alv.proposals.models import VersionKind
from vng_alv.proposals.queries import get_proposal
from vng_alv.submissions.models import Submission
from vng_alv.voting.advised import prepare_advice

STEP = re.compile(r'name="als" value="(\w+)"(.*?)</form>', re.DOTALL)
LINKS = re.compile(r'<li><a class="utrecht-link utrecht-link--html-a" href="([^"]+)">')


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    found = make_site(demo=True)
    with db.transaction():
        assert seed()
    return found


def test_every_step_begins_where_it_says(site: Site) -> None:
    front = site.browser().get("/demo").get_data(as_text=True)
    cards = {key: re.findall(r'name="stap" value="(\d)">([^<]+)<', form) for key, form in STEP.findall(front)}
    assert {key: len(steps) for key, steps in cards.items()} == {
        "GM0599": 4, "GM0088": 1, "secretariaat": 4, "bestuur": 1, "voorzitter": 1, "controleur": 1,
    }  # fmt: skip
    seen = set()
    for key, steps in cards.items():
        for number, words in steps:
            browser = site.browser()
            browser.get("/demo")
            answer = browser.post("/demo/instappen", {"als": key, "stap": number})
            assert answer.status_code == 303
            assert browser.get(answer.location).status_code == 200, (key, words)
            seen.add(answer.location)
    assert len(seen) == 10, "voting and the console are offered twice"
    for path in LINKS.findall(front):
        assert site.browser().get(path).status_code == 200, path


def test_who_takes_no_step_or_an_unknown_one_begins_at_home(site: Site) -> None:
    for step in ({}, {"stap": "9"}, {"stap": "https://elders.example"}):
        browser = site.browser()
        browser.get("/demo")
        assert browser.post("/demo/instappen", {"als": LARGE, **step}).location == "/"


def test_members_brought_amendments_and_motions_of_every_kind(site: Site) -> None:
    with db.transaction():
        later, today = get_meeting(NEXT_MEETING), get_meeting(MEETING)
        found = db.session.scalars(select(Submission)).all()
        here = [s for s in found if s.meeting_id == later.id and s.kind is SubmissionKind.AMENDMENT]
        states = [s.state for s in sorted(here, key=lambda s: s.number or 99)]
        s = SubmissionState
        assert states == [s.TAKEN_OVER, s.SUBMITTED, s.SUBMITTED, s.SUBMITTED, s.TAKEN_OVER, s.WITHDRAWN, s.SUBMITTED,
                          s.DRAFT, s.DRAFT]  # fmt: skip
        asked = [(s.member.code, co.member.code) for s in here for co in s.co_submitters if co.answer is CoAnswer.ASKED]
        assert asked == [("GM0758", LARGE)]
        assert sum(co.answer is CoAnswer.JOINED for one in here for co in one.co_submitters) == 3
        assert sum(any(a.published_at for a in one.advice) for one in here) == 3
        motions = {m.submission.title: m for m in db.session.scalars(select(Motion))}
        adopted = motions["Elke uitslag dezelfde dag openbaar"]
        assert adopted.submission.state is SubmissionState.ADOPTED
        assert [one.state for one in adopted.follow_ups] == [FollowUpState.IN_PROGRESS]
        advised = motions["Steun voor gemeenten met schade door de storm"].proposal
        assert advised
        assert advised.meeting_id == today.id
        assert prepare_advice(advised, None), "the demo can show a vote about the advice"
        late = [m.submission.meeting_id for m in motions.values() if m.submission.late_reason]
        assert late == [today.id]
        assert [m.submission.label for m in motions.values() if m.parts] == ["M2"]
        submitted = db.session.scalar(
            select(func.count())
            .select_from(AuditEntry)
            .where(AuditEntry.act.in_(("amendment.submit", "motion.submit")))
        )
        assert submitted == 7 + len(motions), "the log has what was submitted"


def test_the_text_that_is_amended_has_two_versions_that_differ_a_little(site: Site) -> None:
    with db.transaction():
        proposal = get_proposal(get_meeting(NEXT_MEETING).id, AMENDED)
        assert [v.kind for v in proposal.versions] == [VersionKind.CONCEPT, VersionKind.FINAL]
        first, second = ({s.section_id: s.body for s in v.sections} for v in proposal.versions)
        assert list(first) == list(second)
        assert 0 < sum(first[key] != second[key] for key in first) < len(first)
        assert {s.recognition for s in proposal.versions[1].sections} == {Recognition.SAME}


def test_rotterdam_has_a_reaction_that_was_sent_and_changed_since(site: Site) -> None:
    browser = site.browser()
    browser.get("/demo")
    browser.post("/demo/instappen", {"als": LARGE})
    path = f"/vergaderingen/{NEXT_MEETING}/stukken/{CONSULTED}/reageren"
    assert "Wij vragen wel om uit te leggen" in browser.get(path).get_data(as_text=True)
    review = browser.get(path + "/versturen").get_data(as_text=True)
    assert "Wij vragen wel om uit te leggen" in review
    assert "mits de toets er is" in review
