"""Votes on the board's advice on a motion, in the place of the motion itself (docs/rules.md §4.11)."""

import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.advised import BECOMES, title_of
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import ASKED, IN_PREPARATION, UNDER_WAY, RoundKind, RoundState
from vng_alv.domain.submissions import SubmissionKind
from vng_alv.errors import Refused
from vng_alv.meetings.queries import lock_meeting
from vng_alv.members.queries import get_association
from vng_alv.motions.queries import board_advice, find_by_proposal, find_motion, in_parts, not_for_vote, standing
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import Proposal, ProposalKind, VersionSection
from vng_alv.proposals.queries import published, sections_of
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Advice, Submission
from vng_alv.voting import queries
from vng_alv.voting.brought import drop, locked_about
from vng_alv.voting.models import Round
from vng_alv.voting.order import TextOrder
from vng_alv.voting.rules import rule_data, usual_rule
from vng_alv.voting.steps import allowed, miss, tell

#: States of a round that keeps the other question from being asked.
BUSY = IN_PREPARATION | UNDER_WAY


@dataclass(frozen=True)
class Advised:
    """A question about an advice, as the ballot and the outcome show it."""

    advice: Advice
    motion: Submission
    #: The advice's explanation.
    body: Markup
    #: The motion: what comes before its sections, and those.
    preamble: Markup
    sections: list[tuple[VersionSection, Markup]]


def directions(proposal_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Advice]:
    """The newest published advice on the motions that these texts are, by text, where it has a direction."""
    found = board_advice(proposal_ids) if proposal_ids else {}
    return {key: advice for key, advice in found.items() if advice.kind in BECOMES}


def votable(proposals: Iterable[Proposal], rounds: Collection[Round]) -> dict[uuid.UUID, Advice]:
    """Of these texts the motions whose advice can be put to the vote instead now, with that advice; not those that were
    asked themselves."""
    busy = {
        one.proposal_id
        for one in rounds
        if (one.state in BUSY if one.kind is RoundKind.ADVICE else one.state in ASKED | {RoundState.SCHEDULED})
    }
    found = directions({one.id for one in proposals if one.kind is ProposalKind.MOTION} - busy)
    motions = standing(found)
    return {key: one for key, one in found.items() if key not in motions.in_parts | motions.not_for_vote}


def check_free(proposal: Proposal, rounds: Iterable[Round]) -> None:
    """Raises ``Refused(ADVICE_FIRST)`` while the advice on a motion is in preparation or under way."""
    here = [one for one in rounds if one.proposal_id == proposal.id and one.kind is RoundKind.ADVICE]
    if busy := [one.title for one in here if one.state in BUSY]:
        raise Refused(Refusal.ADVICE_FIRST, titles=", ".join(busy))


def prepare_advice(proposal: Proposal, actor: Actor | None, *, rule: str | None = None) -> Round | None:
    """A round in draft on the advice on a motion, in the place of one on the motion itself that was a draft; None where
    one on the advice is there already.

    Raises ``Refused``: ``NO_ADVICE`` where no advice with a direction is published, ``ADVICE_IN_PARTS``,
    ``SUBMISSION_STATE``, ``NOT_PUBLISHED_TEXT``, or ``MOTION_FIRST`` where the motion itself is planned or under way.
    """
    allowed(actor)
    lock_meeting(proposal.meeting_id)
    version, motion = published(proposal), find_by_proposal(proposal.id)
    if version is None:
        raise Refused(Refusal.NOT_PUBLISHED_TEXT)
    advice = directions([proposal.id]).get(proposal.id)
    if motion is None or advice is None:
        raise Refused(Refusal.NO_ADVICE)
    if not_for_vote([proposal.id]):
        raise Refused(Refusal.SUBMISSION_STATE)
    if motion.parts:
        raise Refused(Refusal.ADVICE_IN_PARTS)
    rounds = [one for one in locked_about(proposal.id) if one.state in BUSY]
    if any(one.kind is RoundKind.ADVICE for one in rounds):
        return None
    if asked := [one for one in rounds if one.state is not RoundState.DRAFT]:
        raise Refused(Refusal.MOTION_FIRST, titles=TextOrder(proposal).titles([one.id for one in asked]))
    drop(rounds)
    made = Round(
        id=uuid.uuid4(),
        meeting_id=proposal.meeting_id,
        number=max((one.number for one in queries.rounds_of(proposal.meeting_id)), default=0) + 1,
        kind=RoundKind.ADVICE,
        title=title_of(advice.kind, motion.submission.title),
        proposal_id=proposal.id,
        version_id=version.id,
        advice_id=advice.id,
        rule=rule_data(proposal.meeting.kind, rule or usual_rule(proposal.kind, get_association())),
        state=RoundState.DRAFT,
    )
    db.session.add(made)
    db.session.flush()
    record("round.prepare", actor, f"round:{made.id}", number=made.number, title=made.title)
    return made


def is_gone(one: Round) -> bool:
    """Whether a round on an advice has none to be about now: the newest published one leaves it to the assembly."""
    return one.proposal_id is not None and not directions([one.proposal_id])


def follow(one: Round) -> None:
    """Let a round in preparation be about the newest published advice, on the newest text. Raises
    ``Refused(NO_ADVICE)``."""
    proposal = one.proposal
    advice = directions([proposal.id]).get(proposal.id) if proposal else None
    motion = find_by_proposal(proposal.id) if proposal else None
    if proposal is None or motion is None or advice is None:
        raise Refused(Refusal.NO_ADVICE)
    one.advice, one.version = advice, published(proposal)
    one.title = title_of(advice.kind, motion.submission.title)
    db.session.flush()


def follow_motion(proposal: Proposal) -> None:
    """After the text of a motion changed: what is in preparation on its advice is about the new text; a motion in parts
    has no such vote."""
    found = _prepared(locked_about(proposal.id))
    if in_parts([proposal.id]):
        drop(found)
        return
    for one in found:
        follow(one)


def _prepared(rounds: Iterable[Round]) -> list[Round]:
    return [one for one in rounds if one.kind is RoundKind.ADVICE and one.state in IN_PREPARATION]


def _around_advice(submission: Submission) -> Callable[[], None]:
    """Before an advice on a motion is published: take what is in preparation on it; after it that follows. A draft
    without a direction goes, and what was announced stays and tells why it does not open."""
    motion = find_motion(submission.id)
    if motion is None or motion.proposal_id is None:
        return lambda: None
    lock_meeting(submission.meeting_id)
    found = _prepared(locked_about(motion.proposal_id))

    def after() -> None:
        for one in found:
            if not is_gone(one):
                follow(one)
            elif one.state is RoundState.SCHEDULED:
                miss(one, Refusal.NO_ADVICE)
            else:
                drop([one])
        tell(found)

    return after


submissions.AROUND_ADVICE[SubmissionKind.MOTION] = _around_advice


def advised_of(rounds: Sequence[Round]) -> dict[uuid.UUID, Advised]:
    """Those of these rounds that are about an advice, with the advice and the motion."""
    return {one.id: shown for one in rounds if (shown := advised(one))}


def advised(one: Round) -> Advised | None:
    """What a round on an advice is about; None of another round."""
    if one.advice is None or one.version is None:
        return None
    return Advised(
        advice=one.advice,
        motion=db.session.get_one(Submission, one.advice.submission_id),
        body=to_html(one.advice.body),
        preamble=to_html(one.version.preamble),
        sections=[(section, to_html(section.body)) for section in sections_of(one.version.id)],
    )
