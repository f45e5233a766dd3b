"""The list of amendments on a text, in the order of its sections.

What an amendment shows there changes seldom, so its line is drawn once for everybody who sees the same.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType

from flask import get_template_attribute
from markupsafe import Markup

from vng_alv.amendments.queries import Brought
from vng_alv.domain.submissions import OPEN, SubmissionState
from vng_alv.proposals.queries import Heading

#: After every section: what touches none that is still in the text.
LAST = 10_000
#: So many lines a process keeps as they are shown; each is about 1 kB.
KEPT = 4_096


#: The votes on an amendment: the number of each, whether it is void, and its address.
Votes = tuple[tuple[int, bool, str], ...]


@dataclass(frozen=True)
class Listed:
    """An amendment on the list, with the sections of the newest version that it touches, in their order."""

    amendment: Brought
    sections: tuple[Heading, ...]

    @property
    def place(self) -> int:
        """Where its first section stands; after all others where none is in the text any more."""
        return self.sections[0].position if self.sections else LAST


@dataclass(frozen=True)
class Group:
    """The amendments whose first section this is (None: of which no section is in the text any more)."""

    section: Heading | None
    lines: list[Markup]


def listed(
    found: Sequence[Brought],
    sections: Sequence[Heading],
    language: str,
    state: str = "",
    section: str = "",
    votes: Mapping[uuid.UUID, Votes] = MappingProxyType({}),
) -> list[Group]:
    """What was submitted, by the first section that it touches, then in the order of voting, then by number.

    ``state`` keeps one state, or 'open' for all that waits for a decision; ``section`` the key of a section.
    """
    rows = in_list(found, sections, state, section)
    return [_group(list(group), language, votes) for _, group in groupby(rows, key=lambda row: row.place)]


def in_list(found: Sequence[Brought], sections: Sequence[Heading], state: str = "", section: str = "") -> list[Listed]:
    """The same amendments one after another, without how they are drawn."""
    known: dict[uuid.UUID, Heading] = {one.section_id: one for one in sections}
    rows = []
    for amendment in found:
        touched = sorted((known[key] for key in amendment.touches if key in known), key=lambda one: one.position)
        rows.append(Listed(amendment, tuple(touched)))
    return sorted((row for row in rows if _keeps(row, state, section)), key=_place)


def drawn(amendment: Brought, language: str, also: tuple[str, ...] = (), votes: Votes = ()) -> Markup:
    """An amendment as it stands on a list; ``also`` are the numbers of the other sections that it touches."""
    return _kept(amendment, language, also, votes)


@lru_cache(KEPT)
def _kept(amendment: Brought, _language: str, also: tuple[str, ...], votes: Votes) -> Markup:
    line: Markup = get_template_attribute("amendments/_line.html", "line")(amendment, also, votes)
    return line


def _group(rows: Sequence[Listed], language: str, votes: Mapping[uuid.UUID, Votes]) -> Group:
    section = rows[0].sections[0] if rows[0].sections else None
    lines = [
        drawn(
            row.amendment,
            language,
            tuple(one.number for one in row.sections[1:]),
            votes.get(row.amendment.submission_id, ()),
        )
        for row in rows
    ]
    return Group(section, lines)


def _keeps(row: Listed, state: str, section: str) -> bool:
    now = row.amendment.state
    if now is SubmissionState.DRAFT:
        return False
    right = not state or (now in OPEN if state == "open" else now == state)
    return right and (not section or any(str(one.section_id) == section for one in row.sections))


def _place(row: Listed) -> tuple[int, bool, int, int]:
    amendment = row.amendment
    return row.place, amendment.position is None, amendment.position or 0, amendment.number or 0
