"""What members bring ends with the meeting, and a motion takes no amendments (docs/rules.md §3)."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.database.amendment_desk import S, Town, draft, found, of, refusal_of, submit, words
from tests.database.test_motions import TEXT, new_hall
from vng_alv import db
from vng_alv.amendments import merging
from vng_alv.amendments import service as amendments
from vng_alv.amendments.models import Amendment
from vng_alv.amendments.service import SectionChange
from vng_alv.domain.clock import start_of_day
from vng_alv.domain.motions import FollowUpState
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import CoAnswer
from vng_alv.domain.texts import ProposalKind
from vng_alv.meetings.models import Meeting, MeetingKind
from vng_alv.members.models import Member
from vng_alv.motions import service as motions
from vng_alv.motions.models import Motion
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import published, sections_of
from vng_alv.submissions import queries
from vng_alv.submissions import service as submissions

HELD = Refusal.MEETING_HELD


def hold(before: timedelta = timedelta(microseconds=1)) -> Meeting:
    """Let the meeting have begun so long before today began; the deadline is still to come."""
    with db.transaction():
        meeting = db.session.scalars(select(Meeting)).one()
        meeting.starts_at = start_of_day(db.now()) - before
        meeting.amendments_until = db.now() + timedelta(days=1)
        return meeting


def member(town: Town, who: int) -> Member:
    return db.session.get_one(Member, town.members[who])


def test_after_the_meeting_members_do_nothing_with_amendments(town: Town) -> None:
    assert town.staff
    written, brought, misfit = draft(town), draft(town), draft(town)
    submit(town, brought)
    with db.transaction():
        for key in (written, brought):
            submissions.ask_along(of(key), [member(town, 1)], town.clerks[0])
        one = db.session.get_one(Amendment, misfit)
        one.misfits = [[str(row.section_id), str(one.version_id)] for row in one.sections]
    hold()
    clerk, staff, other = town.clerks[0], town.staff, town.clerks[1]
    wanted = [SectionChange(town.sections[0], words("Wij slopen."))]

    def begin() -> None:
        amendments.begin(db.session.get_one(Proposal, town.proposal_id), member(town, 0), "T", "", wanted, clerk)

    def the(key: uuid.UUID) -> Amendment:
        return db.session.get_one(Amendment, key)

    acts: list[Callable[[], object]] = [
        begin,
        lambda: amendments.edit(the(written), "T", "", wanted, 1, clerk),
        lambda: amendments.submit(the(written), 1, clerk),
        lambda: amendments.submit(the(written), 1, staff, late_reason="Storing"),
        lambda: amendments.offer_late(the(written), "Storing", clerk),
        lambda: amendments.change(the(brought), "T", "", wanted, 1, clerk),
        lambda: merging.adapt(the(misfit), wanted, 1, clerk),
        lambda: submissions.ask_along(of(brought), [member(town, 2)], clerk),
        lambda: submissions.ask_along(of(written), [member(town, 2)], staff),
        lambda: submissions.answer_along(of(brought), member(town, 1), CoAnswer.JOINED, other),
        lambda: submissions.withdraw(of(brought), "", clerk),
    ]
    assert [refusal_of(act) for act in acts] == [HELD] * len(acts)
    assert (found(written).state, found(brought).state) == (S.DRAFT, S.SUBMITTED)
    with db.transaction():
        amendments.discard(the(written), clerk)
        amendments.decide(the(brought), S.ADOPTED, "Aangenomen", staff)
    assert found(brought).state is S.ADOPTED


def test_after_the_meeting_motions_stand_and_the_secretariat_records_what_became_of_them(database: str) -> None:
    hall = new_hall()
    with db.transaction():
        written, brought, gone = hall.draft(), hall.submitted(), hall.submitted()
    hall.meeting = hold()
    clerk, staff = hall.clerks[0], hall.secretariat

    def the(motion: Motion) -> Motion:
        return db.session.get_one(Motion, motion.submission_id)

    acts: list[Callable[[], object]] = [
        hall.draft,
        lambda: motions.save(the(written), TEXT, "", 1, clerk),
        lambda: motions.submit(the(written), clerk),
        lambda: motions.submit(the(written), clerk, late_reason="Actueel"),
        lambda: motions.submit(the(written), staff, late_reason="Actueel"),
        lambda: motions.change(the(brought), TEXT, "Anders", 1, clerk, asked_now=False),
        lambda: motions.change(the(brought), TEXT, "Anders", 1, staff, asked_now=False),
        lambda: motions.split(the(brought), ((0,), (1, 2)), 1, clerk, asked_now=False),
        lambda: submissions.withdraw(of(brought.submission_id), "", clerk),
    ]
    assert [refusal_of(act) for act in acts] == [HELD] * len(acts)
    with db.transaction():
        submissions.withdraw(of(gone.submission_id), "In de vergadering ingetrokken", staff)
        submissions.decide(of(brought.submission_id), S.ADOPTED, "Bij acclamatie", staff)
        motions.follow_up(the(brought), FollowUpState.IN_PROGRESS, "Brief verstuurd", staff)
        motions.discard(the(written), clerk)
    assert (found(gone.submission_id).state, found(brought.submission_id).state) == (S.WITHDRAWN, S.ADOPTED)


@pytest.mark.parametrize("begins", [timedelta(0), timedelta(hours=-12)])
def test_on_the_day_of_the_meeting_itself_a_motion_still_comes(database: str, begins: timedelta) -> None:
    hall = new_hall()
    hall.meeting = hold(begins)
    with db.transaction():
        motion = hall.submitted()
        submissions.ask_along(of(motion.submission_id), [hall.members[1]], hall.clerks[0])
        submissions.answer_along(of(motion.submission_id), hall.members[1], CoAnswer.JOINED, hall.clerks[1])
        submissions.withdraw(of(motion.submission_id), "", hall.clerks[0])
    assert found(motion.submission_id).state is S.WITHDRAWN


def test_a_written_consultation_has_been_held_after_its_end(town: Town) -> None:
    key = draft(town)
    with db.transaction():
        submissions.ask_along(of(key), [member(town, 1)], town.clerks[0])
    hold(timedelta(days=7))
    for before, over in ((0, False), (1, True)):
        with db.transaction():
            meeting, end = db.session.scalars(select(Meeting)).one(), start_of_day(db.now())
            meeting.kind, meeting.ends_at = MeetingKind.LEDENRAADPLEGING, end - timedelta(microseconds=before)
        with db.transaction(write=False):
            since = start_of_day(db.now())
            assert queries.held(db.session.scalars(select(Meeting)).one()) is over
            assert len(queries.drafts_of(town.clerks[0].id, since)) == (not over)
            assert len(queries.asked_of(town.clerks[1].id, since)) == (not over)
    assert refusal_of(lambda: submit(town, key)) is HELD


def test_the_first_page_no_longer_asks_about_a_meeting_that_was_held(town: Town) -> None:
    key = draft(town)
    with db.transaction():
        submissions.ask_along(of(key), [member(town, 1)], town.clerks[0])

    def asked(since: datetime) -> tuple[int, int]:
        with db.transaction(write=False):
            return len(queries.drafts_of(town.clerks[0].id, since)), len(queries.asked_of(town.clerks[1].id, since))

    assert asked(start_of_day(db.now())) == (1, 1)
    hold(timedelta(0))
    assert asked(start_of_day(db.now())) == (1, 1)
    hold()
    assert asked(start_of_day(db.now())) == (0, 0)


def test_a_motion_takes_no_amendments(town: Town) -> None:
    clerk = town.clerks[0]
    with db.transaction():
        meeting = db.session.scalars(select(Meeting)).one()
        motion = factories.proposal(meeting, "# Een motie\n\n## Besluit\n\nDoe iets.\n", "M1", ProposalKind.MOTION)
        version = published(motion)
        assert version
        (section,) = sections_of(version.id)
        wanted = [SectionChange(section.section_id, words("Doe iets anders.", "Besluit"))]

    def text() -> Proposal:
        return db.session.get_one(Proposal, motion.id)

    def begin() -> Amendment:
        return amendments.begin(text(), member(town, 0), "T", "", wanted, clerk)

    assert refusal_of(begin) is Refusal.NO_AMENDMENTS
    with db.transaction():  # one from before this was a rule
        text().kind = ProposalKind.RESOLUTION
        key = begin().submission_id
        text().kind = ProposalKind.MOTION
    assert refusal_of(lambda: submit(town, key)) is Refusal.NO_AMENDMENTS
    for kind in set(ProposalKind) - {ProposalKind.MOTION}:
        with db.transaction():
            text().kind = kind
            assert begin().submission_id
