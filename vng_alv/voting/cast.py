"""Casting: the one path that hundreds take in the same minute (docs/rules.md §4, §9).

A cast is durable when it returns, and goes the short way to the database. Casts that come in at the same moment share
one statement and one commit. On PostgreSQL the statement takes the proxy, the mandate and the rounds FOR SHARE (so
that neither a move of the mandate nor the closing overtakes it; casts share no lock that excludes each other), checks
roll and key, and writes ballots, log entries and the notices of the receipts together. Two casts of one member at the
same moment want the same version of a ballot: the database lets one through, and the other is run again and sees it.
What the statement checks is what ``domain.ballots.may_cast`` says; a test holds the two equal.
"""

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from vng_alv import db, direct
from vng_alv.domain import receipts
from vng_alv.domain.ballots import CastFacts, Choice, may_cast, same_ballots
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Refused
from vng_alv.group import Group
from vng_alv.voting.models import RollEntry, Round

_RECORD_POSTGRESQL = """
WITH given AS (
    SELECT * FROM json_to_recordset(%(given)s::json)
    AS g(n int, meeting text, member text, actor uuid, session text, key uuid, receipt text, notice_id uuid)
), asked AS (
    SELECT * FROM json_to_recordset(%(asked)s::json) AS a(n int, round_id uuid, choice text)
), named AS (
    SELECT given.*, (SELECT id FROM meeting WHERE code = given.meeting) AS meeting_id,
           (SELECT id FROM member WHERE code = given.member) AS member_id
    FROM given
), lent AS (
    SELECT x.meeting_id, x.member_id, x.to_member_id FROM proxy x
    WHERE x.until IS NULL AND EXISTS (
        SELECT FROM named WHERE named.meeting_id = x.meeting_id AND named.member_id = x.member_id
    )
    ORDER BY x.id FOR SHARE OF x
), held AS (
    SELECT named.*, m.person_id FROM named
    LEFT JOIN lent ON lent.meeting_id = named.meeting_id AND lent.member_id = named.member_id
    JOIN mandate m ON m.meeting_id = named.meeting_id
                  AND m.member_id = COALESCE(lent.to_member_id, named.member_id)
                  AND m.person_id = COALESCE(named.actor, (
                      SELECT p.id FROM login_session s JOIN person p ON p.id = s.person_id AND p.active
                      WHERE s.token_hash = named.session AND s.expires_at > clock_timestamp()
                        AND s.factor_at IS NOT NULL
                  )) AND m.until IS NULL
    ORDER BY m.id FOR SHARE OF m
), done AS (
    SELECT h.n, b.round_id, b.choice, b.receipt
    FROM held h JOIN ballot b ON b.member_id = h.member_id AND b.key = h.key
), taking AS (
    SELECT id, meeting_id FROM round
    WHERE id = ANY(%(rounds)s::uuid[]) AND state = 'open' AND (closes_at IS NULL OR closes_at > clock_timestamp())
    ORDER BY id FOR SHARE
), stored AS (
    INSERT INTO ballot (round_id, member_id, version, choice, weight, advisory, person_id, cast_at, receipt, key)
    SELECT t.id, e.member_id,
           COALESCE((SELECT max(p.version) FROM ballot p WHERE p.round_id = t.id AND p.member_id = e.member_id), 0) + 1,
           a.choice, e.weight, e.advisory, h.person_id, clock_timestamp(), h.receipt, h.key
    FROM held h JOIN asked a ON a.n = h.n JOIN taking t ON t.id = a.round_id AND t.meeting_id = h.meeting_id
    JOIN roll_entry e ON e.round_id = t.id AND e.member_id = h.member_id
    WHERE NOT EXISTS (SELECT FROM done d WHERE d.n = h.n)
    RETURNING round_id, choice, receipt
), logged AS (
    INSERT INTO audit_entry (at, act, actor_id, member_id, subject, data)
    SELECT clock_timestamp(), 'ballot.cast', h.person_id, h.member_id, 'meeting:' || h.meeting_id,
           json_build_object('receipt', h.receipt, 'rounds', json_agg(s.round_id ORDER BY s.round_id))
    FROM held h JOIN stored s ON s.receipt = h.receipt
    GROUP BY h.n, h.person_id, h.member_id, h.meeting_id, h.receipt
), noticed AS (
    INSERT INTO notice (id, kind, person_id, context, state, created_at, next_attempt_at, attempts, last_error)
    SELECT h.notice_id, 'receipt', h.person_id,
           json_build_object('receipt', h.receipt, 'member', h.member, 'meeting', h.meeting),
           'queued', clock_timestamp(), clock_timestamp(), 0, ''
    FROM held h WHERE EXISTS (SELECT FROM stored s WHERE s.receipt = h.receipt)
)
SELECT 'stored', h.n, s.round_id, s.choice, s.receipt FROM stored s JOIN held h ON h.receipt = s.receipt
UNION ALL SELECT 'done', n, round_id, choice, receipt FROM done
UNION ALL SELECT 'held', n, NULL, NULL, NULL FROM held
"""

_HELD_SQLITE = """
SELECT l.id, g.id, m.person_id FROM meeting g JOIN member l ON l.code = :member
LEFT JOIN proxy x ON x.meeting_id = g.id AND x.member_id = l.id AND x.until IS NULL
JOIN mandate m ON m.meeting_id = g.id AND m.member_id = COALESCE(x.to_member_id, l.id) AND m.until IS NULL
WHERE g.code = :meeting AND m.person_id = COALESCE(:actor, (
    SELECT p.id FROM login_session s JOIN person p ON p.id = s.person_id AND p.active
    WHERE s.token_hash = :session AND s.expires_at > :now AND s.factor_at IS NOT NULL
))
"""
_DONE_SQLITE = "SELECT round_id, choice, receipt FROM ballot WHERE member_id = :member AND key = :key"
_STORE_SQLITE = """
INSERT INTO ballot (round_id, member_id, version, choice, weight, advisory, person_id, cast_at, receipt, key)
SELECT r.id, e.member_id,
       COALESCE((SELECT max(p.version) FROM ballot p WHERE p.round_id = r.id AND p.member_id = e.member_id), 0) + 1,
       a.value, e.weight, e.advisory, :person, :now, :receipt, :key
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
class _Wish:
    """What one cast asks for."""

    meeting: str
    member: str
    choices: dict[uuid.UUID, str]
    key: uuid.UUID
    #: Who casts: a person, or whoever is signed in with the session of this hash.
    actor: uuid.UUID | None
    session: str | None
    receipt: str


@dataclass
class _Found:
    """Whether the person holds the mandate; (round, choice, receipt) of each ballot of this key; whether it is new."""

    held: bool = False
    rows: list[Sequence[Any]] = field(default_factory=list)
    fresh: bool = False


def new_receipt() -> str:
    """A code that nobody can guess."""
    return receipts.code(secrets.randbelow(receipts.CODES))


def cast(meeting: str, member: str, choices: Mapping[uuid.UUID, str], key: uuid.UUID, voter: Actor | str) -> Cast:
    """Record a member's ``choices`` (by round) at a meeting, both named by their code; durable when it returns.

    The ``voter`` is a person, or the hash of a session: then the statement that records also recognises who it is.
    The same ``key`` with the same choices gives the same receipt again. Rounds that closed meanwhile are named in
    ``refused`` while the others stand. Raises ``Refused`` when nothing was recorded (``NOT_HOLDER`` also for a session
    that has ended), ``Conflict(KEY_REUSED)`` when the key was used for other choices.
    """
    if not choices:
        raise Refused(Refusal.NOTHING_CHOSEN)
    if not set(choices.values()) <= set(Choice):
        raise Refused(Refusal.UNKNOWN_CHOICE)
    actor, session = (None, voter) if isinstance(voter, str) else (voter.id, None)
    found = _group.submit(_Wish(meeting, member, dict(choices), key, actor, session, new_receipt()))
    if not found.held:
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


def _record(wishes: Sequence[_Wish]) -> list[_Found]:
    """Record all in one durable transaction, or none. Raises ``AtTheSameTime``."""
    return (_record_sqlite if db.is_sqlite() else _record_postgresql)(wishes)


def _record_postgresql(wishes: Sequence[_Wish]) -> list[_Found]:
    given = [
        {
            "n": n,
            "meeting": wish.meeting,
            "member": wish.member,
            "actor": wish.actor and str(wish.actor),
            "session": wish.session,
            "key": str(wish.key),
            "receipt": wish.receipt,
            "notice_id": str(uuid.uuid4()),
        }
        for n, wish in enumerate(wishes)
    ]
    asked = [
        {"n": n, "round_id": str(key), "choice": str(choice)}
        for n, wish in enumerate(wishes)
        for key, choice in wish.choices.items()
    ]
    rounds = "{" + ",".join({str(round_id) for wish in wishes for round_id in wish.choices}) + "}"
    rows = _line.run(_RECORD_POSTGRESQL, {"given": json.dumps(given), "asked": json.dumps(asked), "rounds": rounds})
    found = [_Found() for _ in wishes]
    for kind, n, *ballot in rows:
        if kind == "held":
            found[n].held = True
        else:
            found[n].rows.append(ballot)
            found[n].fresh = kind == "stored"
    return found


def _record_sqlite(wishes: Sequence[_Wish]) -> list[_Found]:
    with _line.writing():
        return [_record_one_sqlite(wish) for wish in wishes]


def _record_one_sqlite(wish: _Wish) -> _Found:
    now = db.sqlite_moment(datetime.now(UTC))
    values: dict[str, Any] = {"meeting": wish.meeting, "member": wish.member, "session": wish.session, "now": now}
    held = _line.run(_HELD_SQLITE, values | {"actor": wish.actor and wish.actor.hex})
    if not held:
        return _Found()
    context = json.dumps({"receipt": wish.receipt, "member": wish.member, "meeting": wish.meeting})
    member_id, meeting_id, person_id = held[0]
    values |= {"member": member_id, "meeting": meeting_id, "person": person_id}
    values |= {"key": wish.key.hex, "receipt": wish.receipt}
    if done := _line.run(_DONE_SQLITE, values):
        return _Found(True, list(done))
    asked = json.dumps({round_id.hex: choice for round_id, choice in wish.choices.items()})
    rows = _line.run(_STORE_SQLITE, values | {"asked": asked})
    if rows:
        data = json.dumps({"receipt": wish.receipt, "rounds": sorted(str(uuid.UUID(row[0])) for row in rows)})
        _line.run(_LOG_SQLITE, values | {"subject": f"meeting:{uuid.UUID(meeting_id)}", "data": data})
        _line.run(_NOTICE_SQLITE, values | {"notice": uuid.uuid4().hex, "context": context})
    return _Found(True, list(rows), fresh=True)


_line = direct.Line()
_group = Group(_record, apart=lambda wish: wish.member, again=direct.AtTheSameTime)
