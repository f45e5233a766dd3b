"""Counting a closed round: once, exactly, and by two ways that must agree (docs/rules.md, verdict)."""

import uuid
from collections.abc import Iterable

import structlog
from sqlalchemy import BigInteger, cast, func, select, text

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import Rule
from vng_alv.domain.rounds import RoundState
from vng_alv.domain.tally import Sums, count
from vng_alv.jobs import Job, defer
from vng_alv.voting import queries
from vng_alv.voting.models import Ballot, Result, RollEntry
from vng_alv.voting.service import as_numbers, electorate

log = structlog.get_logger()

_ON_ROLL = (RollEntry.round_id == Ballot.round_id) & (RollEntry.member_id == Ballot.member_id)


def lines(round_id: uuid.UUID) -> Iterable[tuple[Choice, int, bool, int]]:
    """The first way: how many ballots there are of each choice and weight, less those that a later one replaced.

    (choice, weight, advisory, members); a replaced ballot comes back with a negative number of members.
    """
    grouped = (Ballot.choice, Ballot.weight, Ballot.advisory)
    all_ballots = select(*grouped, func.count()).where(Ballot.round_id == round_id).group_by(*grouped)
    later = Ballot.__table__.alias("later")
    replaced = (
        select(*grouped, func.count())
        .join(
            later,
            (later.c.round_id == Ballot.round_id)
            & (later.c.member_id == Ballot.member_id)
            & (later.c.version == Ballot.version + 1),
        )
        .where(later.c.round_id == round_id, later.c.version > 1)
        .group_by(*grouped)
    )
    for choice, weight, advisory, number in db.session.execute(all_ballots):
        yield choice, weight, advisory, number
    for choice, weight, advisory, number in db.session.execute(replaced):
        yield choice, weight, advisory, -number


def second_count(round_id: uuid.UUID) -> tuple[Sums, Sums]:
    """The second way: the database picks each member's last ballot, takes its weight from the roll and adds up."""
    rows = db.session.execute(
        select(Ballot.choice, RollEntry.advisory, func.sum(cast(RollEntry.weight, BigInteger)), func.count())
        .join(RollEntry, _ON_ROLL)
        .where(Ballot.round_id == round_id, queries.is_last())
        .group_by(Ballot.choice, RollEntry.advisory)
    )
    found = {advisory: Sums(dict.fromkeys(Choice, 0), dict.fromkeys(Choice, 0)) for advisory in (False, True)}
    for choice, advisory, weight, members in rows:
        found[advisory].weight[choice], found[advisory].members[choice] = int(weight), members
    return found[False], found[True]


def tally(round_id: uuid.UUID) -> Result | None:
    """Count a closed round and keep its result; None when there is nothing to count, or it was counted before.

    Raises ``RuntimeError`` when the two counts differ: then nothing is kept, and nothing can be published.
    """
    (found,) = queries.lock_rounds([round_id]) or (None,)
    if found is None or found.state is not RoundState.CLOSED:
        return None
    if not db.is_sqlite():  # room to join a million ballots with their roll without going to disk
        db.session.execute(text("SET LOCAL work_mem = '128MB'"))
    members_total, weight_total = electorate(round_id)
    counted = count(lines(round_id), weight_total, Rule.from_data(found.rule))
    again = second_count(round_id)
    if (counted.sums, counted.advisory) != again:
        log.error("counts_disagree", round=str(round_id))
        raise RuntimeError(f"two counts of round {round_id} differ")
    sums = counted.sums
    result = Result(
        round_id=round_id,
        weight_for=sums.weight[Choice.FOR],
        weight_against=sums.weight[Choice.AGAINST],
        weight_abstain=sums.weight[Choice.ABSTAIN],
        members_for=sums.members[Choice.FOR],
        members_against=sums.members[Choice.AGAINST],
        members_abstain=sums.members[Choice.ABSTAIN],
        electorate_weight=weight_total,
        electorate_members=members_total,
        advisory=as_numbers(counted.advisory.weight, counted.advisory.members),
        verdict=counted.arithmetic.verdict,
        base=counted.arithmetic.base,
        counted_at=db.now(),
    )
    db.session.add(result)
    db.session.flush()  # while the round is closed: the database takes no result in another state
    found.state = RoundState.COUNTED
    db.session.flush()
    # Who reads the log before the result is pronounced learns that it was counted, not what was counted.
    record("round.count", None, f"round:{round_id}")
    defer(Job.PUBLISH_STANDING, meeting_id=str(found.meeting_id))
    return result
