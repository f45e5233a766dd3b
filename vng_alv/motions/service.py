"""Writing, submitting and changing motions, what was decided on them, and the account of that.

Each ends with a flush. A submitted motion has a proposal, whose newest published version is rendered from its fields:
that is what is read, and what the rounds of ``voting`` are about.
"""

import re
import uuid
from collections.abc import Sequence

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain import motions as rules
from vng_alv.domain.motions import FollowUpState, Group, MotionText, Parts
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.submissions import SubmissionKind, SubmissionState
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings import agenda
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.meetings.queries import lock_meeting
from vng_alv.meetings.service import add_agenda_item
from vng_alv.members.models import Member
from vng_alv.members.queries import standing_at
from vng_alv.motions import queries
from vng_alv.motions.models import FollowUp, Motion
from vng_alv.proposals import queries as proposals_queries
from vng_alv.proposals import service as proposals
from vng_alv.proposals.markdown import Document
from vng_alv.proposals.models import Proposal, ProposalKind
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
from vng_alv.submissions.queries import held, lock_submission, next_number

#: The item of an agenda under which account is given.
ACCOUNT_ITEM = "Verantwoording moties"


def _takes_account(item: AgendaItem) -> bool:
    return item.title == ACCOUNT_ITEM and bool(queries.accounts_at(item.meeting_id))


agenda.HANGS.append(_takes_account)
agenda.NAMED.append(_takes_account)


def begin(meeting: Meeting, member: Member, text: MotionText, reason: str, actor: Actor) -> Motion:
    """A new draft of a member. Raises ``Refused(NOT_ALLOWED, MEETING_HELD or PARTS)``."""
    submission = submissions.begin(SubmissionKind.MOTION, meeting, member, text.title, reason, actor)
    motion = Motion(submission=submission, follow_ups=[])
    _fill(motion, text)
    db.session.add(motion)
    db.session.flush()
    return motion


def save(motion: Motion, text: MotionText, reason: str, revision: int, actor: Actor) -> None:
    """Change a draft. Raises ``Refused``, or ``Conflict(EDITED_MEANWHILE)``."""
    submissions.edit(motion.submission, text.title, reason, revision, actor)
    _fill(motion, text)
    db.session.flush()


def discard(motion: Motion, actor: Actor) -> None:
    """Take a draft away for good. Raises ``Refused``."""
    submission = motion.submission
    if submission.state is SubmissionState.DRAFT:
        db.session.delete(motion)
        db.session.flush()
    submissions.discard(submission, actor)


def submit(motion: Motion, actor: Actor, *, late_reason: str = "", revision: int | None = None) -> Motion:
    """Submit a draft in the name of its member: it gets its number, and a text with that code that everybody reads.

    Raises ``Refused`` with what ``domain.submissions.may_submit`` says, or ``Conflict(EDITED_MEANWHILE)``.
    """
    submission, text = motion.submission, motion.text
    meeting = submission.meeting
    lock_meeting(meeting.id)
    least = queries.least_number(p.code for p in proposals_queries.proposals_of(meeting.id))
    content = text.to_data() if text.operative else {}
    submissions.submit(submission, content, actor, late_reason=late_reason, revision=revision, least=least)
    motion.proposal = proposals.create(
        meeting, submission.label, ProposalKind.MOTION, submission.title, actor, submitter=submission.member
    )
    _publish(motion, motion.proposal, actor)
    return motion


def change(motion: Motion, text: MotionText, reason: str, revision: int, actor: Actor, *, asked_now: bool) -> None:
    """Change a submitted motion in the name of its submitters, who hear of it. It keeps its number, and its sections
    stay the same sections. ``asked_now``: whether the vote on it has opened.

    Raises ``Refused``, or ``Conflict(EDITED_MEANWHILE)`` when somebody changed it after ``revision``.
    """
    lock_meeting(motion.submission.meeting_id)
    submission = lock_submission(motion.submission_id)
    who, over = standing_at(actor, submission.member_id), held(submission.meeting)
    if refusal := rules.may_change(who, submission.state, asked_now=asked_now, held=over):
        raise Refused(refusal)
    if submission.revision != revision:
        raise Conflict(Refusal.EDITED_MEANWHILE, name=submission.author.name)
    if not text.title or not text.operative:
        raise Refused(Refusal.EMPTY_SUBMISSION)
    if text == motion.text and reason == submission.reason:
        return
    submission.title, submission.reason = text.title, reason
    submission.revision, submission.saved_at, submission.author_id = revision + 1, db.now(), actor.id
    _fill(motion, text)
    submissions.keep_version(submission, text.to_data(), actor)
    if motion.proposal:
        _publish(motion, motion.proposal, actor)
    record("motion.change", actor, f"submission:{submission.id}", member_id=submission.member_id, parts=len(text.parts))
    submissions.tell(submission, "changed", actor)


def split(motion: Motion, parts: Parts, revision: int, actor: Actor, *, asked_now: bool) -> None:
    """Let a submitted motion be voted on in parts, or (without parts) as a whole again. Raises what ``change`` does,
    and ``Refused(PARTS)``."""
    text = MotionText.of(motion.submission.title, {**motion.text.to_data(), "parts": parts})
    change(motion, text, motion.submission.reason, revision, actor, asked_now=asked_now)


def _fill(motion: Motion, text: MotionText) -> None:
    if not rules.may_be_parts(len(text.operative), text.parts):
        raise Refused(Refusal.PARTS)
    data = text.to_data()
    for group in Group:
        setattr(motion, group.value, data[group.value])
    motion.parts = data["parts"]


def _publish(motion: Motion, proposal: Proposal, actor: Actor) -> None:
    """A next version of the motion's text, unless it says what the newest one says."""
    title, preamble, sections = rules.as_sections(motion.text)
    newest = proposals_queries.published(proposal)
    if newest and newest.text_hash == proposals.text_hash(title, preamble, sections):
        return
    proposals.import_text(proposal, Document(title, preamble, sections), actor)
    proposals.publish(proposal, actor)


# --- What was decided


def decided(proposal: Proposal, state: SubmissionState, actor: Actor | None) -> None:
    """What the pronounced votes on a text make of the motion that it is: adopted, rejected, or submitted again where
    its vote was annulled. A motion that the secretariat brought in as a text gets its account here, once adopted."""
    motion = queries.find_by_proposal(proposal.id)
    if motion is None:
        if state is SubmissionState.ADOPTED and proposal.kind is ProposalKind.MOTION and proposal.submitter and actor:
            motion = _of_text(proposal, proposal.submitter, actor)
        else:
            return
    submissions.settle(motion.submission_id, state, actor)


def _of_text(proposal: Proposal, member: Member, actor: Actor) -> Motion:
    """The motion that a text of the secretariat is, without fields of its own."""
    lock_meeting(proposal.meeting_id)
    number = next_number(proposal.meeting_id, SubmissionKind.MOTION)
    own = re.fullmatch(r"M0*(\d{1,6})", proposal.code)
    now = db.now()
    submission = Submission(
        id=uuid.uuid4(),
        meeting=proposal.meeting,
        kind=SubmissionKind.MOTION,
        member=member,
        number=max(number, int(own[1])) if own else number,
        title=proposal.title,
        state=SubmissionState.SUBMITTED,
        author_id=actor.id,
        created_at=proposal.created_at,
        saved_at=now,
        submitted_at=proposal.created_at,
        co_submitters=[],
        advice=[],
    )
    motion = Motion(submission=submission, proposal=proposal, follow_ups=[])
    _fill(motion, MotionText(proposal.title))
    db.session.add(motion)
    db.session.flush()
    record("motion.of_text", actor, f"submission:{submission.id}", member_id=member.id, code=proposal.code)
    return motion


# --- The account


def follow_up(motion: Motion, state: FollowUpState, note: str, actor: Actor) -> FollowUp:
    """Say where the work stands that an adopted motion asks for. Raises ``Refused``."""
    if not actor.may(Permission.MANAGE_MEETINGS):
        raise Refused(Refusal.NOT_ALLOWED)
    submission = lock_submission(motion.submission_id)
    db.session.refresh(motion, ["follow_ups"])
    newest = motion.newest
    if refusal := rules.may_follow_up(submission.state, newest.state if newest else None, state, note):
        raise Refused(refusal)
    made = _follow_up(motion, state, note.strip(), None, actor)
    record("motion.follow_up", actor, f"submission:{submission.id}", member_id=submission.member_id, state=state.value)
    return made


def put_on_agenda(meeting: Meeting, motions: Sequence[Motion], actor: Actor) -> AgendaItem:
    """Let account be given of motions at a coming meeting, under one item of its agenda. Raises ``Refused``."""
    if not actor.may(Permission.MANAGE_MEETINGS):
        raise Refused(Refusal.NOT_ALLOWED)
    if not motions:
        raise Refused(Refusal.NOTHING_CHOSEN)
    lock_meeting(meeting.id)
    db.session.refresh(meeting, ["agenda"])
    if meeting.starts_at <= db.now():
        raise Refused(Refusal.SUBMISSION_STATE)
    item = next((one for one in meeting.agenda if one.title == ACCOUNT_ITEM), None)
    item = item or add_agenda_item(meeting, ACCOUNT_ITEM, actor)
    for motion in motions:
        if lock_submission(motion.submission_id).state not in rules.ACCOUNTED:
            raise Refused(Refusal.FOLLOW_UP)
        if not any(one.meeting_id == meeting.id for one in motion.follow_ups):
            newest = motion.newest
            state, note = (newest.state, newest.note) if newest else (FollowUpState.IN_PROGRESS, "")
            _follow_up(motion, state, note, meeting, actor)
    record("motion.account", actor, f"meeting:{meeting.id}", number=item.number, motions=len(motions))
    return item


def _follow_up(motion: Motion, state: FollowUpState, note: str, meeting: Meeting | None, actor: Actor) -> FollowUp:
    made = FollowUp(
        id=uuid.uuid4(), state=state, note=note, meeting=meeting, at=db.now(), person_id=actor.id
    )  # fmt: skip
    motion.follow_ups.append(made)
    db.session.flush()
    return made
