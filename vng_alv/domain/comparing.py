"""What became of each section between two versions of a text."""

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from vng_alv.domain.sections import SectionText

K = TypeVar("K", bound=Hashable)


class Fate(StrEnum):
    """What happened to a section."""

    SAME = "same"
    CHANGED = "changed"
    NEW = "new"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Compared(Generic[K]):
    """A section in the earlier version, in the later one, or in both."""

    key: K
    was: SectionText | None
    now: SectionText | None
    #: Whether it stands elsewhere among the sections that both versions have.
    moved: bool = False

    @property
    def fate(self) -> Fate:
        """What happened to it; another number, group or place alone is a change too."""
        if self.was is None:
            return Fate.NEW
        if self.now is None:
            return Fate.DROPPED
        return Fate.CHANGED if self.moved or self.was != self.now else Fate.SAME


def compare(earlier: Mapping[K, SectionText], later: Mapping[K, SectionText]) -> list[Compared[K]]:
    """The sections of two versions, each in its order: in the order of the later one, with a dropped section after
    the one that it stood behind."""
    places = {key: place for place, key in enumerate(earlier)}
    kept = [key for key in later if key in places]
    still = {kept[i] for i in _rising([places[key] for key in kept])}
    found = [Compared(key, earlier.get(key), now, key in places and key not in still) for key, now in later.items()]
    at = 0
    for key, was in earlier.items():
        if key in later:
            at = next(i for i, one in enumerate(found) if one.key == key) + 1
        else:
            found.insert(at, Compared(key, was, None))
            at += 1
    return found


def _rising(row: Sequence[int]) -> list[int]:
    """The places of a longest rising part of a row of different numbers."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for place, number in enumerate(row):
        length = bisect_left(ends, number)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        last[length : length + 1] = [place]
    found = []
    place = last[-1] if last else -1
    while place >= 0:
        found.append(place)
        place = before[place]
    return found
