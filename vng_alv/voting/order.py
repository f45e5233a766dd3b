"""The order of the votes on a text as it is now: its amendments, its sections, the whole (docs/rules.md §4.10)."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload

from vng_alv import db
from vng_alv.amendments.carried import fitting, misfit_numbers
from vng_alv.amendments.models import Amendment
from vng_alv.amendments.workbench import wanted, wording
from vng_alv.audit.service import record
from vng_alv.domain import order as rules
from vng_alv.domain.amendments import Wording
from vng_alv.domain.majority import Verdict
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import ASKED, IN_PREPARATION, WITH_OPTIONS, RoundKind, RoundState
from vng_alv.domain.submissions import ACCEPTED, OPEN, SubmissionState
from vng_alv.errors import Refused
from vng_alv.meetings.queries import lock_meeting
from vng_alv.proposals.models import Proposal, ProposalKind, VersionSection
from vng_alv.proposals.queries import published, sections_of
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
from vng_alv.submissions.queries import whole
from vng_alv.voting.models import Round
from vng_alv.voting.queries import MAX_NUMBER, results_of

Key = uuid.UUID


@dataclass(frozen=True)
class Unfit:
    """Why an amendment no longer fits: the sections that it was not written for, and what was accepted of the same
    words."""

    numbers: tuple[str, ...]
    by: tuple[Amendment, ...]


class TextOrder:
    """The votes on one text, and the amendments on it, as they are in the database when this is made."""

    def __init__(self, proposal: Proposal) -> None:
        self.proposal = proposal
        self.rounds: Sequence[Round] = db.session.scalars(
            select(Round)
            .where(
                Round.proposal_id == proposal.id,
                Round.state != RoundState.ANNULLED,
                Round.kind.not_in(WITH_OPTIONS),  # these have no place in the order
            )
            .order_by(Round.number)
            .execution_options(populate_existing=True)
        ).all()
        asked = [one.amendment_id for one in self.rounds if one.amendment_id]
        live = Submission.state.in_(OPEN | ACCEPTED) & (Amendment.proposal_id == proposal.id)
        found = db.session.scalars(
            select(Amendment)
            .join(Amendment.submission)
            .options(contains_eager(Amendment.submission).options(*whole()), selectinload(Amendment.sections))
            .where(live | Amendment.submission_id.in_(asked))
            .order_by(Submission.number)
        )
        self.amendments: dict[Key, Amendment] = {one.submission_id: one for one in found}
        version = published(proposal)
        self.sections: Sequence[VersionSection] = sections_of(version.id) if version else []
        self._words = {s.section_id: Wording(s.heading, s.body).text for s in self.sections}

    # --- The amendments

    @cached_property
    def by_amendment(self) -> dict[Key, Round]:
        """The round on each amendment that has one."""
        return {one.amendment_id: one for one in self.rounds if one.amendment_id}

    @cached_property
    def order(self) -> list[Key]:
        """The amendments that are or were put to the vote, or wait for it, in the order of voting."""
        return rules.arranged(
            rules.Place(key, one.position, self.reach(key), one.submission.number or 0)
            for key, one in self.amendments.items()
            if key in self.by_amendment or one.submission.state in OPEN
        )

    @property
    def waiting(self) -> list[Amendment]:
        """The amendments that wait for a vote that was not opened yet, in the order of voting. Those on a motion are
        decided outside a vote: a motion is changed by its submitter."""
        if self.proposal.kind is ProposalKind.MOTION:
            return []
        return [
            self.amendments[key]
            for key in self.order
            if self.amendments[key].submission.state in OPEN
            and (key not in self.by_amendment or self.by_amendment[key].state in IN_PREPARATION)
        ]

    @property
    def unprepared(self) -> list[Amendment]:
        """Those of them without a round, as long as nothing was asked that comes after them."""
        over = any(one.state in ASKED and not one.amendment_id for one in self.rounds)
        return [] if over else [one for one in self.waiting if one.submission_id not in self.by_amendment]

    def reach(self, key: Key) -> int:
        """How many words an amendment changes."""
        wishes = self._wishes[key]
        changed = [(self._words.get(section, ""), text) for section, text in wishes.items()]
        new = [("", Wording(row.heading, row.body).text) for row in self.amendments[key].sections if row.after_id]
        return rules.reach([*changed, *new])

    @cached_property
    def _wishes(self) -> dict[Key, dict[uuid.UUID, str]]:
        """What each amendment makes of the sections where it fits; '' takes one out."""
        return {
            key: {
                row.section_id: "" if row.removed else Wording(row.heading, row.body).text
                for row in fitting(one)
                if row.after_id is None and row.section_id in self._words
            }
            for key, one in self.amendments.items()
        }

    @cached_property
    def pairs(self) -> set[frozenset[Key]]:
        """The amendments that cannot stand together, of those that are undecided or accepted and not in the text."""
        live = [key for key, one in self.amendments.items() if one.submission.state in OPEN | ACCEPTED]
        return {
            frozenset(pair)
            for pair in combinations(live, 2)
            if rules.collide(self._words, self._wishes[pair[0]], self._wishes[pair[1]])
        }

    def colliding(self, key: Key) -> list[Amendment]:
        """The undecided amendments that one collides with, in the order of voting."""
        return [
            self.amendments[other]
            for other in self.order
            if frozenset({key, other}) in self.pairs and self.amendments[other].submission.state in OPEN
        ]

    def unfit(self, key: Key) -> Unfit | None:
        """Why an amendment that waits for its outcome no longer fits the text as it is now, or None."""
        one = self.amendments[key]
        if one.submission.state not in OPEN:
            return None
        by = [
            other
            for other in self.amendments.values()
            if other.submission.state in ACCEPTED and frozenset({key, other.submission_id}) in self.pairs
        ]
        numbers = misfit_numbers([one])[key] if one.misfits else []
        return Unfit(tuple(numbers), tuple(by)) if one.misfits or by else None

    def _to_merge(self, key: Key) -> bool:
        """Whether an amendment was adopted, fits, and says something that the text does not."""
        one = self.amendments[key]
        if one.submission.state is not SubmissionState.ADOPTED or one.misfits:
            return False
        now = {s.section_id: wording(s) for s in self.sections}
        return any(row.after_id is not None or wanted(row) != now.get(row.section_id) for row in one.sections)

    @cached_property
    def rejected(self) -> list[VersionSection]:
        """The sections of the text whose rejection was pronounced: they drop out of the whole."""
        asked = {one.id: one.section_id for one in self.rounds if one.state is RoundState.PUBLISHED}
        results = results_of(list(asked))
        gone = {asked[key] for key, result in results.items() if result.verdict is Verdict.REJECTED}
        return [section for section in self.sections if section.section_id in gone]

    # --- What may be opened

    @cached_property
    def _asked(self) -> dict[Key, rules.Asked[Key]]:
        return {
            one.id: rules.Asked(
                one.id, one.kind, one.state, one.amendment_id is not None and self._to_merge(one.amendment_id)
            )
            for one in self.rounds
        }

    def check(self, opening: Collection[Round], *, anyway: bool) -> None:
        """Raises ``Refused`` where one of these rounds on this text cannot be opened now, or where an amendment among
        them no longer fits and is not put ``anyway``."""
        for one in opening:
            if found := rules.barrier(self._asked[one.id], self._asked.values()):
                raise Refused(found[0], titles=self.titles(found[1]), count=len(found[1]))
        amendments = [one.amendment_id for one in opening if one.amendment_id]
        for key in sorted(amendments, key=self.order.index):
            if rivals := self._in_the_way(key):
                both = sorted({key, *rivals}, key=self.order.index)
                raise Refused(Refusal.AMENDMENTS_COLLIDE, labels=self._labels(both), first=self._labels(both[:1]))
        if not anyway and (unfit := [key for key in amendments if self.unfit(key)]):
            raise Refused(Refusal.AMENDMENT_UNFIT, labels=self._labels(unfit))

    def openable(self) -> list[Round]:
        """The drafts that can be opened together now; what was planned waits for the clock."""
        drafts = [one for one in self.rounds if one.state is RoundState.DRAFT]
        found = [one for one in drafts if not rules.barrier(self._asked[one.id], self._asked.values())]
        return [
            one
            for one in found
            if not one.amendment_id or not (self._in_the_way(one.amendment_id) or self.unfit(one.amendment_id))
        ]

    def barrier(self) -> tuple[Refusal, list[Key]] | None:
        """What comes first where a round in preparation cannot be opened: the reason for the first of them."""
        found = (
            rules.barrier(self._asked[one.id], self._asked.values())
            for one in self.rounds
            if one.state in IN_PREPARATION
        )
        return next((one for one in found if one), None)

    def unfit_rounds(self) -> dict[int, Unfit]:
        """The rounds in preparation, by number, whose amendment no longer fits."""
        drafts = {one.number: one.amendment_id for one in self.rounds if one.state in IN_PREPARATION}
        found = {number: self.unfit(key) for number, key in drafts.items() if key}
        return {number: unfit for number, unfit in found.items() if unfit}

    def _in_the_way(self, key: Key) -> list[Key]:
        order = [one for one in self.order if one in self.by_amendment]
        states = {one: self.by_amendment[one].state for one in order}
        return rules.in_the_way(order, states, self.pairs, key)

    def titles(self, rounds: Collection[Key]) -> str:
        """What people call these rounds."""
        return ", ".join(self.called(one) for one in self.rounds if one.id in rounds)

    def called(self, one: Round) -> str:
        """What people call a round: the label of its amendment, or its title."""
        return self.amendments[one.amendment_id].submission.label if one.amendment_id else one.title

    def _labels(self, keys: Collection[Key]) -> str:
        return ", ".join(self.amendments[key].submission.label for key in keys)

    # --- Changing it

    def put_in_order(self) -> None:
        """Let the numbers of the rounds in preparation follow the order of voting."""
        place = {key: n for n, key in enumerate(self.order)}
        position = {s.section_id: s.position for s in self.sections}
        kinds = list(RoundKind)

        def where(one: Round) -> tuple[int, int]:
            return kinds.index(one.kind), place.get(one.amendment_id, position.get(one.section_id, 0))  # type: ignore[arg-type]

        drafts = [one for one in self.rounds if one.state in IN_PREPARATION]
        numbers, wished = [one.number for one in drafts], sorted(drafts, key=where)
        if drafts == wished:
            return
        for one in drafts:  # a number is given once in a meeting, so they make room for each other first
            one.number += MAX_NUMBER
        db.session.flush()
        for one, number in zip(wished, numbers, strict=True):
            one.number = number
        db.session.flush()


def texts_with_waiting(meeting_id: uuid.UUID) -> set[uuid.UUID]:
    """The texts of a meeting with an amendment that is still to be put to the vote, and has no round."""
    valid = Round.state != RoundState.ANNULLED
    later = (Round.proposal_id == Amendment.proposal_id) & Round.amendment_id.is_(None) & Round.state.in_(ASKED)
    return set(
        db.session.scalars(
            select(Amendment.proposal_id)
            .join(Amendment.submission)
            .join(Amendment.proposal)
            .where(
                Submission.meeting_id == meeting_id,
                Submission.state.in_(OPEN),
                Proposal.kind != ProposalKind.MOTION,
                ~select(Round.id).where(Round.amendment_id == Amendment.submission_id, valid).exists(),
                ~select(Round.id).where(later).exists(),
            )
        )
    )


def title_of(amendment: Amendment) -> str:
    """What the round on an amendment is called, on every list."""
    return f"Amendement {amendment.submission.label}: {amendment.submission.title}"[:300]


def change_order(proposal: Proposal, amendment_id: uuid.UUID | None, by: int, actor: Actor | None) -> None:
    """Put an amendment that waits so many places later in the order of voting (earlier where ``by`` is negative); None
    puts them all back in the order that is suggested. Raises ``Refused(SUBMISSION_STATE)`` where it waits no more."""
    _runs_rounds(actor)
    lock_meeting(proposal.meeting_id)
    found = TextOrder(proposal)
    waiting = {one.submission_id: one for one in found.waiting}
    if amendment_id is None:
        for one in waiting.values():
            one.position = None
    elif amendment_id not in waiting:
        raise Refused(Refusal.SUBMISSION_STATE)
    else:
        for place, key in enumerate(rules.moved(list(waiting), amendment_id, by), 1):
            waiting[key].position = place
    db.session.flush()
    found = TextOrder(proposal)
    found.put_in_order()
    labels = [one.submission.label for one in found.waiting]
    record("amendment.order", actor, f"proposal:{proposal.id}", amendments=labels)


def let_lapse(amendment: Amendment, note: str, actor: Actor | None) -> None:
    """Withdraw an amendment that no longer fits from voting: it lapses, with a note that everybody can read. Raises
    ``Refused``."""
    _runs_rounds(actor)
    if not note.strip():
        raise Refused(Refusal.EMPTY_TEXT)
    submissions.LET_GO[amendment.submission.kind](amendment.submission)
    found = TextOrder(amendment.proposal)
    if amendment.submission_id not in found.amendments:
        raise Refused(Refusal.SUBMISSION_STATE)
    if not found.unfit(amendment.submission_id):
        raise Refused(Refusal.AMENDMENT_FITS, label=amendment.submission.label)
    submissions.move(amendment.submission, SubmissionState.LAPSED, actor, note=note.strip())


def _runs_rounds(actor: Actor | None) -> None:
    if actor is not None and not actor.may(Permission.RUN_ROUNDS):
        raise Refused(Refusal.NOT_ALLOWED)
