"""A version of a text as it is read: its parts with line numbers, and the words marked that somebody looks for."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from vng_alv.domain.searching import wanted
from vng_alv.proposals.markdown import to_html
from vng_alv.proposals.models import Version, VersionSection
from vng_alv.results.marking import marked, numbered

#: So many hits are marked; who finds more asks more precisely.
MOST_HITS = 1_000


@dataclass(frozen=True)
class Hits:
    """The hits in one part of the text: the numbers of the first and the last one."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many there are."""
        return self.last - self.first + 1


NONE = Hits(1, 0)


@dataclass(frozen=True)
class Part:
    """A section as it is read; ``group`` is set where a new part of the text begins."""

    section_id: uuid.UUID
    number: str
    #: The headings as they are, without marks.
    title: str
    group_title: str
    group: Markup
    lead: Markup
    heading: Markup
    body: Markup
    hits: Hits


@dataclass(frozen=True)
class Document:
    """A text as it is read. ``words`` is what was looked for, '' when that is too little or nothing."""

    preamble: Markup
    opening: Hits
    parts: list[Part]
    words: str
    hits: int

    @property
    def full(self) -> bool:
        """Whether there may be more hits than are marked."""
        return self.hits >= MOST_HITS


class _Pen:
    """Numbers lines and hits through the whole text."""

    def __init__(self, words: str, *, lines: bool) -> None:
        self.words, self.lines = words, lines
        self.line, self.hit = 1, 1

    def marked(self, html: Markup) -> Markup:
        """With what is looked for marked."""
        if not self.words or self.hit > MOST_HITS:
            return html
        html, number = marked(html, self.words, self.hit)
        self.hit += number
        return html

    def heading(self, text: str) -> Markup:
        """A line of plain words; headings have numbers of their own, and no line numbers."""
        return self.marked(escape(text))

    def text(self, text: str) -> Markup:
        """Markdown, with its lines numbered."""
        html = to_html(text)
        if self.lines:
            html, number = numbered(html, self.line)
            self.line += number
        return self.marked(html)


def read(version: Version, sections: Sequence[VersionSection], typed: str, *, lines: bool = True) -> Document:
    """A version with line numbers (if ``lines``) and what ``typed`` asks for marked."""
    pen = _Pen(wanted(typed), lines=lines)
    preamble = pen.text(version.preamble)
    opening = Hits(1, pen.hit - 1)
    parts = [_part(section, before, pen) for before, section in zip([None, *sections], sections, strict=False)]
    return Document(preamble, opening, parts, pen.words, pen.hit - 1)


def _part(section: VersionSection, before: VersionSection | None, pen: _Pen) -> Part:
    """One section; its parts are marked in the order in which they stand on the page."""
    first = pen.hit
    begins = section.group != (before.group if before else "") and section.group
    group = pen.heading(section.group) if begins else Markup("")
    if begins:
        lead, heading = pen.text(section.lead), pen.heading(section.heading)
    else:
        heading, lead = pen.heading(section.heading), pen.text(section.lead)
    body = pen.text(section.body)
    hits = Hits(first, pen.hit - 1) if pen.hit > first else NONE
    return Part(section.section_id, section.number, section.heading, section.group, group, lead, heading, body, hits)
