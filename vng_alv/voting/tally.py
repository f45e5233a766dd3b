"""Counting a closed round: once, exactly, and by two ways that must agree (docs/rules.md, verdict)."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import BigInteger, case, cast, func, select, text, true

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.ballots import Choice
from vng_alv.domain.majority import Hall, Rule, Sums, Totals
from vng_alv.domain.options import OptionRule, OptionSums, Outcome, add_up, elect, read_rule
from vng_alv.domain.rounds import RoundState
from vng_alv.domain.tally import count
from vng_alv.jobs import Job, defer
from vng_alv.meetings.attendance import was_present
from vng_alv.voting import queries
from vng_alv.voting.models import Ballot, Result, RollEntry, Round

log = structlog.get_logger()

#: By option and whether advisory: votes, members that named it, and those of them that gave it all their votes.
Votes = dict[tuple[str, bool], tuple[int, int, int]]

_WEIGHT = cast(RollEntry.weight, BigInteger)
_ON_ROLL = (RollEntry.round_id == Ballot.round_id) & (RollEntry.member_id == Ballot.member_id)


def lines(round_id: uuid.UUID) -> Iterable[tuple[str, int, bool, int]]:
    """The first way: how many ballots there are of each wording and weight, less those that a later one replaced.

    (ballot, weight, advisory, members); a replaced ballot comes back with a negative number of members.
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


def second_count(found: Round) -> Votes:
    """The second way: the database picks each member's last ballot, takes its weight from the roll and adds up."""
    several = found.picks > 1 or found.divides
    key, votes, whole, of = _split() if several else (Ballot.choice, _WEIGHT, func.count(), None)
    asked = select(key.label("option"), RollEntry.advisory, func.sum(votes), func.count(), whole)
    asked = asked.select_from(Ballot).join(RollEntry, _ON_ROLL)
    if of is not None:
        asked = asked.join(of, true())
    asked = asked.where(Ballot.round_id == found.id, queries.is_last()).group_by("option", RollEntry.advisory)
    return {(row[0], row[1]): (int(row[2]), row[3], row[4]) for row in db.session.execute(asked)}


def second_cast(round_id: uuid.UUID) -> dict[bool, Totals]:
    """Who cast a ballot, without and with advisory votes, by the database."""
    rows = db.session.execute(
        select(RollEntry.advisory, func.sum(_WEIGHT), func.count())
        .select_from(Ballot)
        .join(RollEntry, _ON_ROLL)
        .where(Ballot.round_id == round_id, queries.is_last())
        .group_by(RollEntry.advisory)
    )
    found = {advisory: Totals(int(weight), members) for advisory, weight, members in rows}
    return {advisory: found.get(advisory, Totals()) for advisory in (False, True)}


def _split() -> tuple[Any, Any, Any, Any]:
    """(option, votes, how many with all their votes, the lines): each ballot line by line, in the database."""
    if db.is_sqlite():
        listed = '["' + func.replace(Ballot.choice, "+", '","') + '"]'
        of = func.json_each(listed).table_valued("value")
        colon: Any = func.instr(of.c.value, ":")
        key: Any = case((colon > 0, func.substr(of.c.value, 1, colon - 1)), else_=of.c.value)
        given = case((colon > 0, cast(func.substr(of.c.value, colon + 1), BigInteger)), else_=_WEIGHT)
    else:
        of = func.unnest(func.string_to_array(Ballot.choice, "+")).table_valued("value").render_derived()
        colon = func.strpos(of.c.value, ":")
        key = func.split_part(of.c.value, ":", 1)
        given = case((colon > 0, cast(func.split_part(of.c.value, ":", 2), BigInteger)), else_=_WEIGHT)
    return key, given, func.sum(case((colon > 0, 0), else_=1)), of


def presents(round_ids: Sequence[uuid.UUID], meeting_id: uuid.UUID, at: datetime) -> dict[uuid.UUID, Totals]:
    """Who of rounds' electorates was present at a moment, by attendance or by having voted (docs/rules.md §5.2)."""
    voted = select(Ballot.version).where(Ballot.round_id == RollEntry.round_id, Ballot.member_id == RollEntry.member_id)
    rows = db.session.execute(
        select(RollEntry.round_id, func.sum(cast(RollEntry.weight, BigInteger)), func.count())
        .where(
            RollEntry.round_id.in_(round_ids),
            ~RollEntry.advisory,
            voted.exists() | was_present(meeting_id, RollEntry.member_id, at),
        )
        .group_by(RollEntry.round_id)
    )
    found = {row[0]: Totals(int(row[1]), row[2]) for row in rows}
    return {key: found.get(key, Totals()) for key in round_ids}


def tally(round_id: uuid.UUID) -> Result | None:
    """Count a closed round and keep its result; None when there is nothing to count, or it was counted before.

    Raises ``RuntimeError`` when the two counts differ: then nothing is kept, and nothing can be published.
    """
    (found,) = queries.lock_rounds([round_id]) or (None,)
    if found is None or found.state is not RoundState.CLOSED or found.rehearsal:
        return None
    if found.secret:  # the tellers open it, and it is counted then
        return None
    if not db.is_sqlite():  # room to join a million ballots with their roll without going to disk
        db.session.execute(text("SET LOCAL work_mem = '128MB'"))
    rule, hall = read_rule(found.rule), hall_of(found)
    return keep(
        found, hall, _with_options(found, hall, rule) if isinstance(rule, OptionRule) else _plain(found, hall, rule)
    )


def hall_of(found: Round) -> Hall:
    """The electorate of a closed round, and who of it was present where its rule asks that."""
    asks = read_rule(found.rule).needs_attendance
    at = found.closed_at or db.now()
    here = presents([found.id], found.meeting_id, at)[found.id] if asks else Totals()
    return Hall(queries.electorate(found.id), here)


def keep(found: Round, hall: Hall, result: Result) -> Result:
    """Keep the result of a closed round, which is counted then."""
    asks = read_rule(found.rule).needs_attendance
    result.electorate_weight, result.electorate_members = hall.electorate.weight, hall.electorate.members
    result.present_weight = hall.present.weight if asks else None
    result.present_members = hall.present.members if asks else None
    result.counted_at = db.now()
    db.session.add(result)
    db.session.flush()  # while the round is closed: the database takes no result in another state
    found.state = RoundState.COUNTED
    db.session.flush()
    # Who reads the log before the result is pronounced learns that it was counted, not what was counted.
    record("round.count", None, f"round:{found.id}")
    defer(Job.PUBLISH_STANDING, meeting_id=str(found.meeting_id))
    return result


def _plain(found: Round, hall: Hall, rule: Rule) -> Result:
    """The result of a question with for and against."""
    counted = count(lines(found.id), hall, rule)
    again = second_count(found)
    for sums, advisory in ((counted.sums, False), (counted.advisory, True)):
        rows = {key: again.get((key.value, advisory), (0, 0, 0)) for key in Choice}
        same = Sums(
            {key: row[0] for key, row in rows.items()}, {key: row[2] for key, row in rows.items()}, sums.divided
        )
        _agree(found.id, sums == same and sums.cast == second_cast(found.id)[advisory])
    sums = counted.sums
    return Result(
        round_id=found.id,
        weight_for=sums.weight[Choice.FOR],
        weight_against=sums.weight[Choice.AGAINST],
        weight_abstain=sums.weight[Choice.ABSTAIN],
        members_for=sums.members[Choice.FOR],
        members_against=sums.members[Choice.AGAINST],
        members_abstain=sums.members[Choice.ABSTAIN],
        members_divided=sums.divided,
        advisory=_as_data(counted.advisory),
        verdict=counted.arithmetic.verdict,
        base=counted.arithmetic.base,
    )


def _with_options(found: Round, hall: Hall, rule: OptionRule) -> Result:
    """The result of a question with options."""
    keys = found.paper.keys
    sums, advisory = add_up(lines(found.id), keys)
    again, cast_again = second_count(found), second_cast(found.id)
    for one, advises in ((sums, False), (advisory, True)):
        rows = {key: again.get((key, advises), (0, 0, 0)) for key in keys}
        same = OptionSums(
            {key: row[0] for key, row in rows.items()}, {key: row[1] for key, row in rows.items()}, cast_again[advises]
        )
        _agree(found.id, one == same)
    outcome = elect(sums, hall, rule)
    return options_result(found.id, outcome, options_data(sums), options_data(advisory))


def options_result(round_id: uuid.UUID, outcome: Outcome, options: dict[str, Any], advisory: dict[str, Any]) -> Result:
    """The result of a question with options, from its outcome and its sums as data."""
    return Result(
        round_id=round_id,
        weight_for=0,
        weight_against=0,
        weight_abstain=0,
        members_for=0,
        members_against=0,
        members_abstain=0,
        advisory=advisory,
        options=options,
        verdict=outcome.verdict,
        base=outcome.base,
    )


def _agree(round_id: uuid.UUID, same: bool) -> None:
    if not same:
        log.error("counts_disagree", round=str(round_id))
        raise RuntimeError(f"two counts of round {round_id} differ")


def _as_data(sums: Sums) -> dict[str, Any]:
    """Sums as data, by the value of the choice."""
    return {
        what: {choice.value: numbers[choice] for choice in Choice}
        for what, numbers in (("weight", sums.weight), ("members", sums.members))
    }


def options_data(sums: OptionSums) -> dict[str, Any]:
    """Sums as data, by the key of the option."""
    return {"weight": sums.weight, "members": sums.members, "cast": vars(sums.cast)}
