"""What a municipality gets as answer, and how reactions and positions are counted (docs/rules.md, answering)."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from vng_alv.domain.refusals import Refusal

MAX_TITLE = 150
#: When the text of each reaction that is in force was sent, which tells it from its other texts; None: none is.
Moments = Mapping[uuid.UUID, datetime | None]


class Outcome(StrEnum):
    """What became of the reactions under a theme."""

    ADOPTED = "adopted"
    PARTLY = "partly"
    DECLINED = "declined"
    NOTED = "noted"


class Size(StrEnum):
    """Municipalities by number of inhabitants."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    CITY = "city"


#: The first number of inhabitants of each size, and the first that is too many for it.
BOUNDS: dict[Size, tuple[int, int | None]] = {
    Size.SMALL: (0, 20_000),
    Size.MEDIUM: (20_000, 50_000),
    Size.LARGE: (50_000, 100_000),
    Size.CITY: (100_000, None),
}


def size_of(population: int) -> Size:
    """The size of a municipality with so many inhabitants."""
    return next(size for size, (_, beyond) in BOUNDS.items() if beyond is None or population < beyond)


# --- Answers


@dataclass(frozen=True)
class Given:
    """An answer as it stands: for one reaction, or (with a title and an outcome) for all under a theme."""

    body: str
    #: From when it stands for this reaction.
    at: datetime
    theme: str = ""
    outcome: Outcome | None = None
    #: Given to an earlier text of the reaction than the one in force.
    before: bool = False


def answers(own: Given | None, themes: Iterable[Given], sent_at: datetime | None) -> tuple[Given, ...]:
    """What a reaction that is in force since ``sent_at`` has as answer: its own first, then those of its themes.

    A theme without words does not answer. Nothing is answered while nothing is in force.
    """
    if sent_at is None:
        return ()
    found = ([own] if own else []) + [one for one in themes if one.body]
    return tuple(Given(one.body, one.at, one.theme, one.outcome, one.at < sent_at) for one in found)


def may_answer(*, allowed: bool, read: bool, body: str) -> Refusal | None:
    """Why a reaction cannot be answered like this, or None. ``read``: the writer saw the text that is in force, and not
    one that the municipality replaced since; an answer to that one would count for words that nobody read."""
    if not allowed:
        return Refusal.NOT_ALLOWED
    if not read:
        return Refusal.REACTION_REPLACED
    return None if body else Refusal.EMPTY_TEXT


def changed_since(seen: Moments, now: Moments) -> list[uuid.UUID]:
    """Of the reactions that somebody saw (key to the moment that its text was sent), those of which another text is in
    force by ``now``, or none; what is not among those of ``now`` does not matter."""
    return [key for key, sent in seen.items() if key in now and now[key] != sent]


def may_answer_theme(*, allowed: bool, title: str, body: str, outcome: Outcome | None) -> Refusal | None:
    """Why a theme cannot be kept like this, or None: it has a title, and an answer says what became of it."""
    if not allowed:
        return Refusal.NOT_ALLOWED
    if not title:
        return Refusal.EMPTY_TEXT
    return Refusal.NO_OUTCOME if body and outcome is None else None


def may_delete_theme(*, allowed: bool, reactions: int) -> Refusal | None:
    """Why a theme cannot be deleted, or None: there must be nothing under it."""
    if not allowed:
        return Refusal.NOT_ALLOWED
    return Refusal.THEME_NOT_EMPTY if reactions else None


def merged_answer(kept: str, gone: str) -> str:
    """The answer of two themes that become one: no words are lost, and the same words stand there once."""
    return "\n\n".join(dict.fromkeys(words for words in (kept, gone) if words))


# --- Positions

S = TypeVar("S")
M = TypeVar("M")


class Stand(StrEnum):
    """A position as it is counted: 'none' for whoever took no stand."""

    AGREE = "agree"
    AGREE_IF = "agree_if"
    DISAGREE = "disagree"
    NONE = "none"


@dataclass
class Sums:
    """Positions on one section: votes and members for each stand, 'none' included."""

    weight: dict[Stand, int] = field(default_factory=lambda: dict.fromkeys(Stand, 0))
    members: dict[Stand, int] = field(default_factory=lambda: dict.fromkeys(Stand, 0))


@dataclass(frozen=True)
class Counted(Generic[S]):
    """The positions of all full members."""

    sections: Mapping[S, Sums]
    weight: int
    members: int
    #: Positions of members whose vote is advisory, which are not in the sums.
    advisory: int


def count_positions(sections: Iterable[S], taken: Iterable[tuple[S, M, str]], weights: Mapping[M, int]) -> Counted[S]:
    """Add up positions ``(section, member, stand)`` by section, against the ``weights`` of all full members.

    Who took no stand on a section is counted there too, so that each section adds up to all members.
    """
    found = {section: Sums() for section in sections}
    advisory = 0
    for section, member, stand in taken:
        if member not in weights:
            advisory += 1
            continue
        sums = found.setdefault(section, Sums())
        sums.weight[Stand(stand)] += weights[member]
        sums.members[Stand(stand)] += 1
    everything, everybody = sum(weights.values()), len(weights)
    for sums in found.values():
        sums.weight[Stand.NONE] = everything - sum(sums.weight.values())
        sums.members[Stand.NONE] = everybody - sum(sums.members.values())
    return Counted(found, everything, everybody, advisory)
