"""Motions from draft to a text that is changed and split (docs/rules.md)."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.database.acting import together
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.ballots import Choice
from vng_alv.domain.motions import MotionText
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import CoAnswer, SubmissionState
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member, OfficeKind
from vng_alv.motions import queries, service
from vng_alv.motions.models import Motion
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.proposals.models import ProposalKind
from vng_alv.proposals.queries import get_proposal, published, sections_of
from vng_alv.submissions import service as submissions
from vng_alv.submissions.queries import versions_of
from vng_alv.voting import service as rounds
from vng_alv.voting.brought import is_asked, rounds_about
from vng_alv.voting.cast import cast
from vng_alv.voting.models import Round
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")

S = SubmissionState
TEXT = MotionText(
    "Veilig fietsen",
    ("er meer gefietst wordt",),
    ("het druk is",),
    ("het beter moet",),
    ("dit te regelen", "te melden"),
)


@dataclass
class Hall:
    """A meeting, two members with their clerks, and the people of the association."""

    meeting: Meeting
    members: list[Member]
    clerks: list[Actor]
    official: Actor
    secretariat: Actor
    board: Actor
    chair: Actor

    def draft(self, text: MotionText = TEXT, reason: str = "Daarom.") -> Motion:
        """A draft of the first member."""
        return service.begin(self.meeting, self.members[0], text, reason, self.clerks[0])

    def submitted(self, text: MotionText = TEXT) -> Motion:
        """A submitted motion of the first member."""
        return service.submit(self.draft(text), self.clerks[0])


def new_hall() -> Hall:
    """Nothing was submitted yet, and the deadline is far."""
    with db.transaction():
        factories.association()
        members = [factories.member(n, 40_000 * n) for n in (1, 2)]
        clerks = [factories.clerk(member) for member in members]
        official = factories.clerk(members[0], "ambtenaar", OfficeKind.OFFICIAL)
        meeting = factories.meeting()
        meeting.amendments_until = db.now() + timedelta(days=1)
        for member, clerk in zip(members, clerks, strict=True):
            factories.meetings.give_mandate(meeting, member, clerk, None)
        staff = [factories.actor(r.value, r) for r in (Role.SECRETARIAT, Role.BOARD, Role.CHAIR)]
        return Hall(meeting, members, [get_actor(c.id) for c in clerks], get_actor(official.id), *staff)


@pytest.fixture
def hall(database: str) -> Hall:
    """People, and nothing that was submitted yet."""
    return new_hall()


def again(motion: Motion) -> Motion:
    """The motion as it is in the database now."""
    db.session.expire_all()
    return db.session.get_one(Motion, motion.submission_id)


def sections(motion: Motion) -> dict[str, uuid.UUID]:
    """The sections of the newest text by number."""
    proposal = get_proposal(motion.submission.meeting_id, motion.submission.label)
    newest = published(proposal)
    assert newest
    return {s.number: s.section_id for s in sections_of(newest.id)}


def vote(hall: Hall, motion: Motion, choices: list[Choice], *, publish: bool = True) -> list[Round]:
    """Put a motion to the vote, part by part where it has parts: both members vote the same."""
    with db.transaction():
        made = rounds.prepare(again(motion).proposal, hall.chair)  # type: ignore[arg-type]
        rounds.open_rounds([one.id for one in made], hall.chair)
    wanted = {one.id: choice.value for one, choice in zip(made, choices, strict=True)}
    for member, clerk in zip(hall.members, hall.clerks, strict=True):
        with db.transaction(write=False):
            cast(hall.meeting.code, member.code, wanted, uuid.uuid4(), clerk)
    with db.transaction():
        rounds.close([one.id for one in made], hall.chair)
        for one in made:
            tally(one.id)
        if publish:
            rounds.publish([one.id for one in made], hall.chair)
    return made


# --- Writing and submitting


def test_a_submitted_motion_is_a_text_with_its_number(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        proposal = get_proposal(hall.meeting.id, "M1")
        assert (proposal.kind, proposal.submitter, proposal.title) == (
            ProposalKind.MOTION, hall.members[0], "Veilig fietsen",
        )  # fmt: skip
        newest = published(proposal)
        assert newest
        assert newest.preamble.startswith("De algemene ledenvergadering,")
        (section,) = sections_of(newest.id)
        assert section.body.count("\n- ") == 3
        assert motion.submission.label == "M1"
        assert versions_of(motion.submission_id)[0].content == {
            "title": "Veilig fietsen", "reason": "Daarom.", **TEXT.to_data(),
        }  # fmt: skip


def test_numbers_go_on_after_the_codes_that_are_taken_and_are_given_once(hall: Hall) -> None:
    with db.transaction():
        factories.proposal(hall.meeting, "# Oud\n\nVerzoekt iets.\n", "M3", ProposalKind.MOTION)
        factories.proposal(hall.meeting, "# Ander\n\nTekst\n", "MX7", ProposalKind.MOTION)
        first, second = hall.submitted(), hall.submitted()
        assert [first.submission.label, second.submission.label] == ["M4", "M5"]
        submissions.withdraw(second.submission, "", hall.clerks[0])
        assert hall.submitted().submission.label == "M6"


def test_two_motions_at_once_get_two_numbers(hall: Hall) -> None:
    with db.transaction():
        drafts = [hall.draft().submission_id for _ in range(6)]

    def send(key: uuid.UUID) -> int | None:
        with db.transaction():
            return service.submit(db.session.get_one(Motion, key), hall.clerks[0]).submission.number

    answers = together([lambda key=key: send(key) for key in drafts])
    assert sorted(answers) == [1, 2, 3, 4, 5, 6]


def test_a_motion_that_asks_nothing_is_not_submitted(hall: Hall) -> None:
    with db.transaction():
        motion = hall.draft(MotionText("Titel", noting=("iets",)))
        with pytest.raises(Refused) as found:
            service.submit(motion, hall.clerks[0])
        assert found.value.refusal is Refusal.EMPTY_SUBMISSION


def test_a_late_motion_needs_a_reason_that_is_kept(hall: Hall) -> None:
    with db.transaction():
        hall.meeting = db.session.merge(hall.meeting)
        hall.meeting.amendments_until = db.now() - timedelta(hours=1)
        motion = hall.draft()
        with pytest.raises(Refused) as found:
            service.submit(motion, hall.clerks[0])
        assert found.value.refusal is Refusal.LATE_WITHOUT_REASON
        service.submit(motion, hall.clerks[0], late_reason="Het gebeurde gisteren.")
        assert motion.submission.late_reason == "Het gebeurde gisteren."


def test_who_writes_and_who_submits(hall: Hall) -> None:
    with db.transaction():
        with pytest.raises(Refused):
            service.begin(hall.meeting, hall.members[0], TEXT, "", hall.clerks[1])
        motion = service.begin(hall.meeting, hall.members[0], TEXT, "", hall.official)
        with pytest.raises(Refused) as found:
            service.submit(motion, hall.official)
        assert found.value.refusal is Refusal.NOT_ALLOWED
        with pytest.raises(Missing):
            queries.get_motion(motion.submission_id, hall.clerks[1])
        with pytest.raises(Missing):
            queries.get_motion(motion.submission_id, hall.secretariat)
        submissions.ask_along(motion.submission, [hall.members[1]], hall.official)
        assert queries.get_motion(motion.submission_id, hall.clerks[1]) is motion


def test_a_draft_that_a_colleague_saved_is_not_overwritten(hall: Hall) -> None:
    with db.transaction():
        motion = hall.draft()
        service.save(motion, MotionText("Van de ambtenaar"), "", 1, hall.official)
        with pytest.raises(Conflict):
            service.save(motion, MotionText("Van de griffier"), "", 1, hall.clerks[0])
        assert motion.submission.title == "Van de ambtenaar"
        service.discard(motion, hall.clerks[0])
        assert db.session.scalar(select(func.count()).select_from(Motion)) == 0


# --- Changing


def test_a_change_is_a_next_version_that_the_submitters_hear_of(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        submissions.ask_along(motion.submission, [hall.members[1]], hall.clerks[0])
        submissions.answer_along(motion.submission, hall.members[1], CoAnswer.JOINED, hall.clerks[1])
        before = sections(motion)
        changed = MotionText.of("Veiliger fietsen", {**TEXT.to_data(), "requests": ["dit snel te regelen"]})
        service.change(motion, changed, "Daarom.", 1, hall.clerks[0], asked_now=False)
        assert sections(motion) == before
        assert motion.submission.label == "M1"
        assert [v.content["title"] for v in versions_of(motion.submission_id)] == ["Veilig fietsen", "Veiliger fietsen"]
        proposal = get_proposal(hall.meeting.id, "M1")
        assert [(v.number, v.title) for v in proposal.versions] == [(1, "Veilig fietsen"), (2, "Veiliger fietsen")]
        told = db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.SUBMISSION_NEWS)).all()
        assert [(n.person_id, n.context["what"]) for n in told] == [(hall.clerks[1].id, "changed")]


def test_an_explanation_that_changes_is_kept_without_a_new_text(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        service.change(motion, TEXT, "Anders.", 1, hall.clerks[0], asked_now=False)
        assert len(versions_of(motion.submission_id)) == 2
        assert len(get_proposal(hall.meeting.id, "M1").versions) == 1
        service.change(motion, TEXT, "Anders.", 2, hall.clerks[0], asked_now=False)
        assert len(versions_of(motion.submission_id)) == 2


def test_a_change_on_a_motion_that_somebody_changed_is_refused(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        service.change(motion, TEXT, "Anders.", 1, hall.secretariat, asked_now=False)
        with pytest.raises(Conflict):
            service.change(motion, TEXT, "Nog anders.", 1, hall.clerks[0], asked_now=False)
        with pytest.raises(Refused):
            service.change(motion, TEXT, "Ook", 2, hall.clerks[1], asked_now=False)
        with pytest.raises(Refused):
            service.change(motion, MotionText("Leeg"), "", 2, hall.clerks[0], asked_now=False)


# --- Parts


def test_each_part_is_a_section_and_a_vote_and_there_is_none_on_the_whole(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        service.split(motion, ((0,), (1, 2)), 1, hall.clerks[0], asked_now=False)
        parts = sections(motion)
        made = rounds.prepare(motion.proposal, hall.chair)  # type: ignore[arg-type]
        assert [(one.title, one.section_id) for one in made] == [
            ("1. Spreekt uit dat het beter moet", parts["1"]), ("2. Verzoekt het bestuur dit te regelen", parts["2"]),
        ]  # fmt: skip
        assert rounds.prepare(motion.proposal, hall.chair) == []  # type: ignore[arg-type]


def test_parts_that_leave_something_out_are_refused(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        with pytest.raises(Refused) as found:
            service.split(motion, ((0,), (1,)), 1, hall.clerks[0], asked_now=False)
        assert found.value.refusal is Refusal.PARTS


def test_rounds_in_preparation_follow_a_change(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        rounds.prepare(motion.proposal, hall.chair)  # type: ignore[arg-type]
        service.split(motion, ((0,), (1, 2)), 1, hall.clerks[0], asked_now=is_asked(motion.proposal_id))  # type: ignore[arg-type]
        rounds.prepare_again(motion.proposal)  # type: ignore[arg-type]
        found = rounds_about(motion.proposal_id)  # type: ignore[arg-type]
        assert [one.section_id for one in found] == list(sections(motion).values())
        assert {one.version.number for one in found} == {2}
