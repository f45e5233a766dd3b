"""How many members are at a meeting now, and how far each quorum is: for the door and for the console."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from vng_alv import db
from vng_alv.domain.attendance import How, quorum_now
from vng_alv.domain.clock import day_of
from vng_alv.domain.majority import Base, Quorum, Taking, Totals
from vng_alv.domain.options import read_rule
from vng_alv.domain.rounds import IN_PREPARATION, RoundState
from vng_alv.domain.sentences import attended, quorum_words
from vng_alv.meetings.attendance import here_now
from vng_alv.meetings.models import Attendance, Meeting
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association, members_on
from vng_alv.voting.models import Round
from vng_alv.voting.queries import Turnout, turnouts
from vng_alv.voting.tally import presents


@dataclass(frozen=True)
class QuorumNow:
    """A quorum that asks who is there: of which questions, what is needed, and how far it is at this moment."""

    titles: tuple[str, ...]
    needed: str
    said: str
    reached: bool


@dataclass(frozen=True)
class Presence:
    """Who is at a meeting now, without advisory members, who are counted apart."""

    present: Totals
    everybody: Totals
    remote: int
    advisory: int
    quorums: list[QuorumNow]


def presence_at(
    meeting: Meeting,
    rounds: Sequence[Round],
    locale: str,
    *,
    members: Sequence[Member] | None = None,
    here: dict[uuid.UUID, Attendance] | None = None,
) -> Presence:
    """The members of today that are there, and the quorums of rounds that are still to be closed; in a few queries."""
    members = members_on(day_of(db.now())) if members is None else members
    here = here_now(meeting.id) if here is None else here
    rule = get_association().weight_rule
    full = [member for member in members if not member.advisory]
    present = [member for member in full if member.id in here]
    now = Totals(sum(member.votes(rule) for member in present), len(present))
    everybody = Totals(sum(member.votes(rule) for member in full), len(full))
    return Presence(
        now,
        everybody,
        sum(here[member.id].how is How.REMOTE for member in present),
        sum(member.advisory and member.id in here for member in members),
        _quorums(meeting, rounds, now, everybody, locale),
    )


def _quorums(
    meeting: Meeting, rounds: Sequence[Round], present: Totals, everybody: Totals, locale: str
) -> list[QuorumNow]:
    """Open rounds count their own roll, and whoever voted is there; those in preparation the register of today."""
    asking = [
        (one, quorum)
        for one in rounds
        if (one.state is RoundState.OPEN or one.state in IN_PREPARATION)
        and (quorum := read_rule(one.rule).quorum) is not None
        and (quorum.taking is Taking.PRESENT or quorum.base is Base.PRESENT)
    ]
    running = [one.id for one, _ in asking if one.state is RoundState.OPEN]
    there = presents(running, meeting.id, db.now()) if running else {}
    voted = turnouts(running) if running else {}
    found: dict[tuple[Quorum, Totals, Totals, Totals], list[str]] = {}
    for one, quorum in asking:
        turnout = voted.get(one.id, Turnout(0, everybody.members, 0, everybody.weight))
        now = (
            there.get(one.id, present),
            Totals(turnout.weight, turnout.members),
            Totals(turnout.weight_total, turnout.members_total),
        )
        found.setdefault((quorum, *now), []).append(one.title)
    told = []
    for (quorum, *facts), titles in found.items():
        step = quorum_now(quorum, *facts)
        told.append(
            QuorumNow(tuple(titles), quorum_words(quorum, locale), attended(step, quorum, locale), step.reached)
        )
    return told
