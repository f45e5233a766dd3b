"""What is done with amendments, motions and advice is in the log, under the name that the log has words for."""

import pytest
from sqlalchemy import select

from tests.web.site import Scene, amend, bring_motion, scene
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import service as amendments
from vng_alv.amendments.models import Amendment
from vng_alv.amendments.service import SectionChange
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.amendments import Wording
from vng_alv.domain.motions import FollowUpState, MotionText
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.submissions import AdviceKind, CoAnswer, SubmissionKind, SubmissionState
from vng_alv.meetings.models import Meeting
from vng_alv.motions import service as motions
from vng_alv.motions.models import Motion
from vng_alv.proposals.queries import get_proposal, sections_of
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission

S = SubmissionState
#: How a submission comes to each state from being submitted.
WAYS = {
    "held_over": [S.HELD_OVER], "taken_over": [S.TAKEN_OVER], "adopted": [S.ADOPTED], "lapsed": [S.LAPSED],
    "rejected": [S.REJECTED], "submitted": [S.REJECTED, S.SUBMITTED], "withdrawn": [S.WITHDRAWN],
}  # fmt: skip
#: The other acts that amendments and motions share.
SHARED = ("begin", "submit", "change", "discard", "ask_along", "joined", "left", "declined")


class Hall:
    """The scene, in a transaction, with a first member that brings something."""

    def __init__(self, made: Scene) -> None:
        self.members = [db.session.merge(member) for member in made.members[:2]]
        self.people = [db.session.merge(person) for person in made.clerks[:2]]
        self.meeting = db.session.get_one(Meeting, made.meeting.id)
        self.staff = get_actor(made.staff[Role.SECRETARIAT].id)

    def actor(self, who: int) -> Actor:
        return get_actor(self.people[who].id)

    def bring(self, kind: SubmissionKind, *, submit: bool = True) -> Submission:
        """A new one of the first member."""
        if kind is SubmissionKind.AMENDMENT:
            text = get_proposal(self.meeting.id, "R2")
            key = amend(text, self.members[0], self.people[0], submit=submit)
        else:
            state = S.SUBMITTED if submit else S.DRAFT
            key = bring_motion(self.meeting, self.members[0], self.people[0], state).submission_id
        return db.session.get_one(Submission, key)


def acts_of(one: Submission | None = None) -> set[str]:
    """The acts about a submission, or all of them."""
    about = (
        select(AuditEntry.act).where(AuditEntry.subject == f"submission:{one.id}") if one else select(AuditEntry.act)
    )
    return set(db.session.scalars(about))


@pytest.mark.parametrize("kind", SubmissionKind)
def test_each_state_of_a_submission_is_an_act(database: str, kind: SubmissionKind) -> None:
    made = scene()
    with db.transaction():
        hall = Hall(made)
        for name, way in WAYS.items():
            one = hall.bring(kind)
            for state in way:
                submissions.move(one, state, hall.staff)
            assert f"{kind.value}.{name}" in acts_of(one)
            assert {f"{kind.value}.begin", f"{kind.value}.submit"} <= acts_of(one)


@pytest.mark.parametrize("kind", SubmissionKind)
def test_submitting_along_and_advice_are_acts(database: str, kind: SubmissionKind) -> None:
    made = scene()
    with db.transaction():
        hall = Hall(made)
        one = hall.bring(kind)
        for answer in (CoAnswer.JOINED, CoAnswer.LEFT, CoAnswer.DECLINED):
            submissions.ask_along(one, [hall.members[1]], hall.actor(0))
            submissions.answer_along(one, hall.members[1], answer, hall.actor(1))
        submissions.advise(one, AdviceKind.HOLD_OVER, "", hall.staff)
        submissions.publish_advice(one, 1, hall.staff)
        along = {f"{kind.value}.{act}" for act in ("ask_along", "joined", "left", "declined")}
        assert acts_of(one) >= {*along, "advice.give", "advice.publish"}


def test_writing_an_amendment_is_an_act(database: str) -> None:
    made = scene()
    with db.transaction():
        hall = Hall(made)
        one, draft = hall.bring(SubmissionKind.AMENDMENT), hall.bring(SubmissionKind.AMENDMENT, submit=False)
        late = hall.bring(SubmissionKind.AMENDMENT, submit=False)
        first = sections_of(get_proposal(hall.meeting.id, "R2").versions[0].id)[0]
        words = [SectionChange(first.section_id, Wording(first.heading, "Heel anders."))]
        changed = db.session.get_one(Amendment, one.id)
        amendments.change(changed, "Titel", "", words, one.revision, hall.actor(0))
        amendments.discard(db.session.get_one(Amendment, draft.id), hall.actor(0))
        submissions.set_deadline(hall.meeting, db.now(), hall.staff)
        amendments.offer_late(db.session.get_one(Amendment, late.id), "Storing", hall.actor(0))
        assert acts_of() >= {
            "amendment.change", "amendment.discard", "amendment.offer_late", "meeting.deadline",
        }  # fmt: skip


def test_writing_a_motion_and_the_account_of_it_are_acts(database: str) -> None:
    made = scene()
    with db.transaction():
        hall = Hall(made)
        one, draft = hall.bring(SubmissionKind.MOTION), hall.bring(SubmissionKind.MOTION, submit=False)
        motion = db.session.get_one(Motion, one.id)
        words = MotionText("Anders", requests=("iets anders te doen",))
        motions.change(motion, words, "", one.revision, hall.actor(0), asked_now=False)
        motions.discard(db.session.get_one(Motion, draft.id), hall.actor(0))
        submissions.move(one, S.ADOPTED, hall.staff)
        motions.follow_up(motion, FollowUpState.DONE, "Gedaan.", hall.staff)
        motions.put_on_agenda(hall.meeting, [motion], hall.staff)
        brought = get_proposal(hall.meeting.id, "M3")
        brought.submitter = hall.members[1]
        motions.decided(brought, S.ADOPTED, hall.staff)
        assert acts_of() >= {
            "motion.change", "motion.discard", "motion.follow_up", "motion.account", "motion.of_text",
        }  # fmt: skip
