"""From facts to the data of the templates: one text, its amendments, a motion, and the whole set of a meeting."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from vng_alv.exports import words
from vng_alv.exports.pdf import Markdown, Redline
from vng_alv.exports.queries import (
    Advised,
    AmendmentFacts,
    MeetingFacts,
    MotionFacts,
    Place,
    SubmissionFacts,
    TextFacts,
)
from vng_alv.proposals.lines import lines_of
from vng_alv.web import locale

Data = dict[str, Any]


def _frame(place: Place, title: str, foot: str) -> Data:
    return {
        "lang": locale(),
        "title": title,
        "author": place.association,
        "running": place.title,
        "foot": foot,
        "example": words.example(place.example),
        "words": words.frame(),
    }


def _advice(advised: Advised | None) -> Data | None:
    if advised is None:
        return None
    about = _("Versie %(number)s van %(day)s", number=advised.number, day=words.day(advised.at)) if advised.at else ""
    return {"word": words.advised_word(advised), "about": about, "body": Markdown(advised.body)}


def _numbered() -> Callable[[str], Markdown]:
    """What numbers the lines of the parts of one text, which it is given in their order."""
    following = 1

    def part(text: str) -> Markdown:
        nonlocal following
        found = Markdown(text, following)
        following += sum(1 for _line in lines_of(text))
        return found

    return part


def _words(text: TextFacts, part: Callable[[str], Markdown]) -> Data:
    return {"preamble": part(text.preamble), "sections": _sections(text, part)}


def _sections(text: TextFacts, part: Callable[[str], Markdown]) -> list[Data]:
    """The sections; ``group`` only where one begins, ``grouped`` on all that stand in one."""
    found, group = [], ""
    for section in text.sections:
        begins = section.group if section.group != group else ""
        group = section.group
        found.append(
            {
                "group": begins,
                "grouped": bool(section.group),
                "number": section.number,
                "heading": section.heading,
                "lead": part(section.lead),
                "body": part(section.body),
            }
        )
    return found


def _colophon(place: Place) -> str:
    told = _(
        "%(association)s, %(meeting)s. De tekst op de site is leidend. Een teken dat dit lettertype niet heeft, "
        "staat als ▯.",
        association=place.association,
        meeting=place.title,
    )
    return str(told)


def text_paper(place: Place, text: TextFacts) -> Data:
    """One text."""
    about = words.kind_and_code(text)
    return {
        **_frame(place, text.title, f"{about}, {_('versie %(number)s', number=text.version)}"),
        "facts": [(_("Stuk"), about), (_("Vergadering"), place.title), *words.text_rows(text)],
        "advice": _advice(text.advice),
        **_words(text, _numbered()),
        "colophon": _colophon(place),
    }


def _submission_name(kind: str, about: SubmissionFacts) -> str:
    return f"{kind} {about.label}: {about.title}"


def _amendment(found: AmendmentFacts) -> Data:
    changes = [
        {"name": words.change_name(c), "note": words.change_note(c), "spans": Redline(c.old, c.new)}
        for c in found.changes
    ]
    on = _("versie %(number)s", number=found.text_version)
    return {
        "name": _submission_name(_("Amendement"), found.about),
        "facts": [*words.submission_rows(found.about), (_("Op"), f"{found.text_code}, {on}")],
        "changes": changes,
        "reason": Markdown(found.about.reason),
        "advice": _advice(found.about.advice),
    }


def amendments_paper(place: Place, text: TextFacts, found: Sequence[AmendmentFacts]) -> Data:
    """The amendments on one text."""
    title = _("Amendementen op %(text)s", text=f"{text.code}: {text.title}")
    return {
        **_frame(place, title, _("Amendementen op %(text)s", text=text.code)),
        "facts": [(_("Vergadering"), place.title)],
        "amendments": [_amendment(one) for one in found],
        "colophon": _colophon(place),
    }


def motion_paper(place: Place, found: MotionFacts) -> Data:
    """One motion."""
    return {
        **_frame(place, _submission_name(_("Motie"), found.about), f"{_('Motie')} {found.about.label}"),
        "facts": [(_("Vergadering"), place.title), *words.submission_rows(found.about)],
        **_words(found.text, Markdown),
        "reason": Markdown(found.about.reason),
        "advice": _advice(found.about.advice),
        "colophon": _colophon(place),
    }


# --- The set


def _in_set(text: TextFacts, found: Sequence[AmendmentFacts]) -> Data:
    return {
        "key": text.code,
        "name": f"{words.kind_and_code(text)}: {text.title}",
        "facts": words.text_rows(text),
        "advice": _advice(text.advice),
        **_words(text, _numbered()),
        "reason": [],
        "amendments-name": _("Amendementen op %(text)s", text=text.code),
        "amendments": [_amendment(one) for one in found],
    }


def _motion_in_set(found: MotionFacts) -> Data:
    return {
        "key": found.text.code,
        "name": _submission_name(_("Motie"), found.about),
        "facts": words.submission_rows(found.about),
        "advice": _advice(found.about.advice),
        **_words(found.text, Markdown),
        "reason": Markdown(found.about.reason),
        "amendments": [],
    }


def set_paper(facts: MeetingFacts, made_at: datetime | None) -> Data:
    """Everything for one meeting: its agenda, each text and motion where it is dealt with, with its amendments, and
    then what stands under no item. Without ``made_at`` it does not say when it was made."""
    place = facts.place
    texts = {t.code: _in_set(t, [a for a in facts.amendments if a.text_code == t.code]) for t in facts.texts}
    motions = {m.text.code: _motion_in_set(m) for m in facts.motions}
    at = {t.code: t.agenda for t in (*facts.texts, *(m.text for m in facts.motions))}
    papers = {**texts, **motions}
    names = {code: one["name"] for code, one in papers.items()}
    chapters = [
        (f"{item.number}. {item.title}", [papers[code] for code, number in at.items() if number == item.number])
        for item in facts.agenda
    ]
    chapters.append((_("Andere stukken"), [one for code, one in texts.items() if at[code] is None]))
    chapters.append((_("Moties"), [one for code, one in motions.items() if at[code] is None]))
    counted = [
        ngettext("%(num)s stuk", "%(num)s stukken", len(texts)),
        ngettext("%(num)s amendement", "%(num)s amendementen", len(facts.amendments)),
        ngettext("%(num)s motie", "%(num)s moties", len(motions)),
    ]
    return {
        **_frame(place, f"{_('Vergaderset')} {place.title}", _("Vergaderset")),
        "cover": True,
        "subtitle": words.clock(place.starts_at),
        "facts": [*([(_("Waar"), place.place)] if place.place else []), (_("In deze set"), ", ".join(counted))],
        "example-words": _("Dit is een voorbeeld: stemmen, reacties en voorstellen zijn verzonnen."),
        "agenda": [
            {
                "number": item.number,
                "title": item.title,
                "note": item.note,
                "texts": [{"key": code, "name": names[code]} for code, number in at.items() if number == item.number],
            }
            for item in facts.agenda
        ],
        "chapters": [{"name": name, "texts": found} for name, found in chapters if found],
        "colophon": _set_colophon(made_at),
    }


def _set_colophon(made_at: datetime | None) -> str:
    if made_at is None:
        return str(
            _(
                "Gemaakt uit wat op de site bekendgemaakt is. Wat nog niet bekendgemaakt is, staat er niet in; de site "
                "is leidend. Een teken dat dit lettertype niet heeft, staat als ▯."
            )
        )
    told = _(
        "Gemaakt op %(moment)s, uit wat toen openbaar was. Wat later verandert, staat er niet in; de site is "
        "leidend. Een teken dat dit lettertype niet heeft, staat als ▯.",
        moment=words.clock(made_at),
    )
    return str(told)
