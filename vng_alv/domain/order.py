"""The order in which a text is voted on: its amendments, its sections, the whole (docs/rules.md §4.10, §4.14)."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from vng_alv.domain.amendments import touching
from vng_alv.domain.redline import redline, summary
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import ASKED, IN_PREPARATION, UNDER_WAY, RoundKind, RoundState

K = TypeVar("K", bound=Hashable)
S = TypeVar("S", bound=Hashable)


@dataclass(frozen=True)
class Place(Generic[K]):
    """An amendment that waits for its vote, with all that decides its place."""

    key: K
    #: Where the secretariat put it; None where nobody did.
    position: int | None
    #: How many words it changes.
    reach: int
    number: int


@dataclass(frozen=True)
class Asked(Generic[K]):
    """A round on a text that is not void."""

    key: K
    kind: RoundKind
    state: RoundState
    #: Of an amendment: it was adopted, fits, and its words are not in the text yet.
    to_merge: bool = False


def reach(changes: Iterable[tuple[str, str]]) -> int:
    """How far an amendment reaches: the words that it adds and removes, over (text, text as it would be)."""
    return sum(_reach(old, new) for old, new in changes)


@lru_cache(4_096)
def _reach(old: str, new: str) -> int:
    return sum(summary(redline(old, new)))


def arranged(found: Iterable[Place[K]]) -> list[K]:
    """Amendments in the order of voting: as they were put, and then the furthest-reaching first."""
    return [one.key for one in sorted(found, key=lambda p: (p.position is None, p.position or 0, -p.reach, p.number))]


def moved(order: Sequence[K], key: K, by: int) -> list[K]:
    """The order with one of its keys so many places later (earlier where ``by`` is negative), as far as there are."""
    left = [one for one in order if one != key]
    place = max(0, min(len(left), order.index(key) + by))
    return [*left[:place], key, *left[place:]]


def collide(base: Mapping[S, str], one: Mapping[S, str], other: Mapping[S, str]) -> bool:
    """Whether two amendments cannot stand together: they change the same words of a section of ``base``. Each is what
    it makes of sections ('' takes one out)."""
    return any(
        section in base and _clash(base[section], one[section], other[section]) for section in one if section in other
    )


@lru_cache(4_096)
def _clash(base: str, one: str, other: str) -> bool:
    return bool(touching(base, one, {True: other}))


def in_the_way(order: Sequence[K], states: Mapping[K, RoundState], pairs: Collection[frozenset[K]], key: K) -> list[K]:
    """The amendments that one has to wait for: those that collide with it and come before it or are put now, as long
    as their outcome is not known. ``states`` are of the rounds in ``order``."""
    before = order[: order.index(key)]
    return [
        other
        for other in order
        if other != key
        and frozenset({key, other}) in pairs
        and (states[other] in UNDER_WAY or (other in before and states[other] is not RoundState.PUBLISHED))
    ]


def barrier(one: Asked[K], found: Collection[Asked[K]]) -> tuple[Refusal, list[K]] | None:
    """Why a round cannot be opened yet, or any more, with the rounds that are in its way; or None.

    ``found`` are all rounds on its text that are not void. A text without votes on amendments has no order.
    """
    if (apart := _apart(one, found)) or one.kind is RoundKind.ADVICE:
        return apart
    amendments = [other for other in found if other.kind is RoundKind.AMENDMENT]
    if not amendments:
        return None
    later = {
        RoundKind.AMENDMENT: {RoundKind.SECTION, RoundKind.WHOLE},
        RoundKind.SECTION: {RoundKind.WHOLE},
        RoundKind.WHOLE: set[RoundKind](),
    }[one.kind]
    if over := [other.key for other in found if other.kind in later and other.state in ASKED]:
        return Refusal.ORDER_OVER, over
    if one.kind is RoundKind.AMENDMENT:
        return None
    if waiting := [other.key for other in amendments if other.state is not RoundState.PUBLISHED]:
        return Refusal.AMENDMENTS_FIRST, waiting
    if unmerged := [other.key for other in amendments if other.to_merge]:
        return Refusal.MERGE_FIRST, unmerged
    sections = [
        other.key for other in found if other.kind is RoundKind.SECTION and other.state is not RoundState.PUBLISHED
    ]
    return (Refusal.SECTIONS_FIRST, sections) if one.kind is RoundKind.WHOLE and sections else None


def _apart(one: Asked[K], found: Collection[Asked[K]]) -> tuple[Refusal, list[K]] | None:
    """Why a motion is not asked while the advice on it is, or the other way round: what of the other kind is in
    preparation or under way. Once that is pronounced it stands in nobody's way."""
    if one.kind is RoundKind.AMENDMENT:
        return None
    on_advice = one.kind is RoundKind.ADVICE
    others = [
        other.key
        for other in found
        if other.kind is not RoundKind.AMENDMENT
        and (other.kind is RoundKind.ADVICE) is not on_advice
        and other.state in IN_PREPARATION | UNDER_WAY
    ]
    if not others:
        return None
    return (Refusal.MOTION_FIRST if on_advice else Refusal.ADVICE_FIRST), others
