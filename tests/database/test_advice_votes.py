"""Votes on the board's advice instead of on the motion: what they make of it, and what waits for what (§4.11)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import inspect

from tests.database.test_guards import refused
from tests.database.test_motions import TEXT, Hall, S, new_hall
from vng_alv import db
from vng_alv.domain import chain
from vng_alv.domain.ballots import Choice
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind, RoundState, Way
from vng_alv.domain.submissions import AdviceKind, SubmissionState
from vng_alv.errors import Refused
from vng_alv.motions import service as motions
from vng_alv.motions.models import Motion
from vng_alv.proposals.models import Proposal
from vng_alv.submissions import service as submissions
from vng_alv.voting import acclamation, disputing, service, timing
from vng_alv.voting.advised import prepare_advice, votable
from vng_alv.voting.brought import rounds_about
from vng_alv.voting.cast import cast
from vng_alv.voting.models import Round
from vng_alv.voting.summary import summary
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")

A = AdviceKind


@pytest.fixture
def hall(database: str) -> Hall:
    """People, and nothing that was submitted yet."""
    return new_hall()


def again(motion: Motion) -> Motion:
    """The motion as it is in the database now, whatever became of the transaction that it was read in."""
    db.session.expire_all()
    return db.session.get_one(Motion, inspect(motion).identity)


def text_of(motion: Motion) -> Proposal:
    """The text that a submitted motion is."""
    found = again(motion).proposal
    assert found is not None
    return found


def advise(hall: Hall, motion: Motion, kind: AdviceKind, body: str = "Daarom.") -> None:
    """Give and publish an advice."""
    number = submissions.advise(again(motion).submission, kind, body, hall.board).number
    submissions.publish_advice(again(motion).submission, number, hall.board)


def prepared(hall: Hall, kind: AdviceKind = A.HOLD_OVER) -> tuple[Motion, Round]:
    """A motion with advice, and the draft of a vote on that."""
    motion = hall.submitted()
    advise(hall, motion, kind)
    made = prepare_advice(text_of(motion), hall.chair)
    assert made is not None
    return motion, made


def vote(hall: Hall, key: uuid.UUID, choice: Choice) -> None:
    """Open a round, let both members vote the same, and pronounce the outcome."""
    with db.transaction():
        service.open_rounds([key], hall.chair)
    for code, clerk in zip(("GM0001", "GM0002"), hall.clerks, strict=True):
        with db.transaction(write=False):
            cast("alv", code, {key: choice.value}, uuid.uuid4(), clerk)
    with db.transaction():
        service.close([key], hall.chair)
        tally(key)
        service.publish([key], hall.chair)


def asks(motion: Motion) -> list[tuple[RoundKind, RoundState]]:
    """The rounds on a motion."""
    return [(one.kind, one.state) for one in rounds_about(text_of(motion).id)]


def refusal_of(act: object) -> Refusal:
    """What an act refuses."""
    with pytest.raises(Refused) as found, db.transaction():
        act()  # type: ignore[operator]
    return found.value.refusal


SAID = {
    A.TAKE_OVER: (S.TAKEN_OVER, "Preadvies ‘overnemen’", "de motie wordt overgenomen"),
    A.ADVISE_AGAINST: (S.REJECTED, "Preadvies ‘ontraden’", "de motie wordt verworpen"),
    A.HOLD_OVER: (S.HELD_OVER, "Preadvies ‘aanhouden’", "de motie wordt aangehouden"),
}


@pytest.mark.parametrize("kind", SAID)
@pytest.mark.parametrize("choice", [Choice.FOR, Choice.AGAINST, Choice.ABSTAIN])
def test_an_adopted_advice_makes_the_motion_what_it_says_and_another_leaves_it_waiting(
    hall: Hall, kind: AdviceKind, choice: Choice
) -> None:
    state, name, means = SAID[kind]
    with db.transaction():
        motion, made = prepared(hall, kind)
        assert made.title == f"Preadvies: {name[11:-1]} – {motion.submission.title}"
    vote(hall, made.id, choice)
    with db.transaction():
        assert again(motion).submission.state is (state if choice is Choice.FOR else S.SUBMITTED)
        said = summary(db.session.get_one(Round, made.id), "nl").sentence
        tail = "Nodig was meer dan de helft van de stemmen voor en tegen."
        of, open_yet = "115 stemmen voor en tegen", "over de motie zelf is nog niet beslist"
        assert (
            said
            == {
                Choice.FOR: f"{name} aangenomen met 100,00% voor (115 van de {of}): {means}. {tail}",
                Choice.AGAINST: f"{name} verworpen met 0,00% voor (0 van de {of}): {open_yet}. {tail}",
                Choice.ABSTAIN: f"{name}: {open_yet}. Geen uitslag: er zijn geen stemmen voor en tegen.",
            }[choice]
        )
        if choice is not Choice.FOR:
            (own,) = service.prepare(text_of(motion), hall.chair)
            assert own.kind is RoundKind.WHOLE
            service.open_rounds([own.id], hall.chair)
        service.annul(db.session.get_one(Round, made.id), "Fout", hall.chair)
        assert again(motion).submission.state is S.SUBMITTED


def test_the_vote_on_the_motion_itself_decides_over_an_earlier_one_on_the_advice(hall: Hall) -> None:
    with db.transaction():
        motion, made = prepared(hall)
    vote(hall, made.id, Choice.FOR)
    with db.transaction():
        (own,) = service.prepare(text_of(motion), hall.chair)
    vote(hall, own.id, Choice.FOR)
    with db.transaction(write=False):
        assert again(motion).submission.state is S.ADOPTED


@pytest.mark.parametrize("kind", [None, A.LEAVE_TO_ASSEMBLY])
def test_only_a_published_advice_with_a_direction_is_put_to_the_vote(hall: Hall, kind: AdviceKind | None) -> None:
    with db.transaction():
        motion = hall.submitted()
        if kind:
            advise(hall, motion, kind)
        submissions.advise(again(motion).submission, A.HOLD_OVER, "Nog niet openbaar", hall.board)
        text = text_of(motion)
        assert votable([text], []) == {}
    assert refusal_of(lambda: prepare_advice(text_of(motion), hall.chair)) is Refusal.NO_ADVICE


def test_not_on_a_motion_in_parts_nor_on_one_that_waits_no_more(hall: Hall) -> None:
    with db.transaction():
        parts, withdrawn = hall.submitted(), hall.submitted()
        for one in (parts, withdrawn):
            advise(hall, one, A.HOLD_OVER)
        motions.split(parts, ((0,), (1, 2)), 1, hall.clerks[0], asked_now=False)
        submissions.withdraw(withdrawn.submission, "", hall.clerks[0])
        assert votable([text_of(parts), text_of(withdrawn)], []) == {}
    assert refusal_of(lambda: prepare_advice(text_of(parts), hall.chair)) is Refusal.ADVICE_IN_PARTS
    assert refusal_of(lambda: prepare_advice(text_of(withdrawn), hall.chair)) is Refusal.SUBMISSION_STATE
    assert refusal_of(lambda: prepare_advice(text_of(parts), hall.clerks[0])) is Refusal.NOT_ALLOWED


def test_it_takes_the_place_of_a_draft_and_not_of_what_was_announced_or_asked(hall: Hall) -> None:
    with db.transaction():
        motion, later = hall.submitted(), hall.submitted()
        for one in (motion, later):
            advise(hall, one, A.HOLD_OVER)
        service.prepare(text_of(motion), hall.chair)
        assert prepare_advice(text_of(motion), hall.chair)
        assert prepare_advice(text_of(motion), hall.chair) is None
        assert asks(motion) == [(RoundKind.ADVICE, RoundState.DRAFT)]
        (own,) = service.prepare(text_of(later), hall.chair)
        timing.schedule([own.id], db.now() + timedelta(hours=1), None, hall.chair)
    assert refusal_of(lambda: prepare_advice(text_of(later), hall.chair)) is Refusal.MOTION_FIRST
    with db.transaction():
        timing.unschedule([own.id], hall.chair)
        service.open_rounds([own.id], hall.chair)
    assert refusal_of(lambda: prepare_advice(text_of(later), hall.chair)) is Refusal.MOTION_FIRST
    assert refusal_of(lambda: service.prepare(text_of(motion), hall.chair)) is Refusal.ADVICE_FIRST


def test_neither_opens_while_the_other_is_in_preparation_or_under_way(hall: Hall) -> None:
    with db.transaction():
        motion, on_advice = prepared(hall)
        own = Round(
            id=uuid.uuid4(), meeting_id=on_advice.meeting_id, number=99, kind=RoundKind.WHOLE, title="De motie",
            proposal_id=on_advice.proposal_id, version_id=on_advice.version_id, rule=on_advice.rule,
            state=RoundState.DRAFT,
        )  # fmt: skip
        db.session.add(own)
    for key, refusal in ((own.id, Refusal.ADVICE_FIRST), (on_advice.id, Refusal.MOTION_FIRST)):
        assert refusal_of(lambda key=key: service.open_rounds([key], hall.chair)) is refusal  # type: ignore[misc]
    both = [own.id, on_advice.id]
    assert refusal_of(lambda: service.open_rounds(both, hall.chair)) in {Refusal.ADVICE_FIRST, Refusal.MOTION_FIRST}
    with db.transaction():  # the clock holds to it too
        for key in both:
            found = db.session.get_one(Round, key)
            found.state, found.opens_at = RoundState.SCHEDULED, db.now()
        db.session.flush()
        assert service.open_by_clock(on_advice.meeting_id) == []
        assert {db.session.get_one(Round, key).not_opened for key in both} == {"advice_first", "motion_first"}
        db.session.get_one(Round, own.id).state = RoundState.ANNULLED
    with db.transaction():
        service.open_rounds([on_advice.id], hall.chair)
        assert again(motion).submission.state is S.SUBMITTED


def test_while_it_is_asked_the_motion_stays_as_it_is_and_after_it_was_rejected_it_may_change(hall: Hall) -> None:
    with db.transaction():
        motion, made = prepared(hall)
        service.open_rounds([made.id], hall.chair)
    assert refusal_of(lambda: submissions.withdraw(again(motion).submission, "", hall.clerks[0])) is Refusal.VOTE_OPENED
    with db.transaction():
        service.annul(db.session.get_one(Round, made.id), "Fout", hall.chair)
        second = prepare_advice(text_of(motion), hall.chair)
        assert second
    vote(hall, second.id, Choice.AGAINST)
    with db.transaction():
        assert disputing.again(db.session.get_one(Round, second.id))[0] == made.number
        submissions.withdraw(again(motion).submission, "", hall.clerks[0])
        assert again(motion).submission.state is S.WITHDRAWN


def test_a_draft_follows_the_newest_published_advice_and_an_opened_one_does_not(hall: Hall) -> None:
    with db.transaction():
        motion, made = prepared(hall)
        advise(hall, motion, A.ADVISE_AGAINST, "Toch niet.")
        found = db.session.get_one(Round, made.id)
        assert found.advice
        assert (found.title[:19], found.advice.body) == ("Preadvies: ontraden", "Toch niet.")
        service.open_rounds([made.id], hall.chair)
        assert found.version
        data = {"text": found.version.text_hash, "advice": "advise_against", "body": "Toch niet."}
        assert found.text_hash == chain.digest(data)
        advise(hall, motion, A.TAKE_OVER, "Nog iets.")
        db.session.expire_all()
        assert found.advice.kind is A.ADVISE_AGAINST
    key = found.id.hex if db.is_sqlite() else str(found.id)
    refused(f"UPDATE round SET advice_id = (SELECT id FROM advice WHERE number = 1) WHERE id = '{key}'", "round_frozen")


@pytest.mark.parametrize("planned", [False, True])
def test_an_advice_without_a_direction_takes_the_draft_away_and_the_plan_back(hall: Hall, planned: bool) -> None:
    with db.transaction():
        motion, made = prepared(hall)
        if planned:
            timing.schedule([made.id], db.now() + timedelta(hours=1), None, hall.chair)
        advise(hall, motion, A.LEAVE_TO_ASSEMBLY)
        assert asks(motion) == ([(RoundKind.ADVICE, RoundState.DRAFT)] if planned else [])
        if planned:
            assert db.session.get_one(Round, made.id).not_opened == "no_advice"
    if planned:
        assert refusal_of(lambda: service.open_rounds([made.id], hall.chair)) is Refusal.NO_ADVICE
        with db.transaction():  # and the clock does not open it when it is planned again
            found = db.session.get_one(Round, made.id)
            found.state, found.opens_at, found.not_opened = RoundState.SCHEDULED, db.now(), ""
            db.session.flush()
            assert service.open_by_clock(found.meeting_id) == []
            assert db.session.get_one(Round, made.id).not_opened == "no_advice"


def test_a_changed_motion_takes_the_draft_along_and_one_in_parts_does_not(hall: Hall) -> None:
    with db.transaction():
        motion, made = prepared(hall)
        before = made.version_id
        other = TEXT.__class__("Een andere titel", requests=TEXT.requests or ("iets",), declares=TEXT.declares)
        motions.change(again(motion), other, "Anders", 1, hall.clerks[0], asked_now=False)
        service.prepare_again(text_of(motion))
        found = db.session.get_one(Round, made.id)
        assert found.version_id != before
        assert found.title.endswith("– Een andere titel")
        assert asks(motion) == [(RoundKind.ADVICE, RoundState.DRAFT)]
        motions.split(again(motion), ((0,), (1, 2)), 2, hall.clerks[0], asked_now=False)
        service.prepare_again(text_of(motion))
        assert asks(motion) == []


def test_an_advice_is_adopted_by_acclamation_too(hall: Hall) -> None:
    with db.transaction():
        motion, made = prepared(hall)
        motion.submission.meeting.starts_at = db.now()
        acclamation.choose(made, Way.ACCLAMATION, hall.chair)
        service.open_rounds([made.id], hall.chair)
        acclamation.note(made, hall.members[0].id, hall.clerks[0])
        acclamation.pronounce([made.id], hall.chair)
        assert again(motion).submission.state is SubmissionState.HELD_OVER
        assert summary(db.session.get_one(Round, made.id), "nl").sentence == (
            "Preadvies ‘aanhouden’ aangenomen bij acclamatie, 1 lid liet tegen aantekenen: Gemeente 1: "
            "de motie wordt aangehouden."
        )


def test_the_database_keeps_the_two_questions_apart(hall: Hall) -> None:
    with db.transaction():
        _motion, made = prepared(hall)
        service.open_rounds([made.id], hall.chair)
        other = Round(
            id=uuid.uuid4(), meeting_id=made.meeting_id, number=99, kind=RoundKind.WHOLE, title="De motie",
            proposal_id=made.proposal_id, version_id=made.version_id, rule=made.rule, state=RoundState.DRAFT,
        )  # fmt: skip
        db.session.add(other)
    refused("UPDATE round SET state = 'open', opened_at = '2026-01-01' WHERE number = 99", "round_advice_apart")
    refused("UPDATE round SET kind = 'advice' WHERE number = 99", "advice_has_advice")
    refused("UPDATE submission SET state = 'held_over'", "submission_asked")
