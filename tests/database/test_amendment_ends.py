"""What becomes of an amendment: withdrawn, taken over, decided on, advised on."""

import uuid

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from tests.database.amendment_desk import S, Town, draft, found, of, refusal_of, submit
from vng_alv import db
from vng_alv.amendments import service
from vng_alv.amendments.models import Amendment
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import AdviceKind, SubmissionKind, SubmissionState, may_follow
from vng_alv.errors import Missing
from vng_alv.meetings.models import Meeting
from vng_alv.submissions import queries as submission_queries
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission

# --- What becomes of it


def test_withdrawing_twice_is_told(town: Town) -> None:
    key = draft(town)
    submit(town, key)
    assert refusal_of(lambda: submissions.withdraw(of(key), "", town.official)) is Refusal.NOT_ALLOWED
    with db.transaction():
        submissions.withdraw(of(key), "Anders opgelost", town.clerks[0])
    assert refusal_of(lambda: submissions.withdraw(of(key), "", town.clerks[0])) is Refusal.SUBMISSION_STATE
    assert (found(key).state, found(key).closing_note) == (S.WITHDRAWN, "Anders opgelost")


def test_the_board_takes_over_and_the_secretariat_records_what_was_decided(town: Town) -> None:
    key, other = draft(town), draft(town)
    submit(town, key)
    submit(town, other)
    assert town.staff
    assert town.board

    def decide(which: uuid.UUID, state: SubmissionState, actor: Actor | None) -> None:
        service.decide(db.session.get_one(Amendment, which), state, "Zo is het", actor)

    assert refusal_of(decide, key, S.ADOPTED, town.board) is Refusal.NOT_ALLOWED
    assert refusal_of(decide, key, S.TAKEN_OVER, town.clerks[0]) is Refusal.NOT_ALLOWED
    assert refusal_of(decide, key, S.MERGED, town.staff) is Refusal.NOT_ALLOWED
    with db.transaction():
        decide(key, S.TAKEN_OVER, town.board)
    assert refusal_of(decide, key, S.ADOPTED, town.staff) is Refusal.SUBMISSION_STATE
    with db.transaction():
        decide(other, S.HELD_OVER, town.staff)
    assert found(other).closed_at is None
    with db.transaction():
        decide(other, S.REJECTED, None)  # what a vote said
    assert (found(key).state, found(other).state) == (S.TAKEN_OVER, S.REJECTED)


def test_the_database_refuses_what_the_rules_do_not_allow(town: Town) -> None:
    key = draft(town)
    submit(town, key)
    statements = (
        "UPDATE submission SET state = 'merged'",
        "DELETE FROM submission",
        "UPDATE submission_version SET content = '{}'",
        "DELETE FROM submission_version",
        "UPDATE submission SET number = NULL",
    )
    for statement in statements:
        with pytest.raises(DatabaseError), db.transaction():
            db.session.execute(text(statement))
    with db.transaction():
        submissions.withdraw(of(key), "", town.clerks[0])
    with pytest.raises(DatabaseError), db.transaction():
        db.session.execute(text("UPDATE submission SET state = 'submitted'"))
    assert found(key).state is S.WITHDRAWN


def test_the_database_allows_the_steps_of_the_rules_and_no_others(town: Town) -> None:
    with db.transaction(write=False):
        meeting = db.session.scalars(select(Meeting.id)).one()
    number = 0
    for now in S:
        for then in S:
            if then in {now, S.DRAFT}:  # what was submitted keeps its number, so it never is a draft again
                continue
            number += 1
            draft_ = now is S.DRAFT
            with db.transaction():
                one = Submission(
                    meeting_id=meeting, kind=SubmissionKind.AMENDMENT, member_id=town.members[0], title="T", state=now,
                    author_id=town.clerks[0].id, created_at=db.now(), saved_at=db.now(),
                    number=None if draft_ else number, submitted_at=None if draft_ else db.now(),
                )  # fmt: skip
                db.session.add(one)
                db.session.flush()
                key = one.id
            change = update(Submission).where(Submission.id == key)
            change = change.values(state=then, number=number, submitted_at=one.created_at)
            if may_follow(now, then):
                with db.transaction():
                    db.session.execute(change)
            else:
                with pytest.raises(DatabaseError, match="submission_state"), db.transaction():
                    db.session.execute(change)


def test_advice_is_the_boards_until_it_is_published(town: Town) -> None:
    key = draft(town)
    submit(town, key)
    assert town.board

    def read(by: Actor | None) -> list[int]:
        with db.transaction(write=False):
            return [a.number for a in submission_queries.advice_for(of(key), by)]

    assert (
        refusal_of(lambda: submissions.advise(of(key), AdviceKind.TAKE_OVER, "", town.clerks[0])) is Refusal.NOT_ALLOWED
    )
    with db.transaction():
        submissions.advise(of(key), AdviceKind.ADVISE_AGAINST, "Te duur.", town.board)
    assert (read(town.board), read(town.clerks[0]), read(None)) == ([1], [], [])
    with db.transaction():
        submissions.publish_advice(of(key), 1, town.board)
        submissions.advise(of(key), AdviceKind.TAKE_OVER, "Toch goed.", town.board)
    assert (read(town.board), read(town.clerks[0]), read(None)) == ([2, 1], [1], [1])
    with pytest.raises(Missing), db.transaction():
        submissions.publish_advice(of(key), 1, town.board)
    with pytest.raises(DatabaseError), db.transaction():
        db.session.execute(text("UPDATE advice SET body = 'Anders' WHERE number = 1"))


def test_a_draft_of_the_advice_is_thrown_away_and_what_was_published_stays(town: Town) -> None:
    key = draft(town)
    submit(town, key)
    assert town.board
    with db.transaction():
        submissions.advise(of(key), AdviceKind.ADVISE_AGAINST, "Te duur.", town.board)
        submissions.publish_advice(of(key), 1, town.board)
        submissions.advise(of(key), AdviceKind.TAKE_OVER, "Toch goed.", town.board)
    assert refusal_of(lambda: submissions.discard_advice(of(key), 2, town.clerks[0])) is Refusal.NOT_ALLOWED
    with db.transaction():
        submissions.discard_advice(of(key), 2, town.board)
    for number in (1, 2):  # the one is public, the other is gone
        with pytest.raises(Missing), db.transaction():
            submissions.discard_advice(of(key), number, town.board)
    with db.transaction(write=False):
        assert [a.number for a in submission_queries.advice_for(of(key), town.board)] == [1]
        told = db.session.scalars(select(AuditEntry.data).where(AuditEntry.act == "advice.discard")).all()
    assert told == [{"number": 2}]
