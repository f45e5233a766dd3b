"""Making meetings, naming who casts a member's votes, and giving them to another member (docs/rules.md, mandate).

Changes at one meeting follow one another: each takes the meeting's row. A cast takes the row of the mandate it is made
with, and that of the proxy if there is one, FOR SHARE (``voting.cast``); each change here ends one of those rows, so it
waits for the casts under way and later ones find it ended. That is also why a member that gives a proxy has no holder
of its own: without a row that ends, a cast under way could come after the proxy.
"""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.audit.service import record
from vng_alv.domain.agenda import place_for_new
from vng_alv.domain.clock import day_of
from vng_alv.domain.mandates import ProxyFacts, may_give_proxy, may_hold, may_name
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.models import AgendaItem, Mandate, Meeting, MeetingKind, Proxy
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.models import Member
from vng_alv.members.queries import find_association, find_office, get_association, standing_at
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify

#: More items than any agenda has.
NUMBERS = 100_000
#: So long after a meeting began a change of its mandates is still news: a vote may go on for weeks.
NEWS_FOR = timedelta(days=31)


def code_from(title: str) -> str:
    """A title as it may stand in an address: 'ALV 1 december' as 'alv-1-december'."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:60]


def create(
    code: str,
    title: str,
    kind: MeetingKind,
    starts_at: datetime,
    place: str,
    actor: Actor | None,
    *,
    ends_at: datetime | None = None,
    publishes_itself: bool = False,
    standing: bool = True,
) -> Meeting:
    """A meeting, with the ``standing`` agenda of the association if so wished; a written consultation has none, and an
    end.

    Raises ``Conflict(CODE_TAKEN)``, ``Refused(PERIOD)`` for a written consultation without a later end, and
    ``Refused(CHAIR_PRONOUNCES)`` for an assembly that would pronounce its outcomes by itself.
    """
    written = kind is MeetingKind.LEDENRAADPLEGING
    if written and (ends_at is None or ends_at <= starts_at):
        raise Refused(Refusal.PERIOD)
    if publishes_itself and not written:
        raise Refused(Refusal.CHAIR_PRONOUNCES)
    association = find_association()
    items = association.standing_items if association and standing and not written else []
    code = code_from(code)
    if db.session.scalar(select(Meeting.id).where(Meeting.code == code)):
        raise Conflict(Refusal.CODE_TAKEN, code=code)
    meeting = Meeting(
        id=uuid.uuid4(),
        code=code,
        title=title.strip(),
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at if written else None,
        publishes_itself=publishes_itself,
        place=place.strip(),
        created_at=db.now(),
        agenda=[AgendaItem(number=n, title=one.title, minutes=one.minutes) for n, one in enumerate(items, 1)],
    )
    db.session.add(meeting)
    db.session.flush()
    record("meeting.create", actor, f"meeting:{meeting.id}", code=code)
    return meeting


def add_agenda_item(meeting: Meeting, title: str, actor: Actor | None, *, note: str = "") -> AgendaItem:
    """A new item: before those that meetings end with."""
    lock_meeting(meeting.id)
    db.session.refresh(meeting, ["agenda", "agenda_version"])
    association = find_association()
    titles = [one.title for one in meeting.agenda]
    place = place_for_new(titles, association.standing_items if association else ())
    item = AgendaItem(id=uuid.uuid4(), number=len(titles) + 1, title=title.strip(), note=note.strip())
    order = [*meeting.agenda[:place], item, *meeting.agenda[place:]]
    meeting.agenda.append(item)
    meeting.agenda_version += 1
    db.session.flush()
    renumber(meeting, order)
    record("agenda.add", actor, f"meeting:{meeting.id}", number=item.number, title=item.title)
    return item


def renumber(meeting: Meeting, order: Sequence[AgendaItem]) -> None:
    """Number the items of an agenda, all of them, in this order; the meeting's row is in hand."""
    for number, item in enumerate(order, 1):
        if item.number != number:
            item.number = NUMBERS + number  # a number is given once, so they make room for each other first
    db.session.flush()
    for number, item in enumerate(order, 1):
        item.number = number
    db.session.flush()
    db.session.refresh(meeting, ["agenda"])


def give_mandate(meeting: Meeting, member: Member, person: Person, actor: Actor | None) -> Mandate:
    """Make ``person`` the one who casts ``member``'s votes from now on; the holder until now no longer does.

    Only an office-holder of the same municipality may hold it. Raises ``Refused(NOT_ALLOWED, NO_OFFICE or
    PROXY_GIVEN)``.
    """
    _may_name(actor, member)
    office = find_office(person.id, member.id, keep=True)
    db.session.refresh(
        person, ["active"]
    )  # putting an account out of use takes the office first, and may have been first
    if refusal := may_hold(office.kind if office else None, active=person.active):
        raise Refused(refusal, person=person.name, member=member.name)
    lock_meeting(meeting.id)
    if _given(meeting, member):
        raise Refused(Refusal.PROXY_GIVEN, member=member.name)
    held = _held(meeting, member)
    if held is not None:
        if held.person_id == person.id:
            return held
        _end(held, actor, then=person.name)
    mandate = Mandate(
        meeting_id=meeting.id,
        member_id=member.id,
        person_id=person.id,
        since=db.now(),
        given_by=actor.id if actor else None,
    )
    db.session.add(mandate)
    db.session.flush()
    record("mandate.give", actor, f"meeting:{meeting.id}", member_id=member.id, person=str(person.id))
    _tell(NoticeKind.MANDATE_GIVEN, mandate, actor, also=_received(meeting, member))
    return mandate


def take_back(meeting: Meeting, member: Member, actor: Actor | None) -> None:
    """Nobody casts ``member``'s votes from now on. Raises ``Refused(NOT_ALLOWED or NO_HOLDER)``."""
    _may_name(actor, member)
    lock_meeting(meeting.id)
    held = _held(meeting, member)
    if held is None:
        raise Refused(Refusal.NO_HOLDER, member=member.name)
    _end(held, actor)


def take_all_back(person: Person, member: Member, actor: Actor | None) -> None:
    """Take every mandate back that somebody holds for a member: their office there no longer lets them.

    Whoever calls this has the person's office in hand, so that nobody gives them another one meanwhile.
    """
    meetings = db.session.scalars(
        select(Mandate.meeting_id)
        .where(Mandate.person_id == person.id, Mandate.member_id == member.id, Mandate.until.is_(None))
        .order_by(Mandate.meeting_id)
    ).all()
    for meeting_id in meetings:
        lock_meeting(meeting_id)
        held = _held(db.session.get_one(Meeting, meeting_id), member)
        if held is not None and held.person_id == person.id:
            _end(held, actor)


def give_proxy(meeting: Meeting, member: Member, receiver: Member, actor: Actor | None) -> Proxy:
    """Let whoever votes for ``receiver`` cast ``member``'s votes too, from now on; its own holder no longer does.

    Raises ``Refused`` with what ``domain.mandates.may_give_proxy`` says.
    """
    _may_name(actor, member)
    lock_meeting(meeting.id)
    day = day_of(meeting.starts_at)
    facts = ProxyFacts(
        giver=member.code,
        receiver=receiver.code,
        limit=get_association().proxies_per_member,
        both_members=member.is_member_on(day) and receiver.is_member_on(day),
        giver_gave=_given(meeting, member) is not None,
        giver_received=len(_received(meeting, member)),
        receiver_gave=_given(meeting, receiver) is not None,
        receiver_received=len(_received(meeting, receiver)),
    )
    if refusal := may_give_proxy(facts):
        raise Refused(refusal, member=member.name, receiver=receiver.name)
    held = _held(meeting, member)
    if held is not None:
        _end(held, actor, then=receiver.name)
    proxy = Proxy(
        meeting_id=meeting.id,
        member_id=member.id,
        to_member_id=receiver.id,
        since=db.now(),
        given_by=actor.id if actor else None,
    )
    db.session.add(proxy)
    db.session.flush()
    record("proxy.give", actor, f"meeting:{meeting.id}", member_id=member.id, receiver=receiver.code)
    _tell_receiver(NoticeKind.MANDATE_GIVEN, proxy, actor)
    return proxy


def take_proxy_back(meeting: Meeting, member: Member, actor: Actor | None) -> None:
    """``member`` votes for itself again, once it has named a holder. Raises ``Refused(NOT_ALLOWED or NO_PROXY)``."""
    _may_name(actor, member)
    lock_meeting(meeting.id)
    proxy = _given(meeting, member)
    if proxy is None:
        raise Refused(Refusal.NO_PROXY, member=member.name)
    proxy.until, proxy.ended_by = db.now(), actor.id if actor else None
    db.session.flush()
    record("proxy.end", actor, f"meeting:{meeting.id}", member_id=member.id, receiver=proxy.to_member.code)
    _tell_receiver(NoticeKind.MANDATE_ENDED, proxy, actor)


def _may_name(actor: Actor | None, member: Member) -> None:
    if actor is not None and not may_name(standing_at(actor, member.id)):
        raise Refused(Refusal.NOT_ALLOWED)


def _held(meeting: Meeting, member: Member) -> Mandate | None:
    """The mandate that stands, once the casts that are under way with it are in."""
    return db.session.scalars(
        select(Mandate)
        .where(Mandate.meeting_id == meeting.id, Mandate.member_id == member.id, Mandate.until.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _given(meeting: Meeting, member: Member) -> Proxy | None:
    """The proxy that a member gave, once the casts that are under way with it are in."""
    return db.session.scalars(
        select(Proxy)
        .where(Proxy.meeting_id == meeting.id, Proxy.member_id == member.id, Proxy.until.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _received(meeting: Meeting, member: Member) -> list[str]:
    """The names of the members that gave their votes to this one."""
    rows = db.session.scalars(
        select(Member.name)
        .join(Proxy, Proxy.member_id == Member.id)
        .where(Proxy.meeting_id == meeting.id, Proxy.to_member_id == member.id, Proxy.until.is_(None))
        .order_by(Member.name)
    )
    return list(rows)


def _end(mandate: Mandate, actor: Actor | None, *, then: str = "") -> None:
    """End a mandate, whose row is in hand; ``then`` names who votes from now on."""
    mandate.until, mandate.ended_by = db.now(), actor.id if actor else None
    db.session.flush()
    record(
        "mandate.end",
        actor,
        f"meeting:{mandate.meeting_id}",
        member_id=mandate.member_id,
        person=str(mandate.person_id),
    )
    _tell(NoticeKind.MANDATE_ENDED, mandate, actor, then=then)


def _tell(kind: NoticeKind, mandate: Mandate, actor: Actor | None, **more: object) -> None:
    _mail(kind, mandate.person_id, mandate.meeting, mandate.member, actor, **more)


def _tell_receiver(kind: NoticeKind, proxy: Proxy, actor: Actor | None) -> None:
    held = _held(proxy.meeting, proxy.to_member)
    if held is not None:
        _mail(kind, held.person_id, proxy.meeting, proxy.member, actor, through=proxy.to_member.name)


def _mail(
    kind: NoticeKind, person_id: uuid.UUID, meeting: Meeting, member: Member, actor: Actor | None, **more: object
) -> None:
    """Nobody is mailed about what the system sets up, nor when the meeting is long over."""
    if actor is not None and meeting.starts_at > db.now() - NEWS_FOR:
        notify(
            kind,
            [person_id],
            meeting=meeting.code,
            title=meeting.title,
            starts_at=meeting.starts_at.isoformat(),
            member=member.name,
            by=actor.name,
            **more,
        )
