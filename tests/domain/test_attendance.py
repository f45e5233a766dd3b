"""Who may tell that a member comes, the code at the door, and a quorum at this moment (docs/rules.md §13)."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vng_alv.domain import attendance
from vng_alv.domain.attendance import MAX_GUESTS, Coming
from vng_alv.domain.majority import Base, Comparison, Measure, Quorum, Taking, Totals
from vng_alv.domain.mandates import OfficeKind, Standing
from vng_alv.domain.permissions import Role
from vng_alv.domain.receipts import ALPHABET
from vng_alv.domain.refusals import Refusal

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
COUNCILLOR = Standing(frozenset(), OfficeKind.COUNCILLOR)
keys = st.uuids(version=4)


@pytest.mark.parametrize(
    ("who", "holds", "allowed"),
    [
        (Standing(frozenset(), OfficeKind.CLERK), False, True),
        (Standing(frozenset(), OfficeKind.SECRETARY), False, True),
        (COUNCILLOR, True, True),
        (COUNCILLOR, False, False),
        (Standing(frozenset({Role.SECRETARIAT}), None), False, True),
        (Standing(frozenset({Role.CHAIR}), None), False, False),
        (Standing(frozenset(), None), False, False),
    ],
)
def test_who_may_tell(who: Standing, holds: bool, allowed: bool) -> None:
    found = attendance.may_register(who, holds=holds, written=False, starts_at=NOW + timedelta(days=3), now=NOW)
    assert found is (None if allowed else Refusal.NOT_ALLOWED)


@pytest.mark.parametrize(
    ("starts_at", "refusal"),
    [
        (NOW - timedelta(hours=2), None),  # under way
        (datetime(2026, 11, 30, 23, tzinfo=UTC), None),  # midnight in Amsterdam
        (datetime(2026, 11, 30, 22, 59, tzinfo=UTC), Refusal.MEETING_OVER),
    ],
)
def test_it_is_told_until_the_day_after(starts_at: datetime, refusal: Refusal | None) -> None:
    assert attendance.may_register(COUNCILLOR, holds=True, written=False, starts_at=starts_at, now=NOW) is refusal


def test_nobody_gathers_for_a_written_consultation() -> None:
    found = attendance.may_register(COUNCILLOR, holds=True, written=True, starts_at=NOW, now=NOW)
    assert found is Refusal.NOBODY_GATHERS


@pytest.mark.parametrize(
    ("coming", "guests", "allowed"),
    [
        (Coming.HALL, 0, True), (Coming.HALL, MAX_GUESTS, True), (Coming.HALL, MAX_GUESTS + 1, False),
        (Coming.HALL, -1, False), (Coming.REMOTE, 0, True), (Coming.REMOTE, 1, False), (Coming.ABSENT, 1, False),
    ],
)  # fmt: skip
def test_guests_come_to_the_hall_only(coming: Coming, guests: int, allowed: bool) -> None:
    assert attendance.guests_allowed(coming, guests) is allowed


@given(keys, keys)
def test_a_code_is_typed_back_however_it_is_written(meeting: uuid.UUID, member: uuid.UUID) -> None:
    code = attendance.door_code("geheim", meeting, member)
    assert len(code) == 6
    assert set(code) <= set(ALPHABET)
    for typed in (code, code.lower(), attendance.written_code(code), f" {code[:3]} {code[3:]} "):
        assert attendance.typed_code(typed) == code


def test_a_code_is_of_one_meeting_one_member_and_one_secret() -> None:
    meetings, members = [uuid.UUID(int=n) for n in range(3)], [uuid.UUID(int=100 + n) for n in range(342)]
    codes = {
        attendance.door_code(secret, meeting, member)
        for secret in ("een", "twee") for meeting in meetings for member in members
    }  # fmt: skip
    assert len(codes) == 2 * 3 * 342


@pytest.mark.parametrize("typed", ["", "K7M2P", "K7M2PXX", "K7M2P0", "Gouda", "éééééé"])
def test_what_is_no_code(typed: str) -> None:
    assert attendance.typed_code(typed) == ""


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("súd", True),
        ("SUDWEST", True),
        ("west-fr", True),
        ("gm1900", True),
        ("s", False),
        ("noord", False),
        ("", False),
    ],
)
def test_a_part_of_the_name_is_enough(typed: str, found: bool) -> None:
    assert attendance.is_named("Súdwest-Fryslân", "GM1900", typed) is found


def test_a_quorum_counts_who_is_there_or_who_voted_as_its_rule_says() -> None:
    present, voted, everybody = Totals(60, 3), Totals(40, 2), Totals(100, 10)

    def step(taking: Taking, base: Base, measure: Measure) -> tuple[int, int, bool]:
        asked = Quorum(Comparison.AT_LEAST, 1, 2, taking, base, measure)
        found = attendance.quorum_now(asked, present, voted, everybody)
        return found.part, found.base, found.reached

    assert step(Taking.PRESENT, Base.ELECTORATE, Measure.WEIGHT) == (60, 100, True)
    assert step(Taking.PRESENT, Base.ELECTORATE, Measure.MEMBERS) == (3, 10, False)
    assert step(Taking.VOTED, Base.ELECTORATE, Measure.WEIGHT) == (40, 100, False)
    assert step(Taking.VOTED, Base.PRESENT, Measure.WEIGHT) == (40, 60, True)
