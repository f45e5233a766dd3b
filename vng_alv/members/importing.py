"""Importing the register from a spreadsheet: name every fault, show what would change, apply all or nothing."""

import csv
import io
import re
import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import python_calamine

from vng_alv import db
from vng_alv.audit.service import record
from vng_alv.domain import chain
from vng_alv.domain.packed import DAMAGED
from vng_alv.domain.permissions import Actor
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.weights import MAX_POPULATION, MAX_VOTES, WeightRule
from vng_alv.errors import Conflict, Refused
from vng_alv.members import queries
from vng_alv.members.models import Member, MemberImport

MAX_ROWS = 20_000
#: What a spreadsheet may unpack to, in bytes; a small file can hide a large one.
MAX_UNPACKED = 100 * 2**20
MAX_PARTS = 1_000

#: Up to nine digits, with or without thousands marks.
WHOLE = re.compile(r"[0-9]{1,9}|[0-9]{1,3}([. \u00a0][0-9]{3}){1,2}")

#: The quote that our own CSV files put before what a spreadsheet would take for a formula (``web.csv_answer``).
QUOTE = re.compile(r"\A'(?=[=+\-@\t\r])")

#: The names that a column may have, without case, spaces and underscores.
COLUMNS = {
    "code": {"code", "cbscode", "gemeentecode", "gmcode"},
    "name": {"naam", "name", "gemeente", "gemeentenaam"},
    "province": {"provincie", "province", "provincienaam"},
    "population": {"inwoners", "inwonertal", "population", "aantalinwoners"},
}
#: Columns that a file may leave out; what they say stays as it is then. ``votes`` is only read where there is no
#: column of fixed votes: beside that one it holds what our own file says that a member's votes come to.
OPTIONAL = {
    "fixed_votes": {"vastestemmen", "fixedvotes"},
    "votes": {"stemmen", "votes", "aantalstemmen", "stemgewicht"},
    "advisory": {"adviserend", "advisory"},
    "valid_from": {"vanaf", "lidvanaf", "validfrom"},
    "valid_until": {"tot", "lidtot", "validuntil"},
}
ANSWERS = {"ja": True, "yes": True, "true": True, "nee": False, "no": False, "false": False, "": False}
DUTCH_DAY = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_YEAR, LAST_YEAR = 1800, 2199
KEPT = ("advisory", "fixed_votes", "valid_from", "valid_until")
#: What a file says of a member, by the column of the register.
VALUES = ("code", "name", "province", "population", *KEPT)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row: its number in the file (1 is the header), a code and the value as it was read."""

    row: int
    what: str
    value: str = ""


@dataclass(frozen=True)
class Row:
    """A member as the file says it, or as it is in the register."""

    code: str
    name: str
    province: str
    population: int
    advisory: bool = False
    fixed_votes: int | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    #: Which of the values that may be left out the file has a column for.
    said: tuple[str, ...] = field(default=(), compare=False)
    #: Its row in the file, from 1.
    number: int = field(default=0, compare=False)

    def to_data(self) -> dict[str, Any]:
        """The row as JSON keeps it."""
        days = {key: day and day.isoformat() for key in ("valid_from", "valid_until") for day in [getattr(self, key)]}
        return {**vars(self), **days, "said": list(self.said)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Row":
        """The row of what :meth:`to_data` made; one that was kept before these columns existed does not name them."""
        days = {key: date.fromisoformat(data[key]) for key in ("valid_from", "valid_until") if data.get(key)}
        return cls(**{**data, "valid_from": None, "valid_until": None, **days, "said": tuple(data.get("said", ()))})


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
    except (*DAMAGED, python_calamine.CalamineError, IndexError):
        raise Refused(Refusal.NOT_TEXT) from None
    return [[_cell(cell) for cell in row] for row in rows]


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


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


def _whole(text: str, highest: int) -> int | None:
    """244829, 244.829 or 244 829 as a number up to ``highest``; a dot that is no thousands mark makes it none, not ten
    times as many."""
    number = int("".join(filter(str.isdigit, text))) if WHOLE.fullmatch(text) else highest + 1
    return number if number <= highest else None


def _day(text: str) -> date | None:
    """2026-01-31 or 31-1-2026 as a day."""
    dutch = DUTCH_DAY.fullmatch(text)
    try:
        if dutch:
            found = date(int(dutch[3]), int(dutch[2]), int(dutch[1]))
        else:
            found = date.fromisoformat(text if DAY.fullmatch(text) else "")
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def read(rows: Sequence[Sequence[str]]) -> tuple[list[Row], list[Fault]]:
    """Members and faults of a file's cells. Every faulty row is named; with faults nothing may be applied."""
    header_at = header_of(rows)
    if header_at is None:
        return [], [Fault(1, "empty_file")]
    where = columns(rows[header_at], {**COLUMNS, **OPTIONAL})
    missing = [key for key in COLUMNS if key not in where]
    if missing:
        return [], [Fault(header_at + 1, "no_column_" + key) for key in missing]
    votes_at = where.pop("votes", None)
    if votes_at is not None:
        where.setdefault("fixed_votes", votes_at)
    said = tuple(key for key in OPTIONAL if key in where)
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
            found.append(_row(number, code, cell, said))
    if not found and not wrong:
        wrong.append(Fault(header_at + 1, "no_rows"))
    return found, wrong


def _row(number: int, code: str, cell: dict[str, str], said: tuple[str, ...]) -> Row:
    return Row(
        code,
        cell["name"],
        cell["province"],
        _whole(cell["population"], MAX_POPULATION) or 0,
        advisory=ANSWERS[cell.get("advisory", "").lower()],
        fixed_votes=_whole(cell.get("fixed_votes", ""), MAX_VOTES),
        valid_from=_day(cell.get("valid_from", "")),
        valid_until=_day(cell.get("valid_until", "")),
        said=said,
        number=number,
    )


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
    if not cell["population"]:
        yield Fault(number, "population_missing")
    elif cell["population"].startswith(("-", "\u2212")):
        yield Fault(number, "population_negative", cell["population"])
    elif _whole(cell["population"], MAX_POPULATION) is None:
        yield Fault(number, "population_strange", cell["population"][:40])
    yield from _optional_faults(number, cell)


def _optional_faults(number: int, cell: dict[str, str]) -> Iterable[Fault]:
    votes = cell.get("fixed_votes", "")
    if votes and _whole(votes, MAX_VOTES) is None:
        yield Fault(number, "votes_strange", votes[:40])
    if cell.get("advisory", "").lower() not in ANSWERS:
        yield Fault(number, "advisory_strange", cell["advisory"][:40])
    for key in ("valid_from", "valid_until"):
        if cell.get(key) and _day(cell[key]) is None:
            yield Fault(number, key + "_strange", cell[key][:40])


def _as_row(member: Member) -> Row:
    return Row(**{key: getattr(member, key) for key in VALUES})


def _fill(member: Member, row: Row) -> Member:
    for key in VALUES:
        setattr(member, key, getattr(row, key))
    return member


def changes(rows: Iterable[Row]) -> list[Change]:
    """What applying ``rows`` would change; members that the file does not name stay as they are, and so does what it
    has no column for."""
    now = {member.code: _as_row(member) for member in queries.all_members()}
    found = []
    for row in rows:
        before = now.get(row.code)
        kept = {key: getattr(before, key) for key in KEPT if before and key not in row.said}
        found.append(Change(replace(row, **kept), before))
    return [change for change in found if change.row != change.before]


def fingerprint(found: Sequence[Change]) -> str:
    """A hash of what was shown to whoever decides to apply it."""
    spelled = [[_spelled(change.row), _spelled(change.before)] for change in found]
    return chain.digest({"changes": spelled})


def _spelled(row: Row | None) -> list[str] | None:
    return [str(getattr(row, key)) for key in VALUES] if row else None


def _day_faults(found: Iterable[Change]) -> list[Fault]:
    """Members that would be so until a day on or before the first: by the file, or by it and the register together."""
    return [
        Fault(row.number, "valid_until_early", row.valid_until.isoformat())
        for row in (change.row for change in found)
        if row.valid_from and row.valid_until and row.valid_until <= row.valid_from
    ]


def prepare(data: bytes, file_name: str, actor: Actor | None) -> tuple[MemberImport | None, list[Change], list[Fault]]:
    """Read a file and keep it for :func:`apply`; with faults there is no import, and nothing is kept."""
    rows, wrong = read(cells(data))
    found = changes(rows)
    wrong = sorted([*wrong, *_day_faults(found)], key=lambda fault: fault.row)
    if wrong:
        return None, [], wrong
    kept = MemberImport(
        id=uuid.uuid4(),
        file_name=file_name[:200],
        created_at=db.now(),
        person_id=actor.id if actor else None,
        rows=[row.to_data() for row in rows],
        changes_hash=fingerprint(found),
    )
    db.session.add(kept)
    db.session.flush()
    return kept, found, []


def planned(kept: MemberImport) -> list[Change]:
    """What applying a kept import would change now."""
    return changes(Row.from_data(row) for row in kept.rows)


def weights(found: Iterable[Change], day: date, rule: WeightRule) -> tuple[int, int]:
    """The votes of all full members on a day, before and after ``found``."""
    now = {member.code: member for member in queries.all_members()}
    then = now | {change.row.code: _fill(Member(), change.row) for change in found}
    before, after = (
        queries.total_weight((m for m in members.values() if m.is_member_on(day)), rule) for members in (now, then)
    )
    return before, after


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
            member = Member()
            db.session.add(member)
        _fill(member, change.row)
    kept.applied_at = db.now()
    db.session.flush()
    record("register.import", actor, f"import:{kept.id}", file=kept.file_name, changed=len(found))
    return len(found)
