"""Reminding members of what is still missing from them: a delegate at a meeting, a reaction in a consultation.

The mail goes to whoever acts for the member and has an account in use; one mail to a person, whatever the number of
members. Nobody hears the same twice in a day, unless that is asked for.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vng_alv import db
from vng_alv.answering import matrix
from vng_alv.audit.service import record
from vng_alv.consultation.models import Consultation
from vng_alv.consultation.service import is_open
from vng_alv.domain.answering import Size
from vng_alv.domain.clock import day_of
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member
from vng_alv.members.queries import lock_register, secretaries_of
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.queries import told_since
from vng_alv.notifications.service import notify_each
from vng_alv.secretariat.queries import REMIND_AFTER, delegates
from vng_alv.submissions.queries import held


@dataclass(frozen=True)
class Reach:
    """Whom a reminder reaches."""

    #: The members that something is missing from.
    members: Sequence[Member]
    #: Who gets a mail, with the members it is about.
    people: Mapping[uuid.UUID, Sequence[Member]]
    #: How many others were told already.
    told: int
    #: The members for which nobody has an account.
    nobody: Sequence[Member]


@dataclass(frozen=True)
class Chase:
    """One thing that is missing from members: what the mail is, and from whom it is missing now."""

    kind: NoticeKind
    act: str
    subject: str
    #: What stands in the mail, and tells one such reminder from others of its kind.
    about: Mapping[str, Any]
    missing: Callable[[], Sequence[Member]]

    def reach(self, since: datetime | None = None) -> Reach:
        """Whom a reminder reaches now, less who was told in the last day, or since another moment."""
        members = self.missing()
        acting = secretaries_of([member.id for member in members])
        told = {
            person_id
            for person_id, context in told_since(self.kind, since or db.now() - REMIND_AFTER)
            if all(context.get(name) == self.about[name] for name in ("meeting", "proposal") if name in self.about)
        }
        people: dict[uuid.UUID, list[Member]] = {}
        for member in members:
            for person_id in acting.get(member.id, ()):
                people.setdefault(person_id, []).append(member)
        due = {person_id: theirs for person_id, theirs in people.items() if person_id not in told}
        return Reach(members, due, len(people) - len(due), [m for m in members if m.id not in acting])

    def remind(self, actor: Actor | None, since: datetime | None = None) -> Reach:
        """Send it, and say whom it went to."""
        lock_register()  # of two who press at once, the second one finds the mails of the first
        found = self.reach(since)
        if found.people:
            notify_each(self.kind, [(person_id, self._facts(theirs)) for person_id, theirs in found.people.items()])
            about = {member.id for theirs in found.people.values() for member in theirs}
            record(self.act, actor, self.subject, people=len(found.people), members=len(about))
        return found

    def _facts(self, members: Sequence[Member]) -> dict[str, Any]:
        return {**self.about, "members": [m.name for m in members], "code": members[0].code}


def without_delegate(meeting: Meeting) -> Chase:
    """The members that nobody votes for at a meeting. Raises ``Conflict(REMINDING_OVER)`` once it was held."""
    if held(meeting):
        raise Conflict(Refusal.REMINDING_OVER)

    def missing() -> list[Member]:
        return [member for member, mandate in delegates(meeting.id, day_of(db.now())) if mandate is None]

    when = {"closes_at" if meeting.is_written else "starts_at": meeting.is_coming_until.isoformat()}
    about = {"meeting": meeting.code, "title": meeting.title, "written": meeting.is_written, **when}
    return Chase(NoticeKind.MANDATE_REMINDER, "mandate.remind", f"meeting:{meeting.id}", about, missing)


def without_reaction(consultation: Consultation, province: str = "", size: Size | None = None) -> Chase:
    """The members that sent nothing, of a province and a size. Raises ``Conflict(REMINDING_OVER)`` after the end."""
    if not is_open(consultation):
        raise Conflict(Refusal.REMINDING_OVER)
    proposal = consultation.proposal
    about = {
        "meeting": proposal.meeting.code,
        "proposal": proposal.code,
        "title": proposal.title,
        "closes_at": consultation.closes_at.isoformat(),
    }
    return Chase(
        NoticeKind.REACTION_REMINDER,
        "consultation.remind",
        f"proposal:{proposal.id}",
        about,
        lambda: [one.member for one in matrix.silent(consultation, province, size)],
    )
