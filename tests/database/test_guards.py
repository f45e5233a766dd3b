"""What the database refuses when the service is bypassed (docs/rules.md §4, §10)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from tests import factories
from vng_alv import db
from vng_alv.audit.service import record, seal
from vng_alv.domain.ballots import Choice
from vng_alv.domain.rounds import RoundState, may_follow
from vng_alv.meetings.models import Mandate
from vng_alv.members.models import Member
from vng_alv.voting.models import Ballot, Result, RollEntry, Round
from vng_alv.voting.service import close, publish
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")


def refused(statement: object, rule: str, **values: object) -> None:
    """The statement fails, and names the rule."""
    with pytest.raises(DBAPIError, match=rule), db.transaction():
        db.session.execute(statement if not isinstance(statement, str) else text(statement), values)  # type: ignore[call-overload]
        db.session.flush()


@pytest.fixture
def world(database: str) -> factories.World:
    with db.transaction():
        made = factories.world()
        one, delegate, member = made.rounds[0], made.delegates[0], made.members[0]
        db.session.add(
            Ballot(
                round_id=one.id,
                member_id=member.id,
                version=1,
                choice=Choice.FOR,
                weight=75,
                advisory=False,
                person_id=delegate.id,
                cast_at=datetime.now(UTC),
                receipt="AAAA-BBBB-CCCC-DDDD",
                key=uuid.uuid4(),
            )
        )
    return made


@pytest.mark.parametrize("table", ["ballot", "roll_entry", "audit_entry"])
def test_what_is_written_stays(world: factories.World, table: str) -> None:
    refused(f"DELETE FROM {table}", f"{table}_append_only")
    column = {"ballot": "receipt", "roll_entry": "name", "audit_entry": "act"}[table]
    refused(f"UPDATE {table} SET {column} = 'x'", f"{table}_append_only")


def test_seals_and_results_stay(world: factories.World) -> None:
    with db.transaction():
        record("test", None, "x")
        assert seal() > 0
        close(world.ids[:1], world.chair)
        assert tally(world.ids[0]) is not None
    refused("UPDATE audit_seal SET hash = 'x'", "audit_seal_append_only")
    refused("DELETE FROM result", "result_append_only")
    refused("UPDATE result SET weight_for = 1", "result_append_only")


def test_a_weight_cannot_be_changed_or_added_after_opening(world: factories.World) -> None:
    refused(update(RollEntry).values(weight=75), "roll_entry_append_only")
    with db.transaction():
        late = factories.member(99)
    with pytest.raises(DBAPIError, match="roll_entry_only_while_draft"), db.transaction():
        db.session.add(
            RollEntry(
                round_id=world.ids[0],
                member_id=late.id,
                code="GM0099",
                name="x",
                province="x",
                population=1,
                weight=1,
                advisory=False,
            )
        )
        db.session.flush()


@pytest.mark.parametrize("column", ["title", "text_hash"])
def test_what_a_round_is_about_stands_once_it_is_open(world: factories.World, column: str) -> None:
    refused(f"UPDATE round SET {column} = 'x'", "round_frozen")


def test_the_rule_stands_once_the_round_is_open(world: factories.World) -> None:
    refused(update(Round).values(rule={"comparison": "at_least"}), "round_frozen")


@pytest.mark.parametrize("now", RoundState)
def test_states_go_where_the_domain_says(database: str, now: RoundState) -> None:
    """The trigger and ``domain.rounds`` allow the same steps, from every state to every other."""
    path = {
        RoundState.DRAFT: [],
        RoundState.OPEN: ["open"],
        RoundState.CLOSED: ["open", "closed"],
        RoundState.COUNTED: ["open", "closed", "counted"],
        RoundState.PUBLISHED: ["open", "closed", "counted", "published"],
        RoundState.ANNULLED: ["annulled"],
    }[now]
    made: factories.World | None = None
    step = "UPDATE round SET state = :state, opened_at = COALESCE(opened_at, :now), published_at = :now WHERE id = :id"
    for then in set(RoundState) - {now}:
        with db.transaction():
            made = fresh_round(made) if made else factories.world(is_open=False)
        key = made.rounds[0].id if db.is_sqlite() is False else made.rounds[0].id.hex
        moment = datetime.now(UTC).replace(tzinfo=None if db.is_sqlite() else UTC)
        moment_text = moment.isoformat(" ") if db.is_sqlite() else moment
        for state in path:
            with db.transaction():
                db.session.execute(text(step), {"state": state, "id": key, "now": moment_text})
        if may_follow(now, then):
            with db.transaction():
                db.session.execute(text(step), {"state": then.value, "id": key, "now": moment_text})
        else:
            refused(step, "round_state_forward|round_frozen", state=then.value, id=key, now=moment_text)


def fresh_round(made: factories.World) -> factories.World:
    """Another round in draft in the same meeting."""
    old = db.session.get_one(Round, made.rounds[0].id)
    highest = max(r.number for r in made.rounds) + 1
    one = Round(
        id=uuid.uuid4(),
        meeting_id=old.meeting_id,
        number=highest,
        kind=old.kind,
        title=old.title,
        proposal_id=old.proposal_id,
        version_id=old.version_id,
        section_id=old.section_id,
        rule=old.rule,
    )
    db.session.add(one)
    db.session.flush()
    return factories.World(made.meeting, made.members, made.delegates, [one], made.chair)


def test_no_ballot_outside_an_open_round(world: factories.World) -> None:
    with db.transaction():
        close(world.ids, world.chair)
    with pytest.raises(DBAPIError, match="ballot_only_while_open"), db.transaction():
        db.session.add(
            Ballot(
                round_id=world.ids[0],
                member_id=world.members[1].id,
                version=1,
                choice=Choice.FOR,
                weight=40,
                advisory=False,
                person_id=world.delegates[1].id,
                cast_at=datetime.now(UTC),
                receipt="X",
                key=uuid.uuid4(),
            )
        )
        db.session.flush()


def test_no_ballot_of_a_member_that_is_not_on_the_roll(world: factories.World) -> None:
    with db.transaction():
        late = factories.member(98)
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), db.transaction():
        db.session.add(
            Ballot(
                round_id=world.ids[0],
                member_id=late.id,
                version=1,
                choice=Choice.FOR,
                weight=40,
                advisory=False,
                person_id=world.delegates[1].id,
                cast_at=datetime.now(UTC),
                receipt="X",
                key=uuid.uuid4(),
            )
        )
        db.session.flush()


def test_a_ballot_weighs_what_the_roll_says(world: factories.World) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), db.transaction():
        db.session.add(
            Ballot(
                round_id=world.ids[0],
                member_id=world.members[1].id,
                version=1,
                choice=Choice.FOR,
                weight=75,
                advisory=False,
                person_id=world.delegates[1].id,
                cast_at=datetime.now(UTC),
                receipt="X",
                key=uuid.uuid4(),
            )
        )
        db.session.flush()


def test_one_ballot_of_each_version_and_key(world: factories.World) -> None:
    with db.transaction(write=False):
        first = db.session.query(Ballot).one()
        values = {c.name: getattr(first, c.name) for c in Ballot.__table__.columns}
    for changed in ({"key": uuid.uuid4()}, {"version": 2}):
        with pytest.raises(DBAPIError, match=r"(?i)unique"), db.transaction():
            db.session.add(Ballot(**{**values, **changed}))
            db.session.flush()


def test_a_result_comes_while_closed_and_once(world: factories.World) -> None:
    numbers = dict.fromkeys(
        ("weight_for", "weight_against", "weight_abstain", "members_for", "members_against", "members_abstain", "base"),
        0,
    )
    result = {
        **numbers,
        "electorate_weight": 1,
        "electorate_members": 1,
        "advisory": {},
        "verdict": "no_verdict",
        "counted_at": datetime.now(UTC),
        "round_id": world.ids[0],
    }
    with pytest.raises(DBAPIError, match="result_only_while_closed"), db.transaction():
        db.session.add(Result(**result))
        db.session.flush()
    with db.transaction():
        close(world.ids[:1], world.chair)
    with pytest.raises(DBAPIError, match="weight_within_electorate"), db.transaction():
        db.session.add(Result(**{**result, "weight_for": 2}))
        db.session.flush()
    with db.transaction():
        tally(world.ids[0])
        publish(world.ids[:1], world.chair)


def test_a_published_text_never_changes(world: factories.World) -> None:
    refused("UPDATE version SET title = 'x'", "version_published")
    refused("UPDATE version_section SET body = 'x'", "version_published")
    refused("DELETE FROM version_section", "version_published")


def test_one_holder_of_a_mandate(world: factories.World) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)unique"), db.transaction():
        db.session.add(
            Mandate(
                meeting_id=world.meeting.id,
                member_id=world.members[0].id,
                person_id=world.delegates[1].id,
                since=datetime.now(UTC) + timedelta(seconds=1),
            )
        )
        db.session.flush()


def test_no_negative_population(world: factories.World) -> None:
    refused(update(Member).values(population=-1), "population_not_negative")


def test_a_broken_constraint_has_its_name_on_both_databases(world: factories.World) -> None:
    with pytest.raises(DBAPIError) as caught, db.transaction():
        db.session.add(Member(code="GM0001", name="x", province="x", population=1, advisory=False))
        db.session.flush()
    assert db.violated(caught.value) == "uq_member_code"  # type: ignore[arg-type]
