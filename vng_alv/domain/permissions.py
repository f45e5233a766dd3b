"""Who may do what, and how surely we must know who it is: one table of roles and permissions (docs/rules.md, roles)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar


class Role(StrEnum):
    """A role in the association."""

    BOARD = "board"
    RAPPORTEUR = "rapporteur"
    SECRETARIAT = "secretariat"
    CHAIR = "chair"
    TELLER = "teller"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a route or an act asks for."""

    ACCOUNT = "account"
    REACT = "react"
    VOTE = "vote"
    MEMBER = "member"
    SECRETARIAT = "secretariat"
    READ_REGISTER = "read_register"
    READ_PEOPLE = "read_people"
    READ_MEETINGS = "read_meetings"
    READ_REACTIONS = "read_reactions"
    MANAGE_REGISTER = "manage_register"
    MANAGE_PEOPLE = "manage_people"
    GRANT_ROLES = "grant_roles"
    MANAGE_MEETINGS = "manage_meetings"
    ANSWER = "answer"
    ADVISE = "advise"
    RUN_ROUNDS = "run_rounds"
    TELL = "tell"
    READ_NOTICES = "read_notices"
    READ_AUDIT = "read_audit"
    READ_RIGHTS = "read_rights"
    RESET_FACTORS = "reset_factors"
    ERASE_PEOPLE = "erase_people"


#: What everybody with an account may ask for. For which municipality is decided by offices and mandates.
EVERYBODY = frozenset({Permission.ACCOUNT, Permission.REACT, Permission.VOTE, Permission.MEMBER})
#: What shows and changes nothing.
READING = frozenset(
    {
        Permission.READ_REGISTER,
        Permission.READ_PEOPLE,
        Permission.READ_MEETINGS,
        Permission.READ_REACTIONS,
        Permission.READ_NOTICES,
        Permission.READ_AUDIT,
        Permission.READ_RIGHTS,
    }
)
#: What may be done by whoever showed a password only: one's own account, and writing for one's municipality.
ONE_STEP = frozenset({Permission.ACCOUNT, Permission.REACT})
#: How long a second step is fresh.
FRESH_FOR = timedelta(minutes=15)

_TABLE: dict[Role, frozenset[Permission]] = {
    Role.BOARD: frozenset({Permission.SECRETARIAT, Permission.ADVISE}),
    Role.RAPPORTEUR: frozenset(
        {Permission.SECRETARIAT, Permission.READ_REACTIONS, Permission.ANSWER, Permission.ADVISE}
    ),
    Role.SECRETARIAT: frozenset(Permission) - EVERYBODY - {Permission.TELL},
    Role.CHAIR: frozenset({Permission.SECRETARIAT, Permission.RUN_ROUNDS}),
    Role.TELLER: frozenset({Permission.SECRETARIAT, Permission.TELL}),
    Role.AUDITOR: READING | {Permission.SECRETARIAT},
    Role.ADMINISTRATOR: frozenset(Permission) - EVERYBODY - {Permission.RUN_ROUNDS, Permission.TELL},
}


def permissions(roles: frozenset[Role]) -> frozenset[Permission]:
    """All that a person with these roles may ask for."""
    return EVERYBODY.union(*(_TABLE[role] for role in roles))


@dataclass(frozen=True)
class Actor:
    """The person who acts. ``None`` in its place is the system itself: the clock, the worker, the terminal."""

    id: uuid.UUID
    name: str
    locale: str
    roles: frozenset[Role]

    #: What the sign-in library asks of the person of a request; whoever has no account in use is never an Actor.
    is_authenticated: ClassVar[bool] = True

    def may(self, permission: Permission) -> bool:
        """Whether the table of roles grants ``permission``."""
        return permission in permissions(self.roles)


@dataclass(frozen=True)
class SignedIn:
    """A browser that is signed in: who it is, and how surely."""

    actor: Actor
    session_id: uuid.UUID
    #: When a second step was last shown in this session.
    factor_at: datetime | None
    #: Whether the person has a second step at all.
    has_factor: bool
    last_used_at: datetime


class Step(StrEnum):
    """What is still to be shown before something may be done."""

    ENROL = "enrol"
    SECOND = "second"
    FRESH = "fresh"


def missing_step(permission: Permission, who: SignedIn, now: datetime, *, fresh: bool) -> Step | None:
    """The step that ``who`` must still take to use ``permission``, or None.

    With ``fresh`` the second step must have been shown in the last 15 minutes; for what one step opens this asks
    nothing of whoever has no second step yet, since else nobody could ever make one.
    """
    if permission in ONE_STEP and not (fresh and who.has_factor):
        return None
    if not who.has_factor:
        # A sign-in service that vouches for two steps stands in for one of our own.
        return None if who.factor_at and not (fresh and now - who.factor_at > FRESH_FOR) else Step.ENROL
    if who.factor_at is None:
        return Step.SECOND
    return Step.FRESH if fresh and now - who.factor_at > FRESH_FOR else None
