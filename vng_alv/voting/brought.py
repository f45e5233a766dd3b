"""Where votes meet what members bring in: what a pronounced vote makes of a motion or an amendment, and what an opened
one forbids.

The rooms of motions, amendments and submissions lie below this one and know no rounds; what they must ask of them
stands here.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, select

from vng_alv import db
from vng_alv.domain.advised import BECOMES
from vng_alv.domain.majority import Verdict
from vng_alv.domain.motions import outcome
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import ASKED, IN_PREPARATION, RoundKind, RoundState
from vng_alv.domain.submissions import SubmissionKind, SubmissionState
from vng_alv.errors import Refused
from vng_alv.meetings.queries import lock_meeting
from vng_alv.motions.queries import find_motion
from vng_alv.motions.service import decided
from vng_alv.proposals.models import Proposal, ProposalKind
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
from vng_alv.voting.models import Round
from vng_alv.voting.queries import lock_in_order, results_of
from vng_alv.voting.steps import miss, tell

_DECIDES = {Verdict.ADOPTED: SubmissionState.ADOPTED, Verdict.REJECTED: SubmissionState.REJECTED}


def rounds_about(proposal_id: uuid.UUID) -> Sequence[Round]:
    """The rounds on a text, by number."""
    return db.session.scalars(select(Round).where(Round.proposal_id == proposal_id).order_by(Round.number)).all()


def locked_about(proposal_id: uuid.UUID) -> list[Round]:
    """The rounds on a text, and their meetings, locked until this transaction ends."""
    return _locked(Round.proposal_id == proposal_id)


def is_asked(proposal_id: uuid.UUID) -> bool:
    """Whether a valid vote on a text has opened, or is over; nobody opens one until this transaction ends."""
    return _asked(locked_about(proposal_id))


def binds(one: Round) -> bool:
    """Whether a round holds what it is about as it is: it was opened and is not void. A vote on the advice does so only
    until it is pronounced: then it made the motion what it says, or the motion still waits."""
    return one.state in ASKED and not (one.kind is RoundKind.ADVICE and one.state is RoundState.PUBLISHED)


def drop_drafts(proposal_id: uuid.UUID) -> list[Round]:
    """Take the rounds in preparation on a text away, planned ones too; those that were. What is on its advice stays."""
    return drop(one for one in locked_about(proposal_id) if one.kind is not RoundKind.ADVICE)


def settle(found: Sequence[Round], actor: Actor | None) -> None:
    """After rounds were pronounced, or a pronounced one was annulled: what the motions and amendments are now that
    they were about."""
    for amendment_id in sorted({one.amendment_id for one in found if one.amendment_id}):
        verdicts = _verdicts(_locked(Round.amendment_id == amendment_id))
        state = next((verdict for _, verdict in verdicts if verdict), SubmissionState.SUBMITTED)
        submissions.settle(amendment_id, state, actor)
    for proposal_id in sorted({one.proposal_id for one in found if one.proposal_id}):
        proposal = db.session.get_one(Proposal, proposal_id)
        if proposal.kind is not ProposalKind.MOTION:
            continue
        verdicts = _verdicts(_locked(Round.proposal_id == proposal_id))
        whole = next((verdict for one, verdict in verdicts if one.kind is RoundKind.WHOLE and verdict), None)
        parts = [verdict for one, verdict in verdicts if one.kind is RoundKind.SECTION]
        decided(proposal, outcome(whole, parts, _advised(verdicts)), actor)


def _advised(verdicts: Iterable[tuple[Round, SubmissionState | None]]) -> SubmissionState | None:
    """What the last adopted advice makes of the motion, if any was adopted."""
    found = [one for one, verdict in verdicts if one.advice and verdict is SubmissionState.ADOPTED]
    last = max(found, key=lambda one: (one.published_at, one.number), default=None)
    return BECOMES[last.advice.kind] if last and last.advice else None


def _verdicts(rounds: Iterable[Round]) -> list[tuple[Round, SubmissionState | None]]:
    """The rounds that are not void, each with what it decides: None where it decides nothing (yet)."""
    valid = [one for one in rounds if one.state is not RoundState.ANNULLED]
    results = results_of([one.id for one in valid if one.state is RoundState.PUBLISHED])
    return [(one, _DECIDES.get(results[one.id].verdict) if one.id in results else None) for one in valid]


def _locked(about: ColumnElement[bool]) -> list[Round]:
    return lock_in_order(db.session.scalars(select(Round.id).where(about)).all())


def _asked(rounds: Iterable[Round]) -> bool:
    return any(map(binds, rounds))


def drop(rounds: Iterable[Round], states: Collection[RoundState] = IN_PREPARATION) -> list[Round]:
    """Take those of these rounds away that are in preparation (or in these ``states``); those that were."""
    found = [one for one in rounds if one.state in states]
    for one in found:
        db.session.delete(one)
    db.session.flush()
    tell([one for one in found if one.state is RoundState.SCHEDULED])
    return found


def _let_motion_go(submission: Submission) -> None:
    """A motion that is withdrawn, or decided on by hand, is not put to the vote; once it is asked it is too late."""
    motion = find_motion(submission.id)
    if motion is None or motion.proposal_id is None:
        return
    rounds = _locked(Round.proposal_id == motion.proposal_id)
    if _asked(rounds):
        raise Refused(Refusal.VOTE_OPENED)
    drop(rounds, {RoundState.DRAFT})
    for one in rounds:  # what was announced stays, and tells on the console why it does not open
        if one.state is RoundState.SCHEDULED:
            miss(one, Refusal.SUBMISSION_STATE)


def _let_amendment_go(submission: Submission) -> None:
    """The same of an amendment. What was planned goes too: the rest of its text would wait for it."""
    drop(_not_asked(submission))


def _not_asked(submission: Submission) -> list[Round]:
    """The rounds on an amendment, where none of them was opened; whoever opens one waits for this transaction."""
    lock_meeting(submission.meeting_id)
    rounds = _locked(Round.amendment_id == submission.id)
    if _asked(rounds):
        raise Refused(Refusal.AMENDMENT_ASKED)
    return rounds


submissions.LET_GO[SubmissionKind.MOTION] = _let_motion_go
submissions.LET_GO[SubmissionKind.AMENDMENT] = _let_amendment_go
submissions.BEFORE_CHANGE[SubmissionKind.AMENDMENT] = _not_asked
