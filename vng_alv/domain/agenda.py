"""The agenda of a meeting: its standing items, written as lines, and when each item begins (docs/rules.md §15)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vng_alv.domain.clock import day_of

MAX_TITLE = 200
MAX_MINUTES = 600
MAX_STANDING = 40
#: The line between the items at the beginning and those at the end.
DIVIDER = "---"
#: So long after its beginning a meeting may still be going on, past midnight too.
LASTS_AT_MOST = timedelta(hours=24)


@dataclass(frozen=True)
class Standing:
    """An item that meetings begin with."""

    title: str
    #: How long it takes; None where nobody said so.
    minutes: int | None = None
    #: Whether it comes at the end, after what is particular to a meeting.
    ends: bool = False


def read_standing(text: str) -> tuple[list[Standing], list[int]]:
    """Items from lines, each a title and perhaps ``; minutes``, with a line ``---`` before those at the end; and the
    numbers of the lines that are wrong."""
    items, wrong, ends = [], [], False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if line.strip() == DIVIDER and not ends:
            ends = True
            continue
        title, mark, end = (part.strip() for part in line.rpartition(";"))
        timed = bool(mark) and end.isascii() and end.isdigit()
        title, minutes = (title, int(end[:9])) if timed else (line.strip(), None)
        if not title or len(title) > MAX_TITLE or not title.isprintable() or not is_duration(minutes):
            wrong.append(number)
        else:
            items.append(Standing(title, minutes, ends))
    return items, wrong


def write_standing(items: Iterable[Standing]) -> str:
    """Items as the lines that ``read_standing`` reads."""
    lines, ends = [], False
    for item in items:
        if item.ends and not ends:
            lines.append(DIVIDER)
        ends = item.ends
        lines.append(item.title if item.minutes is None else f"{item.title}; {item.minutes}")
    return "\n".join(lines)


def place_for_new(titles: Sequence[str], standing: Iterable[Standing]) -> int:
    """Before which item a new one comes, by its place: before those that meetings end with, where they still do."""
    endings = {item.title.casefold() for item in standing if item.ends}
    place = len(titles)
    while place and titles[place - 1].casefold() in endings:
        place -= 1
    return place


def is_duration(minutes: int | None) -> bool:
    """Whether an item can take so long."""
    return minutes is None or 1 <= minutes <= MAX_MINUTES


def begins(
    starts_at: datetime, minutes: Sequence[int | None], current: int | None = None, since: datetime | None = None
) -> list[datetime]:
    """When each item is expected to begin. From the ``current`` one on, by its place, that is counted from ``since``,
    when it began; an item without a duration takes no time."""
    found, at = [], starts_at
    for place, length in enumerate(minutes):
        if place == current and since is not None:
            at = since
        found.append(at)
        at += timedelta(minutes=length or 0)
    return found


def is_running(starts_at: datetime, now: datetime) -> bool:
    """Whether an assembly can be going on: from the beginning of its day, which leaves time to get ready."""
    return day_of(now) >= day_of(starts_at) and now <= starts_at + LASTS_AT_MOST
