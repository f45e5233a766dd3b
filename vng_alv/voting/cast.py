"""Casting: the one path that hundreds take in the same minute (docs/rules.md §4, §9).

A cast is durable when it returns, and goes the short way to the database. Casts that come in at the same moment share
one statement and one commit. On PostgreSQL the statement takes the proxy, the mandate and the rounds FOR SHARE (so
that neither a move of the mandate nor the closing overtakes it; casts share no lock that excludes each other), checks
roll and key, and writes ballots, log entries and the notices of the receipts together. Two casts of one member at the
same moment want the same version of a ballot: the database lets one through, and the other is run again and sees it.
What the statement checks is what ``domain.ballots.may_cast`` says; a test holds the two equal.
"""

import hashlib
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
from vng_alv.domain.ballots import SEALED, CastFacts, is_plain, is_written, may_cast, may_say, same_ballots
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
    SELECT * FROM json_to_recordset(%(asked)s::json)
    AS a(n int, round_id uuid, choice text, looked_at bool, digest text)
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
    SELECT named.*, m.person_id, lent.to_member_id AS via_id FROM named
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
    SELECT id, meeting_id, CASE WHEN secret THEN 'secret' ELSE choices END AS choices FROM round
    WHERE id = ANY(%(rounds)s::uuid[]) AND state = 'open' AND way = 'ballots'
      AND (closes_at IS NULL OR closes_at > clock_timestamp())
    ORDER BY id FOR SHARE
), stored AS (
    INSERT INTO ballot (
        round_id, member_id, version, choice, weight, advisory, person_id, cast_at, receipt, key, via_id,
        sealed_sha256
    )
    SELECT t.id, e.member_id,
           COALESCE((SELECT max(p.version) FROM ballot p WHERE p.round_id = t.id AND p.member_id = e.member_id), 0) + 1,
           a.choice, e.weight, e.advisory, h.person_id, clock_timestamp(), h.receipt, h.key, h.via_id,
           a.digest
    FROM held h JOIN asked a ON a.n = h.n JOIN taking t ON t.id = a.round_id AND t.meeting_id = h.meeting_id
    JOIN roll_entry e ON e.round_id = t.id AND e.member_id = h.member_id
    WHERE NOT EXISTS (SELECT FROM done d WHERE d.n = h.n)
      AND (a.looked_at OR replace(',' || t.choices || ',', ',' || a.choice || ',', '') <> ',' || t.choices || ',')
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
# What a member seals takes the place of what it sealed before, in the same statement.
_RECORD_SEALED = _RECORD_POSTGRESQL.replace(
    "), logged AS (",
    """), sealed AS (
    INSERT INTO sealed_ballot (round_id, member_id, content)
    SELECT s.round_id, h.member_id, x.content
    FROM stored s JOIN held h ON h.receipt = s.receipt
    JOIN json_to_recordset(%(sealed)s::json) AS x(n int, round_id uuid, content text)
         ON x.n = h.n AND x.round_id = s.round_id
    ON CONFLICT (round_id, member_id) DO UPDATE SET content = excluded.content
), logged AS (""",
)

_HELD_SQLITE = """
SELECT l.id, g.id, m.person_id, x.to_member_id FROM meeting g JOIN member l ON l.code = :member
LEFT JOIN proxy x ON x.meeting_id = g.id AND x.member_id = l.id AND x.until IS NULL
JOIN mandate m ON m.meeting_id = g.id AND m.member_id = COALESCE(x.to_member_id, l.id) AND m.until IS NULL
WHERE g.code = :meeting AND m.person_id = COALESCE(:actor, (
    SELECT p.id FROM login_session s JOIN person p ON p.id = s.person_id AND p.active
    WHERE s.token_hash = :session AND s.expires_at > :now AND s.factor_at IS NOT NULL
))
"""
_DONE_SQLITE = "SELECT round_id, choice, receipt FROM ballot WHERE member_id = :member AND key = :key"
_STORE_SQLITE = """
INSERT INTO ballot (round_id, member_id, version, choice, weight, advisory, person_id, cast_at, receipt, key, via_id,
                    sealed_sha256)
SELECT r.id, e.member_id,
       COALESCE((SELECT max(p.version) FROM ballot p WHERE p.round_id = r.id AND p.member_id = e.member_id), 0) + 1,
       a.value, e.weight, e.advisory, :person, :now, :receipt, :key, :via, json_extract(:digests, '$."' || a.key || '"')
FROM json_each(:asked) a JOIN round r ON r.id = a.key
JOIN roll_entry e ON e.round_id = r.id AND e.member_id = :member
WHERE r.meeting_id = :meeting AND r.state = 'open' AND r.way = 'ballots'
  AND (r.closes_at IS NULL OR r.closes_at > :now)
  AND (instr(a.value, '+') OR instr(a.value, ':')
       OR instr(',' || CASE WHEN r.secret THEN 'secret' ELSE r.choices END || ',', ',' || a.value || ','))
RETURNING round_id, choice, receipt
"""
_SEAL_SQLITE = """
INSERT INTO sealed_ballot (round_id, member_id, content) VALUES (:round, :member, :content)
ON CONFLICT (round_id, member_id) DO UPDATE SET content = excluded.content
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
    recorded: dict[uuid.UUID, str]
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
    #: The sealed texts of the rounds that are secret.
    sealed: Mapping[uuid.UUID, str] = field(default_factory=dict)

    @property
    def digests(self) -> dict[uuid.UUID, str]:
        """What is kept of the sealed texts, beside the ballots."""
        return {key: hashlib.sha256(text.encode()).hexdigest() for key, text in self.sealed.items()}


@dataclass
class _Found:
    """Whether the person holds the mandate; (round, choice, receipt) of each ballot of this key; whether it is new."""

    held: bool = False
    rows: list[Sequence[Any]] = field(default_factory=list)
    fresh: bool = False


def new_receipt() -> str:
    """A code that nobody can guess."""
    return receipts.code(secrets.randbelow(receipts.CODES))


def cast(
    meeting: str, member: str, choices: Mapping[uuid.UUID, str], key: uuid.UUID, voter: Actor | str,
    sealed: Mapping[uuid.UUID, str] | None = None,
) -> Cast:  # fmt: skip
    """Record a member's ``choices`` (by round) at a meeting, both named by their code; durable when it returns.

    The ``voter`` is a person, or the hash of a session: then the statement that records also recognises who it is.
    The same ``key`` with the same choices gives the same receipt again. Rounds that closed meanwhile are named in
    ``refused`` while the others stand. Raises ``Refused`` when nothing was recorded (``NOT_HOLDER`` also for a session
    that has ended), ``Conflict(KEY_REUSED)`` when the key was used for other choices.

    In a secret round the choice is ``SEALED``, and ``sealed`` has the sealed ballot; the same key is a repeat, whatever
    was sealed.
    """
    if not choices:
        raise Refused(Refusal.NOTHING_CHOSEN)
    if not all(map(is_written, choices.values())):
        raise Refused(Refusal.UNKNOWN_CHOICE)
    sealed = sealed or {}
    if {key for key, choice in choices.items() if choice == SEALED} != sealed.keys():
        raise Refused(Refusal.UNKNOWN_CHOICE)
    _look_at(member, {key: choice for key, choice in choices.items() if not is_plain(choice)})
    actor, session = (None, voter) if isinstance(voter, str) else (voter.id, None)
    found = _group.submit(_Wish(meeting, member, dict(choices), key, actor, session, new_receipt(), sealed))
    if not found.held:
        raise Refused(Refusal.NOT_HOLDER)
    recorded = {db.as_uuid(round_id): choice for round_id, choice, _ in found.rows}
    if recorded and not found.fresh and not same_ballots(_plain(recorded), _plain(choices)):
        raise Conflict(Refusal.KEY_REUSED)
    refused = _reasons(member, choices, recorded.keys()) if len(recorded) < len(choices) else {}
    if not recorded:
        raise Refused(min(refused.values()))
    return Cast(found.rows[0][2], recorded, refused)


def _look_at(member: str, choices: Mapping[uuid.UUID, str]) -> None:
    """Whether ballots of several lines can be cast: apart, for the few that have them. What may be written, and the
    member's votes, stand since the round opened, so nothing of it changes before the ballot is recorded."""
    if not choices:
        return
    rows = db.session.execute(
        select(Round, RollEntry.weight)
        .join(RollEntry, (RollEntry.round_id == Round.id) & (RollEntry.code == member))
        .where(Round.id.in_(choices), Round.opened_at.is_not(None))
    )
    known = {found.id: (found.paper, weight) for found, weight in rows if not found.secret}
    for key, choice in choices.items():
        if key not in known:
            raise Refused(Refusal.ROUND_NOT_OPEN)
        if refusal := may_say(choice, *known[key]):
            raise Refused(refusal)


def _plain(choices: Mapping[uuid.UUID, str]) -> dict[str, str]:
    return {str(round_id): choice for round_id, choice in choices.items()}


def _reasons(member: str, choices: Mapping[uuid.UUID, str], recorded: Any) -> dict[uuid.UUID, Refusal]:
    """Why the rounds that were not recorded were not: the slow way, for the few that need it."""
    now = db.now()
    left = [round_id for round_id in choices if round_id not in recorded]
    rows = db.session.execute(
        select(Round, RollEntry.weight)
        .outerjoin(RollEntry, (RollEntry.round_id == Round.id) & (RollEntry.code == member))
        .where(Round.id.in_(left))
    )
    facts = {
        found.id: CastFacts(
            found.state,
            found.closes_at,
            now,
            weight is not None,
            True,
            choices[found.id],
            found.paper,
            weight or 0,
            found.way,
        )
        for found, weight in rows
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
        {
            "n": n,
            "round_id": str(key),
            "choice": str(choice),
            "looked_at": not is_plain(choice),
            "digest": wish.digests.get(key),
        }
        for n, wish in enumerate(wishes)
        for key, choice in wish.choices.items()
    ]
    rounds = "{" + ",".join({str(round_id) for wish in wishes for round_id in wish.choices}) + "}"
    values = {"given": json.dumps(given), "asked": json.dumps(asked), "rounds": rounds}
    sealed = [
        {"n": n, "round_id": str(key), "content": text}
        for n, wish in enumerate(wishes)
        for key, text in wish.sealed.items()
    ]
    if sealed:
        rows = _line.run(_RECORD_SEALED, values | {"sealed": json.dumps(sealed)})
    else:
        rows = _line.run(_RECORD_POSTGRESQL, values)
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
    member_id, meeting_id, person_id, via_id = held[0]
    values |= {"member": member_id, "meeting": meeting_id, "person": person_id, "via": via_id}
    values |= {"key": wish.key.hex, "receipt": wish.receipt}
    if done := _line.run(_DONE_SQLITE, values):
        return _Found(True, list(done))
    asked = json.dumps({round_id.hex: choice for round_id, choice in wish.choices.items()})
    digests = json.dumps({round_id.hex: digest for round_id, digest in wish.digests.items()})
    rows = _line.run(_STORE_SQLITE, values | {"asked": asked, "digests": digests})
    for round_id in wish.sealed.keys() & {db.as_uuid(row[0]) for row in rows}:
        _line.run(_SEAL_SQLITE, {"round": round_id.hex, "member": member_id, "content": wish.sealed[round_id]})
    if rows:
        data = json.dumps({"receipt": wish.receipt, "rounds": sorted(str(uuid.UUID(row[0])) for row in rows)})
        _line.run(_LOG_SQLITE, values | {"subject": f"meeting:{uuid.UUID(meeting_id)}", "data": data})
        _line.run(_NOTICE_SQLITE, values | {"notice": uuid.uuid4().hex, "context": context})
    return _Found(True, list(rows), fresh=True)


_line = direct.Line()
_group = Group(_record, apart=lambda wish: wish.member, again=direct.AtTheSameTime)
