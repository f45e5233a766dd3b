"""A table of bands as people type it: one line for each band, ``from inhabitants; votes`` (docs/rules.md §1.4)."""

import re
from dataclasses import dataclass

from vng_alv.domain.numbers import grouped
from vng_alv.domain.weights import Band, Bands, RuleFault, faults

_NUMBER = r"-?(?:[0-9]{1,3}(?:[.,\u00a0 ][0-9]{3})+|[0-9]{1,12})"
#: ``200.001; 5``, and as statutes say it ``200.001-300.000: 5``; the end of a band is only there to be checked.
_LINE = re.compile(rf"\s*({_NUMBER})(?:\s*[-–]\s*({_NUMBER}))?\s*[;:=\t]\s*({_NUMBER})\s*")


@dataclass(frozen=True)
class LineFault:
    """What is wrong with a line, counted from 1 (0: with all of it), and the line as it was typed."""

    line: int
    what: str
    text: str = ""


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    band: Band
    upper: int | None


def _whole(text: str) -> int:
    return int(("-" if text.startswith("-") else "") + "".join(filter(str.isdigit, text)))


def read_bands(text: str) -> tuple[Bands, list[LineFault]]:
    """The table of a text, and everything that is wrong with it, by line. Empty lines do not count.

    Numbers may have thousands marks. A line may also name the last inhabitant of its band; then the next line has to
    begin one further, and the last line may not.
    """
    lines: list[_Line | None] = []  # None stands for a line that cannot be read
    wrong: list[LineFault] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        if not found:
            lines.append(None)
            wrong.append(LineFault(number, "unreadable", line.strip()))
            continue
        lower, upper, votes = found.groups()
        lines.append(_Line(number, line.strip(), Band(_whole(lower), _whole(votes)), _whole(upper) if upper else None))
    read = [line for line in lines if line]
    table = Bands(tuple(line.band for line in read))
    told = [_of_line(fault, read) for fault in faults(table) if not (wrong and _hangs_on_all(fault, lines))]
    ends = _end_faults(lines, {fault.line for fault in told})
    return table, sorted([*wrong, *told, *ends], key=lambda fault: fault.line)


def _hangs_on_all(fault: RuleFault, lines: list[_Line | None]) -> bool:
    """Whether a fault may be gone once the lines that cannot be read are repaired."""
    return fault.what in {"no_bands", "no_votes"} or (fault.what == "first_not_zero" and lines[0] is None)


def _of_line(fault: RuleFault, lines: list[_Line]) -> LineFault:
    if not fault.band:
        return LineFault(0, fault.what)
    line = lines[fault.band - 1]
    return LineFault(line.number, fault.what, line.text)


def _end_faults(lines: list[_Line | None], named: set[int]) -> list[LineFault]:
    """Ends that were typed and do not fit the line after them; lines that are wrong already are left alone."""
    found: list[LineFault] = []
    for at, line in enumerate(lines):
        if line is None or line.upper is None or line.number in named:
            continue
        if line.upper < line.band.lower:
            found.append(LineFault(line.number, "backwards", line.text))
        elif at + 1 == len(lines):
            found.append(LineFault(line.number, "last_ends", line.text))
        elif (after := lines[at + 1]) and after.number not in named and after.band.lower != line.upper + 1:
            what = "gap" if after.band.lower > line.upper + 1 else "overlap"
            found.append(LineFault(after.number, what, after.text))
    return found


def write_bands(rule: Bands, locale: str) -> str:
    """A table as lines that :func:`read_bands` reads again."""
    return "\n".join(f"{grouped(band.lower, locale)}; {grouped(band.votes, locale)}" for band in rule.table)
