"""What a question is about beyond its title: an amendment with what it changes, a whole with what dropped out of it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from vng_alv import db
from vng_alv.amendments.carried import Misfit, fitting, misfits_shown
from vng_alv.amendments.editor import Shown, shown_of
from vng_alv.amendments.forms import saved
from vng_alv.amendments.models import Amendment
from vng_alv.domain.majority import Verdict
from vng_alv.domain.rounds import RoundKind, RoundState
from vng_alv.domain.submissions import OPEN
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import Proposal, VersionSection
from vng_alv.proposals.queries import sections_of
from vng_alv.submissions.forms import ADVICE
from vng_alv.submissions.models import Submission
from vng_alv.voting.advised import Advised, advised
from vng_alv.voting.disputing import again
from vng_alv.voting.models import Round
from vng_alv.voting.order import TextOrder, Unfit
from vng_alv.voting.queries import results_of
from vng_alv.voting.service import BY_SECTION


@dataclass(frozen=True)
class Amended:
    """An amendment as the ballot shows it."""

    amendment: Amendment
    #: The sections that it changes, with what collides there.
    shown: list[Shown]
    #: Where it no longer fits, and why.
    misfits: list[Misfit]
    unfit: Unfit | None
    reason: Markup
    #: The board's published advice, in Markdown; '' without.
    advice: str


@dataclass(frozen=True)
class Subject:
    """What an outcome is about, for who reads it afterwards."""

    amendment: Submission | None
    #: Of a whole: the sections that were rejected before, and are not in it.
    dropped: list[VersionSection]
    #: Of a whole that was rejected: how many of its sections were adopted by themselves.
    adopted: int
    #: The number of the void round that this one puts again, and of the one that was put after this void one.
    puts_again: int | None
    put_again: int | None
    #: Of a vote on the advice: that advice, and the motion.
    advised: Advised | None = None


def amended_of(rounds: Sequence[Round]) -> Mapping[uuid.UUID, Amended]:
    """Those of these rounds that are about amendments, with what they change."""
    found = {}
    for proposal_id in {one.proposal_id for one in rounds if one.amendment_id}:
        order = TextOrder(db.session.get_one(Proposal, proposal_id))
        rivals = [order.amendments[key] for key in order.order if order.amendments[key].submission.state in OPEN]
        for one in rounds:
            if one.proposal_id == proposal_id and one.amendment_id:
                found[one.id] = _amended(order.amendments[one.amendment_id], rivals, order)
    return found


def _amended(amendment: Amendment, rivals: Sequence[Amendment], order: TextOrder) -> Amended:
    others = [one for one in rivals if one is not amendment]
    given = [one for one in amendment.submission.advice if one.published_at]
    return Amended(
        amendment=amendment,
        shown=shown_of(saved(fitting(amendment), order.sections), others, order.sections),
        misfits=misfits_shown(amendment),
        unfit=order.unfit(amendment.submission_id),
        reason=to_html(amendment.submission.reason),
        advice=f"**{ADVICE[given[-1].kind]}**\n\n{given[-1].body}" if given else "",
    )


def dropped_of(rounds: Sequence[Round]) -> dict[uuid.UUID, list[str]]:
    """The titles of the sections that dropped out of wholes, by round."""
    return {one.id: [f"{s.number}. {s.heading}" for s in _dropped(one)] for one in rounds if one.dropped}


def _dropped(found: Round) -> list[VersionSection]:
    if not found.dropped or found.version_id is None:
        return []
    gone = set(map(uuid.UUID, found.dropped))
    return [section for section in sections_of(found.version_id) if section.section_id in gone]


def subject_of(found: Round) -> Subject:
    """What an outcome is about."""
    amendment = None
    if found.amendment_id:
        amendment = db.session.scalars(
            select(Submission).options(joinedload(Submission.member)).where(Submission.id == found.amendment_id)
        ).one()
    return Subject(amendment, _dropped(found), _adopted_sections(found), *again(found), advised(found))


def _adopted_sections(found: Round) -> int:
    """How many sections of a rejected whole were adopted."""
    if found.kind is not RoundKind.WHOLE or found.proposal is None or found.proposal.kind not in BY_SECTION:
        return 0
    result = results_of([found.id]).get(found.id) if found.published_at else None
    if result is None or result.verdict is not Verdict.REJECTED:
        return 0
    sections = db.session.scalars(
        select(Round.id).where(
            Round.proposal_id == found.proposal_id,
            Round.kind == RoundKind.SECTION,
            Round.state == RoundState.PUBLISHED,
        )
    ).all()
    return sum(one.verdict is Verdict.ADOPTED for one in results_of(sections).values())


def votes_on(amendment_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Round]]:
    """The rounds on amendments that everybody may know of, by amendment, each by number."""
    found: dict[uuid.UUID, list[Round]] = {}
    for one in db.session.scalars(
        select(Round).where(Round.amendment_id.in_(amendment_ids), Round.opened_at.is_not(None)).order_by(Round.number)
    ):
        found.setdefault(one.amendment_id, []).append(one)  # type: ignore[arg-type]
    return found


def amendment_votes(rounds: Sequence[Round]) -> dict[uuid.UUID, list[tuple[Submission, Round]]]:
    """Of the rounds of a meeting, those on amendments that everybody may know of, by text."""
    shown = [one for one in rounds if one.amendment_id and one.opened_at]
    if not shown:
        return {}
    keys = [one.amendment_id for one in shown]
    known = {one.id: one for one in db.session.scalars(select(Submission).where(Submission.id.in_(keys)))}
    found: dict[uuid.UUID, list[tuple[Submission, Round]]] = {}
    for one in shown:
        found.setdefault(one.proposal_id, []).append((known[one.amendment_id], one))  # type: ignore[index,arg-type]
    return found
