"""Files beside the reaction of a member: adding, taking away and putting back; they are sent with the reaction."""

import hashlib
import uuid
from datetime import datetime

from vng_alv import db
from vng_alv.consultation import queries
from vng_alv.consultation.models import Attachment, Consultation
from vng_alv.consultation.service import is_open
from vng_alv.domain import consultation as rules
from vng_alv.domain.consultation import FileKind
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.members.models import Member
from vng_alv.members.queries import find_office, lock_member
from vng_alv.proposals import reading

COMMAND = reading.command("vng_alv.consultation.checking")


def check(data: bytes) -> FileKind:
    """What kind of file this is, by a process of its own: slow, so before a transaction. Raises ``Refused``."""
    if refusal := rules.may_add(files=0, size=len(data)):
        raise Refused(refusal)
    return FileKind(reading.ask(data, COMMAND)["kind"])


def add(consultation: Consultation, member: Member, name: str, data: bytes, kind: FileKind, actor: Actor) -> Attachment:
    """Put a file that was checked beside a member's reaction, as a draft. Raises ``Refused``."""
    lock_member(member.id)  # so that two at once do not both add the last one
    _may_change(consultation, member, actor)
    files = queries.attachments_of(consultation.id, member.id)
    if refusal := rules.may_add(files=sum(not file.dropped for file in files), size=len(data)):
        raise Refused(refusal)
    sha256 = hashlib.sha256(data).hexdigest()
    if any(file.sha256 == sha256 for file in files):
        raise Conflict(Refusal.SAME_FILE)
    made = Attachment(
        id=uuid.uuid4(), consultation_id=consultation.id, member_id=member.id, name=rules.safe_name(name, kind),
        kind=kind, size=len(data), sha256=sha256, content=data, person_id=actor.id, added_at=db.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def take_away(consultation: Consultation, file: Attachment, actor: Actor) -> None:
    """Take a file away; one that is in force stays so until the reaction is sent again. Raises ``Refused``."""
    _may_change(consultation, file.member, actor)
    if file.sent_at is None:
        db.session.delete(file)
    else:
        file.dropped = True
    db.session.flush()


def put_back(consultation: Consultation, file: Attachment, actor: Actor) -> None:
    """Keep a file that was to be taken away. Raises ``Refused``."""
    lock_member(file.member_id)
    _may_change(consultation, file.member, actor)
    files = queries.attachments_of(consultation.id, file.member_id)
    if file.dropped and (refusal := rules.may_add(files=sum(not one.dropped for one in files), size=file.size)):
        raise Refused(refusal)
    file.dropped = False
    db.session.flush()


def may_read(consultation: Consultation, file: Attachment, reader: Actor | None, now: datetime) -> bool:
    """Whether somebody may open a file: the own people always, others what was sent, as they may read the reaction."""
    if reader is not None and find_office(reader.id, file.member_id):
        return True
    sent = file.sent_at is not None
    early = reader is not None and reader.may(Permission.READ_REACTIONS)
    return sent and (early or rules.is_public(sent=sent, closes_at=consultation.closes_at, now=now))


def _may_change(consultation: Consultation, member: Member, actor: Actor) -> None:
    queries.hold(consultation)
    refusal = rules.may_write(open_now=is_open(consultation), works_here=find_office(actor.id, member.id) is not None)
    if refusal:
        raise Refused(refusal)
