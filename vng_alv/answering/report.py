"""The account of a consultation (nota van beantwoording): what was said, by theme, and what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vng_alv.answering.queries import Numbers, Wanted, count, counts_of_themes, themes_of
from vng_alv.consultation.models import Comment, Consultation, Position, Theme
from vng_alv.consultation.queries import sent_comments
from vng_alv.domain.answering import Given, Outcome
from vng_alv.proposals.queries import sections_of


@dataclass(frozen=True)
class Said:
    """A reaction in force, with all that was answered to it."""

    code: str
    municipality: str
    province: str
    #: The number of the section and its heading; both empty for the whole.
    section: str
    heading: str
    position: Position | None
    #: Markdown.
    words: str
    sent_at: datetime | None
    answers: tuple[Given, ...]
    #: The titles of the themes that it is under, answered or not.
    themes: tuple[str, ...]


@dataclass(frozen=True)
class Chapter:
    """A theme with its one answer (Markdown, '' while there is none) and the reactions under it."""

    title: str
    answer: str
    outcome: Outcome | None
    reactions: int
    municipalities: int
    said: Sequence[Said]


@dataclass(frozen=True)
class Report:
    """Everything that was said and answered. A reaction under several themes stands under each of them."""

    title: str
    meeting: str
    opened_at: datetime
    closes_at: datetime
    numbers: Numbers
    chapters: Sequence[Chapter]
    #: The reactions that are under no theme.
    others: Sequence[Said]
    #: Every reaction once: the whole first, then by section, by name of the municipality.
    all: Sequence[Said]


def report(consultation: Consultation) -> Report:
    """The account as it stands now."""
    sections = {one.section_id: one for one in sections_of(consultation.version_id)}
    place = {key: one.position for key, one in sections.items()}
    sent = sorted(sent_comments(consultation.id), key=lambda c: place.get(c.section_id, 0) if c.section_id else -1)
    numbers = {key: (one.number, one.heading) for key, one in sections.items()}
    said = {
        comment.id: _said(comment, *(numbers.get(comment.section_id, ("", "")) if comment.section_id else ("", "")))
        for comment in sent
    }
    themes, counts = themes_of(consultation.id), counts_of_themes(consultation.id)
    under: dict[object, list[Said]] = {}
    for comment in sent:
        for link in comment.under:
            under.setdefault(link.theme_id, []).append(said[comment.id])
    return Report(
        title=consultation.proposal.title,
        meeting=consultation.proposal.meeting.title,
        opened_at=consultation.opened_at,
        closes_at=consultation.closes_at,
        numbers=count(consultation.id, Wanted()),
        chapters=[_chapter(theme, counts.get(theme.id, (0, 0)), under.get(theme.id, [])) for theme in themes],
        others=[said[comment.id] for comment in sent if not comment.under],
        all=list(said.values()),
    )


def _chapter(theme: Theme, counted: tuple[int, int], said: Sequence[Said]) -> Chapter:
    return Chapter(theme.title, theme.answer, theme.outcome, *counted, said)


def _said(comment: Comment, section: str, heading: str) -> Said:
    return Said(
        comment.member.code,
        comment.member.name,
        comment.member.province,
        section,
        heading,
        comment.sent_position,
        comment.sent_body or "",
        comment.sent_at,
        comment.answers,
        tuple(sorted(link.theme.title for link in comment.under)),
    )
