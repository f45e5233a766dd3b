"""Somebody with the whole database tries to join members to what they chose in a secret round (docs/rules.md §11).

The attacker has every row of every table with its hidden columns, and even the first teller's private key and the
database of the moment between both openings. What is left to try is order: whether some order of the opened ballots
is some order of the members.
"""

import itertools
import random
import secrets
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, make_url, text
from structlog.testing import capture_logs

from tests.database.secret_desk import SecretDesk
from vng_alv import db
from vng_alv.audit.service import seal_all
from vng_alv.domain.ballots import SEALED
from vng_alv.domain.envelopes import FORMAT, read_inner
from vng_alv.exports.bundles import bundle
from vng_alv.exports.outcomes import as_json, csv_rows
from vng_alv.identity.personal_data import collect
from vng_alv.results.members import said_by
from vng_alv.voting.about import subject_of
from vng_alv.voting.models import Round
from vng_alv.voting.sealing import peel
from vng_alv.voting.summary import summary

MEMBERS = 36
OPTIONS = ("1", "2", "3")
#: More hits than this for any of the orders would be better than chance: 12 are expected, and the spread is 2.8.
CHANCE = 28

Row = dict[str, Any]


def dump() -> dict[str, list[Row]]:
    """Every row of every table, with what the database itself keeps beside it."""
    hidden = "rowid AS hidden_place" if db.is_sqlite() else "ctid::text AS hidden_place, xmin::text AS hidden_xmin"
    found = {}
    with db.engine().connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT {hidden}, t.* FROM "{table}" t ORDER BY 1'))
            found[table] = [dict(row._mapping) for row in rows]
    return found


def place(row: Row) -> Any:
    """Where a row is in its table, as something to sort by."""
    where = row["hidden_place"]
    return where if isinstance(where, int) else tuple(map(int, where.strip("()").split(",")))


def voted(desk: SecretDesk) -> dict[str, str]:
    """All members vote, in an order of chance; what each of them chose, by its code."""
    chosen = [option for option in OPTIONS for _ in range(MEMBERS // len(OPTIONS))]
    random.shuffle(chosen)
    desk.open()
    order = list(range(MEMBERS))
    random.shuffle(order)
    for who in order:
        if who % 5 == 0:
            desk.vote(who, random.choice(OPTIONS))
        desk.vote(who, chosen[who])
    return {desk.world.members[who].code: chosen[who] for who in range(MEMBERS)}


def orders_of_members(tables: dict[str, list[Row]], round_id: uuid.UUID) -> Iterator[tuple[str, list[str]]]:
    """The members that took part by code, in every order that some column gives them."""
    mine = [row for row in tables["ballot"] if uuid.UUID(str(row["round_id"])) == round_id]
    last = {row["member_id"]: row for row in sorted(mine, key=lambda row: row["version"])}
    codes = {row["id"]: row["code"] for row in tables["member"]}
    for column in next(iter(last.values())):
        if column not in {"round_id", "choice", "advisory", "via_id", "weight", "version"}:
            key: Callable[[Row], Any] = place if column == "hidden_place" else lambda row, c=column: str(row[c])
            yield f"ballot.{column}", [codes[row["member_id"]] for row in sorted(last.values(), key=key)]
    notices = [row for row in tables["notice"] if row["kind"] == "receipt"]
    receipts = {row["receipt"]: codes[row["member_id"]] for row in last.values()}
    for column in ("id", "created_at", "hidden_place"):
        key = place if column == "hidden_place" else lambda row, c=column: str(row[c])
        found = [code for row in sorted(notices, key=key) for r, code in receipts.items() if r in str(row["context"])]
        yield f"notice.{column}", found
    yield "member.code", sorted(codes[member] for member in last)


def orders_of_ballots(rows: Sequence[Row], read: Callable[[Row], str]) -> Iterator[tuple[str, list[str]]]:
    """What the opened ballots say, in every order that they can be put in."""
    sizes: Callable[[Row], Any] = lambda row: len(row["content"])  # noqa: E731
    for name, key in {
        "place": place, "id": lambda row: str(row["id"]), "content": lambda row: row["content"], "size": sizes,
    }.items():  # fmt: skip
        yield name, [read(row) for row in sorted(rows, key=key)]


def best_guess(desk: SecretDesk, truth: dict[str, str], tables: dict[str, list[Row]]) -> tuple[int, str]:
    """The most members of which the choice is found by one of all the orders, either way round."""
    key, paper = desk.secrets[0], desk.round.paper

    def read(row: Row) -> str:
        return read_inner(peel(row["content"], key) or b"", desk.key, paper, row["weight"]) or ""

    found = []
    for (one, members), (other, ballots) in itertools.product(
        orders_of_members(tables, desk.key), orders_of_ballots(tables["opened_ballot"], read)
    ):
        for way in (1, -1):
            hits = sum(truth[code] == said for code, said in zip(members, ballots[::way], strict=True))
            found.append((hits, f"{one} by {other}"))
    return max(found)


@pytest.fixture
def desk(database: str) -> SecretDesk:
    return SecretDesk((10_000,) * MEMBERS)


def test_no_order_of_what_was_opened_is_an_order_of_the_members(desk: SecretDesk) -> None:
    truth = voted(desk)
    desk.close()
    desk.use_key(1)
    tables = dump()
    assert len(tables["opened_ballot"]) == MEMBERS
    hits, how = best_guess(desk, truth, tables)
    assert hits <= CHANCE, how
    # One transaction wrote them all, and it is not one that wrote a ballot.
    if not db.is_sqlite():
        wrote = {row["hidden_xmin"] for row in tables["opened_ballot"]}
        assert len(wrote) == 1
        assert not wrote & {row["hidden_xmin"] for row in tables["ballot"]}


def test_the_attack_would_find_them_if_the_order_were_not_drawn(
    desk: SecretDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets.SystemRandom, "shuffle", lambda _self, _found: None)
    truth = voted(desk)
    desk.close()
    desk.use_key(1)
    hits, _ = best_guess(desk, truth, dump())
    assert hits > CHANCE, "an attack that never finds anything shows nothing"


def test_afterwards_nothing_is_left_that_says_a_choice(desk: SecretDesk, capfd: pytest.CaptureFixture[str]) -> None:
    with capture_logs() as logged:
        truth = voted(desk)
        sealed = [row["content"] for row in dump()["sealed_ballot"]]
        desk.close()
        desk.use_key(1)
        opened = [row["content"] for row in dump()["opened_ballot"]]
        desk.use_key(0)
        desk.publish()
    assert len(sealed) == len(opened) == len(truth)
    tables = dump()
    assert not tables["sealed_ballot"]
    assert not tables["opened_ballot"]
    assert {row["choice"] for row in tables["ballot"]} == {SEALED}
    said = str(tables) + str(logged) + capfd.readouterr().err + on_disk()
    for secret in (*sealed, *opened, *map(str, desk.secrets)):
        assert secret not in said
    assert FORMAT not in said, "a ballot in plain text"
    if not db.is_sqlite():
        with db.engine().connect() as connection:
            for table in ("sealed_ballot", "opened_ballot"):
                assert connection.execute(text(f"SELECT pg_relation_size('{table}')")).scalar_one() == 0


def on_disk() -> str:
    """The files of the embedded database, with its log."""
    if not db.is_sqlite():
        return ""
    path = make_url(str(db.engine().url)).database or ""
    files = [Path(path + suffix) for suffix in ("", "-wal")]
    return "".join(file.read_bytes().decode("latin-1") for file in files if file.exists())


def test_no_document_says_more_than_the_sums(desk: SecretDesk) -> None:
    truth = voted(desk)
    desk.count()
    desk.publish()
    with db.transaction(write=False):
        found = db.session.get_one(Round, desk.key)
        shown = summary(found, "nl")
        rows = list(csv_rows(shown, "nl", example=True))
        data = as_json(shown, subject_of(found), found.meeting, "/", example=True)
        own = collect(desk.world.delegates[0].id)
        said = [one for one in said_by(desk.world.members[0].id) if one.round.id == desk.key]
    with db.transaction():
        seal_all()
    with db.transaction(write=False):
        found = db.session.get_one(Round, desk.key)
        signed = bundle(found, found.meeting)
    assert len(shown.ballots) == len(truth)
    assert {one.choice for one in shown.ballots} == {SEALED}
    names = [one["title"] for one in found.options]
    assert [one.choice for one in said] == [SEALED]
    assert {one["choice"] for one in signed["ballots"]} == {SEALED}
    for listed in (rows, data["votes"], own["casts"], signed["ballots"], signed["roll"]):
        lines = [str(line) for line in listed if "GM0001" in str(line)]
        assert lines
        assert not any(name in line for line in lines for name in names)
