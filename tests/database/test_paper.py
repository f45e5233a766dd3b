"""Votes from paper, read by two people; with online casts beside them, and with the service bypassed (rules §14)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from tests import factories
from tests.database.acting import ballot, state_of, stored, together, vote
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.paper import Medium
from vng_alv.domain.permissions import Actor, Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState
from vng_alv.errors import Conflict, Refused
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting import clock_queries, paper
from vng_alv.voting.models import Round
from vng_alv.voting.paper_models import PaperBallot, PaperVote
from vng_alv.voting.queries import roll_votes
from vng_alv.voting.service import close, close_by_clock
from vng_alv.voting.tally import tally


@pytest.fixture
def readers(world: factories.World) -> list[Actor]:
    """Two who read, and a third; votes on paper are chosen in the first round."""
    with db.transaction():
        found = [factories.actor(f"lezer{n}", Role.SECRETARIAT) for n in range(3)]
        paper.choose(world.rounds[0], Medium.PAPER, found[0])
    return found


def read(world: factories.World, who: Actor, choice: str = "for", member: int = 0, *, over: bool = False) -> int | None:
    with db.transaction():
        return paper.enter(world.rounds[0], world.members[member], choice, who, over=over).ballot_version


def test_two_people_who_read_the_same_make_a_ballot_with_receipt_and_mail(
    world: factories.World, readers: list[Actor]
) -> None:
    assert read(world, readers[0]) is None
    assert stored() == []
    assert read(world, readers[0]) is None  # once more by oneself is no confirmation
    assert read(world, readers[1]) == 1
    (made,) = stored()
    assert (made.choice, made.weight, made.person_id) == ("for", 75, world.delegates[0].id)
    with db.transaction(write=False):
        (mail,) = db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.RECEIPT)).all()
        assert (mail.person_id, mail.context["receipt"]) == (made.person_id, made.receipt)
        (entered,) = paper.entered_on(made.receipt).values()
        assert (entered.first, entered.second) == ("Lezer0", "Lezer1")
        assert [one.cast_with for one in roll_votes(world.ids[0])] == ["paper", None, None]
        acts = list(db.session.scalars(
            select(AuditEntry).where(AuditEntry.act.in_(("round.paper", "ballot.read", "ballot.paper")))
            .order_by(AuditEntry.id)
        ))  # fmt: skip
        assert [one.act for one in acts] == ["round.paper"] + ["ballot.read"] * 3 + ["ballot.paper"]
        assert not [one for one in acts if "for" in one.data.values()]


def test_a_difference_is_settled_by_the_two_who_read_it(world: factories.World, readers: list[Actor]) -> None:
    read(world, readers[0], "for")
    assert read(world, readers[1], "against") is None
    with pytest.raises(Refused) as refused:
        read(world, readers[2], "against")
    assert refused.value.refusal is Refusal.PAPER_OTHERS
    with pytest.raises(Refused) as refused, db.transaction():
        close([world.ids[0]], world.chair)
    assert refused.value.refusal is Refusal.PAPER_WAITS
    assert read(world, readers[0], "against") == 1
    with db.transaction():
        close([world.ids[0]], world.chair)
        counted = tally(world.ids[0])
        assert counted is not None
        assert counted.weight_against == 75


def test_a_vote_cast_online_is_replaced_only_by_decision(world: factories.World, readers: list[Actor]) -> None:
    vote(world, 0, "against")
    with pytest.raises(Conflict) as refused:
        read(world, readers[0])
    assert refused.value.refusal is Refusal.PAPER_VOTED
    read(world, readers[0], over=True)
    vote(world, 0, "abstain")  # it came after what was decided
    with pytest.raises(Conflict):
        read(world, readers[1])
    assert [one.choice for one in stored()] == ["against", "abstain"]
    with db.transaction():
        paper.withdraw(world.rounds[0], world.members[0], readers[1])
    with db.transaction(write=False):
        assert db.session.scalar(select(AuditEntry.actor_id).where(AuditEntry.act == "ballot.unread")) == readers[1].id
    read(world, readers[0], over=True)
    assert read(world, readers[1]) == 3
    assert [one.choice for one in stored()] == ["against", "abstain", "for"]


def test_two_who_enter_the_same_paper_at_once_make_one_ballot(world: factories.World, readers: list[Actor]) -> None:
    answers = together([lambda who=who: read(world, who) for who in readers[:2]])
    assert sorted(map(str, answers)) == ["1", "None"]
    assert len(stored()) == 1


def test_a_cast_at_the_same_moment_is_never_lost(world: factories.World, readers: list[Actor]) -> None:
    read(world, readers[0])
    on_paper, online = together([lambda: read(world, readers[1]), lambda: vote(world, 0, "against")])
    assert not isinstance(online, Exception)
    choices = [one.choice for one in stored()]
    assert choices == (["against"] if isinstance(on_paper, Conflict) else ["for", "against"])


def test_the_clock_stops_online_votes_and_leaves_closing_to_a_person(
    world: factories.World, readers: list[Actor]
) -> None:
    with db.transaction():
        db.session.execute(
            update(Round).where(Round.id == world.ids[0]).values(closes_at=db.now() - timedelta(hours=1))
        )
        assert world.ids[0] not in clock_queries.overdue(db.now())
        close_by_clock(world.ids[0])
    with pytest.raises(Refused):
        vote(world, 0)
    read(world, readers[0])
    assert read(world, readers[1]) == 1
    assert state_of(world.ids[0]) is RoundState.OPEN


def test_who_does_not_run_rounds_enters_nothing(world: factories.World, readers: list[Actor]) -> None:
    with pytest.raises(Refused) as refused:
        read(world, world.delegates[0])
    assert refused.value.refusal is Refusal.NOT_ALLOWED


def test_with_the_service_bypassed_the_database_holds_the_two(world: factories.World, readers: list[Actor]) -> None:
    first, second, _ = (one.id for one in readers)
    with db.transaction(write=False):
        now = db.now()
    usual = {
        "round_id": world.ids[0], "member_id": world.members[0].id, "number": 1, "over_version": 0,
        "key": uuid.uuid4(), "first_choice": "for", "first_by": first,
    }  # fmt: skip

    def refused(*rows: object, statement: object = None) -> None:
        with pytest.raises(IntegrityError), db.transaction():
            db.session.add_all(rows)
            db.session.flush()
            if statement is not None:
                db.session.execute(statement)  # type: ignore[call-overload]

    def entry(**changed: object) -> PaperBallot:
        return PaperBallot(**{**usual, "first_at": now, **changed})

    refused(entry(second_by=second, second_choice="for", second_at=now))  # both at once: nobody read it alone
    refused(entry(round_id=world.ids[1]))  # no paper was chosen there
    refused(entry(), entry(number=2))
    mine = update(PaperBallot)
    confirmed = {"second_choice": "for", "second_at": now}
    refused(entry(), statement=mine.values(second_by=first, **confirmed))
    refused(entry(), statement=mine.values(first_by=second))
    both = {"second_by": second, **confirmed, "ballot_version": 1}
    refused(ballot(world, 0), entry(), statement=mine.values(**both))  # a ballot that was cast online
    refused(ballot(world, 0, key=usual["key"], choice="against"), entry(), statement=mine.values(**both))
    refused(entry(), statement=update(Round).where(Round.id == world.ids[0]).values(state="closed", closed_at=now))
    refused(statement=delete(PaperVote))
    refused(statement=update(PaperVote).values(medium=Medium.HANDS))
    read(world, readers[0])
    assert read(world, readers[1]) == 1
    refused(statement=delete(PaperBallot))
    refused(statement=mine.values(second_by=readers[2].id))
