"""Columns of the register that a file may leave out: own votes, advisory, member from and until (rules §1.1)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests import factories
from vng_alv import db
from vng_alv.domain.clock import day_of
from vng_alv.domain.weights import Fixed
from vng_alv.members import importing
from vng_alv.members.forms import FAULTS
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association, get_member
from vng_alv.voting.queries import roll_votes
from vng_alv.voting.service import open_rounds

HEAD = "code,naam,provincie,inwoners"
TODAY = day_of(datetime.now(UTC))
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def register(database: str) -> None:
    """One member that has everything, and one that has nothing of it."""
    with db.transaction():
        factories.association()
        full = factories.member(1, 40_500, advisory=True)
        full.fixed_votes, full.valid_from, full.valid_until = 3, date(2020, 1, 1), date(2031, 1, 1)
        factories.member(2, 10_000)


def brought(head: str, *rows: str) -> tuple[list[importing.Change], list[importing.Fault]]:
    """A file, and if there is nothing wrong with it, its changes applied."""
    with db.transaction():
        data = "\n".join([",".join(filter(None, [HEAD, head])), *rows])
        kept, changes, wrong = importing.prepare(data.encode(), "leden.csv", None)
        if kept is not None:
            assert importing.apply(kept, None) == len(changes)
    return changes, wrong


def stands(code: str) -> tuple[object, ...]:
    with db.transaction(write=False):
        found = get_member(code)
        return found.population, found.fixed_votes, found.advisory, found.valid_from, found.valid_until


def test_what_a_file_has_no_column_for_stays(register: None) -> None:
    changes, wrong = brought("", "GM0001,Gemeente 1,Utrecht,50000")
    assert (len(changes), wrong) == (1, [])
    assert stands("GM0001") == (50_000, 3, True, date(2020, 1, 1), date(2031, 1, 1))
    brought("tot", "GM0001,Gemeente 1,Utrecht,50000,2032-01-01")
    assert stands("GM0001") == (50_000, 3, True, date(2020, 1, 1), date(2032, 1, 1))


def test_an_empty_cell_takes_away_what_was_there(register: None) -> None:
    brought("stemmen,adviserend,vanaf,tot", "GM0001,Gemeente 1,Utrecht,50000,,,,")
    assert stands("GM0001") == (50_000, None, False, None, None)


def test_a_new_member_has_what_the_file_says_and_otherwise_the_usual(register: None) -> None:
    brought("", "GM0003,Gemeente 3,Utrecht,5")
    brought("stemmen,adviserend,vanaf,tot", "GM0004,Gemeente 4,Utrecht,5,0,ja,2027-01-01,2028-01-01")
    assert stands("GM0003") == (5, None, False, None, None)
    assert stands("GM0004") == (5, 0, True, date(2027, 1, 1), date(2028, 1, 1))


@pytest.mark.parametrize(
    ("head", "cells"),
    [("tot", "2019-12-31"), ("tot", "2020-01-01"), ("vanaf", "2031-01-01"), ("vanaf,tot", "2027-01-02,2027-01-02")],
)
def test_an_end_on_or_before_the_beginning_is_named_also_when_the_register_has_the_other(
    register: None, head: str, cells: str
) -> None:
    before = stands("GM0001")
    _changes, wrong = brought(head, "GM0002,,Utrecht,10000," + cells, "GM0001,Gemeente 1,Utrecht,40500," + cells)
    assert [(fault.row, fault.what) for fault in wrong] == [(2, "name_missing"), (3, "valid_until_early")]
    assert str(FAULTS["valid_until_early"])
    assert stands("GM0001") == before


def test_the_votes_before_and_after_know_days_advisory_members_and_own_numbers(register: None) -> None:
    with db.transaction():
        rule = get_association().weight_rule
        data = (
            f"{HEAD},adviserend,vanaf,tot,stemmen\nGM0001,Gemeente 1,Utrecht,40500,nee,,,4\n"
            f"GM0002,Gemeente 2,Utrecht,10000,nee,,{TODAY},5\nGM0003,Gemeente 3,Utrecht,7000,nee,{TOMORROW},,6\n"
            f"GM0004,Gemeente 4,Utrecht,9000,nee,{TODAY},{TOMORROW},\n"
        )
        _kept, changes, _wrong = importing.prepare(data.encode(), "leden.csv", None)
        assert importing.weights(changes, TODAY, rule) == (10, 40 + 9)
        assert importing.weights(changes, TODAY, Fixed(1)) == (1, 4 + 1)


def test_a_round_has_the_members_of_its_day_and_knows_who_is_advisory(database: str) -> None:
    with db.transaction():
        world = factories.world((250_000, 40_500, 20_000, 3_000), is_open=False)
    brought(
        "adviserend,vanaf,tot",
        "GM0001,Gemeente 1,Utrecht,250000,ja,,",
        f"GM0002,Gemeente 2,Utrecht,40500,,{TODAY},{TOMORROW}",
        f"GM0003,Gemeente 3,Utrecht,20000,,{TOMORROW},",
        f"GM0004,Gemeente 4,Utrecht,3000,,,{TODAY}",
    )
    with db.transaction():
        open_rounds(world.ids[:1], world.chair)
        assert {(v.code, v.advisory) for v in roll_votes(world.ids[0])} == {("GM0001", True), ("GM0002", False)}


def test_a_row_that_says_the_same_is_no_change(register: None) -> None:
    again = "GM0001,Gemeente 1,Utrecht,40500,3,ja,1-1-2020,1-1-2031"
    assert brought("stemmen,adviserend,vanaf,tot", again) == ([], [])
    with db.transaction(write=False):
        assert importing.fingerprint([]) != importing.fingerprint(
            importing.changes([importing.Row("GM0001", "Gemeente 1", "Utrecht", 40_500, said=("fixed_votes",))])
        )


@pytest.mark.parametrize(("key", "value"), [("advisory", False), ("fixed_votes", 4), ("valid_until", None)])
def test_a_preview_grows_old_when_any_of_it_changes_meanwhile(register: None, key: str, value: object) -> None:
    with db.transaction():
        row = importing.Row("GM0001", "Anders", "Utrecht", 40_500)
        seen = importing.fingerprint(importing.changes([row]))
        setattr(get_member("GM0001"), key, value)
        db.session.flush()
        assert importing.fingerprint(importing.changes([row])) != seen


def test_a_member_that_is_only_looked_at_is_not_kept(register: None) -> None:
    with db.transaction():
        change = importing.Change(importing.Row("GM0009", "Nieuw", "Utrecht", 5), None)
        importing.weights([change], TODAY, get_association().weight_rule)
    with db.transaction(write=False):
        assert {m.code for m in db.session.query(Member)} == {"GM0001", "GM0002"}
