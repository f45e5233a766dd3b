"""The Word documents that people work on: a text, an amendment, and two versions compared."""

from collections.abc import Sequence

from flask_babel import gettext as _

from vng_alv.domain.amendments import Wording
from vng_alv.domain.sections import SectionText
from vng_alv.exports import words
from vng_alv.exports.queries import AmendmentFacts, Pair, Place, TextFacts
from vng_alv.exports.word import Paper
from vng_alv.web import locale


def _head(place: Place) -> str:
    mark = words.example(place.example).upper()
    return " · ".join(filter(None, (place.association, place.title, mark)))


def _paper(place: Place, title: str, foot: str) -> Paper:
    return Paper(title, place.association, lang=locale(), head=_head(place), foot=foot)


def text_in_word(place: Place, text: TextFacts) -> bytes:
    """One version, ready to go on with: only the text itself, so that it can be read in again as it is."""
    version = _("versie %(number)s", number=text.version)
    foot = f"{words.kind_and_code(text)}, {version}, {words.day(text.published_at)}. SHA-256 {text.hash}"
    paper = _paper(place, text.title, foot)
    paper.title(text.title)
    paper.markdown(text.preamble, 0)
    level = 2 if any(s.group or s.lead for s in text.sections) else 1
    group = ""
    for section in text.sections:
        if section.group and section.group != group:
            paper.heading(section.group, 1)
        group = section.group
        paper.markdown(section.lead, 1)
        paper.heading(numbered(section), level)
        paper.markdown(section.body, level)
    return paper.bytes()


def numbered(section: SectionText) -> str:
    """'A1. Wonen'."""
    return f"{section.number}. {section.heading}".strip()


def amendment_in_word(place: Place, found: AmendmentFacts) -> bytes:
    """An amendment as changes by the municipality that submitted it, on the moment that it did."""
    about = found.about
    title = f"{_('Amendement')} {about.label}: {about.title}"
    paper = _paper(place, title, title)
    paper.title(title)
    on = _("versie %(number)s", number=found.text_version)
    paper.rows([*words.submission_rows(about), (_("Op"), f"{found.text_code}: {found.text_title}, {on}")])
    for one in found.changes:
        paper.heading(words.change_name(one), 1)
        if one.removed:
            paper.line(words.change_note(one))
        paper.change(one.old, one.new, about.submitters[0], about.submitted_at)
    if about.reason:
        paper.heading(_("Toelichting"), 1)
        paper.markdown(about.reason, 1)
    if about.advice:
        word = words.advised_word(about.advice)
        paper.heading(f"{_('Advies van het bestuur')}: {word}" if word else _("Advies van het bestuur"), 1)
        paper.markdown(about.advice.body, 1)
    return paper.bytes()


def compared_in_word(place: Place, old: TextFacts, new: TextFacts, pairs: Sequence[Pair]) -> bytes:
    """Two versions compared; ``pairs`` are places of the same section in both, None where one of them has it not."""
    title = _("%(text)s: versie %(old)s en %(new)s vergeleken", text=new.code, old=old.version, new=new.version)
    paper = _paper(place, title, title)
    author, at = place.association, new.published_at
    paper.title(title)
    paper.rows(
        [
            (_("Oude tekst"), _("versie %(number)s van %(day)s", number=old.version, day=words.day(old.published_at))),
            (_("Nieuwe tekst"), _("versie %(number)s van %(day)s", number=new.version, day=words.day(at))),
        ]
    )
    paper.heading(_("Titel en inleiding"), 1)
    paper.change(_opening(old), _opening(new), author, at)
    for before, after in pairs:
        was = old.sections[before] if before is not None else None
        now = new.sections[after] if after is not None else None
        paper.heading(_section_name(was, now), 1)
        paper.change(_wording(was), _wording(now), author, at)
    return paper.bytes()


def _opening(text: TextFacts) -> str:
    return Wording(text.title, text.preamble).text.strip()


def _wording(section: SectionText | None) -> str:
    if section is None:
        return ""
    parts = (section.group, section.lead, numbered(section), section.body)
    return "\n\n".join(part for part in parts if part)


def _section_name(was: SectionText | None, now: SectionText | None) -> str:
    """'A1. Wonen', with what became of it."""
    name = numbered(now or was or SectionText("", "", ""))
    if was and now:
        return name
    return str(_("%(section)s (nieuw)", section=name) if now else _("%(section)s (vervallen)", section=name))
