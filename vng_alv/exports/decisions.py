"""What a meeting decided, as plain facts: the one read model of the list of decisions, the list of results and the
draft minutes, in every form they have. Only what was pronounced, and what was declared void after it was put."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vng_alv.amendments.models import Amendment
from vng_alv.amendments.queries import amendments_of_meeting
from vng_alv.domain import decisions as rules
from vng_alv.domain.ballots import Choice
from vng_alv.domain.decisions import Decision
from vng_alv.domain.majority import Verdict
from vng_alv.domain.rounds import RoundKind, RoundState, Way
from vng_alv.domain.submissions import ACCEPTED, AdviceKind, CoAnswer, SubmissionState
from vng_alv.exports.queries import Place, place_of, sections_in
from vng_alv.meetings.models import Meeting, MeetingKind
from vng_alv.motions.models import Motion
from vng_alv.motions.queries import motions_of
from vng_alv.proposals.models import Proposal, ProposalKind, Version
from vng_alv.proposals.queries import proposals_of, published
from vng_alv.submissions.models import Submission
from vng_alv.submissions.queries import advice_for
from vng_alv.voting.disputing import repeated
from vng_alv.voting.models import Lot, Round
from vng_alv.voting.queries import lots_of, rounds_of
from vng_alv.voting.summary import Summary, summaries


@dataclass(frozen=True)
class Sum:
    """What one choice got; None where a secret round does not tell. ``share`` is of the base ('54.70'), as a number for
    programs and as ``percentage`` for people."""

    key: str
    label: str
    votes: int
    members: int | None
    share: str | None
    percentage: str | None


@dataclass(frozen=True)
class Vote:
    """A vote that was pronounced, or declared void. By acclamation it has no sums; void ones that were never pronounced
    have no outcome."""

    number: int
    title: str
    #: The code of the text or the label of what it is about: 'R1', 'AM3', 'M12'.
    subject: str
    kind: RoundKind
    way: Way
    secret: bool
    verdict: Verdict | None
    sentence: str
    threshold: str
    arithmetic: tuple[str, ...]
    base: int | None
    sums: tuple[Sum, ...]
    not_cast: Sum | None
    noted_against: tuple[str, ...]
    #: Sections that were not in the text any more, as 'A1 Wonen'.
    without: tuple[str, ...]
    lots: str
    lots_by_site: bool
    void: bool
    void_reason: str
    puts_again: int | None
    put_again: int | None
    opened_at: datetime | None
    closed_at: datetime | None
    published_at: datetime | None
    text_sha256: str | None
    rule_sha256: str


@dataclass(frozen=True)
class Submitted:
    """An amendment, with what became of it; ``note`` says why it was withdrawn, taken over or lapsed."""

    key: uuid.UUID
    label: str
    title: str
    submitters: tuple[str, ...]
    advice: AdviceKind | None
    decision: Decision
    note: str
    votes: tuple[Vote, ...]


@dataclass(frozen=True)
class Text:
    """A text that the meeting dealt with. ``motion`` is the key of a motion of members, None of any other text."""

    code: str
    kind: ProposalKind
    title: str
    submitters: tuple[str, ...]
    version: int
    text_sha256: str
    motion: uuid.UUID | None
    advice: AdviceKind | None
    decision: Decision
    note: str
    amendments: tuple[Submitted, ...]
    votes: tuple[Vote, ...]

    @property
    def all_votes(self) -> tuple[Vote, ...]:
        """Those on its amendments too, in the order in which they were numbered."""
        on_amendments = (vote for one in self.amendments for vote in one.votes)
        return tuple(sorted((*on_amendments, *self.votes), key=lambda vote: vote.number))


@dataclass(frozen=True)
class Item:
    """An agenda item with its texts; without a number and title the texts under no item."""

    number: int | None
    title: str
    note: str
    texts: tuple[Text, ...]


@dataclass(frozen=True)
class Decisions:
    """All that a meeting decided, in the order of its agenda."""

    place: Place
    kind: MeetingKind
    items: tuple[Item, ...]

    @property
    def texts(self) -> tuple[Text, ...]:
        """All texts."""
        return tuple(text for item in self.items for text in item.texts)

    @property
    def votes(self) -> tuple[Vote, ...]:
        """All votes, by number."""
        return tuple(sorted((v for text in self.texts for v in text.all_votes), key=lambda vote: vote.number))


def decisions_of(meeting: Meeting, locale: str) -> Decisions:
    """What a meeting decided, in a fixed number of statements."""
    asked = [one for one in rounds_of(meeting.id) if one.opened_at is not None]
    told = [one for one in asked if one.published_at is not None or one.state is RoundState.ANNULLED]
    texts = [(p, version) for p in proposals_of(meeting.id) if (version := published(p))]
    motions = {one.proposal_id: one for one in motions_of(meeting.id, None) if one.proposal_id}
    amendments: dict[uuid.UUID, list[Amendment]] = defaultdict(list)
    for amendment in amendments_of_meeting(meeting.id):
        amendments[amendment.proposal_id].append(amendment)
    votes = _votes(asked, told, summaries(told, locale), texts, amendments)
    gone = {one.run_off_of for one in told if one.state is RoundState.PUBLISHED}
    valid = [one for one in told if one.state is RoundState.PUBLISHED and one.id not in gone]

    def made(proposal: Proposal, version: Version) -> Text:
        own = [one for one in told if one.proposal_id == proposal.id]
        return _text(proposal, version, motions.get(proposal.id), amendments[proposal.id], own, valid, votes)

    under: dict[int | None, list[Text]] = defaultdict(list)
    for proposal, version in texts:
        item = proposal.agenda_item
        under[item.number if item else None].append(made(proposal, version))
    items = [Item(one.number, one.title, one.note, tuple(under[one.number])) for one in meeting.agenda]
    if under[None]:
        items.append(Item(None, "", "", tuple(under[None])))
    return Decisions(place_of(meeting), meeting.kind, tuple(items))


def _text(
    proposal: Proposal,
    version: Version,
    motion: Motion | None,
    amendments: Sequence[Amendment],
    told: Sequence[Round],
    valid: Sequence[Round],
    votes: Mapping[uuid.UUID, Vote],
) -> Text:
    on = [one for one in told if one.amendment_id is None]
    decisive = [one for one in on if one in valid]
    asked = [_asked(one, votes) for one in decisive]
    found = tuple(_submitted(one, told, valid, votes) for one in amendments)
    by = motion.submission if motion else None
    if by is not None:
        decision = rules.on_submission(by.state, asked)
    else:
        states = {one.submission.state for one in amendments}
        changed = bool(states & {*ACCEPTED, SubmissionState.MERGED}) or any(one.dropped for one in decisive)
        decision = rules.on_text(asked, changed=changed)
    own = (proposal.submitter.name,) if proposal.submitter else ()
    return Text(
        code=proposal.code,
        kind=proposal.kind,
        title=version.title,
        submitters=_submitters(by) if by else own,
        version=version.number,
        text_sha256=version.text_hash,
        motion=by.id if by else None,
        advice=_advice(by) if by else None,
        decision=decision,
        note=by.closing_note if by else "",
        amendments=found,
        votes=tuple(votes[one.id] for one in on),
    )


def _asked(one: Round, votes: Mapping[uuid.UUID, Vote]) -> rules.Vote:
    verdict = votes[one.id].verdict
    if verdict is None:
        raise ValueError(f"round {one.number} was pronounced without a verdict")
    if verdict is Verdict.LOTS and votes[one.id].lots:
        verdict = Verdict.CHOSEN
    return rules.Vote(one.kind, verdict)


def _submitted(
    amendment: Amendment, told: Sequence[Round], valid: Sequence[Round], votes: Mapping[uuid.UUID, Vote]
) -> Submitted:
    by = amendment.submission
    on = [one for one in told if one.amendment_id == by.id]
    return Submitted(
        key=by.id,
        label=by.label,
        title=by.title,
        submitters=_submitters(by),
        advice=_advice(by),
        decision=rules.on_submission(by.state, [_asked(one, votes) for one in on if one in valid]),
        note=by.closing_note,
        votes=tuple(votes[one.id] for one in on),
    )


def _submitters(by: Submission) -> tuple[str, ...]:
    return (by.member.name, *sorted(c.member.name for c in by.co_submitters if c.answer is CoAnswer.JOINED))


def _advice(by: Submission) -> AdviceKind | None:
    public = advice_for(by, None)
    return public[0].kind if public else None


def _votes(
    asked: Sequence[Round],
    told: Sequence[Round],
    shown: Iterable[Summary],
    texts: Sequence[tuple[Proposal, Version]],
    amendments: Mapping[uuid.UUID, Sequence[Amendment]],
) -> dict[uuid.UUID, Vote]:
    codes = {proposal.id: proposal.code for proposal, _version in texts}
    labels = {one.submission_id: one.submission.label for some in amendments.values() for one in some}
    lots = lots_of([one.id for one in told if one.options])
    dropped = {one.version_id for one in told if one.dropped and one.version_id}
    sections = sections_in(dropped) if dropped else {}
    found = {}
    for one, summary in zip(told, shown, strict=True):
        subject = labels.get(one.amendment_id) if one.amendment_id else codes.get(one.proposal_id or one.id)
        gone = {uuid.UUID(key) for key in one.dropped}
        rows = sections.get(one.version_id, []) if one.version_id else []
        without = tuple(f"{s.number} {s.heading}".strip() for s in rows if s.section_id in gone)
        found[one.id] = _vote(one, summary, subject or "", without, lots.get(one.id), repeated(one, asked))
    return found


def _vote(
    one: Round,
    summary: Summary,
    subject: str,
    without: tuple[str, ...],
    lot: Lot | None,
    again: tuple[int | None, int | None],
) -> Vote:
    missed = summary.not_cast
    return Vote(
        number=one.number,
        title=one.title,
        subject=subject,
        kind=one.kind,
        way=one.way,
        secret=one.secret,
        verdict=summary.verdict,
        sentence=summary.sentence or "",
        threshold="" if summary.acclaimed else summary.threshold,
        arithmetic=tuple(summary.arithmetic),
        base=summary.base,
        sums=tuple(Sum(o.key, o.label, o.weight, o.members, o.share, o.weight_share) for o in summary.options),
        not_cast=Sum(missed.key, missed.label, missed.weight, missed.members, None, None) if missed else None,
        noted_against=tuple(noted.name for noted in summary.noted),
        without=without,
        lots=", ".join(one.titles[key] for key in lot.drawn) if lot else "",
        lots_by_site=bool(lot and lot.by_site),
        void=one.state is RoundState.ANNULLED,
        void_reason=one.annulled_reason if one.state is RoundState.ANNULLED else "",
        puts_again=again[0],
        put_again=again[1],
        opened_at=one.opened_at,
        closed_at=one.closed_at,
        published_at=one.published_at,
        text_sha256=one.text_hash,
        rule_sha256=summary.rule_hash,
    )


def sum_of(vote: Vote, choice: Choice) -> Sum | None:
    """What a choice got in a vote with for and against."""
    return next((one for one in vote.sums if one.key == choice.value), None)
