"""Keeping a section the same section when a new version of a text comes in (docs/rules.md, consultation)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TypeVar

Key = TypeVar("Key")

#: Below this likeness two texts are not the same section.
ALIKE = 0.6


class Recognition(StrEnum):
    """How it is known which section a section of a new version continues."""

    SAME = "same"
    #: By likeness only: a person says whether it is right.
    ALIKE = "alike"
    #: A person said so.
    CHOSEN = "chosen"
    NEW = "new"


@dataclass(frozen=True)
class SectionText:
    """One numbered part as it was read: its number ('A1', or '' without), heading and Markdown body."""

    number: str
    heading: str
    body: str
    group: str = ""
    lead: str = ""


def likeness(one: SectionText, other: SectionText) -> float:
    """How alike two sections are, 0 to 1; the heading counts for half. 0 for all that is less than ``ALIKE``."""
    head = SequenceMatcher(None, one.heading.lower(), other.heading.lower()).ratio()
    body = SequenceMatcher(None, one.body.split(), other.body.split())
    if (head + body.quick_ratio()) / 2 < ALIKE:  # an upper bound, and much quicker than the exact ratio
        return 0.0
    return (head + body.ratio()) / 2


def match(earlier: Mapping[Key, SectionText], later: Sequence[SectionText]) -> list[Key | None]:
    """For each later section the earlier one that it continues, or None for a new one; none is used twice.

    The same heading and text first, then the same heading, then the same text, then the most alike.
    """
    free = dict(earlier)
    found: list[Key | None] = [None] * len(later)
    for heading, body in ((True, True), (True, False), (False, True)):
        for i, text in enumerate(later):
            same = [
                k
                for k, was in free.items()
                if (was.heading == text.heading or not heading) and ((was.body == text.body and text.body) or not body)
            ]
            if found[i] is None and same:
                found[i] = same[0]
                del free[same[0]]
    pairs = sorted(
        (
            (likeness(was, text), -i, key)
            for i, text in enumerate(later)
            if found[i] is None
            for key, was in free.items()
        ),
        key=lambda pair: pair[:2],
        reverse=True,
    )
    for ratio, minus, key in pairs:
        if ratio >= ALIKE and found[-minus] is None and key in free:
            found[-minus] = key
            del free[key]
    return found


def recognition(was: SectionText | None, text: SectionText) -> Recognition:
    """How sure it is that ``text`` continues ``was``: the same heading and enough of the same words is sure."""
    if was is None:
        return Recognition.NEW
    same = was.heading == text.heading and (was.body == text.body or likeness(was, text) >= ALIKE)
    return Recognition.SAME if same else Recognition.ALIKE
