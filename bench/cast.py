"""``./run bench cast [sqlite|postgresql]``: 342 signed-in delegates vote in one burst through the real form.

Beside it, in the same run and interleaved: a bare Flask POST on the same server, and one-row inserts with a commit on
the same database. Ratios are what counts; the machine drifts.
"""

import json
import statistics
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from sqlalchemy import func, select, text

from bench._load import fire
from bench._site import csrf, database, quantile, request, server
from tests import factories
from vng_alv import db
from vng_alv.accounts import sessions
from vng_alv.accounts.models import Entry, Person
from vng_alv.voting.models import Ballot, Round
from vng_alv.voting.service import open_rounds

DELEGATES = 342
TURNS = 3
CONNECTIONS = 32
WORKERS, THREADS = 2, 32


def prepare() -> tuple[list[tuple[str, str]], list[uuid.UUID]]:
    """(member code, session token) of each delegate, and open rounds: one for each burst and each sustained run."""
    with db.transaction():
        world = factories.world([1_000 * n for n in range(1, DELEGATES + 1)], is_open=False)
        rounds = list(world.rounds)
        for number in range(len(rounds) + 1, 4 * TURNS + 8):
            first = rounds[0]
            rounds.append(
                Round(
                    id=uuid.uuid4(), meeting_id=first.meeting_id, number=number, kind=first.kind, title=first.title,
                    proposal_id=first.proposal_id, version_id=first.version_id, section_id=first.section_id,
                    rule=first.rule,
                )
            )  # fmt: skip
        db.session.add_all(rounds)
        db.session.flush()
        open_rounds([r.id for r in rounds], None)
        delegates = []
        for member, delegate in zip(world.members, world.delegates, strict=True):
            person = db.session.get_one(Person, delegate.id)
            token = sessions.start(person, hours=1, device="bench", entry=Entry.DEMO, factor=True)
            delegates.append((member.code, token))
    return delegates, [r.id for r in rounds]


def casts(delegates: list[tuple[str, str]], round_id: uuid.UUID, port: int) -> list[bytes]:
    """One cast of every delegate in a round."""
    return [
        request(
            "/stemmen/alv/uitbrengen",
            port,
            f"csrf_token={csrf(token)}&gemeente={code}&key={uuid.uuid4()}&choice-{round_id}=for",
            token,
        )
        for code, token in delegates
    ]


def inserts(url: str) -> float:
    """One-row inserts with a commit, a second from 8 threads: the database's own floor."""
    engine = db.make_engine(url, pool_size=8)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS floor (n INTEGER)"))
        connection.commit()
    until = time.perf_counter() + 1.0

    def work(_: int) -> int:
        done = 0
        with engine.connect().execution_options(**{db.WRITE: True}) as connection:
            while time.perf_counter() < until:
                connection.exec_driver_sql("INSERT INTO floor VALUES (1)")
                connection.commit()
                done += 1
        return done

    with ThreadPoolExecutor(8) as pool:
        total = sum(pool.map(work, range(8)))
    engine.dispose()
    return total / 1.0


def measured(engine: str) -> dict[str, Any]:
    """All figures for one engine; medians over the turns."""
    with ExitStack() as stack:
        url = stack.enter_context(database(engine))
        delegates, rounds = prepare()
        ours = stack.enter_context(server("vng_alv.wsgi:app", url, workers=WORKERS, threads=THREADS))
        bare = stack.enter_context(server("bench._floor:app", url, workers=WORKERS, threads=THREADS))
        left = iter(rounds)
        floor = [request("/", bare, "choice=for&" + "x" * 180)] * DELEGATES
        seen: dict[str, list[float]] = {}
        for turn in turns(TURNS):
            for name, port, requests in (
                ("bare", bare, [*floor, *floor, *floor]),
                ("cast", ours, [c for _ in range(3) for c in casts(delegates, next(left), ours)]),
            ):
                seconds, _, statuses = fire(port, CONNECTIONS, requests)
                assert statuses == {"303": len(requests)}, statuses
                note(seen, turn, f"{name}_per_second", len(requests) / seconds)
            for name, port, requests in (("bare", bare, floor), ("cast", ours, casts(delegates, next(left), ours))):
                seconds, times, statuses = fire(port, DELEGATES, requests)
                assert statuses == {"303": DELEGATES}, statuses
                note(seen, turn, f"{name}_burst_p50_ms", quantile(times, 0.5))
                note(seen, turn, f"{name}_burst_p99_ms", quantile(times, 0.99))
                note(seen, turn, f"{name}_burst_all_ms", seconds * 1000)
                note(seen, turn, f"{name}_burst_per_second", DELEGATES / seconds)
            note(seen, turn, "insert_per_second", inserts(url))
        with db.transaction(write=False):
            stored = db.session.scalar(select(func.count()).select_from(Ballot))
    found: dict[str, Any] = {key: round(statistics.median(values), 1) for key, values in seen.items()}
    found["cast_of_bare"] = round(found["cast_per_second"] / found["bare_per_second"], 3)
    found["cast_of_insert"] = round(found["cast_per_second"] / found["insert_per_second"], 3)
    found["burst_of_bare"] = round(found["cast_burst_per_second"] / found["bare_burst_per_second"], 3)
    found["burst_p99_of_bare"] = round(found["cast_burst_p99_ms"] / found["bare_burst_p99_ms"], 2)
    found["acknowledged"] = stored
    assert stored == DELEGATES * 4 * (TURNS + 1), stored
    return found


def turns(number: int) -> Iterator[bool]:
    """A first turn that only warms up (False), then ``number`` that count."""
    yield False
    yield from [True] * number


def note(seen: dict[str, list[float]], counts: bool, name: str, value: float) -> None:
    """Keep a figure of a turn that counts."""
    if counts:
        seen.setdefault(name, []).append(value)


def main() -> None:
    """Print a table and, last, one JSON object."""
    engines = sys.argv[1:] or ["postgresql", "sqlite"]
    figures = {engine: measured(engine) for engine in engines}
    for engine, found in figures.items():
        print(f"{engine}: {DELEGATES} delegates, {WORKERS} processes of {THREADS} threads")
        for key, value in found.items():
            print(f"  {key:24} {value:>10}")
    print(json.dumps({"bench": "cast", **figures}))


if __name__ == "__main__":
    main()
