"""``./run bench tally [sqlite|postgresql]``: counting a closed round of 342 to 10,000,000 ballots.

The count is the product's own (``vng_alv.voting.tally``): two counts that must agree, verdict and result, in a process
of its own whose peak of memory is read. One ballot in a hundred replaces an earlier one. Beside it, the floor: one
``SELECT count(*)`` over the same ballots.
"""

import json
import resource
import subprocess
import sys
import time
import uuid
from typing import Any

from sqlalchemy import text

from bench._site import database
from tests import factories
from vng_alv import db
from vng_alv.voting.service import close
from vng_alv.voting.tally import tally

SIZES = (342, 10_000, 1_000_000, 10_000_000)

_NUMBERS = {
    "postgresql": "SELECT n FROM generate_series(1, :size) AS n",
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < :size) SELECT n FROM s",
}
_KEY = {"postgresql": "md5('{0}' || n)::uuid", "sqlite": "printf('%032x', n + {1})"}


def _fill(engine: str, size: int, round_id: uuid.UUID, person_id: uuid.UUID) -> None:
    """Members, roll and ballots by the million, past the triggers and keys that would check them one by one."""
    member, key = (_KEY[engine].format(name, at) for name, at in (("member", 0), ("key", 1_000_000_000)))
    numbers = _NUMBERS[engine]
    one, person = (round_id, person_id) if engine == "postgresql" else (round_id.hex, person_id.hex)
    votes = "1 + n % 75, n % 97 = 0"
    choice = "CASE WHEN n % 10 < 6 THEN 'for' WHEN n % 10 < 9 THEN 'against' ELSE 'abstain' END"
    ballot = (
        "INSERT INTO ballot (round_id, member_id, version, choice, weight, advisory, person_id, cast_at, receipt, key)"
    )
    cast = f"{votes}, :person, CURRENT_TIMESTAMP"
    statements = [
        f"INSERT INTO member (id, code, name, province, population, advisory) "
        f"SELECT {member}, 'X' || n, 'Member ' || n, 'P', n % 200000, false FROM ({numbers}) AS s",
        f"INSERT INTO roll_entry (round_id, member_id, code, name, province, population, weight, advisory) "
        f"SELECT :one, {member}, 'X' || n, 'Member', 'P', n % 200000, {votes} FROM ({numbers}) AS s",
        f"{ballot} SELECT :one, {member}, 1, {choice}, {cast}, 'X' || n, {key} FROM ({numbers}) AS s",
        f"{ballot} SELECT :one, {member}, 2, 'against', {cast}, 'Y' || n, {key.replace('key', 'again')} "
        f"FROM ({numbers}) AS s WHERE n % 100 = 0",
    ]
    if engine == "sqlite":
        statements[3] = statements[3].replace("1000000000", "2000000000")
    with db.engine().connect().execution_options(**{db.WRITE: True}) as connection:
        if engine == "postgresql":
            connection.execute(text("SET statement_timeout = 0"))  # filling is no work of the product
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.execute(text("DROP TRIGGER roll_entry_while_draft"))
        for statement in statements:
            connection.execute(text(statement), {"size": size, "one": one, "person": person})
        connection.commit()
        if engine == "postgresql":
            connection.execute(text("SET session_replication_role = DEFAULT"))
            connection.execute(text("ANALYZE"))
            connection.commit()


def measured(engine: str, size: int) -> dict[str, Any]:
    """One size on one engine."""
    with database(engine) as url:
        with db.transaction():
            world = factories.world()
        _fill(engine, size, world.ids[0], world.delegates[0].id)
        with db.transaction():
            close(world.ids[:1], None)
        db.engine().dispose()
        command = [sys.executable, "-m", "bench.tally", "--child", url, str(world.ids[0])]
        return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def child(url: str, round_id: str) -> None:
    """Count, in this process, and print how long it took and how much memory it needed."""
    engine = db.connect(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM member")).scalar_one()
        began = time.perf_counter()
        ballots = connection.execute(text("SELECT count(*) FROM ballot")).scalar_one()
        floor = time.perf_counter() - began
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    with db.transaction():
        result = tally(uuid.UUID(round_id))
    seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert result is not None
    print(
        json.dumps(
            {
                "ballots": ballots,
                "count_ms": round(seconds * 1000, 1),
                "select_count_ms": round(floor * 1000, 2),
                "of_select_count": round(seconds / floor, 1),
                "peak_memory_mb": round(after / 1024, 1),
                "memory_grown_mb": round((after - before) / 1024, 1),
                "verdict": result.verdict,
            }
        )
    )


def main() -> None:
    """Print a table and, last, one JSON object."""
    if sys.argv[1:2] == ["--child"]:
        child(*sys.argv[2:])
        return
    figures: dict[str, dict[str, Any]] = {}
    for engine in sys.argv[1:] or ["postgresql", "sqlite"]:
        figures[engine] = {str(size): measured(engine, size) for size in SIZES}
        for size, found in figures[engine].items():
            print(f"{engine} {size:>9} ballots: {found}")
    print(json.dumps({"bench": "tally", **figures}))


if __name__ == "__main__":
    main()
