"""What comes after an outcome with options: a run-off, or lots (docs/rules.md §5.11)."""

import uuid
from collections.abc import Sequence

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests import factories
from tests.database.acting import together
from tests.database.options_desk import MAJORITY, MOST_WINS, end, get, put, refuses, shown, vote
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.majority import Verdict
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind
from vng_alv.errors import Conflict, Refused
from vng_alv.voting import choosing, queries, service
from vng_alv.voting.about import subject_of
from vng_alv.voting.models import Lot, Round
from vng_alv.voting.tally import tally


def test_a_run_off_is_between_those_that_are_ahead(database: str) -> None:
    with db.transaction():
        world = factories.world([40_000, 35_000, 25_000, 1_000])
    key = put(world, MAJORITY)
    vote(world, key, "3", "1", "2")
    assert end(world, key).verdict is Verdict.RUN_OFF
    with db.transaction():
        made = choosing.hold_run_off(db.session.get_one(Round, key), world.chair)
    found = get(made.id)
    assert (found.run_off_of, found.titles, found.choices) == (key, {"1": "A", "3": "C"}, "1,3,abstain")
    assert found.title == "Herstemming: Wie?"
    with pytest.raises(Conflict) as caught, db.transaction():
        choosing.hold_run_off(db.session.get_one(Round, key), world.chair)
    assert caught.value.refusal is Refusal.NO_RUN_OFF
    with db.transaction():
        service.open_rounds([made.id], world.chair)
    refuses(Refusal.UNKNOWN_CHOICE, world, made.id, "2")
    vote(world, made.id, "3", "1", "1")
    assert end(world, made.id).chosen == ("1",)


def even(world: factories.World) -> uuid.UUID:
    """A pronounced round where A and B have 40 votes each."""
    key = put(world, MOST_WINS)
    vote(world, key, "1", "2", "3")
    assert end(world, key).verdict is Verdict.LOTS
    return key


@pytest.fixture
def equals(database: str) -> factories.World:
    with db.transaction():
        return factories.world([40_000, 40_000, 1_000])


def draw(world: factories.World, key: uuid.UUID, picked: Sequence[str] | None) -> Lot:
    with db.transaction():
        return choosing.draw_lots(db.session.get_one(Round, key), picked, world.chair)


def test_lots_that_the_chair_drew_decide(equals: factories.World) -> None:
    key = even(equals)
    assert shown(key).waits_for_lots
    for picked in ([], ["3"], ["1", "2"], ["abstain"]):
        with pytest.raises(Refused) as caught:
            draw(equals, key, picked)
        assert caught.value.refusal is Refusal.NO_LOTS
    draw(equals, key, ["2"])
    found = shown(key)
    assert (found.chosen, found.waits_for_lots) == (("2",), False)
    assert found.sentence is not None
    assert found.sentence.startswith("Gekozen door het lot: B.")
    with pytest.raises(Conflict) as twice:
        draw(equals, key, ["1"])
    assert twice.value.refusal is Refusal.LOTS_DRAWN


def test_the_site_draws_among_those_that_are_even(equals: factories.World) -> None:
    key = even(equals)
    kept = draw(equals, key, None)
    assert kept.by_site
    with db.transaction(write=False):
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "round.lots")).one()
        names = [get(key).titles[one] for one in kept.drawn]
    assert (entry.actor_id, entry.data["drawn"], entry.data["by"]) == (equals.chair.id, names, "site")
    assert shown(key).chosen in {("1",), ("2",)}


def test_of_two_who_keep_lots_at_once_one_does(equals: factories.World) -> None:
    key = even(equals)
    answers = together([lambda who=who: draw(equals, key, [who]) for who in ("1", "2") * 3])
    assert sum(isinstance(answer, Lot) for answer in answers) == 1, answers


def test_lots_are_not_drawn_before_the_outcome_is_known_or_without_a_tie(equals: factories.World) -> None:
    key = put(equals, MOST_WINS)
    vote(equals, key, "1", "2", "3")
    with pytest.raises(Conflict):
        draw(equals, key, ["1"])
    with db.transaction():
        service.close([key], equals.chair)
        tally(key)
    with pytest.raises(Conflict):
        draw(equals, key, ["1"])
    with pytest.raises(DBAPIError, match=r"(?i)lot_only_while_published"), db.transaction():
        kept = Lot(round_id=key, drawn=["1"], by_site=False, drawn_by=equals.chair.id, drawn_at=db.now())
        db.session.add(kept)
        db.session.flush()


def test_lots_stay_as_they_were_drawn(equals: factories.World) -> None:
    draw(equals, even(equals), ["1"])
    for statement in ("UPDATE lot SET drawn = '[\"2\"]'", "DELETE FROM lot"):
        with pytest.raises(DBAPIError, match=r"(?i)lot_append_only"), db.transaction():
            db.session.execute(text(statement))


def test_what_is_void_needs_nothing_more(equals: factories.World) -> None:
    key = even(equals)
    with db.transaction(write=False):
        assert choosing.needs([get(key)]) == {key: Verdict.LOTS}
    with db.transaction():
        service.annul(db.session.get_one(Round, key), "Fout", equals.chair)
    with db.transaction(write=False):
        assert choosing.needs([get(key)]) == {}


def test_a_question_with_options_has_no_place_in_the_order_of_its_text(world: factories.World) -> None:
    """And is no vote on the text itself: its sections and the whole are prepared beside it."""
    key = put(world, MOST_WINS)
    with db.transaction(write=False):
        assert subject_of(db.session.get_one(Round, key)).amendment is None
        kinds = [one.kind for one in queries.rounds_of(world.meeting.id)]
    assert kinds.count(RoundKind.CANDIDATES) == 1
    with db.transaction():
        assert service.prepare(db.session.merge(world.rounds[0]).proposal, world.chair) == []
