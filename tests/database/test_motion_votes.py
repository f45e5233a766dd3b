"""What its votes make of a motion, the account of it, and what the database holds to by itself (docs/rules.md)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.database.acting import together
from tests.database.test_guards import refused
from tests.database.test_motions import TEXT, Hall, S, again, new_hall, vote
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.domain.ballots import Choice
from vng_alv.domain.motions import FollowUpState
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState
from vng_alv.domain.submissions import AdviceKind, SubmissionState, transitions
from vng_alv.errors import Conflict, Refused
from vng_alv.motions import queries, service
from vng_alv.motions.models import FollowUp, Motion
from vng_alv.proposals.models import ProposalKind
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission, SubmissionVersion
from vng_alv.voting import service as rounds
from vng_alv.voting.brought import is_asked, rounds_about
from vng_alv.voting.cast import cast
from vng_alv.voting.models import Round
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def hall(database: str) -> Hall:
    """People, and nothing that was submitted yet."""
    return new_hall()


# --- What its votes make of it


def test_an_open_vote_freezes_a_motion(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        made = rounds.prepare(motion.proposal, hall.chair)  # type: ignore[arg-type]
        rounds.open_rounds([one.id for one in made], hall.chair)
        asked = is_asked(motion.proposal_id)  # type: ignore[arg-type]
        assert asked
        acts = (
            lambda: service.change(motion, TEXT, "Anders", 1, hall.clerks[0], asked_now=asked),
            lambda: service.split(motion, ((0,), (1, 2)), 1, hall.clerks[0], asked_now=asked),
            lambda: submissions.withdraw(motion.submission, "Nee", hall.clerks[0]),
            lambda: submissions.decide(motion.submission, S.TAKEN_OVER, "Ja", hall.board),
        )
        for act in acts:
            with pytest.raises(Refused) as found:
                act()
            assert found.value.refusal is Refusal.VOTE_OPENED
        assert motion.submission.state is S.SUBMITTED


@pytest.mark.parametrize("state", [S.WITHDRAWN, S.TAKEN_OVER])
def test_what_is_withdrawn_or_taken_over_is_not_put_to_the_vote(hall: Hall, state: SubmissionState) -> None:
    with db.transaction():
        motion = hall.submitted()
        made = rounds.prepare(motion.proposal, hall.chair)  # type: ignore[arg-type]
        if state is S.WITHDRAWN:
            submissions.withdraw(motion.submission, "Al geregeld", hall.clerks[0])
        else:
            submissions.decide(motion.submission, state, "Doen we", hall.board)
        assert rounds_about(motion.proposal_id) == []  # type: ignore[arg-type]
        with pytest.raises(Conflict):
            rounds.open_rounds([one.id for one in made], hall.chair)
        with pytest.raises(Refused):
            rounds.prepare(motion.proposal, hall.chair)  # type: ignore[arg-type]


def test_withdrawing_and_opening_at_once_leaves_one_of_both(hall: Hall) -> None:
    for _ in range(5):
        with db.transaction():
            motion = hall.submitted()
            (made,) = rounds.prepare(motion.proposal, hall.chair)  # type: ignore[arg-type]

        def withdraw(key: uuid.UUID = motion.submission_id) -> str:
            with db.transaction():
                submissions.withdraw(db.session.get_one(Submission, key), "", hall.clerks[0])
            return "withdrawn"

        def opened(key: uuid.UUID = made.id) -> str:
            with db.transaction():
                rounds.open_rounds([key], hall.chair)
            return "opened"

        answers = together([withdraw, opened])
        done = [one for one in answers if isinstance(one, str)]
        assert len(done) == 1, answers
        assert all(isinstance(one, (str, Refused)) for one in answers), answers
        with db.transaction(write=False):
            state = db.session.get_one(Submission, motion.submission_id).state
            states = [one.state for one in rounds_about(motion.proposal_id)]  # type: ignore[arg-type]
        assert (state, states) == ((S.WITHDRAWN, []) if done == ["withdrawn"] else (S.SUBMITTED, [RoundState.OPEN]))


@pytest.mark.parametrize(("choice", "state"), [(Choice.FOR, S.ADOPTED), (Choice.AGAINST, S.REJECTED)])
def test_a_pronounced_vote_decides_and_an_annulled_one_does_not(
    hall: Hall, choice: Choice, state: SubmissionState
) -> None:
    with db.transaction():
        motion = hall.submitted()
    (made,) = vote(hall, motion, [choice], publish=False)
    with db.transaction():
        assert again(motion).submission.state is S.SUBMITTED
        rounds.publish([made.id], hall.chair)
        assert again(motion).submission.state is state
        rounds.annul(db.session.get_one(Round, made.id), "Een fout", hall.chair)
        assert again(motion).submission.state is S.SUBMITTED
    vote(hall, motion, [Choice.FOR])
    with db.transaction(write=False):
        assert again(motion).submission.state is S.ADOPTED


def test_an_abstained_vote_decides_nothing(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
    vote(hall, motion, [Choice.ABSTAIN])
    with db.transaction(write=False):
        assert again(motion).submission.state is S.SUBMITTED


def test_in_parts_one_adopted_part_adopts_and_the_next_is_still_voted_on(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        service.split(motion, ((0,), (1,), (2,)), 1, hall.clerks[0], asked_now=False)
    made = vote(hall, motion, [Choice.AGAINST, Choice.FOR, Choice.AGAINST], publish=False)
    with db.transaction():
        rounds.publish([made[0].id], hall.chair)
        assert again(motion).submission.state is S.SUBMITTED
        rounds.publish([made[1].id], hall.chair)
        assert again(motion).submission.state is S.ADOPTED
        rounds.annul(db.session.get_one(Round, made[2].id), "Fout", hall.chair)
        (third,) = rounds.prepare(again(motion).proposal, hall.chair)  # type: ignore[arg-type]
        rounds.open_rounds([third.id], hall.chair)
        rounds.annul(db.session.get_one(Round, made[1].id), "Fout", hall.chair)
        assert again(motion).submission.state is S.SUBMITTED


def test_a_motion_of_the_secretariat_gets_its_account_when_it_is_adopted(hall: Hall) -> None:
    with db.transaction():
        text = factories.proposal(hall.meeting, "# Een motie\n\nVerzoekt iets.\n", "M7", ProposalKind.MOTION)
        text.submitter = db.session.merge(hall.members[1])
        (made,) = rounds.prepare(text, hall.chair)
        rounds.open_rounds([made.id], hall.chair)
    with db.transaction(write=False):
        cast(hall.meeting.code, "GM0001", {made.id: "for"}, uuid.uuid4(), hall.clerks[0])
    with db.transaction():
        rounds.close([made.id], hall.chair)
        tally(made.id)
        rounds.publish([made.id], hall.chair)
        (motion,) = queries.accounts()
        assert (motion.submission.label, motion.submission.member.code, motion.submission.state) == (
            "M7", "GM0002", S.ADOPTED,
        )  # fmt: skip
        service.follow_up(motion, FollowUpState.IN_PROGRESS, "Begonnen.", hall.secretariat)


# --- The account


def adopted(hall: Hall) -> Motion:
    """A motion that the assembly adopted by acclamation."""
    motion = hall.submitted()
    submissions.decide(motion.submission, S.ADOPTED, "Bij acclamatie", hall.secretariat)
    return motion


def test_the_account_is_kept_step_by_step_and_comes_back_on_an_agenda(hall: Hall) -> None:
    with db.transaction():
        motion, other = adopted(hall), adopted(hall)
        later = factories.meeting("alv-later")
        service.follow_up(motion, FollowUpState.IN_PROGRESS, "Brief verstuurd.", hall.secretariat)
        item = service.put_on_agenda(later, [motion, other], hall.secretariat)
        assert item.title == service.ACCOUNT_ITEM
        assert service.put_on_agenda(later, [motion], hall.secretariat) is item
        service.follow_up(motion, FollowUpState.DONE, "Geregeld.", hall.secretariat)
    with db.transaction(write=False):
        found = {m.submission_id: m for m in queries.accounts_at(later.id)}
        assert set(found) == {motion.submission_id, other.submission_id}
        told = found[motion.submission_id]
        assert [(f.state, f.note, f.meeting is not None) for f in told.follow_ups] == [
            (FollowUpState.IN_PROGRESS, "Brief verstuurd.", False),
            (FollowUpState.IN_PROGRESS, "Brief verstuurd.", True),
            (FollowUpState.DONE, "Geregeld.", False),
        ]
        assert [m.submission_id for m in queries.accounts({FollowUpState.DONE})] == [motion.submission_id]
        assert queries.account_numbers() == {FollowUpState.DONE: 1, FollowUpState.IN_PROGRESS: 1}
        assert [i.title for i in db.session.merge(later).agenda] == [
            "Opening", "Vaststelling van de agenda", "Benoeming van de notulencommissie",
            "Notulen van de vorige vergadering", "Mededelingen", "Verantwoording moties", "Rondvraag", "Sluiting",
        ]  # fmt: skip


def test_who_gives_account_and_of_what(hall: Hall) -> None:
    with db.transaction():
        motion, waiting = adopted(hall), hall.submitted()
        over = factories.meeting("over")
        over.starts_at = db.now() - timedelta(days=1)
        acts = (
            (Refusal.NOT_ALLOWED, lambda: service.follow_up(motion, FollowUpState.DONE, "x", hall.board)),
            (Refusal.FOLLOW_UP, lambda: service.follow_up(waiting, FollowUpState.DONE, "x", hall.secretariat)),
            (Refusal.EMPTY_TEXT, lambda: service.follow_up(motion, FollowUpState.DONE, " ", hall.secretariat)),
            (Refusal.NOT_ALLOWED, lambda: service.put_on_agenda(hall.meeting, [motion], hall.chair)),
            (Refusal.NOTHING_CHOSEN, lambda: service.put_on_agenda(hall.meeting, [], hall.secretariat)),
            (Refusal.FOLLOW_UP, lambda: service.put_on_agenda(hall.meeting, [waiting], hall.secretariat)),
            (Refusal.SUBMISSION_STATE, lambda: service.put_on_agenda(over, [motion], hall.secretariat)),
        )
        for refusal, act in acts:
            with pytest.raises(Refused) as found:
                act()
            assert found.value.refusal is refusal


def test_the_ballot_shows_the_newest_published_advice(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        submissions.advise(motion.submission, AdviceKind.HOLD_OVER, "Wacht.", hall.board)
        assert queries.board_advice([motion.proposal_id]) == {}  # type: ignore[list-item]
        submissions.publish_advice(motion.submission, 1, hall.board)
        submissions.advise(motion.submission, AdviceKind.TAKE_OVER, "Toch.", hall.board)
        given = queries.board_advice([motion.proposal_id])  # type: ignore[list-item]
        assert given[motion.proposal_id].kind is AdviceKind.HOLD_OVER  # type: ignore[index]


# --- The database, with the service bypassed


def test_the_database_keeps_the_steps_of_a_motion(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        asked = hall.submitted()
        made = rounds.prepare(asked.proposal, hall.chair)  # type: ignore[arg-type]
        rounds.open_rounds([one.id for one in made], hall.chair)
        who, whose = db.session.scalars(select(Person.id)).first(), motion.submission_id
        key = whose.hex if db.is_sqlite() else str(whose)
    for state in ("withdrawn", "taken_over", "held_over", "lapsed"):
        refused(f"UPDATE submission SET state = '{state}' WHERE number = 2", "submission_asked")
    refused(f"UPDATE submission SET state = 'merged' WHERE id = '{key}'", "submission_state")
    refused("DELETE FROM submission", "submission_kept")
    refused(
        FollowUp(id=uuid.uuid4(), motion_id=whose, state=FollowUpState.DONE, at=datetime.now(UTC), person_id=who),
        "follow_up_of_adopted",
    )
    with db.transaction():
        motion = db.session.get_one(Motion, whose)
        submissions.decide(motion.submission, S.ADOPTED, "Ja", hall.secretariat)
        service.follow_up(motion, FollowUpState.DONE, "Klaar.", hall.secretariat)
    refused("UPDATE follow_up SET note = 'x'", "follow_up_append_only")
    refused("DELETE FROM follow_up", "follow_up_append_only")
    refused("UPDATE submission_version SET number = number + 9", "submission_version_append_only")
    refused("UPDATE submission SET number = 1 WHERE number = 2", "unique")
    refused(
        f"UPDATE motion SET proposal_id = (SELECT proposal_id FROM motion WHERE submission_id <> '{key}')", "unique"
    )
    assert ("adopted", "submitted") in transitions()


def test_every_version_of_a_motion_stays(hall: Hall) -> None:
    with db.transaction():
        motion = hall.submitted()
        service.change(motion, TEXT, "Anders", 1, hall.clerks[0], asked_now=False)
        assert db.session.scalar(select(func.count()).select_from(SubmissionVersion)) == 2
    refused("DELETE FROM submission_version", "submission_version_append_only")
