"""Two versions of a text beside each other, section by section."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from vng_alv.domain.comparing import Compared, Fate, compare
from vng_alv.domain.redline import Span, redline, summary
from vng_alv.domain.sections import SectionText
from vng_alv.proposals.models import Version, VersionSection
from vng_alv.proposals.queries import sections_of


@lru_cache(maxsize=1_024)
def changed_words(old: str, new: str) -> tuple[Span, ...]:
    """The redline of two texts; published texts do not change, so neither does what differs between them."""
    return redline(old, new)


def text_of(section: VersionSection) -> SectionText:
    """The words of a section in one version, as the rules compare them."""
    return SectionText(section.number, section.heading, section.body, section.group, section.lead)


def words_of(section: VersionSection) -> tuple[str, str, str]:
    """What a section says, whatever its number and place."""
    return section.heading, section.lead, section.body


@dataclass(frozen=True)
class Row:
    """A section that is not the same in both versions, with what changed in its heading and in its text."""

    section: Compared[uuid.UUID]
    heading: tuple[Span, ...]
    body: tuple[Span, ...]
    added: int
    removed: int


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two versions, in the order of the later one."""

    title: tuple[Span, ...]
    preamble: tuple[Span, ...]
    #: What changed, one by one; what did not, as lists of sections that follow each other.
    rows: list[Row | list[Compared[uuid.UUID]]]
    fates: Counter[Fate]
    added: int
    removed: int


def comparison(earlier: Version, later: Version) -> Comparison:
    """What differs between two versions of a text."""
    was, now = _texts(earlier), _texts(later)
    found = compare(was, now)
    title, preamble = changed_words(earlier.title, later.title), changed_words(earlier.preamble, later.preamble)
    rows = list(_rows(found))
    counted = [summary(title), summary(preamble), *((r.added, r.removed) for r in rows if isinstance(r, Row))]
    added, removed = (sum(numbers) for numbers in zip(*counted, strict=True))
    return Comparison(title, preamble, rows, Counter(one.fate for one in found), added, removed)


def _texts(version: Version) -> dict[uuid.UUID, SectionText]:
    return {section.section_id: text_of(section) for section in sections_of(version.id)}


def _rows(found: Sequence[Compared[uuid.UUID]]) -> Iterator[Row | list[Compared[uuid.UUID]]]:
    for same, group in groupby(found, lambda one: one.fate is Fate.SAME):
        if same:
            yield list(group)
        else:
            yield from map(_row, group)


def _row(one: Compared[uuid.UUID]) -> Row:
    heading = changed_words(one.was.heading if one.was else "", one.now.heading if one.now else "")
    body = changed_words(_body(one.was), _body(one.now))
    counted = summary(heading), summary(body)
    return Row(one, heading, body, *(sum(numbers) for numbers in zip(*counted, strict=True)))


def _body(text: SectionText | None) -> str:
    return "\n\n".join(filter(None, [text.lead, text.body])) if text else ""
