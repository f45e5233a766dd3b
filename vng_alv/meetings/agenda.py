"""Changing the agenda of a meeting, and where the meeting is on it (docs/rules.md §15).

Each change takes the meeting's row and, where a person made it from a page, the version that the page showed: whoever
saw an older agenda hears so, and changes nothing. Rounds hang on texts, so no change here reaches them.
"""

import uuid
from collections.abc import Callable, Collection
from datetime import datetime

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.agenda import is_running
from vng_alv.domain.deadlines import moved_along
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.jobs import Job, defer
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.meetings.queries import get_item, lock_meeting
from vng_alv.meetings.service import create, renumber

#: Whether something hangs on an item, so that it stays; rooms of what can hang there say so when they are read in.
HANGS: list[Callable[[AgendaItem], bool]] = []
#: Whether an item is known by its title, so that it keeps that; said in the same way.
NAMED: list[Callable[[AgendaItem], bool]] = []


def take(meeting: Meeting, version: int | None, actor: Actor | None, permission: Permission) -> None:
    """Have an agenda in hand, as it is now, to change it. ``version`` is the one that was looked at; None: whichever
    it is. Raises ``Refused(NOT_ALLOWED)`` and ``Conflict(AGENDA_CHANGED)``."""
    if actor is not None and not actor.may(permission):
        raise Refused(Refusal.NOT_ALLOWED)
    lock_meeting(meeting.id)
    db.session.refresh(meeting)
    db.session.refresh(meeting, ["agenda"])
    if version not in (None, meeting.agenda_version):
        raise Conflict(Refusal.AGENDA_CHANGED)
    meeting.agenda_version += 1


def change_item(
    meeting: Meeting,
    item_id: uuid.UUID,
    title: str,
    note: str,
    minutes: int | None,
    actor: Actor | None,
    *,
    version: int | None = None,
) -> AgendaItem:
    """Give an item another title, note or duration. Raises ``Refused(ITEM_NAMED)`` where it is known by its title."""
    take(meeting, version, actor, Permission.MANAGE_MEETINGS)
    item = get_item(meeting, item_id)
    if item.title != title.strip() and any(named(item) for named in NAMED):
        raise Refused(Refusal.ITEM_NAMED, title=item.title)
    before = item.title
    item.title, item.note, item.minutes = title.strip(), note.strip(), minutes
    db.session.flush()
    record(
        "agenda.change",
        actor,
        f"meeting:{meeting.id}",
        number=item.number,
        title=item.title,
        before=before,
        minutes=minutes,
    )
    return item


def move_item(
    meeting: Meeting, item_id: uuid.UUID, place: int, actor: Actor | None, *, version: int | None = None
) -> AgendaItem:
    """Put an item at a place, from 1; further than the ends is at the end."""
    take(meeting, version, actor, Permission.MANAGE_MEETINGS)
    item = get_item(meeting, item_id)
    before, others = item.number, [one for one in meeting.agenda if one.id != item_id]
    place = max(0, min(len(others), place - 1))
    renumber(meeting, [*others[:place], item, *others[place:]])
    if item.number != before:
        record("agenda.move", actor, f"meeting:{meeting.id}", title=item.title, before=before, number=item.number)
    return item


def remove_item(meeting: Meeting, item_id: uuid.UUID, actor: Actor | None, *, version: int | None = None) -> str:
    """Take an item off the agenda; its title. Raises ``Refused(ITEM_IN_USE or ITEM_CURRENT)``."""
    take(meeting, version, actor, Permission.MANAGE_MEETINGS)
    item = get_item(meeting, item_id)
    if meeting.current_item_id == item.id:
        raise Refused(Refusal.ITEM_CURRENT, title=item.title)
    if hangs_on(item):
        raise Refused(Refusal.ITEM_IN_USE, title=item.title)
    number, title = item.number, item.title
    db.session.delete(item)
    db.session.flush()
    db.session.refresh(meeting, ["agenda"])
    renumber(meeting, meeting.agenda)
    record("agenda.remove", actor, f"meeting:{meeting.id}", number=number, title=title)
    return title


def hangs_on(item: AgendaItem) -> bool:
    """Whether something hangs on an item."""
    return any(hangs(item) for hangs in HANGS)


def copy_meeting(
    former: Meeting,
    code: str,
    title: str,
    starts_at: datetime,
    place: str,
    item_ids: Collection[uuid.UUID],
    actor: Actor | None,
) -> Meeting:
    """A new meeting after a former one: its kind and settings, these items of its agenda with their notes and
    durations, and its limits, as far before the new beginning. No texts, rounds or mandates.

    Raises as ``meetings.service.create`` does, and ``Refused(NOT_ALLOWED)``.
    """
    if actor is not None and not actor.may(Permission.MANAGE_MEETINGS):
        raise Refused(Refusal.NOT_ALLOWED)
    lasts = former.ends_at - former.starts_at if former.ends_at else None
    made = create(
        code, title, former.kind, starts_at, place, actor,
        ends_at=starts_at + lasts if lasts else None, publishes_itself=former.publishes_itself, standing=False,
    )  # fmt: skip
    if former.amendments_until:
        made.amendments_until = moved_along(former.amendments_until, former.starts_at, starts_at)
    chosen = [one for one in former.agenda if one.id in item_ids]
    for number, one in enumerate(chosen, 1):
        made.agenda.append(AgendaItem(number=number, title=one.title, note=one.note, minutes=one.minutes))
    db.session.flush()
    record("meeting.copy", actor, f"meeting:{made.id}", former=former.code, items=len(chosen))
    return made


def set_current(meeting: Meeting, item_id: uuid.UUID | None, actor: Actor | None) -> AgendaItem | None:
    """Say which item the meeting is at; None: at none of them. Raises ``Refused(NOT_RUNNING)``, and nothing happens
    where it is there already."""
    if actor is not None and not actor.may(Permission.RUN_ROUNDS):
        raise Refused(Refusal.NOT_ALLOWED)
    lock_meeting(meeting.id)
    db.session.refresh(meeting)
    item = get_item(meeting, item_id) if item_id else None
    if meeting.current_item_id == item_id:
        return item
    now = db.now()
    if item and (meeting.is_written or not is_running(meeting.starts_at, now)):
        raise Refused(Refusal.NOT_RUNNING)
    meeting.current_item_id, meeting.current_since = item_id, now if item_id else None
    db.session.flush()
    number, title = (item.number, item.title) if item else (None, "")
    defer(Job.PUBLISH_STANDING, meeting_id=str(meeting.id))
    record("agenda.current", actor, f"meeting:{meeting.id}", number=number, title=title)
    return item
