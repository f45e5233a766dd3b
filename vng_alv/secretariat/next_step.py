"""What of a meeting's rounds can be opened next, in the order of each text, and what keeps the rest."""

import uuid
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from vng_alv.domain.majority import Verdict
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import IN_PREPARATION, WITH_OPTIONS, RoundKind, RoundState
from vng_alv.domain.timing import early_voting_from
from vng_alv.errors import Refused
from vng_alv.meetings.models import Meeting
from vng_alv.members.queries import get_association
from vng_alv.motions.queries import Standing
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import published
from vng_alv.refusals import sentence
from vng_alv.voting.advised import BUSY
from vng_alv.voting.models import Round
from vng_alv.voting.order import TextOrder, Unfit
from vng_alv.voting.queries import results_of


@dataclass(frozen=True)
class NextText:
    """The text that comes first: the numbers of what can be opened on it together now, or why nothing can."""

    proposal: Proposal
    numbers: frozenset[int]
    #: Its amendments that no longer fit, by the number of their round.
    unfit: dict[int, Unfit]
    #: What comes first, where nothing can be opened: a code, and the sentence.
    reason: Refusal | None
    why: str
    #: Titles of the sections that drop out of its whole.
    rejected: list[str]

    @property
    def whole(self) -> bool:
        """Whether it is the whole that can be opened, with sections less."""
        return bool(self.numbers and self.rejected)


def votes_from(meeting: Meeting) -> datetime | None:
    """From when members may vote on what is put to an assembly; a written consultation has no such day."""
    return None if meeting.is_written else early_voting_from(meeting.starts_at, get_association().early_voting_days)


def next_text(rounds: Sequence[Round], proposals: Sequence[Proposal], motions: Standing) -> NextText | None:
    """The text that comes first: of the drafts, or else of what was planned; None when nothing is in preparation. A
    motion that is not put to the vote any more is none of them."""
    ready = [one for one in rounds if one.state in IN_PREPARATION and one.proposal_id not in motions.not_for_vote]
    first = next((one for one in ready if one.state is RoundState.DRAFT), ready[0] if ready else None)
    if first is None:
        return None
    if first.kind in WITH_OPTIONS:  # it has no place in the order of its text
        return NextText(first.proposal, frozenset({first.number}), {}, None, "", [])  # type: ignore[arg-type]
    order = TextOrder(next(p for p in proposals if p.id == first.proposal_id))
    openable = order.openable()
    held = None if openable else order.barrier()
    refused = Refused(held[0], titles=order.titles(held[1]), count=len(held[1])) if held else None
    asks_whole = any(one.kind is RoundKind.WHOLE for one in openable)
    return NextText(
        proposal=order.proposal,
        numbers=frozenset(one.number for one in openable),
        unfit=order.unfit_rounds(),
        reason=held[0] if held else None,
        why=sentence(refused) if refused else "",
        rejected=[f"{s.number}. {s.heading}" for s in order.rejected] if asks_whole else [],
    )


def to_prepare(
    proposals: Sequence[Proposal], rounds: Sequence[Round], motions: Standing, waiting: AbstractSet[uuid.UUID]
) -> list[Proposal]:
    """The texts that can be put to the vote and, as a whole, are not yet; and those ``waiting`` with amendments that
    are not."""
    asked: set[uuid.UUID] = {
        r.proposal_id
        for r in rounds
        if r.proposal_id
        and (
            r.kind is RoundKind.WHOLE or r.kind in WITH_OPTIONS or r.proposal_id in motions.in_parts
        )  # these are not asked as a whole
        and r.state is not RoundState.ANNULLED
    } | _by_advice(rounds)
    void = {
        r.proposal_id
        for r in rounds
        if r.state is RoundState.ANNULLED
        and r.kind not in {RoundKind.AMENDMENT, RoundKind.ADVICE, *WITH_OPTIONS}
        and not _asked_again(r, rounds)
    } - _by_advice(rounds)
    return [
        p
        for p in proposals
        if published(p) and p.id not in motions.not_for_vote and (p.id not in asked or p.id in void | waiting)
    ]


def _asked_again(void: Round, rounds: Collection[Round]) -> bool:
    return any(
        (r.proposal_id, r.kind, r.section_id) == (void.proposal_id, void.kind, void.section_id)
        and r.state is not RoundState.ANNULLED
        for r in rounds
    )


def _by_advice(rounds: Collection[Round]) -> set[uuid.UUID]:
    """The motions whose advice is asked instead, or was adopted: that decided them for this meeting."""
    valid = [r for r in rounds if r.kind is RoundKind.ADVICE and r.state is not RoundState.ANNULLED]
    results = results_of([r.id for r in valid if r.state is RoundState.PUBLISHED]) if valid else {}
    return {
        r.proposal_id for r in valid if r.proposal_id and (r.state in BUSY or results[r.id].verdict is Verdict.ADOPTED)
    }
