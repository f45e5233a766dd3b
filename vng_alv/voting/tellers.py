"""The tellers of a secret round: their keys before it opens, and opening its envelopes after it closed
(docs/rules.md §11).

The second teller's private key opens the outer envelopes: what is in them is kept in an order that was drawn, without
its members, and what was sealed is removed. Then the first teller's opens the inner ones, which are counted in memory,
and only sums are kept. Neither private key is kept or logged anywhere.
"""

import secrets
import uuid
from collections.abc import Sequence
from typing import Any

import pyrage
import structlog
from sqlalchemy import delete, insert, select

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain.ballots import lines_of
from vng_alv.domain.envelopes import read_inner, revealing
from vng_alv.domain.majority import Totals
from vng_alv.domain.options import OptionRule, OptionSums, Outcome, add_up, elect
from vng_alv.domain.permissions import Actor, Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import IN_PREPARATION, RoundState
from vng_alv.errors import Refused
from vng_alv.jobs import Job, defer
from vng_alv.voting import queries
from vng_alv.voting.models import Result, RollEntry, Round
from vng_alv.voting.sealing import fits, holds_private, inner_of, peel, private_key, public_key
from vng_alv.voting.secret_models import FIRST, SECOND, OpenedBallot, SealedBallot, TellerKey
from vng_alv.voting.secret_queries import keys_of, whose_turn
from vng_alv.voting.steps import allowed, not_now
from vng_alv.voting.tally import hall_of, keep, options_data, options_result

log = structlog.get_logger()

#: A ballot that was opened: what it says (None: nothing that can be counted), its votes, and whether it only advises.
Read = tuple[str | None, int, bool]
#: What stands in the place of a ballot that says nothing that can be counted.
INVALID = "-"


def give_key(found: Round, given: str, actor: Actor) -> TellerKey:
    """Keep a teller's public key for a secret round in preparation, in the place of the one that they gave before.

    Raises ``Refused(NOT_ALLOWED, NOT_ON_PERSONS, PRIVATE_KEY_GIVEN, NO_PUBLIC_KEY)``, or ``TELLERS_DIFFER`` when two
    others are tellers already, or one has the same key; ``Conflict(ROUND_STATE)`` once it was opened.
    """
    if not actor.may(Permission.TELL):
        raise Refused(Refusal.NOT_ALLOWED)
    found = _locked(found)
    if found.state not in IN_PREPARATION:
        raise not_now(found, RoundState.DRAFT.value)
    if holds_private(given):
        raise Refused(Refusal.PRIVATE_KEY_GIVEN)
    public = public_key(given)
    if public is None:
        raise Refused(Refusal.NO_PUBLIC_KEY)
    keys = keys_of(found.id)
    place = next((one.place for one in keys.values() if one.person_id == actor.id), None)
    place = place or next((one for one in (FIRST, SECOND) if one not in keys), None)
    if place is None or any(one.public_key == public for one in keys.values() if one.place != place):
        raise Refused(Refusal.TELLERS_DIFFER)
    if place in keys:
        db.session.delete(keys[place])
        db.session.flush()
    made = TellerKey(
        round_id=found.id, place=place, person_id=actor.id, public_key=public, given_at=db.now(), used_at=None
    )
    db.session.add(made)
    db.session.flush()
    record("teller.key", actor, f"round:{found.id}", number=found.number, place=place, key=public)
    return made


def take_key_away(found: Round, place: int, actor: Actor | None) -> None:
    """Let somebody else be the teller in this place, before the round opens."""
    allowed(actor)
    found = _locked(found)
    keys = keys_of(found.id)
    if found.state not in IN_PREPARATION or place not in keys:
        raise not_now(found, RoundState.DRAFT.value)
    db.session.delete(keys[place])
    db.session.flush()
    record("teller.key_gone", actor, f"round:{found.id}", number=found.number, place=place)


def open_envelopes(found: Round, given: str, actor: Actor) -> Result | None:
    """Open what is sealed for this teller with the private key in ``given``; the result when that was the last.

    Raises ``Refused(NOT_ALLOWED, NOT_ON_PERSONS, OTHER_TELLER_FIRST, NO_PRIVATE_KEY or WRONG_KEY)``,
    ``Conflict(ROUND_STATE)`` for a round that is not closed, or that this teller opened already; then nothing changes.
    """
    found = _locked(found)
    keys = keys_of(found.id)
    mine = next((one for one in keys.values() if one.person_id == actor.id), None)
    if mine is None or not actor.may(Permission.TELL):
        raise Refused(Refusal.NOT_ALLOWED)
    if found.state is not RoundState.CLOSED or mine.used_at is not None:
        raise not_now(found, RoundState.COUNTED.value)
    if mine.place != whose_turn(keys):
        raise Refused(Refusal.OTHER_TELLER_FIRST, name=keys[SECOND].person.name)
    key = private_key(given)
    if key is None:
        raise Refused(Refusal.NO_PRIVATE_KEY)
    if not fits(key, mine.public_key):
        raise Refused(Refusal.WRONG_KEY)
    number = _open_outer(found, key) if mine.place == SECOND else 0
    read = _open_inner(found, key) if mine.place == FIRST else []
    mine.used_at = db.now()
    db.session.flush()
    record(
        "teller.open", actor, f"round:{found.id}", number=found.number, place=mine.place, ballots=number or len(read)
    )
    db.after_commit(wipe, "wipe sealed")
    if mine.place == FIRST:
        return _count(found, read)
    defer(Job.PUBLISH_STANDING, meeting_id=str(found.meeting_id))
    return None


def wipe() -> None:
    """Let the database overwrite what was sealed or opened and is removed, as far as it can."""
    db.wipe(SealedBallot.__tablename__, OpenedBallot.__tablename__)


def _locked(found: Round) -> Round:
    (found,) = queries.lock_rounds([found.id])
    if not found.secret:
        raise Refused(Refusal.NOT_ON_PERSONS)
    return found


def _open_outer(found: Round, key: pyrage.x25519.Identity) -> int:
    """Put what is in the outer envelopes in the place of the sealed ballots, and tell how many there were."""
    rows = db.session.execute(
        select(SealedBallot.content, RollEntry.weight, RollEntry.advisory)
        .join(
            RollEntry,
            (RollEntry.round_id == SealedBallot.round_id) & (RollEntry.member_id == SealedBallot.member_id),
        )
        .where(SealedBallot.round_id == found.id)
    )
    opened: list[dict[str, Any]] = [
        {
            "id": uuid.uuid4(),
            "round_id": found.id,
            "weight": weight,
            "advisory": advisory,
            "content": inner_of(peel(content, key)),
        }
        for content, weight, advisory in rows
    ]
    secrets.SystemRandom().shuffle(opened)
    db.session.execute(delete(SealedBallot).where(SealedBallot.round_id == found.id))
    if opened:
        db.session.execute(insert(OpenedBallot), opened)
    return len(opened)


def _open_inner(found: Round, key: pyrage.x25519.Identity) -> list[Read]:
    """What all ballots say, in memory only; the inner envelopes are removed."""
    rows = db.session.execute(
        select(OpenedBallot.content, OpenedBallot.weight, OpenedBallot.advisory).where(
            OpenedBallot.round_id == found.id
        )
    )
    paper = found.paper
    read: list[Read] = [
        (read_inner(peel(content, key) or b"", found.id, paper, weight), weight, advisory)
        for content, weight, advisory in rows
    ]
    db.session.execute(delete(OpenedBallot).where(OpenedBallot.round_id == found.id))
    return read


def _count(found: Round, read: Sequence[Read]) -> Result:
    """Count ballots in two ways, and keep of the sums no more than may be told.

    Beside what every question with options has there is "invalid", how many ballots could not be read; where numbers
    would tell who chose what, "members" is empty, or there is only "outcome".
    """
    rule, keys = OptionRule.from_data(found.rule), found.paper.keys
    sums, advisory = add_up(
        ((ballot, weight, advises, 1) for ballot, weight, advises in read if ballot is not None), keys
    )
    turnout = queries.turnouts([found.id])[found.id]
    voted = Totals(sum(weight for _, weight, advises in read if not advises), sum(not one[2] for one in read))
    same = sums == _again(read, keys, advises=False) and advisory == _again(read, keys, advises=True)
    if not same or voted != Totals(turnout.weight, turnout.members):
        log.error("counts_disagree", round=str(found.id))
        raise RuntimeError(f"two counts of secret round {found.id} differ")
    hall = hall_of(found)
    outcome = elect(sums, hall, rule)
    invalid = sum(ballot is None for ballot, _, _ in read)
    told = _told(sums, _of(read, advises=False)) or {"outcome": _bare(outcome)}
    nothing = options_data(OptionSums(dict.fromkeys(keys, 0), {}, Totals()))
    advice = _told(advisory, _of(read, advises=True)) or nothing
    result = options_result(found.id, outcome, told | {"invalid": invalid}, advice)
    if result.withheld:
        result.base = 0
    return keep(found, hall, result)


def _of(read: Sequence[Read], *, advises: bool) -> list[tuple[str, int]]:
    return [(ballot or INVALID, weight) for ballot, weight, one in read if one is advises]


def _again(read: Sequence[Read], keys: Sequence[str], *, advises: bool) -> OptionSums:
    """The second way: option by option, over all ballots."""
    those = [({key for key, _ in lines_of(b)}, weight) for b, weight, one in read if b is not None and one is advises]
    return OptionSums(
        {key: sum(weight for named, weight in those if key in named) for key in keys},
        {key: sum(key in named for named, _ in those) for key in keys},
        Totals(sum(weight for _, weight in those), len(those)),
    )


def _told(sums: OptionSums, ballots: Sequence[tuple[str, int]]) -> dict[str, Any] | None:
    """The sums as they may be told: all of them, those of votes only, or (None) nothing."""
    if revealing(ballots, members=False):
        return None
    data = options_data(sums)
    return data | {"members": {}} if revealing(ballots, members=True) else data


def _bare(outcome: Outcome) -> dict[str, Any]:
    """An outcome without its numbers."""
    return {
        "elected": list(outcome.elected),
        "ahead": list(outcome.ahead),
        "even": list(outcome.even),
        "left": outcome.left,
    }
