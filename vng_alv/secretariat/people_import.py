"""Inviting many people from a spreadsheet: every fault named, shown first, then done by the worker, a few at a time."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor, has_account
from vng_alv.audit.service import record
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Actor
from vng_alv.errors import Refused
from vng_alv.jobs import Job, defer
from vng_alv.meetings.offices import Colleague, ask_in
from vng_alv.members.forms import ADDRESS
from vng_alv.members.importing import Fault, cells, columns, header_of
from vng_alv.members.models import Member, Office, PeopleImport
from vng_alv.members.queries import all_members, get_people_import
from vng_alv.refusals import sentence

#: So many people are invited in one transaction.
BATCH = 20
#: A file that nobody said yes to is forgotten after this.
KEPT_FOR = timedelta(days=1)

COLUMNS = {
    "member": {"gemeente", "code", "gemeentecode", "cbscode", "gmcode", "municipality"},
    "name": {"naam", "name"},
    "email": {"email", "mail", "emailadres", "mailadres"},
    "office": {"functie", "office"},
    "phone": {"telefoon", "telefoonnummer", "phone"},
    "locale": {"taal", "language"},
}
NEEDED = ("member", "name", "email", "office")
#: The header of the file to fill in; the name of the municipality is there for people.
HEADER = ("gemeentecode", "gemeentenaam", "naam", "e-mail", "functie", "telefoon", "taal")

OFFICE_WORDS = {
    "burgemeester": OfficeKind.MAYOR,
    "wethouder": OfficeKind.ALDERMAN,
    "raadslid": OfficeKind.COUNCILLOR,
    "gemeentesecretaris": OfficeKind.SECRETARY,
    "secretaris": OfficeKind.SECRETARY,
    "griffier": OfficeKind.CLERK,
    "raadsgriffier": OfficeKind.CLERK,
    "ambtenaar": OfficeKind.OFFICIAL,
    **{kind.value: kind for kind in OfficeKind},
}
LOCALES = {"": "nl", "nl": "nl", "nederlands": "nl", "en": "en", "engels": "en", "english": "en"}


class Effect(StrEnum):
    """What a row does, or did."""

    INVITED = "invited"
    AGAIN = "again"
    OFFICE = "office"
    CHANGE = "change"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Row:
    """A person as the file says it; ``row`` counts from 1, the header."""

    row: int
    member: str
    name: str
    email: str
    office: str
    phone: str
    locale: str


def read(rows: Sequence[Sequence[str]], members: Sequence[Member]) -> tuple[list[Row], list[Fault]]:
    """People and faults of a file's cells. A row in which only the municipality stands is passed over."""
    header_at = header_of(rows)
    if header_at is None:
        return [], [Fault(1, "empty_file")]
    where = columns(rows[header_at], COLUMNS)
    missing = [key for key in NEEDED if key not in where]
    if missing:
        return [], [Fault(header_at + 1, "no_column_" + key) for key in missing]
    known = _known(members)
    found: list[Row] = []
    wrong: list[Fault] = []
    seen: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows[header_at + 1 :], header_at + 2):
        cell = {key: row[i].strip() if i < len(row) else "" for key, i in where.items()}
        if not any(value for key, value in cell.items() if key != "member"):
            continue
        code = known.get(cell["member"].casefold(), "")
        faults = list(_faults(number, cell, code, seen))
        wrong += faults
        seen.setdefault((cell["email"].lower(), code), number)
        if not faults:
            office = OFFICE_WORDS[cell["office"].casefold()].value
            locale = LOCALES[cell.get("locale", "").casefold()]
            found.append(Row(number, code, cell["name"], cell["email"].lower(), office, cell.get("phone", ""), locale))
    if not found and not wrong:
        wrong.append(Fault(header_at + 1, "no_people"))
    return found, wrong


def _known(members: Sequence[Member]) -> dict[str, str]:
    """A member's code by its code and, where only one has it, by its name."""
    names = [m.name.casefold() for m in members]
    by_name = {m.name.casefold(): m.code for m in members if names.count(m.name.casefold()) == 1}
    return by_name | {m.code.casefold(): m.code for m in members}


def _faults(number: int, cell: Mapping[str, str], code: str, seen: Mapping[tuple[str, str], int]) -> Iterable[Fault]:
    if not cell["member"]:
        yield Fault(number, "member_missing")
    elif not code:
        yield Fault(number, "member_unknown", cell["member"][:40])
    if not cell["name"]:
        yield Fault(number, "person_name_missing")
    elif len(cell["name"]) > 200 or not cell["name"].isprintable():
        yield Fault(number, "person_name_strange", cell["name"][:40])
    email = cell["email"].lower()
    if not email:
        yield Fault(number, "email_missing")
    elif len(email) > 254 or not ADDRESS.fullmatch(email):
        yield Fault(number, "email_strange", email[:60])
    elif (email, code) in seen:
        yield Fault(number, "email_twice", f"{email} ({seen[email, code]})")
    if not cell["office"]:
        yield Fault(number, "office_missing")
    elif cell["office"].casefold() not in OFFICE_WORDS:
        yield Fault(number, "office_unknown", cell["office"][:40])
    phone = cell.get("phone", "")
    if len(phone) > 40 or not phone.isprintable():
        yield Fault(number, "phone_strange", phone[:40])
    if cell.get("locale", "").casefold() not in LOCALES:
        yield Fault(number, "locale_unknown", cell["locale"][:40])


def prepare(data: bytes, file_name: str, actor: Actor | None) -> tuple[PeopleImport | None, list[Fault]]:
    """Read a file and keep it for :func:`start`; with faults there is no import, and nothing is kept."""
    rows, wrong = read(cells(data), all_members())
    if wrong:
        return None, wrong
    db.session.execute(
        delete(PeopleImport).where(PeopleImport.started_at.is_(None), PeopleImport.created_at < db.now() - KEPT_FOR)
    )
    kept = PeopleImport(
        id=uuid.uuid4(),
        file_name=file_name[:200],
        created_at=db.now(),
        person_id=actor.id if actor else None,
        rows=[asdict(row) for row in rows],
        faults=[],
    )
    db.session.add(kept)
    db.session.flush()
    return kept, []


def planned(kept: PeopleImport) -> list[tuple[Row, Effect]]:
    """What each row of an import would do now."""
    rows = [Row(**row) for row in kept.rows if _is_there(row)]
    people = {
        person.email: (person, accepted)
        for person, accepted in db.session.execute(
            select(Person, has_account()).where(Person.email.in_({row.email for row in rows}))
        )
    }
    codes = {m.id: m.code for m in all_members()}
    offices = {
        (office.person_id, codes[office.member_id]): office.kind
        for office in db.session.scalars(
            select(Office).where(Office.person_id.in_([person.id for person, _ in people.values()]))
        )
    }
    found = []
    for row in rows:
        person, accepted = people.get(row.email, (None, False))
        kind = offices.get((person.id, row.member)) if person else None
        found.append((row, _effect(person is not None, bool(accepted), kind, OfficeKind(row.office))))
    return found


def _is_there(row: Mapping[str, Any]) -> bool:
    """Whether a row still says who it is about: it does not once it is done, or its person was erased."""
    return "email" in row


def _effect(known: bool, accepted: bool, kind: OfficeKind | None, wanted: OfficeKind) -> Effect:
    if not known:
        return Effect.INVITED
    if not accepted:
        return Effect.AGAIN
    if kind is None:
        return Effect.OFFICE
    return Effect.NOTHING if kind is wanted else Effect.CHANGE


def start(kept: PeopleImport, actor: Actor | None) -> bool:
    """Let the worker invite everybody of an import, once; returns whether this was the first time."""
    kept = get_people_import(kept.id, lock=True)
    if kept.started_at is not None:
        return False
    kept.started_at, kept.person_id = db.now(), actor.id if actor else None
    db.session.flush()
    record("people.import", actor, f"people_import:{kept.id}", file=kept.file_name, rows=len(kept.rows))
    defer(Job.INVITE_PEOPLE, import_id=str(kept.id))
    return True


def unfinished() -> list[uuid.UUID]:
    """Imports that were started and are not done: what the sweep looks for."""
    return list(
        db.session.scalars(
            select(PeopleImport.id)
            .where(PeopleImport.started_at.is_not(None), PeopleImport.finished_at.is_(None))
            .order_by(PeopleImport.started_at)
        )
    )


def invite_some(import_id: uuid.UUID, secret: str) -> bool:
    """Invite the next few people of an import; returns whether there are more for this worker to do.

    What is done and how far it is are one transaction, so that a worker that dies leaves nothing half and nobody is
    invited twice. A row that is done keeps who it was about and no longer what was typed.
    """
    kept = db.session.scalars(
        select(PeopleImport)
        .where(PeopleImport.id == import_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if kept is None or kept.started_at is None or kept.finished_at is not None:
        return False
    actor = get_actor(kept.person_id) if kept.person_id else None
    rows, faults = list(kept.rows), list(kept.faults)
    members = {m.code: m for m in all_members()}
    last = min(kept.done + BATCH, len(rows))
    for n in filter(lambda n: _is_there(rows[n]), range(kept.done, last)):
        row = Row(**rows[n])
        wanted = Colleague(row.name, row.email, OfficeKind(row.office), row.phone, row.locale)
        try:
            with db.session.begin_nested():
                person, done = ask_in(wanted, members[row.member], secret, actor)
        except Refused as refused:
            faults.append([row.row, sentence(refused)])
            rows[n] = {"row": row.row}
        else:
            rows[n] = {
                "row": row.row, "person": str(person.id), "member": row.member, "done": done.value
            }  # fmt: skip
    kept.rows, kept.faults, kept.done = rows, faults, last
    if last == len(rows):
        kept.finished_at = db.now()
    db.session.flush()
    return kept.finished_at is None


def outcome(kept: PeopleImport) -> list[dict[str, Any]]:
    """The rows that were done: number, name of the person, code of the member and what was done."""
    done = [row for row in kept.rows[: kept.done] if "person" in row]
    ids = [uuid.UUID(row["person"]) for row in done]
    names = {p.id: p.name for p in db.session.scalars(select(Person).where(Person.id.in_(ids)))}
    return [{**row, "name": names.get(uuid.UUID(row["person"]), "")} for row in done]
