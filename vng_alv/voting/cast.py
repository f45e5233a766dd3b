"""Casting: the one path that hundreds take in the same minute (docs/rules.md, rounds and states).

Two statements in one transaction. The first locks the member's own mandate, so that casts of one member come one after
another and a mandate cannot move in between; casts of different members share no lock. The second checks each round
(FOR SHARE, so that closing waits for what is under way), the roll and the key, and writes ballots, log entry and the
notice of the receipt together. What it checks is what ``domain.ballots.may_cast`` says; a test holds the two equal.
"""

import json
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from vng_alv import db
from vng_alv.domain import receipts
from vng_alv.domain.ballots import CastFacts, Choice, may_cast, same_ballots
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.voting.models import RollEntry, Round

_HOLD = """
SELECT m.member_id, m.meeting_id FROM mandate m
JOIN meeting g ON g.id = m.meeting_id JOIN member l ON l.id = m.member_id
WHERE g.code = {meeting} AND l.code = {member} AND m.person_id = {person} AND m.until IS NULL
"""
_HOLD_POSTGRESQL = _HOLD.format(meeting="%(meeting)s", member="%(member)s", person="%(person)s") + (
    "FOR NO KEY UPDATE OF m"
)
_HOLD_SQLITE = _HOLD.format(meeting=":meeting", member=":member", person=":person")

_RECORD_POSTGRESQL = """
WITH asked AS (
    SELECT * FROM unnest(%(rounds)s::uuid[], %(choices)s::text[]) AS a(round_id, choice)
), done AS (
    SELECT round_id, choice, receipt, cast_at FROM ballot WHERE member_id = %(member)s AND key = %(key)s
), taking AS (
    SELECT id FROM round
    WHERE id = ANY(%(rounds)s) AND meeting_id = %(meeting)s AND state = 'open'
      AND (closes_at IS NULL OR closes_at > clock_timestamp())
    ORDER BY id FOR SHARE
), stored AS (
    INSERT INTO ballot (round_id, member_id, version, choice, person_id, cast_at, receipt, key)
    SELECT t.id, e.member_id,
           COALESCE((SELECT max(p.version) FROM ballot p WHERE p.round_id = t.id AND p.member_id = e.member_id), 0) + 1,
           a.choice, %(person)s, clock_timestamp(), %(receipt)s, %(key)s
    FROM taking t JOIN asked a ON a.round_id = t.id
    JOIN roll_entry e ON e.round_id = t.id AND e.member_id = %(member)s
    WHERE NOT EXISTS (SELECT FROM done)
    RETURNING round_id, choice, receipt, cast_at
), logged AS (
    INSERT INTO audit_entry (at, act, actor_id, member_id, subject, data)
    SELECT clock_timestamp(), 'ballot.cast', %(person)s, %(member)s, %(subject)s,
           json_build_object('receipt', %(receipt)s::text,
                             'rounds', (SELECT json_agg(round_id ORDER BY round_id) FROM stored))
    WHERE EXISTS (SELECT FROM stored)
), noticed AS (
    INSERT INTO notice (id, kind, person_id, context, state, created_at, next_attempt_at, attempts, last_error)
    SELECT %(notice)s, 'receipt', %(person)s, %(context)s::json, 'queued', clock_timestamp(), clock_timestamp(), 0, ''
    WHERE EXISTS (SELECT FROM stored)
)
SELECT round_id, choice, receipt, cast_at, true FROM stored
UNION ALL SELECT round_id, choice, receipt, cast_at, false FROM done
"""

_DONE_SQLITE = "SELECT round_id, choice, receipt, cast_at FROM ballot WHERE member_id = :member AND key = :key"
_STORE_SQLITE = """
INSERT INTO ballot (round_id, member_id, version, choice, person_id, cast_at, receipt, key)
SELECT r.id, e.member_id,
       COALESCE((SELECT max(p.version) FROM ballot p WHERE p.round_id = r.id AND p.member_id = e.member_id), 0) + 1,
       a.value, :person, :now, :receipt, :key
FROM json_each(:asked) a JOIN round r ON r.id = a.key
JOIN roll_entry e ON e.round_id = r.id AND e.member_id = :member
WHERE r.meeting_id = :meeting AND r.state = 'open' AND (r.closes_at IS NULL OR r.closes_at > :now)
RETURNING round_id, choice, receipt, cast_at
"""
_LOG_SQLITE = """
INSERT INTO audit_entry (at, act, actor_id, member_id, subject, data)
VALUES (:now, 'ballot.cast', :person, :member, :subject, :data)
"""
_NOTICE_SQLITE = """
INSERT INTO notice (id, kind, person_id, context, state, created_at, next_attempt_at, attempts, last_error)
VALUES (:notice, 'receipt', :person, :context, 'queued', :now, :now, 0, '')
"""


@dataclass(frozen=True)
class Cast:
    """What came of a cast: the receipt's code, the choices recorded by round, and why others were not."""

    receipt: str
    recorded: dict[uuid.UUID, Choice]
    refused: dict[uuid.UUID, Refusal]


def new_receipt() -> str:
    """A code that nobody can guess."""
    return receipts.code([secrets.randbelow(len(receipts.ALPHABET)) for _ in range(receipts.LENGTH)])


def cast(meeting: str, member: str, choices: Mapping[uuid.UUID, str], key: uuid.UUID, actor: Actor) -> Cast:
    """Record a member's ``choices`` (by round) at a meeting, both named by their code, all in this transaction.

    The same ``key`` with the same choices gives the same receipt again. Rounds that closed meanwhile are named in
    ``refused`` while the others stand. Raises ``Refused`` when nothing was recorded, ``Conflict(KEY_REUSED)`` when the
    key was used for other choices.
    """
    if not choices:
        raise Refused(Refusal.NOTHING_CHOSEN)
    if not set(choices.values()) <= set(Choice):
        raise Refused(Refusal.UNKNOWN_CHOICE)
    record = _cast_sqlite if db.is_sqlite() else _cast_postgresql
    rows, fresh = record(meeting, member, choices, key, actor)
    if rows is None:
        raise Refused(Refusal.NOT_HOLDER)
    recorded = {round_id: Choice(choice) for round_id, choice, _ in rows}
    if recorded and not fresh and not same_ballots(_plain(recorded), _plain(choices)):
        raise Conflict(Refusal.KEY_REUSED)
    refused = _reasons(member, choices, recorded.keys()) if len(recorded) < len(choices) else {}
    if not recorded:
        raise Refused(min(refused.values()))
    return Cast(rows[0][2], recorded, refused)


def _plain(choices: Mapping[uuid.UUID, str]) -> dict[str, str]:
    return {str(round_id): choice for round_id, choice in choices.items()}


def _reasons(member: str, choices: Mapping[uuid.UUID, str], recorded: Any) -> dict[uuid.UUID, Refusal]:
    """Why the rounds that were not recorded were not: the slow way, for the few that need it."""
    now = db.now()
    left = [round_id for round_id in choices if round_id not in recorded]
    rows = db.session.execute(
        select(Round.id, Round.state, Round.closes_at, RollEntry.member_id)
        .outerjoin(RollEntry, (RollEntry.round_id == Round.id) & (RollEntry.code == member))
        .where(Round.id.in_(left))
    )
    facts = {
        row.id: CastFacts(row.state, row.closes_at, now, row.member_id is not None, True, choices[row.id])
        for row in rows
    }
    return {
        round_id: (may_cast(facts[round_id]) if round_id in facts else None) or Refusal.ROUND_NOT_OPEN
        for round_id in left
    }


def _cast_postgresql(
    meeting: str, member: str, choices: Mapping[uuid.UUID, str], key: uuid.UUID, actor: Actor
) -> tuple[list[tuple[uuid.UUID, str, str]] | None, bool]:
    connection = db.session.connection()
    held = connection.exec_driver_sql(
        _HOLD_POSTGRESQL, {"meeting": meeting, "member": member, "person": actor.id}
    ).first()
    if held is None:
        return None, False
    receipt = new_receipt()
    rows = connection.exec_driver_sql(
        _RECORD_POSTGRESQL,
        {
            "rounds": list(choices),
            "choices": [str(choice) for choice in choices.values()],
            "member": held[0],
            "meeting": held[1],
            "person": actor.id,
            "receipt": receipt,
            "key": key,
            "subject": f"meeting:{held[1]}",
            "notice": uuid.uuid4(),
            "context": json.dumps({"receipt": receipt, "member": member, "meeting": meeting}),
        },
    ).all()
    return [(row[0], row[1], row[2]) for row in rows], bool(rows and rows[0][4])


def _cast_sqlite(
    meeting: str, member: str, choices: Mapping[uuid.UUID, str], key: uuid.UUID, actor: Actor
) -> tuple[list[tuple[uuid.UUID, str, str]] | None, bool]:
    connection = db.session.connection()
    values = {"meeting": meeting, "member": member, "person": actor.id.hex}
    held = connection.exec_driver_sql(_HOLD_SQLITE, values).first()
    if held is None:
        return None, False
    receipt, now = new_receipt(), datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    values |= {"member": held[0], "meeting": held[1], "key": key.hex, "receipt": receipt, "now": now}
    rows = connection.exec_driver_sql(_DONE_SQLITE, values).all()
    fresh = not rows
    if fresh:
        asked = json.dumps({round_id.hex: choice for round_id, choice in choices.items()})
        rows = connection.exec_driver_sql(_STORE_SQLITE, values | {"asked": asked}).all()
    found = [(uuid.UUID(row[0]), row[1], row[2]) for row in rows]
    if fresh and found:
        data = {"receipt": receipt, "rounds": sorted(str(round_id) for round_id, _, _ in found)}
        subject = f"meeting:{uuid.UUID(held[1])}"
        connection.exec_driver_sql(_LOG_SQLITE, values | {"subject": subject, "data": json.dumps(data)})
        context = json.dumps({"receipt": receipt, "member": member, "meeting": meeting})
        connection.exec_driver_sql(_NOTICE_SQLITE, values | {"notice": uuid.uuid4().hex, "context": context})
    return found, fresh
