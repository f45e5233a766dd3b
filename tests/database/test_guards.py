"""What the database refuses when the service is bypassed (docs/rules.md §4, §10)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Executable, select, text, update
from sqlalchemy.exc import DBAPIError

from tests import factories
from tests.database.acting import ballot
from vng_alv import db
from vng_alv.audit.service import seal
from vng_alv.domain.rounds import RoundState, may_follow
from vng_alv.meetings.models import Mandate
from vng_alv.members.models import Member
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import ProposalKind, VersionSection
from vng_alv.signing.models import SigningKey
from vng_alv.voting.models import Ballot, Result, RollEntry, Round
from vng_alv.voting.service import close, publish
from vng_alv.voting.tally import tally
from vng_alv.voting.timing import rehearse

pytestmark = pytest.mark.usefixtures("database")

#: The key of nothing, as both databases read it.
OTHER = uuid.UUID(int=0).hex


def refused(what: str | Executable | db.Base, rule: str, **values: object) -> None:
    """The statement, or the new row, is refused by the database, which names the rule."""
    with pytest.raises(DBAPIError, match=f"(?i){rule}"), db.transaction():
        if isinstance(what, db.Base):
            db.session.add(what)
            db.session.flush()
        else:
            db.session.execute(text(what) if isinstance(what, str) else what, values)


@pytest.fixture
def world(database: str) -> factories.World:
    """An open round in which the first member cast a ballot."""
    with db.transaction():
        made = factories.world()
        db.session.add(ballot(made, 0))
        db.session.add(SigningKey(number=1, id="0" * 16, public_key="x" * 43, since=db.now()))
    return made


#: What is only ever added to, with a change of each.
APPEND_ONLY = {
    "ballot": "choice = 'against'",
    "roll_entry": "name = 'x'",
    "result": "weight_for = 1",
    "audit_entry": "act = 'x'",
    "audit_seal": "hash = 'x'",
    "signing_key": "since = '2020-01-01 00:00:00.000000'",
}
#: The columns of tables that still take rows, one of them changed: what SQLite would put in the place of a row.
REPLACED = {
    "ballot": (
        "round_id, member_id, version, 'against', weight, advisory, person_id, cast_at, receipt, key, via_id, NULL"
    ),
    "audit_entry": "id, at, 'x', actor_id, member_id, subject, data",
    "audit_seal": "number, entry_id, 'x', hash",
    "signing_key": "number, id, public_key, since",
}


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_written_stays(world: factories.World, table: str) -> None:
    with db.transaction():
        seal()
        close(world.ids[:1], world.chair)
        tally(world.ids[0])
    refused(f"UPDATE {table} SET {APPEND_ONLY[table]}", f"{table}_append_only")
    refused(f"DELETE FROM {table}", f"{table}_append_only")
    if not db.is_sqlite():  # which has no other way to empty a table
        refused(f"TRUNCATE {table} CASCADE", "append_only")


@pytest.mark.parametrize("table", REPLACED)
def test_what_is_written_is_not_replaced(world: factories.World, table: str) -> None:
    with db.transaction():
        seal()
    if db.is_sqlite():
        refused(f"INSERT OR REPLACE INTO {table} SELECT {REPLACED[table]} FROM {table}", f"{table}_append_only")
    else:
        change = f"INSERT INTO {table} SELECT {REPLACED[table]} FROM {table} ON CONFLICT ON CONSTRAINT pk_{table}"
        refused(f"{change} DO UPDATE SET {APPEND_ONLY[table]}", f"{table}_append_only")


def test_a_weight_cannot_be_changed_or_added_after_opening(world: factories.World) -> None:
    refused(update(RollEntry).values(weight=75), "roll_entry_append_only")
    with db.transaction():
        late = factories.member(99)
    entry = {"code": "GM0099", "name": "x", "province": "x", "population": 1, "weight": 1, "advisory": False}
    refused(RollEntry(round_id=world.ids[0], member_id=late.id, **entry), "roll_entry_only_while_draft")


@pytest.mark.parametrize(
    "change",
    [
        f"meeting_id = '{OTHER}'",
        "number = number + 100",
        "kind = 'whole'",
        "title = 'x'",
        f"proposal_id = '{OTHER}'",
        f"version_id = '{OTHER}'",
        f"section_id = '{OTHER}'",
        "rule = '{}'",
        "text_hash = 'x'",
        "text_hash = NULL",
        "opened_at = '2020-01-01 00:00:00.000000'",
        "opens_at = '2020-01-01 00:00:00.000000'",
        "rehearsal = TRUE",
    ],
)
def test_what_a_round_is_about_stands_once_it_is_open(world: factories.World, change: str) -> None:
    refused(f"UPDATE round SET {change}", "round_frozen")


@pytest.mark.parametrize("moment", ["closed_at", "published_at"])
@pytest.mark.parametrize("value", ["NULL", "'2020-01-01 00:00:00.000000'"])
def test_a_moment_of_a_round_stands_once_it_is_there(world: factories.World, moment: str, value: str) -> None:
    with db.transaction():
        close(world.ids[:1], world.chair)
        tally(world.ids[0])
        publish(world.ids[:1], world.chair)
    refused(f"UPDATE round SET {moment} = {value} WHERE state = 'published'", "round_frozen")


def test_an_announced_end_only_moves_to_later_and_only_while_open(world: factories.World) -> None:
    end = "UPDATE round SET closes_at = {} WHERE number = 1"
    with db.transaction():
        db.session.execute(text(end.format("'2031-01-01 12:00:00.000000'")))
        db.session.execute(text(end.format("'2031-01-02 12:00:00.000000'")))
    for earlier in ("'2031-01-01 12:00:00.000000'", "NULL"):
        refused(end.format(earlier), "round_closes_later")
    with db.transaction():
        close(world.ids[:1], world.chair)
    refused(end.format("'2031-01-03 12:00:00.000000'"), "round_closes_later")


def test_only_a_rehearsal_has_no_text_and_it_has_no_outcome(world: factories.World) -> None:
    with db.transaction():
        made = rehearse(db.session.merge(world.meeting), world.chair)
        close([made.id], world.chair)
        old = db.session.get_one(Round, world.ids[0])
    about = {"meeting_id": old.meeting_id, "number": 99, "kind": "whole", "title": "x", "rule": old.rule}
    refused(Round(**about), "rehearsal_has_no_text")
    refused(Round(**about, rehearsal=True, proposal_id=old.proposal_id, version_id=old.version_id), "no_text")
    refused("UPDATE round SET state = 'counted' WHERE rehearsal", "rehearsal_has_no_outcome")
    numbers = dict.fromkeys(
        ("weight_for", "weight_against", "weight_abstain", "members_for", "members_against", "members_abstain", "base"),
        0,
    )
    result = Result(
        **numbers, electorate_weight=1, electorate_members=1, advisory={}, verdict="no_verdict",
        counted_at=datetime.now(UTC), round_id=made.id,
    )  # fmt: skip
    refused(result, "result_only_while_closed")


def test_a_round_that_was_opened_is_never_deleted(world: factories.World) -> None:
    refused("DELETE FROM round", "round_kept")


@pytest.mark.parametrize("now", RoundState)
def test_states_go_where_the_domain_says(database: str, now: RoundState) -> None:
    """The trigger and ``domain.rounds`` allow the same steps, from every state to every other."""
    path = {
        RoundState.DRAFT: [],
        RoundState.SCHEDULED: ["scheduled"],
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
        values = {"id": made.rounds[0].id, "now": datetime.now(UTC)}
        if db.is_sqlite():
            values = {"id": made.rounds[0].id.hex, "now": db.sqlite_moment(datetime.now(UTC))}
        with db.transaction():  # what is planned has a moment
            db.session.execute(text("UPDATE round SET opens_at = :now WHERE id = :id"), values)
        for state in path:
            with db.transaction():
                db.session.execute(text(step), {"state": state, **values})
        if may_follow(now, then):
            with db.transaction():
                db.session.execute(text(step), {"state": then.value, **values})
        else:
            refused(step, "round_state_forward", state=then.value, **values)


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
    refused(ballot(world, 1), "ballot_only_while_open")


def test_no_ballot_of_a_member_that_is_not_on_the_roll(world: factories.World) -> None:
    with db.transaction():
        late = factories.member(98)
    refused(ballot(world, 1, member_id=late.id), "foreign key")


@pytest.mark.parametrize("changed", [{"weight": 75}, {"advisory": True}])
def test_a_ballot_weighs_what_the_roll_says(world: factories.World, changed: dict[str, object]) -> None:
    refused(ballot(world, 1, **changed), "foreign key")


def test_one_ballot_of_each_version_and_key(world: factories.World) -> None:
    with db.transaction(write=False):
        key = db.session.scalars(select(Ballot.key)).one()
    refused(ballot(world, 0), "unique")
    refused(ballot(world, 0, version=2, key=key), "unique")


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
    refused(Result(**result), "result_only_while_closed")
    with db.transaction():
        close(world.ids[:1], world.chair)
    refused(Result(**{**result, "weight_for": 2}), "weight_within_electorate")
    with db.transaction():
        tally(world.ids[0])
        publish(world.ids[:1], world.chair)
    refused(Result(**result), "result_only_while_closed")


def test_a_published_text_never_changes(world: factories.World) -> None:
    refused("UPDATE version SET title = 'x'", "version_published")
    refused("DELETE FROM version", "version_published")
    refused("UPDATE version_section SET body = 'x'", "version_published")
    refused("DELETE FROM version_section", "version_published")
    with db.transaction(write=False):
        one = db.session.scalars(select(VersionSection)).first()
        assert one
        values = {c.name: getattr(one, c.name) for c in VersionSection.__table__.columns}
    refused(
        VersionSection(**{**values, "section_id": uuid.uuid4(), "number": "A9", "position": 99}), "version_published"
    )
    with db.transaction():
        made = proposals.create(world.meeting, "R2", ProposalKind.MOTION, "Een motie", None)
        proposals.import_text(made, proposals.read_text(factories.RESOLUTION.encode()), None)
    refused(
        "UPDATE version_section SET number = 'A9', position = 99, version_id = "
        "(SELECT id FROM version WHERE published_at IS NOT NULL) WHERE version_id = "
        "(SELECT id FROM version WHERE published_at IS NULL) AND number = 'A1'",
        "version_published",
    )
    if not db.is_sqlite():
        refused("TRUNCATE version_section CASCADE", "append_only")


def test_one_holder_of_a_mandate(world: factories.World) -> None:
    second = Mandate(
        meeting_id=world.meeting.id,
        member_id=world.members[0].id,
        person_id=world.delegates[1].id,
        since=datetime.now(UTC) + timedelta(seconds=1),
    )
    refused(second, "unique")


def test_no_negative_population(world: factories.World) -> None:
    refused(update(Member).values(population=-1), "population_not_negative")


def test_a_broken_constraint_has_its_name_on_both_databases(world: factories.World) -> None:
    with pytest.raises(DBAPIError) as caught, db.transaction():
        db.session.add(Member(code="GM0001", name="x", province="x", population=1, advisory=False))
        db.session.flush()
    assert db.violated(caught.value) == "uq_member_code"  # type: ignore[arg-type]
