"""A redline as it is read: paragraphs, items and cells, with what was added and removed in them (docs/rules.md §3).

Two texts come in as signs: what a reader sees of each, character by character, with how it looks and where it stands.
The words are compared as in any redline, and the same words that look otherwise count as removed and added. So whoever
leaves out what was added reads the old text, and whoever leaves out what was removed reads the new one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

from vng_alv.domain.redline import Change, redline


class Kind(StrEnum):
    """What kind of line it is."""

    TEXT = "text"
    QUOTE = "quote"
    ITEM = "item"
    ROW = "row"


class What(StrEnum):
    """What a sign is; only the first has something to read."""

    WORDS = "words"
    #: Between two cells of a row.
    CELL = "|"
    #: After a paragraph, item or row.
    END = "\n"


class Place(NamedTuple):
    """The kind of line that a sign stands in, and how deep that is."""

    kind: Kind = Kind.TEXT
    depth: int = 0


class Sign(NamedTuple):
    """One character as a reader sees it; ``looks`` are words of whoever made it, such as 'strong'."""

    text: str
    looks: frozenset[str] = frozenset()
    place: Place = Place()
    what: What = What.WORDS


class Piece(NamedTuple):
    """Words that look alike."""

    text: str
    looks: frozenset[str]


class Run(NamedTuple):
    """Words with one fate."""

    change: Change
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Line:
    """A paragraph or item, in one cell, or a row of cells."""

    place: Place
    cells: tuple[tuple[Run, ...], ...]

    @property
    def runs(self) -> Iterator[Run]:
        """All that stands in it."""
        return (run for cell in self.cells for run in cell)


@dataclass(frozen=True)
class Block:
    """Lines of one kind that follow each other."""

    kind: Kind
    lines: tuple[Line, ...]


#: Stands where nothing but the end of a paragraph was added or removed.
PARAGRAPH = "¶"

_Marked = tuple[Change, Sign]


def readable(was: Sequence[Sign], now: Sequence[Sign]) -> tuple[Block, ...]:
    """The redline of two texts."""
    sheet = _Sheet(was, now)
    for span in redline(_plain(was), _plain(now)):
        for _ in span.text:
            sheet.take(span.change)
    lines = sheet.done()
    return tuple(Block(kind, tuple(found)) for kind, found in groupby(lines, key=lambda line: line.place.kind))


def _plain(signs: Iterable[Sign]) -> str:
    return "".join(sign.text if sign.what is What.WORDS else sign.what.value for sign in signs)


class _Sheet:
    """Both texts in one, line by line, as they are gone through together."""

    def __init__(self, was: Sequence[Sign], now: Sequence[Sign]) -> None:
        self.was, self.now = was, now
        #: How far each text has been taken.
        self.old = self.new = 0
        self.lines: list[Line] = []
        #: After each line, in which of the texts it ended there.
        self.gaps: list[set[Change]] = []
        self._begin()

    def _begin(self) -> None:
        self.cells: list[list[_Marked]] = [[]]
        #: What was removed and added since the last words that stayed; the removed come first.
        self.waiting: dict[Change, list[_Marked]] = {Change.REMOVED: [], Change.ADDED: []}
        self.places: dict[bool, Place] = {}

    def take(self, change: Change) -> None:
        """The next character, which has this fate."""
        one = self.was[self.old] if change is not Change.ADDED else None
        other = self.now[self.new] if change is not Change.REMOVED else None
        if one and other and (one.text, one.looks, one.what) == (other.text, other.looks, other.what):
            self._put(Change.SAME, other)
        else:
            if one:
                self._put(Change.REMOVED, one)
            if other:
                if self._starts_anew(other):
                    self._end({Change.REMOVED, Change.ADDED})
                self._put(Change.ADDED, other)
        self.old += one is not None
        self.new += other is not None

    def done(self) -> list[Line]:
        """All lines, once both texts have been taken."""
        self._end(set())
        return [self._marked(n) for n in range(len(self.lines))]

    def _put(self, change: Change, sign: Sign) -> None:
        if sign.what is What.END:
            self._end({change})
            return
        self.places.setdefault(change is Change.REMOVED, sign.place)
        if sign.what is What.CELL:
            self._flush()
            self.cells.append([])
        elif change is Change.SAME:
            self._flush()
            self.cells[-1].append((change, sign))
        else:
            self.waiting[change].append((change, sign))

    def _flush(self) -> None:
        for waiting in self.waiting.values():
            self.cells[-1] += waiting
            waiting.clear()

    def _starts_anew(self, sign: Sign) -> bool:
        """Whether what is added here begins a line of its own after whole lines that were removed, and is no more than
        other words in the same line."""
        begins = self.new == 0 or self.now[self.new - 1].what is What.END
        ended = self.old == len(self.was) or self.was[self.old].what is What.END
        if not (begins and ended and list(self.places) == [True]):
            return False
        several = bool(self.gaps) and self.gaps[-1] == {Change.REMOVED}
        return several or self.places[True].kind is not sign.place.kind

    def _end(self, changes: set[Change]) -> None:
        """The line is complete, if there is anything in it."""
        self._flush()
        if any(self.cells):
            place = self.places.get(False) or self.places[True]
            self.lines.append(Line(place, tuple(tuple(_runs(cell)) for cell in self.cells)))
            self.gaps.append(changes)
            self._begin()
        elif self.gaps:
            self.gaps[-1] |= changes

    def _marked(self, number: int) -> Line:
        """A line, with a mark where only its end was added or removed between words that have another fate."""
        line, gap = self.lines[number], self.gaps[number]
        if number + 1 == len(self.lines) or len(gap) != 1 or gap == {Change.SAME}:
            return line
        (change,) = gap
        if not all(any(run.change is not change for run in one.runs) for one in (line, self.lines[number + 1])):
            return line
        *cells, cell = line.cells
        before = [*cell[-1].pieces] if cell and cell[-1].change is change else []
        mark = Run(change, (*before, Piece(PARAGRAPH, frozenset())))
        return Line(line.place, (*cells, (*(cell[:-1] if before else cell), mark)))


def _runs(cell: Iterable[_Marked]) -> Iterator[Run]:
    for change, marked in groupby(cell, key=lambda one: one[0]):
        alike = groupby((sign for _, sign in marked), key=lambda sign: sign.looks)
        yield Run(change, tuple(Piece("".join(sign.text for sign in found), looks) for looks, found in alike))
