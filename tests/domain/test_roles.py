"""Which roles go together, and who may give and take them (docs/rules.md, roles)."""

from dataclasses import replace

import pytest

from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.roles import CHANGING, MANAGERS, RoleChange, may_change_roles

NONE = frozenset[Role]()
SECRETARIAT, BOTH = frozenset({Role.SECRETARIAT}), frozenset({Role.SECRETARIAT, Role.ADMINISTRATOR})


def test_who_manages_and_who_changes_something() -> None:
    assert frozenset({Role.SECRETARIAT, Role.ADMINISTRATOR}) == MANAGERS
    assert frozenset(Role) - CHANGING == {Role.AUDITOR}


@pytest.mark.parametrize(
    ("before", "after", "others", "expected"),
    [
        (SECRETARIAT, NONE, 1, None),
        (SECRETARIAT, NONE, 0, Refusal.LAST_MANAGER),
        (BOTH, SECRETARIAT, 0, None),
        (SECRETARIAT, frozenset({Role.ADMINISTRATOR}), 0, None),
        (SECRETARIAT, frozenset({Role.CHAIR}), 0, Refusal.LAST_MANAGER),
        (NONE, SECRETARIAT, 0, None),
        (frozenset({Role.CHAIR}), NONE, 0, None),
    ],
)
def test_somebody_can_always_manage_people(
    before: frozenset[Role], after: frozenset[Role], others: int, expected: Refusal | None
) -> None:
    change = RoleChange(before, after, others)
    assert may_change_roles(change) is expected
    assert may_change_roles(replace(change, by_system=True)) is None, "the terminal is the way back"


@pytest.mark.parametrize("role", Role)
def test_an_auditor_has_no_role_that_changes_something(role: Role) -> None:
    for by_system in (False, True):
        change = RoleChange(NONE, frozenset({Role.AUDITOR, role}), 1, by_system=by_system)
        refused = may_change_roles(change) is Refusal.AUDITOR_CHANGES_NOTHING
        assert refused is (role is not Role.AUDITOR)


def test_nobody_changes_their_own() -> None:
    for before, after in ((BOTH, SECRETARIAT), (SECRETARIAT, BOTH)):
        assert may_change_roles(RoleChange(before, after, 5, own=True)) is Refusal.NOT_YOURSELF
    assert may_change_roles(RoleChange(BOTH, BOTH, 5, own=True)) is None
