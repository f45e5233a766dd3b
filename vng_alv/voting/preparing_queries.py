"""Reading what members prepare to vote. Every read names its reader: who has no office at the member gets nothing."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from vng_alv import db
from vng_alv.amendments.models import Amendment
from vng_alv.domain.advised import title_of as advice_title
from vng_alv.domain.ballots import Choice
from vng_alv.domain.preparing import is_stale, may_prepare, stands_for
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundKind
from vng_alv.members.models import Office
from vng_alv.proposals.models import Proposal, Version, VersionSection
from vng_alv.proposals.queries import sections_of
from vng_alv.voting.frozen import advice_hash, amendment_hash
from vng_alv.voting.models import Round
from vng_alv.voting.order import title_of
from vng_alv.voting.preparing_models import IntendedVote, IntendedVoteRevision
from vng_alv.voting.queries import section_texts, words_hash

#: Kinds of round whose question is for or against, on a whole text or on an advice on it.
_ON_WHOLES = frozenset({RoundKind.WHOLE, RoundKind.ADVICE})
#: These, and those on an amendment or a section of a text: what an intended vote hangs on.
KINDS = _ON_WHOLES | {RoundKind.AMENDMENT, RoundKind.SECTION}


@dataclass(frozen=True)
class Asked:
    """A question of a meeting, on an amendment, a section of a published text, the whole, or an advice on a motion; and
    the round that asks it."""

    round: Round
    #: What people call it now.
    title: str
    #: The version of the text that it is about.
    version: Version
    section: VersionSection | None
    #: SHA-256 of the text that it is about.
    text: str
    now: datetime

    @property
    def closed(self) -> Refusal | None:
        """Why nobody prepares it any more, or None."""
        return may_prepare(self.round, self.now, works_here=True)

    @property
    def by_words(self) -> bool:
        """Whether what it is about changes within a version of the text."""
        return self.round.amendment_id is not None or self.round.advice_id is not None


@dataclass(frozen=True)
class Progress:
    """How many of the questions that can still be answered have an intended vote; there may be none left."""

    asked: int
    ready: int


@dataclass(frozen=True)
class Beside:
    """What a member prepared, as it stands beside a question on its ballot."""

    round: Round
    #: On this question, if it says anything, and whether the text changed since.
    said: IntendedVote | None
    outdated: bool
    #: Where there is nothing on this one: what was prepared on the same motion in another question.
    elsewhere: list[IntendedVote]

    @property
    def preset(self) -> Choice | None:
        """What the ballot is filled in with by whoever takes it over."""
        return self.said.choice if self.said and not self.outdated else None


def key_of(one: Round | IntendedVote) -> uuid.UUID:
    """What names a question: its section or amendment, for the whole its text, and for an advice that with the way the
    advice goes; a rehearsal has none of these."""
    if one.advice_kind and one.proposal_id:
        return uuid.uuid5(one.proposal_id, one.advice_kind)
    return one.section_id or one.amendment_id or one.proposal_id or one.id


def beside(one: Round, intended: Mapping[uuid.UUID, IntendedVote]) -> Beside:
    """What stands beside the question that an opened round asks, of what a member prepared at the meeting."""
    found = intended.get(key_of(one)) if one.kind in KINDS else None
    if found is None or found.says == (None, ""):
        return Beside(one, None, False, elsewhere(one, intended))
    return Beside(one, found, is_stale(found.text_hash, one.text_hash or ""), [])


def elsewhere(one: Round, intended: Mapping[uuid.UUID, IntendedVote]) -> list[IntendedVote]:
    """What was prepared on the same motion but on another question: on the motion itself, or on an advice that goes
    another way. It is shown and never taken as an answer to this one, where *voor* may mean the opposite."""
    if one.kind not in _ON_WHOLES:
        return []
    about = [
        other
        for key, other in intended.items()
        if other.proposal_id == one.proposal_id
        and not other.section_id
        and not other.amendment_id
        and key != key_of(one)
    ]
    return [other for other in about if other.says != (None, "")]


def _put(*conditions: ColumnElement[bool], hold: bool = False) -> list[Round]:
    """The rounds that ask each question, by number; of texts that are published, and so no secret while in draft."""
    query = (
        select(Round)
        .join(Round.version)
        .options(contains_eager(Round.version), joinedload(Round.proposal), joinedload(Round.advice))
        .where(Round.kind.in_(KINDS), Version.published_at.is_not(None), *conditions)
        .order_by(Round.id)
    )
    if hold:
        query = query.with_for_update(read=True, of=Round).execution_options(populate_existing=True)
    found: dict[uuid.UUID, Round] = {}
    for one in sorted(db.session.scalars(query), key=lambda r: r.number):
        if stands_for(found.get(key_of(one)), one):
            found[key_of(one)] = one
    return sorted(found.values(), key=lambda r: r.number)


def asked_at(meeting_id: uuid.UUID, *, hold: bool = False) -> dict[uuid.UUID, Asked]:
    """The questions of a meeting by key, in the order of their rounds.

    With ``hold`` none of them closes or is taken away until this transaction ends.
    """
    rounds = _put(Round.meeting_id == meeting_id, hold=hold)
    sections, amended, now = section_texts(rounds), _amended(rounds), db.now()
    found = {}
    for one in rounds:
        section = sections.get(one.id)
        if one.version:  # which only rehearsals lack, and those are none of these
            now_about = advice_hash(one.advice, one.version) if one.advice else words_hash(one.version, section)
            title, version, text = amended.get(one.id) or (one.title, one.version, now_about)
            found[key_of(one)] = Asked(one, title, version, section, one.text_hash or text, now)
    return found


def _amended(rounds: Sequence[Round]) -> dict[uuid.UUID, tuple[str, Version, str]]:
    """What those about amendments would be about if they opened now: title, version and SHA-256, by round."""
    waiting = {one.amendment_id: one.id for one in rounds if one.amendment_id and not one.text_hash}
    if not waiting:
        return {}
    query = select(Amendment).where(Amendment.submission_id.in_(waiting)).execution_options(populate_existing=True)
    query = query.options(
        joinedload(Amendment.submission), joinedload(Amendment.version), selectinload(Amendment.sections)
    )
    amendments = db.session.scalars(query).all()
    listed = {key: sections_of(key) for key in {one.version_id for one in amendments}}
    return {
        waiting[one.submission_id]: (
            title_of(one), one.version, amendment_hash(one, one.version, listed[one.version_id]),
        )
        for one in amendments
    }  # fmt: skip


def _read_by(reader_id: uuid.UUID) -> ColumnElement[bool]:
    works_there = select(Office.id).where(Office.member_id == IntendedVote.member_id, Office.person_id == reader_id)
    return works_there.exists()


def intended_at(
    meeting_id: uuid.UUID, member_id: uuid.UUID, reader_id: uuid.UUID, *, lock: bool = False
) -> dict[uuid.UUID, IntendedVote]:
    """What a member prepared at a meeting, with who wrote it last, by the key of the question.

    With ``lock`` they are read anew, and nobody else changes them until this transaction ends.
    """
    query = (
        select(IntendedVote)
        .options(joinedload(IntendedVote.author))
        .where(IntendedVote.meeting_id == meeting_id, IntendedVote.member_id == member_id, _read_by(reader_id))
        .order_by(IntendedVote.saved_at, IntendedVote.id)
    )
    if lock:
        query = query.order_by(None).order_by(IntendedVote.id).with_for_update(of=IntendedVote)
        query = query.execution_options(populate_existing=True)
    return {key_of(one): one for one in db.session.scalars(query)}


def revisions_of(intended: IntendedVote, reader_id: uuid.UUID, *, first: int, number: int) -> Sequence[
    IntendedVoteRevision
]:  # fmt: skip
    """What an intended vote said, the newest first, from place ``first`` (from 0), with people and versions."""
    return db.session.scalars(
        select(IntendedVoteRevision)
        .join(IntendedVote, IntendedVote.id == IntendedVoteRevision.intended_vote_id)
        .options(joinedload(IntendedVoteRevision.person), joinedload(IntendedVoteRevision.version))
        .where(IntendedVote.id == intended.id, _read_by(reader_id))
        .order_by(IntendedVoteRevision.revision.desc())
        .offset(first)
        .limit(number)
    ).all()


def titles_of(votes: Iterable[IntendedVote]) -> dict[uuid.UUID, tuple[str, str]]:
    """(text, advice, amendment or section or '') that intended votes were written on, by the key of the question."""
    found = list(votes)
    proposals = {one.proposal_id for one in found}
    texts = db.session.execute(select(Proposal.id, Proposal.title).where(Proposal.id.in_(proposals)))
    names = {row[0]: row[1] for row in texts}
    places = {(one.version_id, one.section_id) for one in found if one.section_id}
    words = db.session.scalars(
        select(VersionSection).where(tuple_(VersionSection.version_id, VersionSection.section_id).in_(places))
    )
    parts = {one.section_id: f"{one.number}. {one.heading}" for one in words}
    about = {one.amendment_id for one in found if one.amendment_id}
    amended = select(Amendment).options(joinedload(Amendment.submission)).where(Amendment.submission_id.in_(about))
    parts |= {one.submission_id: title_of(one) for one in db.session.scalars(amended)}
    advised = {key_of(one): advice_title(one.advice_kind, names[one.proposal_id]) for one in found if one.advice_kind}
    return {key_of(one): (names[one.proposal_id], (parts | advised).get(key_of(one), "")) for one in found}


def progress(meeting_ids: Sequence[uuid.UUID], member_id: uuid.UUID, reader_id: uuid.UUID) -> dict[uuid.UUID, Progress]:
    """How far a member is with preparing, by meeting; meetings without a question are not in it."""
    rounds, now = _put(Round.meeting_id.in_(meeting_ids)), db.now()
    prepared = db.session.scalars(
        select(IntendedVote).where(
            IntendedVote.meeting_id.in_(meeting_ids),
            IntendedVote.member_id == member_id,
            IntendedVote.choice.is_not(None),
            _read_by(reader_id),
        )
    )
    ready = {(one.meeting_id, key_of(one)) for one in prepared}
    found: dict[uuid.UUID, Progress] = {}
    for one in rounds:
        before = found.get(one.meeting_id, Progress(0, 0))
        is_open = may_prepare(one, now, works_here=True) is None
        found[one.meeting_id] = Progress(
            before.asked + is_open, before.ready + (is_open and (one.meeting_id, key_of(one)) in ready)
        )
    return found
