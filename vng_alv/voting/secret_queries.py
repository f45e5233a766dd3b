"""Reading, and forgetting, what secret rounds keep."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import people_with
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import IN_PREPARATION, RoundState
from vng_alv.voting.models import RollEntry, Round
from vng_alv.voting.secret_models import FIRST, SECOND, OpenedBallot, SealedBallot, TellerKey


def without_tellers(round_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these secret rounds for which two tellers did not both hand in a key."""
    if not round_ids:
        return set()
    both = (
        select(TellerKey.round_id)
        .where(TellerKey.round_id.in_(round_ids))
        .group_by(TellerKey.round_id)
        .having(func.count() == 2)
    )
    return set(round_ids) - set(db.session.scalars(both))


def teller_keys_of(round_id: uuid.UUID) -> list[str]:
    """The public keys that a secret round is sealed for: of the first teller, and of the second one."""
    return list(
        db.session.scalars(select(TellerKey.public_key).where(TellerKey.round_id == round_id).order_by(TellerKey.place))
    )


def forget_sealed(round_id: uuid.UUID) -> None:
    """Remove every envelope of a round, closed or opened."""
    db.session.execute(delete(SealedBallot).where(SealedBallot.round_id == round_id))
    db.session.execute(delete(OpenedBallot).where(OpenedBallot.round_id == round_id))


def keys_of(round_id: uuid.UUID) -> dict[int, TellerKey]:
    """The keys of a secret round by their place, as they are now."""
    rows = db.session.scalars(select(TellerKey).where(TellerKey.round_id == round_id).order_by(TellerKey.place))
    return {one.place: one for one in rows}


@dataclass(frozen=True)
class Keys:
    """How far the tellers of a secret round in preparation are, with the names of people."""

    given: list[str]
    #: Tellers that gave no key for it.
    others: list[str]

    @property
    def missing(self) -> int:
        """How many keys it still needs before it can be opened."""
        return max(0, 2 - len(self.given))


def keys_waited_for(rounds: Iterable[Round]) -> dict[uuid.UUID, Keys]:
    """Of those of these rounds that are secret and in preparation: whose keys are there, and who could give one."""
    ids = [one.id for one in rounds if one.secret and one.state in IN_PREPARATION]
    if not ids:
        return {}
    keys = db.session.execute(
        select(TellerKey.round_id, Person.id, Person.name)
        .join(TellerKey.person)
        .where(TellerKey.round_id.in_(ids))
        .order_by(TellerKey.place)
    ).all()
    tellers = people_with(Role.TELLER)
    found = {}
    for key in ids:
        given = {person_id: name for round_id, person_id, name in keys if round_id == key}
        found[key] = Keys(list(given.values()), [one.name for one in tellers if one.id not in given])
    return found


def whose_turn(keys: dict[int, TellerKey]) -> int:
    """The place of the teller that is to open next, once a round is closed."""
    return SECOND if SECOND in keys and keys[SECOND].used_at is None else FIRST


def secret_rounds() -> Sequence[Round]:
    """The secret rounds that need their tellers, or may: to hand in a key, or to open the envelopes."""
    return db.session.scalars(
        select(Round)
        .where(Round.secret, Round.state.in_([*IN_PREPARATION, RoundState.OPEN, RoundState.CLOSED]))
        .order_by(Round.meeting_id, Round.number)
    ).all()


def tasks_of(person_id: uuid.UUID) -> list[tuple[Round, bool]]:
    """What secret rounds ask of a teller now: a key, or (True) to open the envelopes."""
    found = []
    for one in secret_rounds():
        keys = keys_of(one.id)
        mine = next((key for key in keys.values() if key.person_id == person_id), None)
        if one.state in IN_PREPARATION and mine is None and len(keys) < 2:
            found.append((one, False))
        elif one.state is RoundState.CLOSED and mine is not None and mine.place == whose_turn(keys):
            found.append((one, True))
    return found


def weights_of(round_id: uuid.UUID) -> list[int]:
    """What the members on the roll of a round weigh, without advisory ones."""
    return list(db.session.scalars(select(RollEntry.weight).where(RollEntry.round_id == round_id, ~RollEntry.advisory)))
