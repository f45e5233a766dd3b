"""Secret rounds: sealed ballots, two tellers, and no more than sums (docs/rules.md §11)."""

import uuid
from functools import partial

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from tests.database.acting import stored, together
from tests.database.secret_desk import SecretDesk, kept, refuses, voted
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.ballots import SEALED
from vng_alv.domain.majority import Verdict
from vng_alv.domain.options import Even, OptionRule, Winning
from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind, RoundState
from vng_alv.errors import Refused
from vng_alv.voting import choosing, queries, service, tellers
from vng_alv.voting.cast import cast
from vng_alv.voting.clock_queries import uncounted
from vng_alv.voting.models import Ballot, Result, Round
from vng_alv.voting.secret_models import OpenedBallot, SealedBallot, TellerKey
from vng_alv.voting.tally import tally

pytestmark = pytest.mark.usefixtures("database")

#: Members of one weight, so that sums tell nothing of one of them.
EQUAL = (10_000,) * 8


@pytest.fixture
def desk(database: str) -> SecretDesk:
    return SecretDesk(EQUAL)


# --- Before it opens


def test_only_a_round_on_persons_is_secret(desk: SecretDesk) -> None:
    with db.transaction(write=False):
        proposal = db.session.merge(desk.world.rounds[0]).proposal
        texts = OptionRule(Winning.MOST, Even.LOTS, 1, True)
        refuses(
            Refusal.NOT_ON_PERSONS,
            partial(choosing.ask, proposal, RoundKind.TEXTS, "?", [], texts, desk.chair, secret=True),
        )
    with pytest.raises(DBAPIError, match=r"(?i)secret_kind"), db.transaction():
        db.session.execute(update(Round).where(Round.id == desk.world.ids[0]).values(secret=True))


def test_it_opens_only_with_the_keys_of_two_tellers(desk: SecretDesk) -> None:
    open_it = partial(service.open_rounds, [desk.key], desk.chair)
    with db.transaction():
        refuses(Refusal.TELLERS_MISSING, open_it)
    desk.give_keys(0)
    with db.transaction():
        refuses(Refusal.TELLERS_MISSING, open_it)
    desk.open()
    assert desk.round.state is RoundState.OPEN


def test_the_clock_does_not_open_it_without_keys(desk: SecretDesk) -> None:
    found = desk.round
    with db.transaction():
        service.plan([db.session.merge(found)], db.now(), None, None)
    with db.transaction():
        assert not service.open_by_clock(desk.world.meeting.id)
    assert (desk.round.state, desk.round.not_opened) == (RoundState.DRAFT, Refusal.TELLERS_MISSING)


def test_what_is_no_key_of_another_teller_is_refused(desk: SecretDesk) -> None:
    desk.give_keys(0)
    one, two = desk.tellers
    public, private = str(desk.secrets[0].to_public()), str(desk.secrets[1])
    found = desk.round
    with db.transaction():
        for refusal, given, who in (
            (Refusal.TELLERS_DIFFER, public, two),
            (Refusal.PRIVATE_KEY_GIVEN, private, two),
            (Refusal.NO_PUBLIC_KEY, "age1" + "q" * 58, two),
            (Refusal.NO_PUBLIC_KEY, "", two),
            (Refusal.NO_PUBLIC_KEY, f"{public} {desk.secrets[1].to_public()}", two),
            (Refusal.NOT_ALLOWED, str(desk.secrets[1].to_public()), desk.chair),
        ):
            refuses(refusal, partial(tellers.give_key, found, given, who))
        refuses(Refusal.NOT_ON_PERSONS, partial(tellers.give_key, desk.world.rounds[0], public, one))
    desk.give_keys(1)
    found = desk.round
    with db.transaction():
        third = get_actor(desk.tellers[0].id)
        made = tellers.give_key(found, str(desk.secrets[0].to_public()), third)
        assert made.place == 1, "a new key takes the place of one's own"
    assert kept(TellerKey) == 2


def test_the_chair_makes_room_for_another_teller(desk: SecretDesk) -> None:
    desk.give_keys()
    found = desk.round
    with db.transaction():
        tellers.take_key_away(found, 1, desk.chair)
        refuses(Refusal.NOT_ALLOWED, partial(tellers.take_key_away, found, 2, desk.tellers[0]))
    with db.transaction():
        refuses(Refusal.TELLERS_MISSING, partial(service.open_rounds, [desk.key], desk.chair))
    desk.open()
    found = desk.round
    with db.transaction():
        refuses(Refusal.ROUND_STATE, partial(tellers.take_key_away, found, 1, desk.chair))
        refuses(Refusal.ROUND_STATE, partial(tellers.give_key, found, "", desk.tellers[0]))


# --- Casting


def test_a_ballot_says_only_that_a_member_took_part(desk: SecretDesk) -> None:
    voted(desk, "1", "2")
    assert {b.choice for b in stored()} == {SEALED}
    with db.transaction(write=False):
        assert queries.turnouts([desk.key])[desk.key].members == 2
        contents = list(db.session.scalars(select(SealedBallot.content)))
        entries = list(db.session.scalars(select(AuditEntry.data).where(AuditEntry.act == "ballot.cast")))
    assert len(contents) == 2
    assert all(entry.keys() == {"receipt", "rounds"} for entry in entries)
    assert desk.sealed("1") != desk.sealed("1")


def test_the_last_one_counts_and_no_earlier_one_is_kept(desk: SecretDesk) -> None:
    desk.open()
    first, second = desk.sealed("1"), desk.sealed("2")
    receipts = {desk.vote(0, "", sealed=first).receipt, desk.vote(0, "", sealed=second).receipt}
    with db.transaction(write=False):
        assert list(db.session.scalars(select(SealedBallot.content))) == [second]
    assert {b.receipt for b in stored()} == receipts
    assert [b.version for b in stored()] == [1, 2]
    for who in range(1, 6):
        desk.vote(who, "13"[who % 2])
    result = desk.count()
    assert result.options is not None
    assert result.options["weight"] == {"1": 20, "2": 10, "3": 30, "abstain": 0}


def test_the_same_form_twice_is_one_vote(desk: SecretDesk) -> None:
    desk.open()
    key = uuid.uuid4()
    first = desk.vote(0, "1", key)
    with db.transaction(write=False):
        kept_first = db.session.scalar(select(SealedBallot.content))
    assert desk.vote(0, "1", key) == first
    with db.transaction(write=False):
        assert db.session.scalar(select(SealedBallot.content)) == kept_first
    assert len(stored()) == 1


@pytest.mark.parametrize("choice", ["1", "1+2", SEALED, "abstain"])
def test_no_other_way_of_casting_is_taken(desk: SecretDesk, choice: str) -> None:
    desk.open()
    delegate = desk.world.delegates[0]
    with db.transaction(write=False), pytest.raises(Refused):
        cast("alv", "GM0001", {desk.key: choice}, uuid.uuid4(), delegate)
    assert not stored()


def test_an_open_round_takes_nothing_sealed(desk: SecretDesk) -> None:
    desk.open()
    with db.transaction():
        service.open_rounds(desk.world.ids[:1], desk.chair)
    with db.transaction(write=False), pytest.raises(Refused):
        sealed = {desk.world.ids[0]: "x" * 80}
        cast("alv", "GM0001", dict.fromkeys(sealed, SEALED), uuid.uuid4(), desk.world.delegates[0], sealed)
    assert not stored()
    assert not kept(SealedBallot)


def test_closing_loses_nothing(desk: SecretDesk) -> None:
    desk.open()

    def attempt(who: int) -> bool:
        try:
            desk.vote(who, "1")
        except Refused as refused:
            return refused.refusal is not Refusal.ROUND_NOT_OPEN
        return True

    acknowledged = together([*(partial(attempt, who) for who in range(8)), desk.close])
    number = sum(one is True for one in acknowledged)
    assert len(stored()) == kept(SealedBallot) == number
    desk.use_key(1)
    assert kept(OpenedBallot) == number


# --- Opening


def test_both_keys_open_it_in_their_order(desk: SecretDesk) -> None:
    voted(desk, "1", "1", "2", "1", "2", "abstain")
    refuses(Refusal.ROUND_STATE, partial(desk.use_key, 1))
    desk.close()
    assert desk.round.state is RoundState.CLOSED
    with db.transaction():
        assert tally(desk.key) is None
        assert not uncounted()
    refuses(Refusal.OTHER_TELLER_FIRST, partial(desk.use_key, 0))
    assert (kept(SealedBallot), kept(OpenedBallot)) == (6, 0)
    assert desk.use_key(1) is None
    assert (kept(SealedBallot), kept(OpenedBallot)) == (0, 6)
    assert desk.round.state is RoundState.CLOSED
    refuses(Refusal.ROUND_STATE, partial(desk.use_key, 1))
    result = desk.use_key(0)
    assert (kept(SealedBallot), kept(OpenedBallot), desk.round.state) == (0, 0, RoundState.COUNTED)
    assert result is not None
    assert result.options == {
        "weight": {"1": 30, "2": 20, "3": 0, "abstain": 10},
        "members": {"1": 3, "2": 2, "3": 0, "abstain": 1},
        "cast": {"weight": 60, "members": 6},
        "invalid": 0,
    }
    assert result.verdict is Verdict.CHOSEN
    shown = desk.publish()
    assert shown.chosen == ("1",)
    assert {one.choice for one in shown.ballots} == {SEALED, None}
    refuses(Refusal.ROUND_STATE, partial(desk.use_key, 0))


def test_the_log_says_what_tellers_did_and_no_key_that_opens(desk: SecretDesk) -> None:
    desk.give_keys()
    found = desk.round
    with db.transaction():
        tellers.take_key_away(found, 2, desk.chair)
    voted(desk, "1", "2").count()
    with db.transaction(write=False):
        acts = select(AuditEntry).where(AuditEntry.act.startswith("teller."), AuditEntry.subject == f"round:{desk.key}")
        entries = list(db.session.scalars(acts.order_by(AuditEntry.id)))
    given = ["teller.key", "teller.key", "teller.key_gone", "teller.key", "teller.key"]
    assert [entry.act for entry in entries] == [*given, "teller.open", "teller.open"]
    public = str(desk.secrets[1].to_public())
    assert entries[1].data == {"number": found.number, "place": 2, "key": public}
    assert entries[-1].data == {"number": found.number, "place": 1, "ballots": 2}
    assert "SECRET" not in str([entry.data for entry in entries])


def test_a_wrong_key_changes_nothing(desk: SecretDesk) -> None:
    voted(desk, "1", "2")
    desk.close()
    for refusal, private in (
        (Refusal.WRONG_KEY, str(desk.secrets[0])),
        (Refusal.NO_PRIVATE_KEY, "AGE-SECRET-KEY-1"),
        (Refusal.NO_PRIVATE_KEY, f"{desk.secrets[0]}\n{desk.secrets[1]}"),
    ):
        refuses(refusal, partial(desk.use_key, 1, private))
    assert (kept(SealedBallot), kept(OpenedBallot)) == (2, 0)
    found = desk.round
    with db.transaction():
        refuses(Refusal.NOT_ALLOWED, partial(tellers.open_envelopes, found, str(desk.secrets[1]), desk.chair))
    file = f"# created: 2026-11-30\n# public key: {desk.secrets[1].to_public()}\n{desk.secrets[1]}\n"
    assert desk.use_key(1, file) is None, "a file of age-keygen will do"


def test_who_is_no_teller_any_more_opens_nothing(desk: SecretDesk) -> None:
    voted(desk, "1")
    desk.close()
    found = desk.round
    with db.transaction():
        left = get_actor(desk.tellers[1].id)
        gone = type(left)(left.id, left.name, left.locale, frozenset({Role.CHAIR}))
        refuses(Refusal.NOT_ALLOWED, partial(tellers.open_envelopes, found, str(desk.secrets[1]), gone))


def test_what_cannot_be_opened_is_counted_as_invalid(desk: SecretDesk) -> None:
    voted(desk, "1", "1", "1", "1", "2", "1+2")  # more than there are seats
    desk.vote(6, "", sealed="A" * 200)
    desk.vote(7, "9")
    result = desk.count()
    assert result.options is not None
    assert result.options["invalid"] == 3
    if not result.withheld:
        assert result.options["cast"] == {"weight": 50, "members": 5}


def test_several_seats_and_advisory_members(database: str) -> None:
    desk = voted(SecretDesk((*EQUAL, 10_000), advisory=1, rule=OptionRule(Winning.MOST, Even.LOTS, 2)))
    for who, ballot in enumerate(["1+2", "1+3", "2", "1", "2+3", "1+2", "abstain", "1", "3"]):
        desk.vote(who, ballot)
    result = desk.count()
    assert result.options is not None
    assert result.options["weight"] == {"1": 50, "2": 40, "3": 20, "abstain": 10}
    assert result.advisory["cast"] == {"weight": 0, "members": 0}, "one advisory member would be known"


def test_nobody_voted(desk: SecretDesk) -> None:
    desk.open()
    assert desk.count().verdict is Verdict.NO_VERDICT
    assert not desk.publish().withheld


# --- What sums would tell


def test_numbers_that_would_tell_are_not_kept_and_not_pronounced_by_accident(database: str) -> None:
    desk = voted(SecretDesk((40_000, 9_000, 9_000, 9_000, 9_000, 9_000)), "1", "2", "2", "2", "1", "2")
    result = desk.count()
    assert result.options == {
        "outcome": {"elected": ["1"], "ahead": [], "even": [], "left": 0}, "invalid": 0,
    }  # fmt: skip
    assert result.base == 0
    refuses(Refusal.NUMBERS_WITHHELD, desk.publish)
    shown = desk.publish(without_numbers=True)
    assert (shown.withheld, shown.chosen, shown.options, shown.arithmetic) == (True, ("1",), [], [])
    assert shown.sentence is not None
    assert not any(char.isdigit() for char in shown.sentence)
    with db.transaction(write=False):
        told = list(db.session.scalars(select(AuditEntry.data).where(AuditEntry.subject == f"round:{desk.key}")))
    assert "'weight'" not in str(told)


def test_numbers_of_members_are_left_out_where_only_they_would_tell(database: str) -> None:
    desk = voted(SecretDesk((*(10_000,) * 6, 30_000)), *"1212121")
    result = desk.count()
    assert result.options is not None
    assert result.options["weight"] == {"1": 60, "2": 30, "3": 0, "abstain": 0}
    assert result.options["members"] == {}
    shown = desk.publish()
    assert {option.members for option in shown.options} == {None}
    assert not any("leden" in line for line in shown.arithmetic)


def test_a_run_off_is_secret_too(database: str) -> None:
    majority = OptionRule(Winning.MAJORITY, Even.LOTS)
    desk = voted(SecretDesk(EQUAL, rule=majority), "1", "1", "1", "2", "2", "2", "3", "3")
    desk.count()
    desk.publish()
    found = desk.round
    with db.transaction():
        made = choosing.hold_run_off(found, desk.chair)
        assert made.secret
        refuses(Refusal.TELLERS_MISSING, partial(service.open_rounds, [made.id], desk.chair))


def test_an_association_that_divides_votes_does_not_in_secret(desk: SecretDesk) -> None:
    with db.transaction():
        db.session.execute(text("UPDATE association SET divides_votes = true"))
    assert not desk.open().round.divides


# --- The database itself


def test_annulling_removes_what_was_sealed(desk: SecretDesk) -> None:
    voted(desk, "1", "2")
    found = desk.round
    with db.transaction():
        service.annul(found, "Fout", desk.chair)
    assert not kept(SealedBallot)
    assert len(stored()) == 2


def test_the_database_holds_it_whatever_the_application_does(desk: SecretDesk) -> None:
    def database_refuses(rule: str, *statements: object) -> None:
        with pytest.raises(DBAPIError, match=f"(?i){rule}"), db.transaction():
            for one in statements:
                db.session.execute(one)

    voted(desk, "1", "2")
    row = stored()[0]
    plain = {c.key: getattr(row, c.key) for c in Ballot.__table__.columns} | {"version": 9, "key": uuid.uuid4()}
    database_refuses("ballot_sealed", insert(Ballot).values(**plain | {"choice": "1", "sealed_sha256": None}))
    database_refuses("round_frozen", update(Round).where(Round.id == desk.key).values(secret=False))
    database_refuses("sealed_until_opened", delete(SealedBallot))
    database_refuses("teller_key_stands", update(TellerKey).values(public_key="age1"))
    database_refuses("teller_key_stands", delete(TellerKey))
    opened = insert(OpenedBallot).values(id=uuid.uuid4(), round_id=desk.key, weight=1, advisory=False, content="")
    database_refuses("opened_only_while_closed", opened)
    desk.close()
    database_refuses("sealed_only_while_open", update(SealedBallot).values(content="x"))
    result = {c.key: 0 for c in Result.__table__.columns} | {
        "round_id": desk.key, "electorate_weight": 9, "advisory": {}, "options": {}, "verdict": Verdict.CHOSEN,
        "counted_at": row.cast_at, "present_weight": None, "present_members": None,
    }  # fmt: skip
    database_refuses("result_after_opening", insert(Result).values(**result))
    desk.use_key(1)
    database_refuses("opened_stands", update(OpenedBallot).values(weight=3))
    database_refuses("result_after_opening", insert(Result).values(**result))
