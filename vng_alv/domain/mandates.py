"""Who casts a member's votes: offices, the holder of the mandate, and proxies (docs/rules.md, mandate)."""

from dataclasses import dataclass
from enum import StrEnum

from vng_alv.domain.permissions import Permission, Role, permissions
from vng_alv.domain.refusals import Refusal


class OfficeKind(StrEnum):
    """A person's function at a member."""

    MAYOR = "mayor"
    ALDERMAN = "alderman"
    COUNCILLOR = "councillor"
    SECRETARY = "secretary"
    CLERK = "clerk"
    OFFICIAL = "official"


#: The five that may hold a mandate.
MANDATE_OFFICES = frozenset(OfficeKind) - {OfficeKind.OFFICIAL}
#: Those who send a reaction for their municipality, name its delegate and look after its people.
MEMBER_SECRETARIES = frozenset({OfficeKind.SECRETARY, OfficeKind.CLERK})


@dataclass(frozen=True)
class Standing:
    """What somebody is to one member: their roles in the association, and their office there, if any."""

    roles: frozenset[Role]
    office: OfficeKind | None

    def helps(self, permission: Permission) -> bool:
        """Whether they may do this for any member, as staff of the association."""
        return permission in permissions(self.roles)

    @property
    def is_secretary(self) -> bool:
        """Whether they act for this member."""
        return self.office in MEMBER_SECRETARIES


def may_look(who: Standing) -> bool:
    """Whether somebody may see who works for a member and who votes for it."""
    return who.office is not None or who.helps(Permission.READ_PEOPLE)


def may_name(who: Standing) -> bool:
    """Whether somebody may name a member's holder, and give or take back its proxy."""
    return who.is_secretary or who.helps(Permission.MANAGE_MEETINGS)


def may_manage_people(who: Standing) -> bool:
    """Whether somebody may invite people for a member, and change or end their offices."""
    return who.is_secretary or who.helps(Permission.MANAGE_PEOPLE)


def may_hold(office: OfficeKind | None, *, active: bool) -> Refusal | None:
    """Why somebody with this office at the member may not hold its mandate, or None."""
    return None if active and office in MANDATE_OFFICES else Refusal.NO_OFFICE


def may_leave(who: Standing, was: OfficeKind, becomes: OfficeKind | None, other_secretaries: int) -> Refusal | None:
    """Why an office may not be changed or ended, or None: a member does not lose the last who can act for it.

    Staff of the association may, since they can make another.
    """
    leaves = was in MEMBER_SECRETARIES and becomes not in MEMBER_SECRETARIES
    if leaves and not other_secretaries and not who.helps(Permission.MANAGE_PEOPLE):
        return Refusal.LAST_SECRETARY
    return None


@dataclass(frozen=True)
class ProxyFacts:
    """What has to be known before one member gives its votes to another, at one meeting."""

    giver: str
    receiver: str
    #: For how many others one member may vote; 0 where the association has no proxies.
    limit: int
    #: Whether both are members on the day of the meeting.
    both_members: bool
    giver_gave: bool
    giver_received: int
    receiver_gave: bool
    receiver_received: int


def may_give_proxy(facts: ProxyFacts) -> Refusal | None:
    """Why this proxy may not be given, or None. Advisory members follow the same rules."""
    if facts.limit < 1:
        return Refusal.PROXIES_OFF
    if facts.giver == facts.receiver:
        return Refusal.PROXY_ONESELF
    if not facts.both_members:
        return Refusal.PROXY_NO_MEMBER
    if facts.giver_gave:
        return Refusal.PROXY_TWICE
    if facts.receiver_gave or facts.giver_received:
        return Refusal.PROXY_CHAIN
    if facts.receiver_received >= facts.limit:
        return Refusal.PROXY_FULL
    return None
