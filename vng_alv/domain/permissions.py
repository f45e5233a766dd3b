"""Who may do what: one table of roles and permissions (docs/rules.md, roles)."""

import uuid
from dataclasses import dataclass
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

    VOTE = "vote"
    REACT = "react"
    SECRETARIAT = "secretariat"
    MANAGE_REGISTER = "manage_register"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_MEETINGS = "manage_meetings"
    ANSWER = "answer"
    RUN_ROUNDS = "run_rounds"
    READ_NOTICES = "read_notices"
    READ_AUDIT = "read_audit"


#: What everybody with an account may ask for. For which municipality is decided by offices and mandates.
EVERYBODY = frozenset({Permission.VOTE, Permission.REACT})

_TABLE: dict[Role, frozenset[Permission]] = {
    Role.BOARD: frozenset({Permission.SECRETARIAT}),
    Role.RAPPORTEUR: frozenset({Permission.SECRETARIAT, Permission.ANSWER}),
    Role.SECRETARIAT: frozenset(Permission) - EVERYBODY,
    Role.CHAIR: frozenset({Permission.SECRETARIAT, Permission.RUN_ROUNDS}),
    Role.TELLER: frozenset({Permission.SECRETARIAT}),
    Role.AUDITOR: frozenset({Permission.SECRETARIAT, Permission.READ_AUDIT, Permission.READ_NOTICES}),
    Role.ADMINISTRATOR: frozenset(Permission) - EVERYBODY - {Permission.RUN_ROUNDS},
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
