"""Every table of the interface as CSV and XLSX: columns and rows as data, and one way to make a file of them.

Rows are written to a file on disk as they are read, so that memory does not grow with them. A table of a page asks what
its page asks; one with personal data also a fresh second step, and it stands in the log.
"""

import csv
import functools
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from vng_alv import db, limits
from vng_alv.access import actor, public, requires
from vng_alv.audit.service import record
from vng_alv.domain.clock import AMSTERDAM
from vng_alv.domain.permissions import Permission
from vng_alv.exports import xlsx
from vng_alv.members.queries import get_association
from vng_alv.web import harmless

MIMETYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
#: A file of up to so many bytes stays in memory.
IN_MEMORY = 2**20
#: So much of it is read at a time.
PIECE = 2**16


@dataclass(frozen=True)
class Table:
    """A table: the name of its file, its header, and rows with as many cells (text, number, day, moment, or None)."""

    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[object]]


#: A view of a table; it returns the table, and the door makes the file.
View = Callable[..., Table]


def table(
    blueprint: Blueprint, path: str, asked: Permission | None, *, personal: bool = False, forms: str = "csv, xlsx"
) -> Callable[[View], View]:
    """Let ``path`` with .csv and .xlsx give the table that a view returns; without a permission everybody may."""
    guard = public if asked is None else requires(asked, fresh=personal)

    def mark(view: View) -> View:
        @functools.wraps(view)
        def answer(form: str, **parts: Any) -> Response:
            limits.spend("table", request.remote_addr or "")
            made = view(**parts)
            file, number = _file(made, form)
            name = f"{made.name}{'-voorbeeld' if get_association().example else ''}.{form}"
            db.rollback()  # all rows are read
            if personal:
                with db.transaction():
                    record("table.export", actor(), f"table:{view.__name__}", form=form, rows=number)
            return _answer(file, name, MIMETYPES[form])

        blueprint.get(f"{path}.<any({forms}):form>", endpoint=view.__name__)(guard(answer))
        return view

    return mark


def download_url(endpoint: str, form: str, /, **parts: Any) -> str:
    """The address of the table of a page, narrowed as the page is."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "bladzijde"]
    return url_for(endpoint, form=form, **parts) + ("?" + urlencode(kept) if kept else "")


def _answer(file: IO[bytes], name: str, mimetype: str) -> Response:
    """The file, piece by piece; it is closed after the last one, or when the reader goes away."""

    def pieces() -> Iterator[bytes]:
        with file:
            yield from iter(lambda: file.read(PIECE), b"")

    answer = Response(pieces(), mimetype=mimetype)
    answer.content_length = file.seek(0, io.SEEK_END)
    file.seek(0)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _file(made: Table, form: str) -> tuple[IO[bytes], int]:
    """The file, and how many rows it has under its header."""
    association = get_association()
    header, rows = [str(words) for words in made.header], made.rows
    if association.example:
        header, rows = [*header, _("voorbeeld")], ((*row, _("verzonnen")) for row in made.rows)
    out = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the answer closes it, once it was sent
    if form == "xlsx":
        number = xlsx.write(out, made.name, header, rows, author=association.name)
    else:
        number = _write_csv(out, header, rows)
    return out, number


def _write_csv(out: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    text, number = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=True), 0
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(harmless, header))
    for row in rows:
        writer.writerow([harmless(_plain(value)) for value in row])
        number += 1
    text.detach()
    return number


def _plain(value: object) -> object:
    """What stands in CSV: moments on the clock of the Netherlands, days as year-month-day, and words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("ja") if value else _("nee")
    if isinstance(value, datetime):
        return value.astimezone(AMSTERDAM).isoformat(sep=" ", timespec="seconds")[:19]
    return value.isoformat() if isinstance(value, date) else value if isinstance(value, int) else str(value)
