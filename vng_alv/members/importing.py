"""Importing the register from a spreadsheet: name every fault, show what would change, apply all or nothing."""

import csv
import io
import re
import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import python_calamine

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain import chain
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.weights import WeightRule, weigh
from vng_alv.errors import Conflict, Refused
from vng_alv.members import queries
from vng_alv.members.models import Member, MemberImport

MAX_ROWS = 20_000
#: What a spreadsheet may unpack to, in bytes; a small file can hide a large one.
MAX_UNPACKED = 100 * 2**20
MAX_PARTS = 1_000
MAX_POPULATION = 100_000_000

#: Up to nine digits, with or without thousands marks.
POPULATION = re.compile(r"[0-9]{1,9}|[0-9]{1,3}([. \u00a0][0-9]{3}){1,2}")

#: The quote that our own CSV files put before what a spreadsheet would take for a formula (``web.csv_answer``).
QUOTE = re.compile(r"\A'(?=[=+\-@\t\r])")

#: The names that a column may have, without case, spaces and underscores.
COLUMNS = {
    "code": {"code", "cbscode", "gemeentecode", "gmcode"},
    "name": {"naam", "name", "gemeente", "gemeentenaam"},
    "province": {"provincie", "province", "provincienaam"},
    "population": {"inwoners", "inwonertal", "population", "aantalinwoners"},
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: its number in the file (1 is the header), a code and the value as it was read."""

    row: int
    what: str
    value: str = ""


@dataclass(frozen=True)
class Row:
    """A member as the file says it."""

    code: str
    name: str
    province: str
    population: int


@dataclass(frozen=True)
class Change:
    """What an import would do to one member; ``before`` is None for a new one."""

    row: Row
    before: Row | None


def _text_cells(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise Refused(Refusal.NOT_TEXT)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise Refused(Refusal.NOT_TEXT) from None


def _sheet_cells(data: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise Refused(Refusal.TOO_LARGE)
        sheet = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, python_calamine.CalamineError, IndexError, ValueError):
        raise Refused(Refusal.NOT_TEXT) from None
    return [[str(int(c)) if isinstance(c, float) and c.is_integer() else str(c) for c in row] for row in rows]


def cells(data: bytes) -> list[list[str]]:
    """The cells of a CSV (UTF-8 with or without BOM, Windows-1252; comma, semicolon or tab) or XLSX file, as text."""
    rows = _sheet_cells(data) if data.startswith(b"PK") else _text_cells(data)
    if len(rows) > MAX_ROWS:
        raise Refused(Refusal.TOO_LARGE)
    return rows


def columns(header: Sequence[str], known: Mapping[str, set[str]]) -> dict[str, int]:
    """Where each of the ``known`` columns stands, by one of its names, without case, spaces and signs."""
    plain = ["".join(c for c in name.lower() if c.isalnum()) for name in header]
    return {key: i for key, names in known.items() for i, name in enumerate(plain) if name in names}


def header_of(rows: Sequence[Sequence[str]]) -> int | None:
    """Which row is the header: the first one with something in it."""
    return next((i for i, row in enumerate(rows) if any(cell.strip() for cell in row)), None)


def _population(text: str) -> int | None:
    """244829, 244.829 or 244 829 as a number; a dot that is no thousands mark makes it none, not ten times as many."""
    return int("".join(filter(str.isdigit, text))) if POPULATION.fullmatch(text) else None


def read(rows: Sequence[Sequence[str]]) -> tuple[list[Row], list[Fault]]:
    """Members and faults of a file's cells. Every faulty row is named; with faults nothing may be applied."""
    header_at = header_of(rows)
    if header_at is None:
        return [], [Fault(1, "empty_file")]
    where = columns(rows[header_at], COLUMNS)
    missing = [key for key in COLUMNS if key not in where]
    if missing:
        return [], [Fault(header_at + 1, "no_column_" + key) for key in missing]
    found: list[Row] = []
    wrong: list[Fault] = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[header_at + 1 :], header_at + 2):
        if not any(cell.strip() for cell in row):
            continue
        cell = {key: QUOTE.sub("", row[i]).strip() if i < len(row) else "" for key, i in where.items()}
        code = cell["code"].upper()
        faults = list(_faults(number, cell, code, seen))
        wrong += faults
        seen.setdefault(code, number)
        if not faults:
            found.append(Row(code, cell["name"], cell["province"], _population(cell["population"]) or 0))
    if not found and not wrong:
        wrong.append(Fault(header_at + 1, "no_rows"))
    return found, wrong


def _faults(number: int, cell: dict[str, str], code: str, seen: dict[str, int]) -> Iterable[Fault]:
    if not code:
        yield Fault(number, "code_missing")
    elif not code.isalnum() or len(code) > 20:
        yield Fault(number, "code_strange", cell["code"])
    elif code in seen:
        yield Fault(number, "code_twice", f"{code} ({seen[code]})")
    for key, longest in (("name", 200), ("province", 100)):
        if not cell[key]:
            yield Fault(number, key + "_missing")
        elif len(cell[key]) > longest or not cell[key].isprintable():
            yield Fault(number, key + "_strange", cell[key][:40])
    population = _population(cell["population"])
    if not cell["population"]:
        yield Fault(number, "population_missing")
    elif cell["population"].startswith(("-", "\u2212")):
        yield Fault(number, "population_negative", cell["population"])
    elif population is None or population > MAX_POPULATION:
        yield Fault(number, "population_strange", cell["population"][:40])


def _as_row(member: Member) -> Row:
    return Row(member.code, member.name, member.province, member.population)


def changes(rows: Iterable[Row]) -> list[Change]:
    """What applying ``rows`` would change; members that the file does not name stay as they are."""
    now = {member.code: _as_row(member) for member in queries.all_members()}
    return [Change(row, now.get(row.code)) for row in rows if now.get(row.code) != row]


def fingerprint(found: Sequence[Change]) -> str:
    """A hash of what was shown to whoever decides to apply it."""
    spelled = [[vars(c.row), vars(c.before) if c.before else None] for c in found]
    return chain.digest({"changes": spelled})


def prepare(data: bytes, file_name: str, actor: Actor | None) -> tuple[MemberImport | None, list[Change], list[Fault]]:
    """Read a file and keep it for :func:`apply`; with faults there is no import, and nothing is kept."""
    rows, wrong = read(cells(data))
    if wrong:
        return None, [], wrong
    found = changes(rows)
    kept = MemberImport(
        id=uuid.uuid4(),
        file_name=file_name[:200],
        created_at=db.now(),
        person_id=actor.id if actor else None,
        rows=[vars(row) for row in rows],
        changes_hash=fingerprint(found),
    )
    db.session.add(kept)
    db.session.flush()
    return kept, found, []


def planned(kept: MemberImport) -> list[Change]:
    """What applying a kept import would change now."""
    return changes(Row(**row) for row in kept.rows)


def weights(found: Iterable[Change], day: date, rule: WeightRule) -> tuple[int, int]:
    """The votes of all full members on a day, before and after ``found``."""
    members = queries.members_on(day)
    population = {member.code: member.population for member in members if not member.advisory}
    for change in found:
        if change.before is None or change.row.code in population:
            population[change.row.code] = change.row.population
    return queries.total_weight(members, rule), sum(weigh(number, rule) for number in population.values())


def apply(kept: MemberImport, actor: Actor | None, *, seen: str | None = None) -> int:
    """Apply all of an import once; returns how many members changed. Applying it again changes nothing.

    ``seen`` is the :func:`fingerprint` of the changes that were shown, if not those of :func:`prepare`. Raises
    ``Conflict(IMPORT_STALE)`` when the register changed since.
    """
    queries.lock_register()
    db.session.refresh(kept)
    if kept.applied_at is not None:
        return 0
    found = planned(kept)
    if fingerprint(found) != (seen or kept.changes_hash):
        raise Conflict(Refusal.IMPORT_STALE)
    now = {member.code: member for member in queries.all_members()}
    for change in found:
        member = now.get(change.row.code)
        if member is None:
            member = Member(code=change.row.code, advisory=False)
            db.session.add(member)
        member.name, member.province, member.population = change.row.name, change.row.province, change.row.population
    kept.applied_at = db.now()
    db.session.flush()
    record("register.import", actor, f"import:{kept.id}", file=kept.file_name, changed=len(found))
    return len(found)
