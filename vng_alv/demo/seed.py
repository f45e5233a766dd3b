"""The demo assembly: real municipalities, invented votes. Made once, in one transaction, by the product's use cases.

What lies in the past (a consultation that ran, ballots that were cast) is written with its own moments; mails are asked
for only about what is open now.
"""

import csv
import io
import json
import random
import re
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import delete, insert, select

from vng_alv import db
from vng_alv.accounts.models import Person, PersonRole
from vng_alv.audit.models import AuditEntry
from vng_alv.audit.service import record
from vng_alv.consultation.models import (
    Answer,
    Comment,
    CommentRevision,
    Consultation,
    Position,
)
from vng_alv.demo.appointment import appoint
from vng_alv.demo.brought import Brought, actor_of
from vng_alv.demo.texts import DATA, next_text, published_at, text
from vng_alv.demo.themes import group_by_theme
from vng_alv.domain.ballots import Choice
from vng_alv.domain.clock import day_of, moment_of
from vng_alv.domain.consultation import RevisionAct
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Role
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import Mandate, Meeting, MeetingKind
from vng_alv.members import importing
from vng_alv.members.models import Member, Office
from vng_alv.members.queries import all_members, find_association
from vng_alv.members.service import set_up_association
from vng_alv.notifications.models import Notice
from vng_alv.proposals import service as proposals
from vng_alv.proposals.models import Proposal, ProposalKind, VersionKind
from vng_alv.voting import service as rounds
from vng_alv.voting import timing
from vng_alv.voting.cast import new_receipt
from vng_alv.voting.models import Ballot, RollEntry, Round
from vng_alv.voting.tally import tally

MEETING = "alv-najaar"
NEXT_MEETING = "alv-voorjaar"
#: Whom a visitor steps in as; these have not voted in what is open.
LARGE, SMALL = "GM0599", "GM0088"
TELLERS = ("stemcommissie-1", "stemcommissie-2")
STAFF = (
    ("secretariaat", "Secretariaat van de vereniging", (Role.SECRETARIAT,)),
    ("voorzitter", "Voorzitter van de ALV", (Role.CHAIR,)),
    ("bestuur", "Bestuur van de vereniging", (Role.BOARD, Role.RAPPORTEUR)),
    (TELLERS[0], "Stemcommissie, eerste lid", (Role.TELLER,)),
    (TELLERS[1], "Stemcommissie, tweede lid", (Role.TELLER,)),
    ("controleur", "Controleur", (Role.AUDITOR,)),
    ("beheer", "Beheerder", (Role.ADMINISTRATOR,)),
)
POSITIONS = {"eens": Position.AGREE, "eens_mits": Position.AGREE_IF, "oneens": Position.DISAGREE}
#: The texts of the next meeting: one that members react to, and one that they amend.
CONSULTED, AMENDED = "R1", "R2"
MOTIONS = "Moties"
#: One in so many members has not voted yet in what is open.
STILL_TO_VOTE = 8


def slug(name: str) -> str:
    """'’s-Hertogenbosch' as 's-hertogenbosch', for an address."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def seed(say: Callable[[str], None] = lambda _line: None) -> bool:
    """Make the demo if the database is empty; returns whether it did."""
    if find_association() is not None:
        return False
    dice = random.Random(342)
    set_up_association(None, phone="(070) 373 83 93", email="alv@vereniging.example", example=True)
    kept, _, _ = importing.prepare((DATA / "gemeenten.csv").read_bytes(), "gemeenten.csv", None)
    if kept is None:
        raise RuntimeError("the demo's own register is faulty")
    say(f"{importing.apply(kept, None)} gemeenten")
    people = _people(all_members())
    now = db.now()
    today = day_of(now)
    meeting = meetings.create(
        MEETING,
        f"ALV najaar {today.year}",
        MeetingKind.ALV,
        moment_of(today, time(13)),
        "Congrescentrum, Den Haag",
        None,
    )
    _mandates(meeting, people, now)
    brought = _brought(people, now)
    resolution = _resolution(meeting, now)
    say(f"{_reactions(resolution, people, now)} reacties")
    motion = _motion(meeting)
    figures = json.loads((DATA / "uitslagen.json").read_text())
    say(f"{_decided(motion, figures['motion'], people, dice)} stemmen over de motie")
    questions = rounds.prepare(resolution, None)
    _members_motions(meeting, brought, figures, people, dice)
    appoint(meeting)
    _next_meeting(today.year, people, now, brought, say)
    db.session.execute(delete(Notice))  # what lies in the past is not mailed again
    opened = rounds.open_rounds([r.id for r in questions], None)
    say(f"{brought.intended_votes(meeting)} voorbereide stemmen")
    section = {r.id: r.title.partition(".")[0] for r in opened if r.section_id}
    say(
        f"{_vote(opened, lambda r: figures['sections'].get(section.get(r.id), figures['whole']), people, dice)}"
        " stemmen over de resolutie"
    )
    return True


def _decided(proposal: Proposal, figure: dict[str, float], people: dict[uuid.UUID, Person], dice: random.Random) -> int:
    """Put a text to the vote and pronounce the outcome; returns how many ballots that were."""
    voted = rounds.open_rounds([r.id for r in rounds.prepare(proposal, None)], None)
    ballots = _vote(voted, lambda _r: figure, people, dice, 0.05)
    rounds.close([r.id for r in voted], None)
    for one in voted:
        tally(one.id)
    rounds.publish([r.id for r in voted], None)
    return ballots


def _members_motions(
    meeting: Meeting,
    brought: Brought,
    figures: dict[str, dict[str, float]],
    people: dict[uuid.UUID, Person],
    dice: random.Random,
) -> None:
    """What members asked the meeting of today to say; one was adopted, and has its account."""
    item = next(one for one in meeting.agenda if one.title == MOTIONS)
    for motion, row in brought.motions(meeting, item):
        if row.get("aangenomen") and motion.proposal:
            _decided(motion.proposal, figures["adopted"], people, dice)
            brought.follow_up(motion, row)


def _brought(people: dict[uuid.UUID, Person], now: datetime) -> Brought:
    members = {m.code: m for m in all_members()}
    staff = db.session.scalars(select(Person).where(Person.email.like("%@vereniging.example"))).all()
    return Brought(
        members,
        {code: actor_of(people[m.id]) for code, m in members.items()},
        {one.email.partition("@")[0]: actor_of(one) for one in staff},
        now,
    )


def _people(members: Sequence[Member]) -> dict[uuid.UUID, Person]:
    """One clerk for each member, and the association's own people; by member. Nobody knows a password."""
    now, nobody = db.now(), "!"
    clerks = {
        m.id: Person(
            id=uuid.uuid4(),
            email=f"griffier@{slug(m.name)}.example",
            name=f"Griffier van {m.name}",
            phone="",
            locale="nl",
            password_hash=nobody,
            created_at=now,
        )
        for m in members
    }
    staff = [
        Person(
            id=uuid.uuid4(),
            email=f"{name}@vereniging.example",
            name=words,
            phone="",
            locale="nl",
            password_hash=nobody,
            created_at=now,
            roles=[PersonRole(role=role) for role in roles],
        )
        for name, words, roles in STAFF
    ]
    db.session.add_all([*clerks.values(), *staff])
    db.session.flush()
    db.session.add_all(Office(person_id=p.id, member_id=key, kind=OfficeKind.CLERK) for key, p in clerks.items())
    db.session.flush()
    return clerks


def _mandates(meeting: Meeting, people: dict[uuid.UUID, Person], now: datetime) -> None:
    rows = [
        {"id": uuid.uuid4(), "meeting_id": meeting.id, "member_id": key, "person_id": p.id, "since": now}
        for key, p in people.items()
    ]
    db.session.execute(insert(Mandate), rows)
    record("mandate.give_all", None, f"meeting:{meeting.id}", number=len(rows))


def _resolution(meeting: Meeting, now: datetime) -> Proposal:
    item = meetings.add_agenda_item(meeting, "Resolutie aan de formerende partijen", None)
    proposal, version = text(meeting, "R1", ProposalKind.RESOLUTION, "resolutie.md", agenda_item=item)
    published_at(version, now - timedelta(days=45))
    return proposal


def _motion(meeting: Meeting) -> Proposal:
    item = meetings.add_agenda_item(meeting, MOTIONS, None)
    submitter = db.session.scalars(select(Member).where(Member.code == "GM0479")).one_or_none()
    advice = (DATA / "preadvies.md").read_text()
    proposal, _ = text(
        meeting, "M1", ProposalKind.MOTION, "motie.md", agenda_item=item, submitter=submitter, advice=advice
    )
    proposals.publish(proposal, None)
    return proposal


def _reactions(proposal: Proposal, people: dict[uuid.UUID, Person], now: datetime) -> int:
    version = proposal.versions[0]
    opened, closed = now - timedelta(days=44), now - timedelta(days=16)
    consultation = Consultation(
        id=uuid.uuid4(), proposal_id=proposal.id, version_id=version.id, opened_at=opened, closes_at=closed
    )
    db.session.add(consultation)
    db.session.flush()
    numbers = {s.number: s.section_id for s in version.sections}
    members = {m.code: m for m in all_members()}
    secretariat = db.session.scalars(select(Person).where(Person.email == "secretariaat@vereniging.example")).one()
    rows = list(csv.DictReader(io.StringIO((DATA / "reacties.csv").read_text(encoding="utf-8"))))
    history: list[CommentRevision] = []
    sent_by: dict[str, Comment] = {}
    for i, row in enumerate(rows):
        member = members[row["gemeente_code"]]
        sent = opened + (closed - opened) * (i + 1) / (len(rows) + 1)
        comment = Comment(
            id=uuid.uuid4(),
            consultation_id=consultation.id,
            member_id=member.id,
            section_id=numbers[row["onderdeel"]] if row["onderdeel"] else None,
            body=row["reactie"],
            position=POSITIONS[row["standpunt"]],
            author_id=people[member.id].id,
            saved_at=sent,
            revision=1,
            sent_body=row["reactie"],
            sent_position=POSITIONS[row["standpunt"]],
            sent_at=sent,
        )
        sent_by[f"{row['gemeente_code']} {row['onderdeel']}"] = comment
        history.append(
            CommentRevision(
                comment_id=comment.id,
                revision=1,
                act=RevisionAct.SENT,
                body=comment.body,
                position=comment.position,
                person_id=comment.author_id,
                at=sent,
            )
        )
        if row["antwoord"]:
            comment.answer = Answer(
                comment_id=comment.id,
                body=row["antwoord"],
                person_id=secretariat.id,
                answered_at=closed + timedelta(days=3),
            )
        db.session.add(comment)
    db.session.flush()
    db.session.add_all(history)
    db.session.flush()
    group_by_theme(consultation, sent_by, secretariat)
    return len(rows)


def _next_meeting(
    year: int, people: dict[uuid.UUID, Person], now: datetime, brought: Brought, say: Callable[[str], None]
) -> None:
    """A later meeting: with a text that members can still react to, one that they amend, and a rehearsal."""
    starts = moment_of(date(year + 1, 6, 16), time(13))
    meeting = meetings.create(
        NEXT_MEETING, f"ALV voorjaar {year + 1}", MeetingKind.ALV, starts, "Jaarbeurs, Utrecht", None
    )
    _mandates(meeting, people, now)
    item = meetings.add_agenda_item(meeting, "Kunstmatige intelligentie", None)
    proposal, version = text(meeting, CONSULTED, ProposalKind.RESOLUTION, "concept.md", agenda_item=item)
    published_at(version, now - timedelta(days=2))
    consultation = Consultation(
        id=uuid.uuid4(),
        proposal_id=proposal.id,
        version_id=version.id,
        opened_at=now - timedelta(days=2),
        closes_at=moment_of(day_of(now + timedelta(days=19)), time(17)),
    )
    db.session.add(consultation)
    db.session.flush()
    brought.reactions(consultation, version.sections)
    item = meetings.add_agenda_item(meeting, "Weerbaarheid", None)
    amended, version = text(meeting, AMENDED, ProposalKind.RESOLUTION, "weerbaar-concept.md", agenda_item=item)
    published_at(version, now - timedelta(days=40))
    version = next_text(amended, "weerbaar.md", VersionKind.FINAL)
    published_at(version, now - timedelta(days=14))
    say(f"{brought.amendments(amended, version)} amendementen")
    brought.motions(meeting, meetings.add_agenda_item(meeting, MOTIONS, None))
    timing.rehearse(meeting, None)


def _vote(
    found: Iterable[Round],
    figure: Callable[[Round], dict[str, float]],
    people: dict[uuid.UUID, Person],
    dice: random.Random,
    silent: float = 1 / STILL_TO_VOTE,
) -> int:
    """Cast invented ballots that add up to about the shares of ``figure``; returns how many."""
    roll = db.session.execute(
        select(RollEntry.member_id, RollEntry.code, RollEntry.weight, RollEntry.advisory).where(
            RollEntry.round_id == next(iter(found)).id
        )
    ).all()
    now = db.now()
    here = [row for row in roll if row.code not in (LARGE, SMALL) and dice.random() > silent]
    receipt = {row.member_id: new_receipt() for row in here}
    key = {row.member_id: uuid.uuid4() for row in here}
    ballots = []
    for one in found:
        for row, choice in zip(here, _choices([row.weight for row in here], figure(one), dice), strict=True):
            ballots.append(
                {
                    "round_id": one.id,
                    "member_id": row.member_id,
                    "version": 1,
                    "choice": choice,
                    "weight": row.weight,
                    "advisory": row.advisory,
                    "person_id": people[row.member_id].id,
                    "cast_at": now,
                    "receipt": receipt[row.member_id],
                    "key": key[row.member_id],
                }
            )
    db.session.execute(insert(Ballot), ballots)
    ids = sorted(str(one.id) for one in found)
    db.session.execute(
        insert(AuditEntry),
        [
            {
                "at": now,
                "act": "ballot.cast",
                "actor_id": people[row.member_id].id,
                "member_id": row.member_id,
                "subject": "demo",
                "data": {"receipt": receipt[row.member_id], "rounds": ids},
            }
            for row in here
        ],
    )
    return len(ballots)


def _choices(weights: Sequence[int], figure: dict[str, float], dice: random.Random) -> list[Choice]:
    """A choice for each weight, so that votes for come close to their share of for and against."""
    total = sum(weights)
    left = {
        Choice.ABSTAIN: total * figure["abstain"],
        Choice.FOR: total * (1 - figure["abstain"]) * figure["for"],
        Choice.AGAINST: total * (1 - figure["abstain"]) * (1 - figure["for"]),
    }
    order = list(range(len(weights)))
    dice.shuffle(order)
    order.sort(key=lambda i: -weights[i] if dice.random() < 0.5 else 0)
    found = [Choice.FOR] * len(weights)
    for i in order:
        room = [choice for choice in Choice if left[choice] >= weights[i]] or [max(left, key=lambda c: left[c])]
        found[i] = dice.choices(room, [max(left[choice], 0.01) for choice in room])[0]
        left[found[i]] -= weights[i]
    return found
