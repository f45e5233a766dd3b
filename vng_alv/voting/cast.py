"""Casting: the one path that hundreds take in the same minute (docs/rules.md §4, §9).

A cast is a transaction of its own, durable when it returns, and goes the short way to the database. On PostgreSQL it is
one statement: it takes the member's own mandate and the rounds FOR SHARE (so that neither a move of the mandate nor the
closing overtakes it; casts share no lock that excludes each other), checks roll and key, and writes ballots, log entry
and the notice of the receipt together. Two casts of one member at the same moment want the same version of a ballot:
the database lets one through, and the other is run again and sees it. What the statement checks is what
``domain.ballots.may_cast`` says; a test holds the two equal.
"""

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from vng_alv import db, direct
from vng_alv.domain import receipts
from vng_alv.domain.ballots import CastFacts, Choice, may_cast, same_ballots
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.voting.models import RollEntry, Round

#: How often a cast that met another one of the same member is run again.
TRIES = 60

_RECORD_POSTGRESQL = """
WITH asked AS (
    SELECT * FROM unnest(%(rounds)s::uuid[], %(choices)s::text[]) AS a(round_id, choice)
), held AS (
    SELECT m.member_id, m.meeting_id FROM mandate m
    JOIN meeting g ON g.id = m.meeting_id JOIN member l ON l.id = m.member_id
    WHERE g.code = %(meeting)s AND l.code = %(member)s AND m.person_id = %(person)s AND m.until IS NULL
    FOR SHARE OF m
), done AS (
    SELECT b.round_id, b.choice, b.receipt FROM held h JOIN ballot b ON b.member_id = h.member_id AND b.key = %(key)s
), taking AS (
    SELECT r.id, h.member_id FROM held h JOIN round r ON r.meeting_id = h.meeting_id
    WHERE r.id = ANY(%(rounds)s) AND r.state = 'open'
      AND (r.closes_at IS NULL OR r.closes_at > clock_timestamp())
    ORDER BY r.id FOR SHARE OF r
), stored AS (
    INSERT INTO ballot (round_id, member_id, version, choice, person_id, cast_at, receipt, key)
    SELECT t.id, e.member_id,
           COALESCE((SELECT max(p.version) FROM ballot p WHERE p.round_id = t.id AND p.member_id = e.member_id), 0) + 1,
           a.choice, %(person)s, clock_timestamp(), %(receipt)s, %(key)s
    FROM taking t JOIN asked a ON a.round_id = t.id
    JOIN roll_entry e ON e.round_id = t.id AND e.member_id = t.member_id
    WHERE NOT EXISTS (SELECT FROM done)
    RETURNING round_id, member_id, choice, receipt
), logged AS (
    INSERT INTO audit_entry (at, act, actor_id, member_id, subject, data)
    SELECT clock_timestamp(), 'ballot.cast', %(person)s, h.member_id, 'meeting:' || h.meeting_id,
           json_build_object('receipt', %(receipt)s::text,
                             'rounds', (SELECT json_agg(round_id ORDER BY round_id) FROM stored))
    FROM held h WHERE EXISTS (SELECT FROM stored)
), noticed AS (
    INSERT INTO notice (id, kind, person_id, context, state, created_at, next_attempt_at, attempts, last_error)
    SELECT %(notice)s, 'receipt', %(person)s, %(context)s::json, 'queued', clock_timestamp(), clock_timestamp(), 0, ''
    WHERE EXISTS (SELECT FROM stored)
)
SELECT 'stored', round_id, choice, receipt FROM stored
UNION ALL SELECT 'done', round_id, choice, receipt FROM done
UNION ALL SELECT 'held', NULL, NULL, NULL FROM held
"""

_HELD_SQLITE = """
SELECT m.member_id, m.meeting_id FROM mandate m
JOIN meeting g ON g.id = m.meeting_id JOIN member l ON l.id = m.member_id
WHERE g.code = :meeting AND l.code = :member AND m.person_id = :person AND m.until IS NULL
"""
_DONE_SQLITE = "SELECT round_id, choice, receipt FROM ballot WHERE member_id = :member AND key = :key"
_STORE_SQLITE = """
INSERT INTO ballot (round_id, member_id, version, choice, person_id, cast_at, receipt, key)
SELECT r.id, e.member_id,
       COALESCE((SELECT max(p.version) FROM ballot p WHERE p.round_id = r.id AND p.member_id = e.member_id), 0) + 1,
       a.value, :person, :now, :receipt, :key
FROM json_each(:asked) a JOIN round r ON r.id = a.key
JOIN roll_entry e ON e.round_id = r.id AND e.member_id = :member
WHERE r.meeting_id = :meeting AND r.state = 'open' AND (r.closes_at IS NULL OR r.closes_at > :now)
RETURNING round_id, choice, receipt
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


@dataclass(frozen=True)
class _Found:
    """(round, choice, receipt) of each ballot under this key, and whether it was this cast that stored them."""

    rows: Sequence[Sequence[Any]]
    fresh: bool


def new_receipt() -> str:
    """A code that nobody can guess."""
    return receipts.code([secrets.randbelow(len(receipts.ALPHABET)) for _ in range(receipts.LENGTH)])


def cast(meeting: str, member: str, choices: Mapping[uuid.UUID, str], key: uuid.UUID, actor: Actor) -> Cast:
    """Record a member's ``choices`` (by round) at a meeting, both named by their code; durable when it returns.

    The same ``key`` with the same choices gives the same receipt again. Rounds that closed meanwhile are named in
    ``refused`` while the others stand. Raises ``Refused`` when nothing was recorded, ``Conflict(KEY_REUSED)`` when the
    key was used for other choices.
    """
    if not choices:
        raise Refused(Refusal.NOTHING_CHOSEN)
    if not set(choices.values()) <= set(Choice):
        raise Refused(Refusal.UNKNOWN_CHOICE)
    found = (_record_sqlite if db.is_sqlite() else _record_postgresql)(meeting, member, choices, key, actor)
    if found is None:
        raise Refused(Refusal.NOT_HOLDER)
    recorded = {db.as_uuid(round_id): Choice(choice) for round_id, choice, _ in found.rows}
    if recorded and not found.fresh and not same_ballots(_plain(recorded), _plain(choices)):
        raise Conflict(Refusal.KEY_REUSED)
    refused = _reasons(member, choices, recorded.keys()) if len(recorded) < len(choices) else {}
    if not recorded:
        raise Refused(min(refused.values()))
    return Cast(found.rows[0][2], recorded, refused)


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


def _record_postgresql(
    meeting: str, member: str, choices: Mapping[uuid.UUID, str], key: uuid.UUID, actor: Actor
) -> _Found | None:
    receipt = new_receipt()
    values = {
        "meeting": meeting,
        "member": member,
        "person": actor.id,
        "rounds": list(choices),
        "choices": [str(choice) for choice in choices.values()],
        "receipt": receipt,
        "key": key,
        "notice": uuid.uuid4(),
        "context": json.dumps({"receipt": receipt, "member": member, "meeting": meeting}),
    }
    for _ in range(TRIES):
        try:
            rows = direct.run(_RECORD_POSTGRESQL, values)
        except direct.AtTheSameTime:
            continue
        kinds = {row[0] for row in rows}
        return _Found([row[1:] for row in rows if row[0] != "held"], "stored" in kinds) if kinds else None
    raise Conflict(Refusal.KEY_REUSED)


def _record_sqlite(
    meeting: str, member: str, choices: Mapping[uuid.UUID, str], key: uuid.UUID, actor: Actor
) -> _Found | None:
    receipt = new_receipt()
    values: dict[str, Any] = {"meeting": meeting, "member": member, "person": actor.id.hex}
    with direct.writing():
        held = direct.run(_HELD_SQLITE, values)
        if not held:
            return None
        context = json.dumps({"receipt": receipt, "member": member, "meeting": meeting})
        values |= {
            "member": held[0][0],
            "meeting": held[0][1],
            "key": key.hex,
            "receipt": receipt,
            "now": db.sqlite_moment(datetime.now(UTC)),
        }
        if done := direct.run(_DONE_SQLITE, values):
            return _Found(done, fresh=False)
        asked = json.dumps({round_id.hex: choice for round_id, choice in choices.items()})
        rows = direct.run(_STORE_SQLITE, values | {"asked": asked})
        if rows:
            data = {"receipt": receipt, "rounds": sorted(str(uuid.UUID(row[0])) for row in rows)}
            subject = f"meeting:{uuid.UUID(held[0][1])}"
            direct.run(_LOG_SQLITE, values | {"subject": subject, "data": json.dumps(data)})
            direct.run(_NOTICE_SQLITE, values | {"notice": uuid.uuid4().hex, "context": context})
        return _Found(rows, fresh=True)
