"""The list of ballots of a round in the one spelling that is hashed, published and checked (docs/verify.md)."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from vng_alv import db
from vng_alv.domain import chain
from vng_alv.voting.models import Ballot, Result, Round
from vng_alv.voting.noted import Noted
from vng_alv.voting.queries import RollVote, is_last, roll_votes

#: Of a larger electorate the list is not hashed while somebody waits for the outcome to be pronounced.
HASHED_UP_TO = 20_000


def ballots_of(found: Round, roll: Sequence[RollVote]) -> list[dict[str, Any]]:
    """The ballots that stand, in the order of the codes of their members; of a secret round what they were sealed as.

    ``roll`` is the whole roll of the round.
    """
    sealed: dict[Any, str | None] = {}
    if found.secret:
        asked = select(Ballot.member_id, Ballot.sealed_sha256).where(Ballot.round_id == found.id, is_last())
        sealed = {row[0]: row[1] for row in db.session.execute(asked)}
    return [
        {
            "member": one.code,
            "choice": one.choice,
            "cast-with": one.cast_with,
            "through": one.via_code,
            "receipt": one.receipt,
            "sealed-sha256": sealed.get(one.member_id),
        }
        for one in sorted(roll, key=lambda one: one.code)
        if one.choice
    ]


def digest(ballots: Sequence[dict[str, Any]]) -> str:
    """SHA-256 over a line for each ballot, in the canonical spelling."""
    made = hashlib.sha256()
    for one in ballots:
        made.update(chain.canonical(one) + b"\n")
    return made.hexdigest()


def pronounced(found: Round, result: Result, noted: Sequence[Noted]) -> dict[str, Any]:
    """What the log says of a round that is pronounced: its sums and the hash of its ballots, or who is against."""
    if found.is_acclaimed:  # nothing was counted
        return {"way": found.way.value, "noted": [member.code for member in noted]}
    if result.electorate_members > HASHED_UP_TO:
        return result.sums
    return result.sums | {"ballots": digest(ballots_of(found, roll_votes(found.id)))}
