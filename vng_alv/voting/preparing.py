"""Preparing what a member votes: colleagues write it together, and it is a ballot only when the delegate casts it."""

import uuid

from sqlalchemy.exc import IntegrityError

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.audit.service import record
from vng_alv.domain import preparing as rules
from vng_alv.domain.ballots import Choice
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member
from vng_alv.members.queries import find_office
from vng_alv.proposals.models import Version
from vng_alv.proposals.queries import sections_of
from vng_alv.voting import preparing_queries as queries
from vng_alv.voting.preparing_models import IntendedVote, IntendedVoteRevision
from vng_alv.voting.preparing_queries import Asked
from vng_alv.voting.queries import words_hash


class Collision(Conflict):
    """A colleague changed the same intended vote meanwhile; nothing was saved."""

    def __init__(self, theirs: IntendedVote) -> None:
        super().__init__(Refusal.EDITED_MEANWHILE, name=theirs.author.name)
        #: As the colleague left it.
        self.theirs = theirs


class Preparer:
    """Somebody who prepares for a member: until this transaction ends no question closes and nobody else writes."""

    def __init__(self, meeting: Meeting, member: Member, actor: Actor) -> None:
        self.meeting, self.member, self.actor = meeting, member, actor
        self.works_here = find_office(actor.id, member.id, keep=True) is not None
        self.asked = queries.asked_at(meeting.id, hold=True)
        self.found = queries.intended_at(meeting.id, member.id, actor.id, lock=True)
        self.now = db.now()

    def save(
        self,
        key: uuid.UUID,
        choice: Choice | None,
        reason: str,
        revision: int,
        *,
        seen: uuid.UUID | None = None,
        words: str = "",
    ) -> IntendedVote:
        """Save what the member intends to vote on the question with this key, and why.

        ``revision`` is the one that the writer began from (0: none yet), ``seen`` the version of the text that they
        had before them, and ``words`` the SHA-256 of an amendment or advice as they read it, which changes within a
        version.
        Raises ``Refused``, or ``Collision`` when a colleague was first.
        """
        if key not in self.asked:
            raise Refused(Refusal.QUESTION_GONE)
        asked, reason = self.asked[key], tidy(reason)
        if refusal := rules.may_prepare(asked.round, self.now, works_here=self.works_here):
            raise Refused(refusal)
        if len(reason) > rules.MAX_REASON:
            raise Refused(Refusal.REASON_TOO_LONG, most=rules.MAX_REASON)
        (version, text), intended = self._text(asked, seen, words), self.found.get(key)
        if intended is None:
            return self._begin(asked, choice, reason, version, text)
        if rules.collides(revision, intended.revision, intended.says, (choice, reason)):
            raise Collision(intended)
        if (*intended.says, intended.text_hash) != (choice, reason, text):
            intended.choice, intended.reason = choice, reason
            intended.version_id, intended.text_hash = version.id, text
            intended.revision, intended.saved_at = intended.revision + 1, self.now
            intended.author, intended.author_id = self._person(), self.actor.id
            self._keep(asked, intended)
        return intended

    def _begin(self, asked: Asked, choice: Choice | None, reason: str, version: Version, text: str) -> IntendedVote:
        intended = IntendedVote(
            id=uuid.uuid4(), meeting_id=self.meeting.id, member_id=self.member.id,
            proposal_id=asked.version.proposal_id, section_id=asked.round.section_id,
            amendment_id=asked.round.amendment_id, advice_kind=asked.round.advice_kind, choice=choice, reason=reason,
            version_id=version.id, text_hash=text, revision=1, author=self._person(), saved_at=self.now,
        )  # fmt: skip
        try:
            with db.session.begin_nested():
                db.session.add(intended)
                db.session.flush()
        except IntegrityError:  # a colleague began the same one in this very moment
            self.found = queries.intended_at(self.meeting.id, self.member.id, self.actor.id, lock=True)
            return self.save(queries.key_of(asked.round), choice, reason, 0, seen=version.id, words=text)
        self._keep(asked, intended)
        self.found[queries.key_of(intended)] = intended
        return intended

    def _person(self) -> Person:
        return db.session.get_one(Person, self.actor.id)

    def _text(self, asked: Asked, seen: uuid.UUID | None, words: str) -> tuple[Version, str]:
        """The text that the writer had before them, also when the question is about a newer one by now."""
        now = asked.version
        if asked.by_words:
            return now, words if rules.is_hash(words) else asked.text
        if seen is None or seen == now.id:
            return now, asked.text
        older = db.session.get(Version, seen)
        if older is None or older.published_at is None or older.proposal_id != now.proposal_id:
            return now, asked.text
        section = next((s for s in sections_of(older.id) if s.section_id == asked.round.section_id), None)
        return (older, words_hash(older, section)) if section or not asked.section else (now, asked.text)

    def _keep(self, asked: Asked, intended: IntendedVote) -> None:
        """Into the history; and into the log that it was prepared, never what it says or whether it says anything."""
        db.session.add(
            IntendedVoteRevision(
                intended_vote_id=intended.id, revision=intended.revision, choice=intended.choice,
                reason=intended.reason, version_id=intended.version_id, person_id=self.actor.id, at=self.now,
            )
        )  # fmt: skip
        db.session.flush()
        record(
            "intended_vote.prepare", self.actor, f"round:{asked.round.id}", member_id=self.member.id,
            number=asked.round.number,
        )  # fmt: skip


def tidy(reason: str) -> str:
    """A reason as it is kept: one kind of line end, and no white space around it."""
    return reason.replace("\r\n", "\n").strip()
