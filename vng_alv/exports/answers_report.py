"""The report of what the association does with reactions (nota van beantwoording), as PDF, Word and spreadsheet.

It is made of the plain facts below and knows no database: whoever groups the reactions fills them in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from vng_alv.exports import pdf, words, xlsx
from vng_alv.exports.pdf import Markdown
from vng_alv.exports.word import Paper
from vng_alv.web import locale


@dataclass(frozen=True)
class Theme:
    """What is answered at once: ``outcome`` is a word ('overgenomen'), ``answer`` Markdown, ``sections`` 'A1', 'A2'."""

    title: str
    outcome: str
    answer: str
    members: tuple[str, ...]
    sections: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reaction:
    """What a municipality said: on a section ('' for the whole), with its position in a word, and Markdown; and what
    came of it, by the titles of its themes, by an answer of its own, or both."""

    member: str
    section: str
    position: str
    body: str
    theme: str = ""
    outcome: str = ""
    answer: str = ""


@dataclass(frozen=True)
class AnswersReport:
    """All of a report. ``reactions`` are those of all municipalities, in the order in which they should stand."""

    title: str
    association: str
    meeting: str
    text: str
    example: bool
    themes: tuple[Theme, ...]
    reactions: tuple[Reaction, ...]

    @property
    def alone(self) -> tuple[Reaction, ...]:
        """The reactions with an answer of their own, and those that no theme answers."""
        return tuple(r for r in self.reactions if r.answer or not r.theme)

    @property
    def members(self) -> tuple[str, ...]:
        """The municipalities that reacted, by name."""
        return tuple(sorted({r.member for r in self.reactions}))


def _rows(report: AnswersReport) -> words.Rows:
    return [
        (_("Vergadering"), report.meeting),
        (_("Stuk"), report.text),
        (_("Gemeenten die reageerden"), str(len(report.members))),
        (_("Reacties"), str(len(report.reactions))),
        (_("Thema's"), str(len(report.themes))),
    ]


def _theme_rows(theme: Theme) -> words.Rows:
    named = f"{len(theme.members)}: {', '.join(theme.members)}"
    rows = [(_("Wat ermee gebeurt"), theme.outcome or _("nog geen antwoord")), (_("Gemeenten"), named)]
    return [*rows, (_("Onderdelen"), ", ".join(theme.sections))] if theme.sections else rows


def _place(reaction: Reaction) -> str:
    return str(_("onderdeel %(number)s", number=reaction.section) if reaction.section else _("het geheel"))


def _said(reaction: Reaction) -> str:
    """'onderdeel A1, eens mits'."""
    return ", ".join(filter(None, (_place(reaction), reaction.position)))


def _outcome(reaction: Reaction) -> str:
    return reaction.outcome or _("nog geen antwoord")


def to_pdf(report: AnswersReport) -> bytes:
    """The report as PDF. Raises ``pdf.NotMade``."""
    return pdf.make("answers", _data(report))


def _data(report: AnswersReport) -> dict[str, Any]:
    def told(reactions: Sequence[Reaction]) -> list[dict[str, Any]]:
        return [
            {
                "member": r.member,
                "said": _said(r),
                "body": Markdown(r.body),
                "theme": _("Antwoord: zie het thema %(theme)s.", theme=r.theme) if r.theme else "",
                "outcome": _outcome(r),
                "answer": Markdown(r.answer),
            }
            for r in reactions
        ]

    return {
        "lang": locale(),
        "title": report.title,
        "author": report.association,
        "running": report.meeting,
        "foot": report.text,
        "example": words.example(report.example),
        "words": {
            **words.frame(),
            "themes": _("Antwoorden per thema"),
            "alone": _("Reacties met een eigen antwoord"),
            "annex": _("Bijlage: alle reacties per gemeente"),
            "answer": _("Antwoord"),
            "none": _("Er zijn geen reacties verstuurd."),
        },
        "facts": _rows(report),
        "themes": [{"title": t.title, "facts": _theme_rows(t), "answer": Markdown(t.answer)} for t in report.themes],
        "alone": told(report.alone),
        "members": [
            {"name": name, "reactions": told([r for r in report.reactions if r.member == name])}
            for name in report.members
        ],
    }


def to_docx(report: AnswersReport) -> bytes:
    """The report as a Word document."""
    head = " · ".join(filter(None, (report.association, report.meeting, words.example(report.example).upper())))
    paper = Paper(report.title, report.association, lang=locale(), head=head, foot=report.text)
    paper.title(report.title)
    paper.rows(_rows(report))
    if report.themes:
        paper.heading(_("Antwoorden per thema"), 1)
    for theme in report.themes:
        paper.heading(theme.title, 2)
        paper.rows(_theme_rows(theme))
        paper.markdown(theme.answer, 2)
    if report.alone:
        paper.heading(_("Reacties met een eigen antwoord"), 1)
    for reaction in report.alone:
        paper.heading(f"{reaction.member}: {_said(reaction)}", 2)
        paper.markdown(reaction.body, 2)
        paper.rows([(_("Antwoord"), _outcome(reaction))])
        paper.markdown(reaction.answer, 2)
    paper.heading(_("Bijlage: alle reacties per gemeente"), 1)
    if not report.members:
        paper.line(_("Er zijn geen reacties verstuurd."))
    for name in report.members:
        paper.heading(name, 2)
        for reaction in report.reactions:
            if reaction.member == name:
                paper.heading(_said(reaction).capitalize(), 3)
                paper.markdown(reaction.body, 3)
                if reaction.theme:
                    paper.line(_("Antwoord: zie het thema %(theme)s.", theme=reaction.theme))
    return paper.bytes()


def to_xlsx(report: AnswersReport) -> bytes:
    """The report as a workbook: a sheet of themes and one of reactions."""
    mark = words.example(report.example)
    themes = [
        (t.title, t.outcome, t.answer, len(t.members), ", ".join(t.members), ", ".join(t.sections), mark)
        for t in report.themes
    ]
    reactions = [
        (r.member, r.section, r.position, r.body, r.theme, r.outcome, r.answer, mark) for r in report.reactions
    ]
    return xlsx.make(
        [
            xlsx.Sheet(
                _("Thema's"),
                (_("Thema"), _("Wat ermee gebeurt"), _("Antwoord"), _("Aantal gemeenten"), _("Gemeenten"),
                 _("Onderdelen"), _("Voorbeeld")),
                themes,
            ),
            xlsx.Sheet(
                _("Reacties"),
                (_("Gemeente"), _("Onderdeel"), _("Standpunt"), _("Reactie"), _("Thema"), _("Wat ermee gebeurt"),
                 _("Antwoord"), _("Voorbeeld")),
                reactions,
            ),
        ],
        title=report.title,
        author=report.association,
    )  # fmt: skip
