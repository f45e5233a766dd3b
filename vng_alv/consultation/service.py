"""Opening a consultation, and writing and sending reactions. Answering them is the room ``answering``."""

import uuid
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.audit.service import record
from vng_alv.consultation import queries
from vng_alv.consultation.models import Comment, CommentRevision, Consultation, Position
from vng_alv.domain import consultation as rules
from vng_alv.domain.consultation import RevisionAct
from vng_alv.domain.mandates import MEMBER_SECRETARIES
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.members.models import Member
from vng_alv.members.queries import find_office, people_of_members
from vng_alv.notifications.models import NoticeKind
from vng_alv.notifications.service import notify
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import published

MAX_BODY = 20_000


def is_open(consultation: Consultation) -> bool:
    """Whether members may react now."""
    return rules.is_open(consultation.opened_at, consultation.closes_at, db.now())


def open_consultation(proposal: Proposal, closes_at: datetime, actor: Actor | None) -> Consultation:
    """Ask all members to react to the published version until ``closes_at``; everybody with an office gets a notice."""
    version = published(proposal)
    if version is None:
        raise Refused(Refusal.NOT_PUBLISHED_TEXT)
    if queries.find_consultation(proposal.id):
        raise Conflict(Refusal.CONSULTATION_EXISTS)
    now = db.now()
    if closes_at <= now:
        raise Refused(Refusal.CLOCK_IN_PAST)
    consultation = Consultation(
        id=uuid.uuid4(), proposal_id=proposal.id, version_id=version.id, opened_at=now, closes_at=closes_at
    )
    db.session.add(consultation)
    db.session.flush()
    record("consultation.open", actor, f"proposal:{proposal.id}", closes_at=closes_at.isoformat())
    notify(
        NoticeKind.CONSULTATION_OPENED,
        people_of_members(),
        title=proposal.title,
        meeting=proposal.meeting.code,
        proposal=proposal.code,
        closes_at=closes_at.isoformat(),
    )
    return consultation


def set_deadline(consultation: Consultation, closes_at: datetime, actor: Actor) -> None:
    """Move the deadline of a consultation that is still open; to this moment to close it."""
    queries.hold(consultation, change=True)
    if not is_open(consultation):
        raise Refused(Refusal.CONSULTATION_CLOSED)
    consultation.closes_at = max(closes_at, db.now())
    db.session.flush()
    record("consultation.deadline", actor, f"proposal:{consultation.proposal_id}", closes_at=closes_at.isoformat())


class Collision(Conflict):
    """A colleague changed the same words meanwhile; nothing was saved."""

    def __init__(self, comment: Comment, base: str, merged: rules.Both) -> None:
        super().__init__(Refusal.EDITED_MEANWHILE, name=comment.author.name)
        #: What the colleague left, what both began from, and the writer's text with the rest of the colleague's in it.
        self.comment, self.base, self.merged = comment, base, merged


class Writer:
    """Somebody who writes for a member: its reactions, which nobody else changes until this transaction ends."""

    def __init__(self, consultation: Consultation, member: Member, actor: Actor) -> None:
        queries.hold(consultation)
        self.consultation, self.member, self.actor = consultation, member, actor
        self.comments = queries.comments_of(consultation.id, member.id, lock=True)
        self.works_here = find_office(actor.id, member.id) is not None
        self.now = db.now()

    def save(self, section_id: uuid.UUID | None, body: str, position: Position | None, revision: int) -> Comment:
        """Save a draft. ``revision`` is the one that the writer began from (0: none yet).

        What a colleague saved since then is put together with it. Raises ``Refused``, or ``Collision`` when both
        changed the same words.
        """
        body = tidy(body)
        refusal = rules.may_write(open_now=is_open(self.consultation), works_here=self.works_here)
        if refusal:
            raise Refused(refusal)
        if len(body) > MAX_BODY:
            raise Refused(Refusal.TOO_LARGE)
        comment = self.comments.get(section_id)
        if comment is None:
            return self._begin(section_id, body, position)
        if comment.revision != revision:
            body, position = self._put_together(comment, body, position, revision)
        if (body, position) != comment.draft:
            comment.body, comment.position = body, position
            comment.author, comment.author_id, comment.saved_at = self._person(), self.actor.id, self.now
            _keep(comment, RevisionAct.SAVED, self.actor, self.now)
        return comment

    def _person(self) -> Person:
        return db.session.get_one(Person, self.actor.id)

    def _begin(self, section_id: uuid.UUID | None, body: str, position: Position | None) -> Comment:
        comment = Comment(
            id=uuid.uuid4(), consultation_id=self.consultation.id, member_id=self.member.id, section_id=section_id,
            body=body, position=position, revision=0, author=self._person(), saved_at=self.now, answer=None,
        )  # fmt: skip
        try:
            with db.session.begin_nested():
                db.session.add(comment)
                db.session.flush()
        except IntegrityError:  # a colleague began the same one in this very moment
            self.comments = queries.comments_of(self.consultation.id, self.member.id, lock=True)
            return self.save(section_id, body, position, 0)
        _keep(comment, RevisionAct.SAVED, self.actor, self.now)
        self.comments[section_id] = comment
        return comment

    def _put_together(
        self, comment: Comment, body: str, position: Position | None, revision: int
    ) -> tuple[str, Position | None]:
        begun = queries.find_revision(comment.id, revision)
        base = (begun.body, begun.position) if begun else ("", None)
        merged = rules.both(base[0], comment.body, body)
        try:
            chosen = rules.one_of(base[1], comment.position, position)
        except ValueError:
            raise Collision(comment, base[0], merged) from None
        if merged.clashes or len(merged.text) > MAX_BODY:
            raise Collision(comment, base[0], merged)
        return tidy(merged.text), chosen


def tidy(body: str) -> str:
    """Words as they are kept: one kind of line end, and no white space around them."""
    return body.replace("\r\n", "\n").strip()


def _keep(comment: Comment, act: RevisionAct, actor: Actor, now: datetime) -> None:
    comment.revision += 1
    db.session.add(
        CommentRevision(
            comment_id=comment.id, revision=comment.revision, act=act, body=comment.body, position=comment.position,
            person_id=actor.id, at=now,
        )
    )  # fmt: skip
    db.session.flush()


def save_draft(
    consultation: Consultation,
    member: Member,
    section_id: uuid.UUID | None,
    body: str,
    position: Position | None,
    revision: int,
    actor: Actor,
) -> Comment:
    """Save one draft that colleagues of the same member see; see ``Writer.save``."""
    return Writer(consultation, member, actor).save(section_id, body, position, revision)


def restore(consultation: Consultation, member: Member, old: CommentRevision, seen: int, actor: Actor) -> Comment:
    """Make an earlier text the draft again; ``seen`` is the newest revision that the writer saw. Raises ``Refused``."""
    writer = Writer(consultation, member, actor)
    comment = next(c for c in writer.comments.values() if c.id == old.comment_id)
    if comment.revision != seen:
        raise Conflict(Refusal.EDITED_MEANWHILE, name=comment.author.name)
    return writer.save(comment.section_id, old.body, old.position, comment.revision)


def send(consultation: Consultation, member: Member, actor: Actor) -> int:
    """Send all drafts and files of a member, for the member, in the place of what it sent before; returns how many.

    An emptied draft takes back what was sent there. Raises ``Refused``.
    """
    writer = Writer(consultation, member, actor)
    todo = [(c, act) for c in writer.comments.values() if (act := rules.sending(c.draft, c.in_force))]
    files = queries.attachments_of(consultation.id, member.id, lock=True)
    changed = [file for file in files if file.dropped or file.sent_at is None]
    refusal = rules.may_send(
        open_now=is_open(consultation),
        is_secretary=_speaks_for(member, actor),
        changes=len(todo) + len(changed),
        reactions=sum(comment.draft != ("", None) for comment in writer.comments.values()),
        files=sum(not file.dropped for file in files),
    )
    if refusal:
        raise Refused(refusal)
    for comment, act in todo:
        if act is rules.Sending.WITHDRAWN:
            _withdraw(comment, actor, writer.now)
        else:
            comment.sent_body, comment.sent_position, comment.sent_at = comment.body, comment.position, writer.now
            _keep(comment, RevisionAct.SENT, actor, writer.now)
    for file in changed:
        if file.dropped:
            db.session.delete(file)
        else:
            file.sent_at = writer.now
    db.session.flush()
    record("comments.send", actor, f"proposal:{consultation.proposal_id}", member_id=member.id,
           number=len(todo), files=len(changed))  # fmt: skip
    return len(todo) + len(changed)


def withdraw(consultation: Consultation, member: Member, actor: Actor) -> int:
    """Take back all that a member sent; its drafts keep the text, and files are drafts again. Returns how many.

    Raises ``Refused``.
    """
    writer = Writer(consultation, member, actor)
    sent = [comment for comment in writer.comments.values() if comment.sent_at]
    files = [file for file in queries.attachments_of(consultation.id, member.id, lock=True) if file.sent_at]
    refusal = rules.may_withdraw(
        open_now=is_open(consultation), is_secretary=_speaks_for(member, actor), in_force=len(sent) + len(files)
    )
    if refusal:
        raise Refused(refusal)
    for comment in sent:
        _withdraw(comment, actor, writer.now)
    for file in files:
        file.sent_at, file.dropped = None, False
    db.session.flush()
    record("comments.withdraw", actor, f"proposal:{consultation.proposal_id}", member_id=member.id, number=len(sent))
    return len(sent)


def _withdraw(comment: Comment, actor: Actor, now: datetime) -> None:
    comment.sent_body = comment.sent_position = comment.sent_at = None
    _keep(comment, RevisionAct.WITHDRAWN, actor, now)


def _speaks_for(member: Member, actor: Actor) -> bool:
    office = find_office(actor.id, member.id, keep=True)
    return office is not None and office.kind in MEMBER_SECRETARIES
