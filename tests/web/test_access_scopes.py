"""Whose is what an address names: tables of scopes, steps and names, and what finds that one of them misses a row."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from tests.web.site import Site
from tests.web.test_access import ADDRESSES, addresses
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Permission

P = Permission


class Outcome(StrEnum):
    """What somebody who asks for something gets."""

    IN = "let in"
    SIGN_IN = "asked to sign in"
    ENROL = "asked to make a second step"
    CONFIRM = "asked for a second step"
    NO = "refused"
    MISSING = "told that there is nothing"
    NOT_HOLDER = "told that the mandate is somebody else's"
    NOT_ALLOWED = "told that they may not"


@dataclass(frozen=True)
class Visitor:
    """Somebody who asks, with what decides what they get."""

    name: str
    person_id: uuid.UUID | None
    may: frozenset[Permission]
    #: Their office at each member, by its code.
    offices: Mapping[str, OfficeKind]
    #: The members whose votes they cast, by code.
    votes_for: frozenset[str] = frozenset()
    #: Whether their session counts: not that of an account out of use.
    signed_in: bool = True

    def speaks_for(self, member: str) -> bool:
        """Whether they are the secretary or the clerk of a member."""
        return self.offices.get(member) in {OfficeKind.SECRETARY, OfficeKind.CLERK}


@dataclass(frozen=True)
class Thing:
    """What is asked for, with whose it is."""

    name: str
    #: The member that it belongs to, by code; none has the code of what there is not.
    member: str
    exists: bool = True
    #: The members whose people may see the receipt.
    seen_by: frozenset[str] = frozenset()
    #: Whether the person named works for the member named.
    works_there: bool = True
    #: The person that it belongs to.
    person_id: uuid.UUID | None = None


# --- Scopes: what is decided behind the gate

Scope = Callable[[Visitor, Thing], Outcome]


def anyone(_who: Visitor, what: Thing) -> Outcome:
    """Whoever has the permission, for every member."""
    return Outcome.IN if what.exists else Outcome.MISSING


def regardless(_who: Visitor, _what: Thing) -> Outcome:
    """Whoever has the permission; the value is a suggestion, or is handed on to where it is checked."""
    return Outcome.IN


def oneself(who: Visitor, what: Thing) -> Outcome:
    """The person whose it is, and nobody else."""
    return Outcome.IN if what.person_id == who.person_id else Outcome.MISSING


def _looks(who: Visitor, what: Thing) -> bool:
    return what.exists and (what.member in who.offices or P.READ_PEOPLE in who.may)


def looks(who: Visitor, what: Thing) -> Outcome:
    """People of the member, and staff who read about people."""
    return Outcome.IN if _looks(who, what) else Outcome.MISSING


def looks_at_person(who: Visitor, what: Thing) -> Outcome:
    """The same, about somebody who works there."""
    return Outcome.IN if _looks(who, what) and what.works_there else Outcome.MISSING


def _acts(who: Visitor, what: Thing, staff: Permission) -> Outcome:
    if not _looks(who, what):
        return Outcome.MISSING
    return Outcome.IN if who.speaks_for(what.member) or staff in who.may else Outcome.NOT_ALLOWED


def manages_people(who: Visitor, what: Thing) -> Outcome:
    """Secretary or clerk of the member, or staff who manage people; whoever only looks hears that they may not."""
    return _acts(who, what, P.MANAGE_PEOPLE)


def changes_office(who: Visitor, what: Thing) -> Outcome:
    """The same, about somebody who works there."""
    return manages_people(who, what) if what.works_there else Outcome.MISSING


def ends_office(who: Visitor, what: Thing) -> Outcome:
    """The same; here it comes first whether one may."""
    found = manages_people(who, what)
    return Outcome.MISSING if found is Outcome.IN and not what.works_there else found


def names_holder(who: Visitor, what: Thing) -> Outcome:
    """Secretary or clerk of the member, or staff who manage meetings."""
    return _acts(who, what, P.MANAGE_MEETINGS)


def registers(who: Visitor, what: Thing) -> Outcome:
    """Secretary or clerk of the member, whoever has its own mandate, or staff who manage meetings."""
    found = names_holder(who, what)
    holder = what.member in who.votes_for and what.member in who.offices
    return Outcome.IN if found is Outcome.NOT_ALLOWED and holder else found


def holds(who: Visitor, what: Thing) -> Outcome:
    """Whoever has the mandate, of the member or of the one that has its proxy."""
    return Outcome.IN if what.member in who.votes_for else Outcome.NOT_HOLDER


def sees_receipt(who: Visitor, what: Thing) -> Outcome:
    """People of the member, and of the one that it voted through."""
    return Outcome.IN if what.seen_by & set(who.offices) else Outcome.MISSING


def writes(who: Visitor, what: Thing) -> Outcome:
    """People of the member, of whatever office."""
    return Outcome.IN if what.member in who.offices else Outcome.NO


def sends(who: Visitor, what: Thing) -> Outcome:
    """Secretary or clerk of the member; staff never."""
    return Outcome.IN if who.speaks_for(what.member) else Outcome.NO


def writes_draft(who: Visitor, what: Thing) -> Outcome:
    """People of the member whose draft it is; to others there is no such draft."""
    return Outcome.IN if what.member in who.offices else Outcome.MISSING


def changes_submitted(who: Visitor, what: Thing) -> Outcome:
    """Secretary or clerk of the member, or staff who manage meetings; everybody else may only read it."""
    if not what.exists:
        return Outcome.MISSING
    return Outcome.IN if who.speaks_for(what.member) or P.MANAGE_MEETINGS in who.may else Outcome.NOT_ALLOWED


def _works(who: Visitor, what: Thing) -> bool:
    return what.exists and what.member in who.offices


def speaks(who: Visitor, what: Thing) -> Outcome:
    """Secretary or clerk of the member; colleagues hear that they may not, and to all others there is nothing."""
    if not _works(who, what):
        return Outcome.MISSING
    return Outcome.IN if who.speaks_for(what.member) else Outcome.NOT_ALLOWED


def helped(who: Visitor, what: Thing) -> Outcome:
    """People of the member, and whoever manages meetings, where the draft was offered to them."""
    return Outcome.IN if _works(who, what) or (what.exists and P.MANAGE_MEETINGS in who.may) else Outcome.MISSING


def takes_in(who: Visitor, what: Thing) -> Outcome:
    """The same, but colleagues who do not speak for the member hear that they may not."""
    speaking = who.speaks_for(what.member) or P.MANAGE_MEETINGS in who.may
    return Outcome.NOT_ALLOWED if helped(who, what) is Outcome.IN and not speaking else helped(who, what)


#: What decides behind the gate, for each address that names what belongs to a member or a person; of those without a
#: gate for what waits to be sent.
SCOPES: dict[tuple[str, str], Scope] = {
    ("voting.ballot", "GET"): holds,
    ("following.advice", "GET"): holds,
    ("voting.review", "POST"): holds,
    ("voting.cast", "POST"): holds,
    ("voting.receipt", "GET"): sees_receipt,
    ("voting.receipt_file", "GET"): sees_receipt,
    ("voting.find_receipt", "GET"): regardless,
    ("voting.secret_ballot", "GET"): holds,
    ("voting.cast_secret", "POST"): holds,
    ("noting.note", "POST"): holds,
    ("preparing.prepare", "GET"): writes_draft,
    ("preparing.prepare", "POST"): writes_draft,
    ("preparing.history", "GET"): writes_draft,
    ("amendments.create", "GET"): writes,
    ("amendments.create", "POST"): writes,
    ("amendments.preview_new", "POST"): writes,
    ("amendments.edit", "GET"): writes_draft,
    ("amendments.edit", "POST"): writes_draft,
    ("amendments.preview", "POST"): writes_draft,
    ("amendments.discard", "POST"): writes_draft,
    ("amendments.change", "GET"): writes_draft,
    ("amendments.change", "POST"): speaks,
    ("amendments.offer_late", "POST"): speaks,
    ("amendments.submit", "GET"): helped,
    ("amendments.submit", "POST"): takes_in,
    ("merging.adapt", "GET"): writes_draft,
    ("merging.adapt", "POST"): writes_draft,
    ("submissions.ask_along", "POST"): helped,
    ("submissions.answer_along", "POST"): speaks,
    ("submissions.withdraw", "POST"): changes_submitted,
    ("submissions.advise", "POST"): anyone,
    ("submissions.discard_advice", "POST"): anyone,
    ("submissions.publish_advice", "POST"): anyone,
    ("submissions.decide", "POST"): anyone,
    ("consultation.react", "GET"): writes,
    ("consultation.react", "POST"): writes,
    ("consultation.send", "GET"): sends,
    ("consultation.send", "POST"): sends,
    ("consultation.withdraw", "GET"): sends,
    ("consultation.withdraw", "POST"): sends,
    ("consultation.history", "GET"): writes,
    ("consultation.history", "POST"): writes,
    ("consultation.attachment", "GET"): writes_draft,
    ("consultation.attachments", "GET"): writes,
    ("consultation.attachments", "POST"): writes,
    ("consultation.change_attachment", "POST"): writes,
    ("motions.create", "GET"): writes,
    ("motions.create", "POST"): writes,
    ("motions.edit", "GET"): writes_draft,
    ("motions.edit", "POST"): writes_draft,
    ("motions.discard", "POST"): writes_draft,
    ("motions.submit", "GET"): writes_draft,
    ("motions.submit", "POST"): speaks,
    ("motions.change", "GET"): anyone,
    ("motions.change", "POST"): changes_submitted,
    ("motions.split", "GET"): anyone,
    ("motions.split", "POST"): changes_submitted,
    ("motions.follow_up", "POST"): anyone,
    ("console.lapse", "POST"): anyone,
    ("console.note", "POST"): anyone,
    ("console.enter_paper", "POST"): anyone,
    ("console.withdraw_paper", "POST"): anyone,
    ("municipality.show", "GET"): looks,
    ("municipality.invite", "GET"): looks,
    ("municipality.invite", "POST"): manages_people,
    ("municipality.office", "GET"): looks_at_person,
    ("municipality.office", "POST"): changes_office,
    ("municipality.leave", "POST"): ends_office,
    ("municipality.mandate", "GET"): looks,
    ("municipality.mandate", "POST"): names_holder,
    ("municipality.take_back", "POST"): names_holder,
    ("municipality.give_proxy", "POST"): names_holder,
    ("municipality.take_proxy_back", "POST"): names_holder,
    ("account.end_session", "POST"): oneself,
    ("factors.remove_passkey", "POST"): oneself,
    ("answering.answer", "GET"): anyone,
    ("answering.answer", "POST"): anyone,
    ("secretariat.invite", "GET"): regardless,
    ("secretariat.invite", "POST"): regardless,
    ("secretariat.invite_again", "POST"): anyone,
    ("secretariat.resend", "POST"): anyone,
    ("attending.record", "POST"): anyone,
    ("registering.show", "GET"): looks,
    ("registering.show", "POST"): registers,
    ("persons.show", "GET"): anyone,
    ("persons.change_roles", "POST"): anyone,
    ("persons.disable", "POST"): anyone,
    ("persons.enable", "POST"): anyone,
    ("persons.end_sessions", "POST"): anyone,
    ("persons.erase", "GET"): anyone,
    ("persons.erase", "POST"): anyone,
    ("secretariat_factors.ask", "GET"): anyone,
    ("secretariat_factors.ask", "POST"): anyone,
    ("secretariat_factors.confirm", "POST"): anyone,
    ("secretariat_factors.withdraw", "POST"): anyone,
}

# --- Steps: how surely it must be known who asks, written out again so that a change of the product is a choice

#: What one step opens.
ONE_STEP = {P.ACCOUNT, P.REACT}
#: What asks for a second step of the last 15 minutes.
FRESH = {
    ("account.address", "POST"), ("account.data", "GET"), ("account.password", "POST"),
    ("console.annul", "POST"), ("console.confirm_annul", "POST"), ("console.keep_after_all", "POST"),
    ("console.close", "POST"), ("console.open_rounds", "POST"), ("console.publish", "POST"),
    ("console.plan", "POST"), ("console.rehearse", "POST"), ("console.draw_lots", "POST"),
    ("console.give_key", "POST"), ("console.open_envelopes", "POST"), ("console.take_key_away", "POST"),
    ("convening.convene", "POST"), ("closing.publish_minutes", "POST"),
    ("desk_tables.audit_log", "GET"), ("desk_tables.mandates", "GET"), ("desk_tables.notices", "GET"),
    ("desk_tables.people", "GET"), ("desk_tables.silent", "GET"),
    ("console.choose_paper", "POST"), ("console.acclaim", "POST"), ("console.object_to", "POST"),
    ("factors.add_app", "POST"), ("factors.add_passkey", "POST"), ("factors.codes", "GET"),
    ("factors.new_app", "GET"), ("factors.new_codes", "POST"), ("factors.new_passkey", "GET"),
    ("factors.passkey_options", "POST"), ("factors.remove_app", "POST"), ("factors.remove_passkey", "POST"),
    ("inviting.start", "POST"), ("members.apply", "POST"), ("persons.change_roles", "POST"), ("persons.erase", "POST"),
    ("secretariat_factors.ask", "POST"), ("secretariat_factors.confirm", "POST"), ("steps.confirmed", "POST"),
}  # fmt: skip


class Level(StrEnum):
    """What was shown in a session."""

    PASSWORD = "a password, and there is no second step"
    VOUCHED_BEFORE = "a sign-in service vouched for two steps, too long ago"
    VOUCHED = "a sign-in service vouched for two steps just now"
    ONE = "one step, of somebody who has a second"
    STALE = "a second step, too long ago"
    SURE = "a second step just now"

    @property
    def has_factor(self) -> bool:
        """Whether the person has a second step of their own."""
        return self in {Level.ONE, Level.STALE, Level.SURE}


def step(asked: Permission, level: Level, *, fresh: bool) -> Outcome | None:
    """The step that is still asked for, or None."""
    if asked in ONE_STEP and not (fresh and level.has_factor):
        return None
    if level is Level.PASSWORD or (fresh and level is Level.VOUCHED_BEFORE):
        return Outcome.ENROL
    return Outcome.CONFIRM if level is Level.ONE or (fresh and level is Level.STALE) else None


def expected(endpoint: str, method: str, who: Visitor, level: Level, what: Thing | None) -> Outcome:
    """What the tables say."""
    asked = ADDRESSES[endpoint]
    if not isinstance(asked, Permission):
        reader = who if who.signed_in else replace(who, may=frozenset(), offices={})
        return SCOPES[endpoint, method](reader, what) if what else Outcome.IN
    if not who.signed_in:
        return Outcome.SIGN_IN
    if asked not in who.may:
        return Outcome.NO
    missing = step(asked, level, fresh=(endpoint, method) in FRESH)
    return missing or (SCOPES[endpoint, method](who, what) if what else Outcome.IN)


def test_what_asks_for_a_fresh_step_is_behind_a_permission(site: Site) -> None:
    assert set(addresses(site.app)) >= FRESH
    assert not {endpoint for endpoint, _method in FRESH if ADDRESSES[endpoint] == "public"}
