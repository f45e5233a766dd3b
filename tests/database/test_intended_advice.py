"""What a member prepares to vote on the board's advice, which is never what it prepared on the motion (§2.11)."""

import uuid
from dataclasses import dataclass

import pytest
from sqlalchemy.exc import DBAPIError

from tests.database.test_advice_votes import A, advise, again, text_of
from tests.database.test_motions import TEXT, Hall, new_hall
from vng_alv import db
from vng_alv.domain.ballots import Choice
from vng_alv.domain.submissions import AdviceKind
from vng_alv.errors import Refused
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_member
from vng_alv.motions import service as motions
from vng_alv.motions.models import Motion
from vng_alv.voting import preparing_queries as queries
from vng_alv.voting import service as rounds
from vng_alv.voting.advised import prepare_advice
from vng_alv.voting.models import Round
from vng_alv.voting.preparing import Preparer
from vng_alv.voting.preparing_models import IntendedVote
from vng_alv.voting.queries import open_rounds

pytestmark = pytest.mark.usefixtures("database")

FOR, AGAINST = Choice.FOR, Choice.AGAINST


@dataclass
class Desk:
    """A motion that the board advises against, with a draft on the motion itself, for which somebody prepared."""

    hall: Hall
    motion: Motion
    own: uuid.UUID
    #: The keys of meeting, member, and who prepares.
    here: tuple[uuid.UUID, uuid.UUID, uuid.UUID]

    def asked(self) -> dict[uuid.UUID, queries.Asked]:
        with db.transaction(write=False):
            return queries.asked_at(self.here[0])

    def save(self, key: uuid.UUID, choice: Choice, revision: int = 0) -> IntendedVote:
        with db.transaction():
            preparer = Preparer(get_meeting("alv"), get_member("GM0001"), self.hall.clerks[0])
            return preparer.save(key, choice, "Daarom.", revision)

    def kept(self) -> dict[uuid.UUID, IntendedVote]:
        with db.transaction(write=False):
            return queries.intended_at(*self.here)

    def beside(self) -> queries.Beside:
        """What stands beside the only question that is open."""
        with db.transaction(write=False):
            (one,) = open_rounds(self.here[0])
            return queries.beside(one, queries.intended_at(*self.here))

    def on_advice(self) -> tuple[uuid.UUID, uuid.UUID]:
        """Vote on the advice instead: the key of that question, and its round."""
        with db.transaction():
            made = prepare_advice(text_of(self.motion), self.hall.chair)
            assert made
            return queries.key_of(made), made.id

    def advise(self, kind: AdviceKind, body: str) -> None:
        with db.transaction():
            advise(self.hall, self.motion, kind, body)

    def open(self, round_id: uuid.UUID) -> None:
        with db.transaction():
            rounds.open_rounds([round_id], self.hall.chair)


@pytest.fixture
def desk(database: str) -> Desk:
    hall = new_hall()
    here = hall.meeting.id, hall.members[0].id, hall.clerks[0].id
    with db.transaction():
        motion = hall.submitted()
        advise(hall, motion, A.ADVISE_AGAINST, "Te duur.")
        (own,) = rounds.prepare(text_of(motion), hall.chair)
        key = queries.key_of(own)
    found = Desk(hall, motion, key, here)
    found.save(key, FOR)
    return found


def test_what_was_prepared_on_the_motion_is_kept_and_never_taken_for_the_advice(desk: Desk) -> None:
    key, on = desk.on_advice()
    assert list(desk.asked()) == [key] != [desk.own]
    assert [one.choice for one in queries.elsewhere(desk.asked()[key].round, desk.kept())] == [FOR]
    with pytest.raises(Refused, match="question_gone"):
        desk.save(desk.own, AGAINST, 1)
    desk.open(on)
    found = desk.beside()
    assert (found.said, found.preset) == (None, None)
    assert [(one.advice_kind, one.choice) for one in found.elsewhere] == [(None, FOR)]
    mine = desk.save(key, AGAINST)
    assert (mine.advice_kind, mine.revision) == (A.ADVISE_AGAINST, 1)
    found = desk.beside()
    assert (found.preset, found.outdated, found.elsewhere) == (AGAINST, False, [])
    assert mine.text_hash == found.round.text_hash, "of what is frozen at the opening"
    assert {one.advice_kind: one.choice for one in desk.kept().values()} == {None: FOR, A.ADVISE_AGAINST: AGAINST}
    with db.transaction(write=False):
        meeting, *rest = desk.here
        assert queries.progress([meeting], *rest) == {meeting: queries.Progress(1, 1)}


def test_what_was_prepared_on_the_advice_is_not_taken_for_the_motion(desk: Desk) -> None:
    key, on = desk.on_advice()
    desk.save(key, AGAINST)
    with db.transaction():
        rounds.annul(db.session.get_one(Round, on), "Toch de motie zelf.", desk.hall.chair)
        (own,) = rounds.prepare(text_of(desk.motion), desk.hall.chair)
        rounds.open_rounds([own.id], desk.hall.chair)
    found = desk.beside()
    assert (found.preset, found.outdated) == (FOR, False), "as it was prepared before"
    with db.transaction(write=False):
        kept = queries.titles_of(desk.kept().values())
    assert kept[key] == ("Veilig fietsen", "Preadvies: ontraden – Veilig fietsen")


def test_an_advice_that_goes_another_way_is_another_question_and_other_words_make_it_stale(desk: Desk) -> None:
    key, on = desk.on_advice()
    desk.save(key, AGAINST)
    desk.advise(A.ADVISE_AGAINST, "Te duur, en te laat.")
    now = desk.asked()[key]
    assert now.text != desk.kept()[key].text_hash
    with db.transaction():
        motions.change(again(desk.motion), TEXT, "Anders", 1, desk.hall.clerks[0], asked_now=False)
        rounds.prepare_again(text_of(desk.motion))
    assert list(desk.asked()) == [key]
    desk.advise(A.TAKE_OVER, "Toch goed.")
    (other,) = desk.asked()
    assert other != key
    desk.open(on)
    found = desk.beside()
    assert (found.said, found.preset) == (None, None)
    assert {one.advice_kind for one in found.elsewhere} == {None, A.ADVISE_AGAINST}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({}, "unique"),
        ({"amendment_id": uuid.uuid4()}, "advice_on_the_whole"),
        ({"section_id": uuid.uuid4()}, "advice_on_the_whole"),
        ({"advice_kind": A.LEAVE_TO_ASSEMBLY}, "advice_has_direction"),
    ],
)
def test_the_database_keeps_one_for_each_way_of_an_advice_and_nothing_else_with_it(
    desk: Desk, more: dict[str, object], why: str
) -> None:
    key, _ = desk.on_advice()
    one = desk.save(key, AGAINST)
    same = {column.name: getattr(one, column.name) for column in IntendedVote.__table__.columns}
    with pytest.raises(DBAPIError, match=rf"(?i){why}"), db.transaction():
        db.session.add(IntendedVote(**(same | {"id": uuid.uuid4()} | more)))
        db.session.flush()
