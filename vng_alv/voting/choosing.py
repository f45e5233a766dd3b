"""Questions with options: putting them, their run-off, and lots where votes are even (docs/rules.md §5.11)."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.majority import Verdict
from vng_alv.domain.options import OptionRule, drawn, faults, paper_of, run_off
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import WITH_OPTIONS, RoundKind, RoundState
from vng_alv.domain.rulebook import HALF_TAKES_PART
from vng_alv.errors import Conflict, Refused
from vng_alv.jobs import Job, defer
from vng_alv.meetings.models import MeetingKind
from vng_alv.meetings.queries import lock_meeting
from vng_alv.motions.queries import not_for_vote
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import published
from vng_alv.voting import queries
from vng_alv.voting.elected import Elected, outcome_of
from vng_alv.voting.models import Lot, Round
from vng_alv.voting.steps import allowed


@dataclass(frozen=True)
class Option:
    """What can be chosen: a text with a title and its words (Markdown), or a candidate with what is said of them."""

    title: str
    body: str = ""


def ask(
    proposal: Proposal, kind: RoundKind, question: str, options: Sequence[Option], rule: OptionRule,
    actor: Actor | None, *, secret: bool = False,
) -> Round:  # fmt: skip
    """Make a round in draft on a published text, with options of its own. In a written consultation half of all votes
    takes part. One on persons may be ``secret``.

    Raises ``Refused(NOT_ON_PERSONS, NOT_PUBLISHED_TEXT, SUBMISSION_STATE, EMPTY_TEXT or OPTIONS_IMPOSSIBLE with its
    faults)``.
    """
    options = [Option(one.title.strip(), one.body.strip()) for one in options]
    if not question.strip() or not all(one.title for one in options):
        raise Refused(Refusal.EMPTY_TEXT)
    if secret and kind is not RoundKind.CANDIDATES:
        raise Refused(Refusal.NOT_ON_PERSONS)
    written = proposal.meeting.kind is MeetingKind.LEDENRAADPLEGING
    if written and rule.quorum is None:
        rule = replace(rule, quorum=HALF_TAKES_PART)
    if found := faults([one.title for one in options], rule, gathering=not written):
        raise Refused(Refusal.OPTIONS_IMPOSSIBLE, faults=found)
    kept = [{"key": str(n), "title": one.title, "body": one.body} for n, one in enumerate(options, 1)]
    return _make(proposal, kind, question.strip(), kept, rule, actor, secret=secret)


def _make(
    proposal: Proposal, kind: RoundKind, question: str, options: Sequence[dict[str, str]], rule: OptionRule,
    actor: Actor | None, after: Round | None = None, *, secret: bool,
) -> Round:  # fmt: skip
    allowed(actor)
    lock_meeting(proposal.meeting_id)
    version = published(proposal)
    if version is None:
        raise Refused(Refusal.NOT_PUBLISHED_TEXT)
    if not_for_vote([proposal.id]):
        raise Refused(Refusal.SUBMISSION_STATE)
    paper = paper_of([one["key"] for one in options], rule)
    made = Round(
        id=uuid.uuid4(),
        meeting_id=proposal.meeting_id,
        number=max((one.number for one in queries.rounds_of(proposal.meeting_id)), default=0) + 1,
        kind=kind,
        title=question[:300],
        proposal_id=proposal.id,
        version_id=version.id,
        options=list(options),
        choices=",".join(paper.keys),
        picks=paper.picks,
        secret=secret,
        run_off_of=after.id if after else None,
        rule=rule.to_data(),
        state=RoundState.DRAFT,
    )
    db.session.add(made)
    db.session.flush()
    titles = [one["title"] for one in options]
    more: dict[str, Any] = {"secret": True} if secret else {}
    record("round.prepare", actor, f"round:{made.id}", number=made.number, title=made.title, options=titles, **more)
    return made


def elected(found: Round) -> Elected | None:
    """What a question with options came to, once that was pronounced and as long as it is not void; else None."""
    return _elected([found]).get(found.id)


def _elected(found: Sequence[Round]) -> dict[uuid.UUID, Elected]:
    asked = {one.id: one for one in found if one.kind in WITH_OPTIONS and one.state is RoundState.PUBLISHED}
    results, lots = (queries.results_of(list(asked)), queries.lots_of(list(asked))) if asked else ({}, {})
    return {
        key: outcome_of(one, results[key], OptionRule.from_data(one.rule), lots.get(key)) for key, one in asked.items()
    }


def needs(found: Sequence[Round]) -> dict[uuid.UUID, Verdict]:
    """Of these rounds those that were pronounced and are not the last word: a run-off is to be prepared, or lots are
    to be drawn."""
    todo = {
        key: one.outcome.verdict
        for key, one in _elected(found).items()
        if one.outcome.verdict is Verdict.RUN_OFF or (one.outcome.verdict is Verdict.LOTS and one.lots is None)
    }
    if not todo:
        return {}
    there = select(Round.run_off_of).where(Round.run_off_of.in_(todo), Round.state != RoundState.ANNULLED)
    held = set(db.session.scalars(there))
    return {key: verdict for key, verdict in todo.items() if key not in held}


def hold_run_off(found: Round, actor: Actor | None) -> Round:
    """Make the run-off after a round that was pronounced. Raises ``Conflict(NO_RUN_OFF)`` where there is none, or where
    somebody made it already."""
    allowed(actor)
    (found,) = queries.lock_in_order([found.id])
    shown = elected(found)
    if shown is None or found.proposal is None or needs([found]).get(found.id) is not Verdict.RUN_OFF:
        raise Conflict(Refusal.NO_RUN_OFF, number=found.number)
    keys, rule = run_off(shown.outcome, shown.rule)
    options = [one for one in found.options if one["key"] in keys]
    return _make(found.proposal, found.kind, f"Herstemming: {found.title}", options, rule, actor, found,
                 secret=found.secret)  # fmt: skip


def draw_lots(found: Round, picked: Sequence[str] | None, actor: Actor | None) -> Lot:
    """Keep for whom lots fell: as they were drawn by hand, or (None) drawn here.

    Raises ``Conflict(NO_LOTS or LOTS_DRAWN)``, or ``Refused(NO_LOTS)`` for others than lots are drawn between.
    """
    allowed(actor)
    (found,) = queries.lock_in_order([found.id])
    shown = elected(found)
    if shown is None or shown.outcome.verdict is not Verdict.LOTS:
        raise Conflict(Refusal.NO_LOTS, number=found.number, left=0)
    if shown.lots is not None:
        raise Conflict(Refusal.LOTS_DRAWN, number=found.number)
    outcome, by_site = shown.outcome, picked is None
    lots = picked if picked is not None else secrets.SystemRandom().sample(outcome.even, outcome.left)
    if drawn(outcome, lots) is None:
        raise Refused(Refusal.NO_LOTS, number=found.number, left=outcome.left)
    kept = Lot(
        round_id=found.id,
        drawn=[key for key in outcome.even if key in lots],
        by_site=by_site,
        drawn_by=actor.id if actor else None,
        drawn_at=db.now(),
    )
    db.session.add(kept)
    db.session.flush()
    names = [found.titles[key] for key in kept.drawn]
    record("round.lots", actor, f"round:{found.id}", number=found.number, drawn=names, by="site" if by_site else "hand")
    defer(Job.PUBLISH_STANDING, meeting_id=str(found.meeting_id))
    return kept
