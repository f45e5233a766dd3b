"""Voting, alone and together, and what of it is in the database."""

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import select, text

from tests import factories
from vng_alv import db
from vng_alv.domain.ballots import Choice
from vng_alv.domain.permissions import Actor
from vng_alv.domain.rounds import RoundState
from vng_alv.voting.cast import Cast, cast
from vng_alv.voting.models import Ballot, Round
from vng_alv.voting.service import annul, close, open_rounds, publish
from vng_alv.voting.tally import tally

Found = TypeVar("Found")

#: What the members of ``factories.world`` weigh.
WEIGHTS = (75, 40, 1)

#: How a round in draft comes to each state.
STEPS = {
    "draft": [],
    "open": ["open"],
    "closed": ["open", "closed"],
    "counted": ["open", "closed", "counted"],
    "published": ["open", "closed", "counted", "published"],
    "annulled": ["open", "annulled"],
}


def vote(
    world: factories.World, who: int, choice: str = "for", *, key: uuid.UUID | None = None, rounds: int = 1
) -> Cast:
    """A cast, as the web does it: a transaction by itself."""
    with db.transaction(write=False):
        return cast(
            world.meeting.code,
            world.members[who].code,
            dict.fromkeys(world.ids[:rounds], choice),
            key or uuid.uuid4(),
            world.delegates[who],
        )


def ballot(world: factories.World, who: int, **changed: object) -> Ballot:
    """A member's first ballot in the first round, made by hand: what fits the roll, but for what is ``changed``."""
    usual = {
        "round_id": world.ids[0],
        "member_id": world.members[who].id,
        "version": 1,
        "choice": Choice.FOR,
        "weight": WEIGHTS[who],
        "advisory": False,
        "person_id": world.delegates[who].id,
        "cast_at": datetime.now(UTC),
        "receipt": "AAAA-BBBB-CCCC-DDDD",
        "key": uuid.uuid4(),
    }
    return Ballot(**{**usual, **changed})


def stored() -> list[Ballot]:
    """All ballots, of each member in order."""
    with db.transaction(write=False):
        return list(db.session.scalars(select(Ballot).order_by(Ballot.round_id, Ballot.member_id, Ballot.version)))


def state_of(round_id: uuid.UUID) -> RoundState:
    """Where a round stands now."""
    with db.transaction(write=False):
        return db.session.get_one(Round, round_id).state


def bring(one: Round, state: str, chair: Actor) -> None:
    """Take a round from draft to a state, by the use cases."""
    for step in STEPS[state]:
        match step:
            case "open":
                open_rounds([one.id], chair)
            case "closed":
                close([one.id], chair)
            case "counted":
                tally(one.id)
            case "published":
                publish([one.id], chair)
            case "annulled":
                annul(one, "fout", chair)


def together(actions: list[Callable[[], object]]) -> list[object]:
    """Run all at the same moment, each in a thread; what each returned or raised."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        gate.wait()
        try:
            return action()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def waiting(pool: ThreadPoolExecutor, action: Callable[[], Found]) -> "Future[Found]":
    """Start ``action`` in a thread of its own, which has to wait for the transaction of another; back when it does."""
    before = _sessions_that_wait()
    future = pool.submit(action)
    deadline = time.monotonic() + 5
    while not future.done() and time.monotonic() < deadline:
        if db.is_sqlite():  # all wait for the one lock, and cannot be seen to
            wait([future], timeout=0.1)
            break
        if _sessions_that_wait() > before:
            break
    assert not future.done(), f"it waited for nobody: {future.exception() or future.result()!r}"
    return future


def _sessions_that_wait() -> int:
    if db.is_sqlite():
        return 0
    return int(db.session.execute(text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")).scalar_one())
