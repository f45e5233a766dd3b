"""Spreadsheets that open as they are meant: words are words, days are days, and no cell is a formula."""

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from vng_alv.domain.clock import AMSTERDAM
from vng_alv.exports.trees import tidy

#: What Excel takes in one cell, one name of a sheet, and one sheet.
MAX_CELL, MAX_NAME, MAX_ROWS = 32_767, 31, 1_048_575
#: Columns are as wide as their longest line, between these numbers of characters.
NARROW, WIDE = 8, 60
#: When every workbook says that it was made, so that the same words are the same bytes.
BEGAN = datetime(1980, 1, 1)  # noqa: DTZ001 - a workbook knows no zones
#: Words stay words.
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: What a spreadsheet might take for the beginning of a formula, also after it was kept as CSV.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Sheet:
    """A sheet: a header, and rows with as many cells (text, number, day, moment, yes or no, or None for nothing)."""

    name: str
    header: Sequence[str]
    rows: Sequence[Sequence[object]]


def _workbook(out: IO[bytes], memory: str) -> Any:
    import xlsxwriter  # noqa: PLC0415 - 15 MB, in each process, for what is seldom asked

    return xlsxwriter.Workbook(out, {**PLAIN, memory: True})


def make(sheets: Sequence[Sheet], *, title: str = "", author: str = "") -> bytes:
    """A workbook. Raises ``ValueError`` for more rows than a sheet has."""
    out = io.BytesIO()
    with _workbook(out, "in_memory") as book:
        book.set_properties({"title": title, "author": author, "created": BEGAN})
        dress = _Dress(book)
        taken: set[str] = set()
        for sheet in sheets:
            if len(sheet.rows) > MAX_ROWS:
                raise ValueError(f"{sheet.name}: {len(sheet.rows)} rows")
            _write(book.add_worksheet(_name(sheet.name, taken)), sheet, dress)
    return out.getvalue()


def write(out: IO[bytes], sheet: str, header: Sequence[str], rows: Iterable[Sequence[object]], *, author: str) -> int:
    """One sheet into a file, row by row, so that memory does not grow with the rows; how many rows there were.

    Raises ``ValueError`` for more rows than a sheet has.
    """
    number = 0
    with _workbook(out, "constant_memory") as book:
        book.set_properties({"title": sheet, "author": author, "created": BEGAN})
        dress, page = _Dress(book), book.add_worksheet(_name(sheet, set()))
        page.freeze_panes(1, 0)
        widths = [max(NARROW, len(words) + 3) for words in header]
        for column, words in enumerate(header):
            page.write_string(0, column, tidy(words), dress.head)
        for number, cells in enumerate(rows, 1):
            if number > MAX_ROWS:
                raise ValueError(f"{sheet}: more than {MAX_ROWS} rows")
            for column, value in enumerate(cells):
                _cell(page, number, column, value, dress)
                widths[column] = max(widths[column], min(_width(value), WIDE))
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        if number:
            page.autofilter(0, 0, number, len(header) - 1)
    return number


class _Dress:
    """How cells look, by what is in them."""

    def __init__(self, book: Any) -> None:
        top = {"valign": "top", "text_wrap": True}
        self.head = book.add_format({"bold": True, "bg_color": "#EEF2F6", "bottom": 1, **top})
        self.text = book.add_format(top)
        self.quoted = book.add_format({**top, "quote_prefix": True})
        self.day = book.add_format({"num_format": "d mmmm yyyy", "align": "left", **top})
        self.moment = book.add_format({"num_format": "d mmmm yyyy hh:mm", "align": "left", **top})


def _name(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes and that no other sheet has."""
    base = re.sub(r"[\[\]:*?/\\]", " ", tidy(wanted)).strip(" '")[:MAX_NAME].strip(" '") or "Blad"
    name, number = base, 1
    while name.lower() in taken or name.lower() == "history":
        number += 1
        name = f"{base[: MAX_NAME - 5]} ({number})"
    taken.add(name.lower())
    return name


def _write(page: Any, sheet: Sheet, dress: _Dress) -> None:
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    widths = [NARROW] * len(sheet.header)
    for column, words in enumerate(sheet.header):
        page.write_string(0, column, tidy(words), dress.head)
        widths[column] = max(widths[column], len(words) + 3)
    for row, cells in enumerate(sheet.rows, 1):
        for column, value in enumerate(cells):
            _cell(page, row, column, value, dress)
            widths[column] = max(widths[column], _width(value))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(width, WIDE))
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.header) - 1)


def _cell(page: Any, row: int, column: int, value: object, dress: _Dress) -> None:
    match value:
        case None:
            pass
        case bool():
            page.write_boolean(row, column, value, dress.text)
        case int() | float():
            page.write_number(row, column, value, dress.text)
        case datetime():
            local = value.astimezone(AMSTERDAM).replace(tzinfo=None)  # a spreadsheet knows no time zones
            page.write_datetime(row, column, local, dress.moment)
        case date():
            page.write_datetime(row, column, value, dress.day)
        case _:
            text = str(value)
            text = tidy(text) if len(text) <= MAX_CELL else tidy(text)[: MAX_CELL - 1] + "…"
            page.write_string(row, column, text, dress.quoted if str(value).startswith(_FORMULA) else dress.text)


def _width(value: object) -> int:
    if isinstance(value, date):
        return 20
    return max((len(line) for line in str(value or "").split("\n")), default=0) + 2
