"""Signed receipts: what one says, signing it when it is shown, and checking one that somebody brings (rules §9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from vng_alv.domain import chain
from vng_alv.domain.receipt_files import (
    Fate,
    ReceiptFile,
    Statement,
    Vote,
    altered,
    fate,
    file_data,
    vote_word,
)
from vng_alv.domain.rounds import RoundState
from vng_alv.meetings.models import Meeting
from vng_alv.members.queries import get_association
from vng_alv.signing.queries import PublicKey
from vng_alv.signing.service import Place, find_key, is_right, sign
from vng_alv.voting import queries
from vng_alv.voting.models import Ballot, RollEntry, Round

Line = tuple[Ballot, Round, RollEntry, bool]


@dataclass(frozen=True)
class Seen:
    """What can be told of one question on a receipt that was checked; ``vote`` only from a file that was signed."""

    round: Round
    vote: Vote | None
    fate: Fate


@dataclass(frozen=True)
class Checked:
    """What came of checking a receipt. Without a file ``signed`` is None.

    ``unknown`` are the questions of a signed receipt that are not kept here; ``altered`` names fields of a file that
    was not signed like this, as far as everybody may know them, and ``waiting`` says that some votes were not compared.
    """

    code: str
    meeting: Meeting | None
    #: Of the member, only from a file that was signed.
    name: str = ""
    signed: bool | None = None
    key: PublicKey | None = None
    statement: Statement | None = None
    lines: tuple[Seen, ...] = ()
    unknown: tuple[Vote, ...] = ()
    altered: tuple[str, ...] = ()
    waiting: bool = False

    @property
    def rehearsal(self) -> bool:
        """Whether it is, or holds, a vote that was only a rehearsal; of a file, as far as it was signed."""
        return any(one.round.rehearsal for one in self.lines)


def statement_of(lines: Sequence[Line]) -> Statement:
    """What a receipt says, from its ballots (at least one), which the database lets nobody change."""
    first, one, entry, _ = lines[0]
    moment = min(ballot.cast_at for ballot, *_ in lines).astimezone(UTC)
    return Statement(
        first.receipt,
        one.meeting.code,
        entry.code,
        first.via.code if first.via else None,
        moment.isoformat(timespec="microseconds"),
        get_association().example,
        tuple(_vote(*line) for line in lines),
    )


def _vote(ballot: Ballot, found: Round, entry: RollEntry, _replaced: bool) -> Vote:
    return Vote(
        found.number,
        found.rehearsal,
        found.title,
        entry.weight,
        vote_word(ballot.choice),
        found.text_hash or "",
        chain.digest(found.rule),
        ballot.sealed_sha256 or "",
    )


def signed_file(lines: Sequence[Line], where: Place, about: str) -> dict[str, Any]:
    """A receipt as a file with its signature. Raises ``Unavailable(NO_SIGNING_KEY)``."""
    statement = statement_of(lines)
    made = sign(statement.message(), where)
    return file_data(statement, made.key, made.signature, about)


def check_code(code: str) -> Checked:
    """What everybody may know who has only a code: at which meeting it was cast, and what became of it in the rounds
    whose outcome was pronounced, or that were rehearsals. Never a member, a choice, a moment, or whether it holds
    another round.
    """
    lines = queries.receipt_lines(code)
    shown = [line for line in lines if line[1].published_at is not None or line[1].rehearsal]
    return Checked(code, _meeting(lines), lines=tuple(_seen(line, None) for line in shown))


def check_file(given: ReceiptFile) -> Checked:
    """Whether a file was signed by the association, what became of its ballots, or what was altered in it."""
    claimed, key = given.statement, find_key(given.key)
    lines = queries.receipt_lines(claimed.code)
    if key is None or not is_right(claimed.message(), given.signature, key):
        names, waiting = _altered(claimed, lines)
        return Checked(claimed.code, _meeting(lines), "", False, key, altered=tuple(names), waiting=waiting)
    here = {line[1].label: line for line in lines if line[1].meeting.code == claimed.meeting}
    kept = {vote.label for vote in claimed.votes} & here.keys()
    known = statement_of(lines) if lines else claimed
    head_same = _head(known) == _head(claimed)
    return Checked(
        claimed.code,
        _meeting(lines),
        lines[0][2].name if lines else "",
        True,
        key,
        claimed,
        tuple(_seen(here[v.label], v, head_same=head_same) for v in claimed.votes if v.label in kept),
        tuple(vote for vote in claimed.votes if vote.label not in kept),
    )


def _altered(claimed: Statement, lines: Sequence[Line]) -> tuple[list[str], bool]:
    if not lines:
        return [], False
    stands = {line[1].label for line in lines if line[1].published_at is not None and not line[3]}
    public = queries.labels_published(lines[0][1].meeting_id)
    # By what the file says, and not by what else is on the receipt: nobody hears that there is a round to come on it.
    waiting = not {vote.label for vote in claimed.votes} <= stands
    return altered(claimed, statement_of(lines), stands, public), waiting


def _seen(line: Line, vote: Vote | None, *, head_same: bool = True) -> Seen:
    _, found, _, replaced = line
    became = fate(
        recorded=True,
        same=vote is None or (head_same and vote == _vote(*line)),
        published=found.published_at is not None,
        annulled=found.state is RoundState.ANNULLED,
        replaced=replaced,
        rehearsal=found.rehearsal,
    )
    return Seen(found, vote, became)


def _head(statement: Statement) -> tuple[object, ...]:
    return statement.code, statement.meeting, statement.member, statement.through, statement.cast_at


def _meeting(lines: Sequence[Line]) -> Meeting | None:
    return lines[0][1].meeting if lines else None
