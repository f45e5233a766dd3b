"""Which roles go together, and who may give and take them (docs/rules.md, roles)."""

from dataclasses import dataclass

from vng_alv.domain.permissions import EVERYBODY, READING, Permission, Role, permissions
from vng_alv.domain.refusals import Refusal


def _beyond(role: Role) -> frozenset[Permission]:
    return permissions(frozenset({role})) - EVERYBODY


#: Whoever has one of these may manage people; there is always somebody who can.
MANAGERS = frozenset(role for role in Role if Permission.MANAGE_PEOPLE in _beyond(role))
#: What lets somebody change something, and so does not go together with checking what others changed.
CHANGING = frozenset(role for role in Role if _beyond(role) - READING - {Permission.SECRETARIAT})


@dataclass(frozen=True)
class RoleChange:
    """What has to be known before the roles of a person change."""

    before: frozenset[Role]
    after: frozenset[Role]
    #: How many others have an account in use with which they may manage people.
    other_managers: int
    #: Whether the person does this to themselves.
    own: bool = False
    #: On the terminal, which is the way back when nobody is left.
    by_system: bool = False


def may_change_roles(change: RoleChange) -> Refusal | None:
    """Why the roles of a person may not change like this, or None. Losing an account is losing all of them."""
    if change.own and change.before != change.after:
        return Refusal.NOT_YOURSELF
    if Role.AUDITOR in change.after and change.after & CHANGING:
        return Refusal.AUDITOR_CHANGES_NOTHING
    leaves = change.before & MANAGERS and not change.after & MANAGERS
    if leaves and not change.other_managers and not change.by_system:
        return Refusal.LAST_MANAGER
    return None
