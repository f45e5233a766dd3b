"""Who may name, who may hold, and proxies without chains."""

import random
from dataclasses import replace

import pytest

from vng_alv.domain.mandates import (
    OfficeKind,
    ProxyFacts,
    Standing,
    may_give_proxy,
    may_hold,
    may_leave,
    may_look,
    may_manage_people,
    may_name,
)
from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal as R

K = OfficeKind


@pytest.mark.parametrize("office", [*OfficeKind, None])
@pytest.mark.parametrize("role", [*Role, None])
def test_a_member_secretary_and_the_staff_act_for_a_member_and_nobody_else(
    office: OfficeKind | None, role: Role | None
) -> None:
    who = Standing(frozenset({role} if role else ()), office)
    acts = office in {K.SECRETARY, K.CLERK} or role in {Role.SECRETARIAT, Role.ADMINISTRATOR}
    assert may_name(who) is may_manage_people(who) is acts
    looks = office is not None or role in {Role.SECRETARIAT, Role.ADMINISTRATOR, Role.AUDITOR}
    assert may_look(who) is looks


@pytest.mark.parametrize(
    ("office", "active", "refusal"),
    [
        (K.MAYOR, True, None),
        (K.ALDERMAN, True, None),
        (K.COUNCILLOR, True, None),
        (K.SECRETARY, True, None),
        (K.CLERK, True, None),
        (K.OFFICIAL, True, R.NO_OFFICE),
        (None, True, R.NO_OFFICE),
        (K.MAYOR, False, R.NO_OFFICE),
    ],
)
def test_five_offices_may_hold_a_mandate(office: OfficeKind | None, active: bool, refusal: R | None) -> None:
    assert may_hold(office, active=active) is refusal


@pytest.mark.parametrize(
    ("role", "was", "becomes", "others", "refusal"),
    [
        (None, K.CLERK, None, 0, R.LAST_SECRETARY),
        (None, K.SECRETARY, K.MAYOR, 0, R.LAST_SECRETARY),
        (None, K.CLERK, K.SECRETARY, 0, None),
        (None, K.CLERK, None, 1, None),
        (None, K.MAYOR, None, 0, None),
        (Role.SECRETARIAT, K.CLERK, None, 0, None),
        (Role.CHAIR, K.CLERK, None, 0, R.LAST_SECRETARY),
    ],
)
def test_a_member_does_not_lose_the_last_who_can_act_for_it(
    role: Role | None, was: OfficeKind, becomes: OfficeKind | None, others: int, refusal: R | None
) -> None:
    who = Standing(frozenset({role} if role else ()), K.CLERK)
    assert may_leave(who, was, becomes, others) is refusal


GOOD = ProxyFacts("GM0001", "GM0002", 1, True, False, 0, False, 0)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, None),
        ({"limit": 0}, R.PROXIES_OFF),
        ({"receiver": "GM0001"}, R.PROXY_ONESELF),
        ({"both_members": False}, R.PROXY_NO_MEMBER),
        ({"giver_gave": True}, R.PROXY_TWICE),
        ({"giver_received": 1}, R.PROXY_CHAIN),
        ({"receiver_gave": True}, R.PROXY_CHAIN),
        ({"receiver_received": 1}, R.PROXY_FULL),
        ({"receiver_received": 1, "limit": 2}, None),
        ({"receiver_received": 5, "limit": 2}, R.PROXY_FULL),
    ],
)
def test_what_a_proxy_asks_for(change: dict[str, object], refusal: R | None) -> None:
    assert may_give_proxy(replace(GOOD, **change)) is refusal  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [0, 1, 2, 3])
def test_whatever_is_asked_for_no_votes_pass_through_two_hands_and_no_limit_is_passed(limit: int) -> None:
    """A random history of giving and taking back among a few members, each step decided by the rule."""
    dice = random.Random(limit)
    given: dict[str, str] = {}
    allowed = 0
    for _ in range(2_000):
        giver, receiver = (f"GM{dice.randrange(6)}" for _ in range(2))
        if dice.random() < 0.3:
            given.pop(giver, None)
            continue
        received = list(given.values()).count
        facts = ProxyFacts(
            giver, receiver, limit, True, giver in given, received(giver), receiver in given, received(receiver)
        )
        if may_give_proxy(facts) is None:
            given[giver] = receiver
            allowed += 1
        assert not set(given) & set(given.values())
        assert all(received(one) <= limit for one in given.values())
    assert (allowed > 100) is (limit > 0)
