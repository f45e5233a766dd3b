"""The list of decisions and the list of results, in each of their forms; all from ``decisions.Decisions``."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from flask_babel import gettext as _

from vng_alv.domain.ballots import Choice
from vng_alv.domain.numbers import grouped
from vng_alv.domain.sentences import verdict_word
from vng_alv.exports import decision_words as said
from vng_alv.exports import report, words, xlsx
from vng_alv.exports.decisions import Decisions, Item, Submitted, Sum, Text, Vote, sum_of
from vng_alv.exports.report import Block, Grid, Head, Line, Report, Rows
from vng_alv.meetings.models import MeetingKind
from vng_alv.web import csv_bytes, locale

Table = list[Sequence[object]]


# --- For people


def decision_list(found: Decisions) -> Report:
    """The list of decisions as a document."""
    blocks: list[Block] = [Rows(place_rows(found))]
    if found.kind is MeetingKind.LEDENRAADPLEGING:
        blocks.append(Line(_("Dit is een ledenraadpleging: wat hier staat is een advies aan het bestuur.")))
    for item in found.items:
        blocks.append(Head(1, item_name(item)))
        if not item.texts:
            blocks.append(Line(_("Bij dit agendapunt is niets in stemming gebracht."), quiet=True))
        for text in item.texts:
            blocks += on_text(text)
    return _report(found, _("Besluitenlijst %(meeting)s", meeting=found.place.title), _("Besluitenlijst"), blocks)


def result_list(found: Decisions) -> Report:
    """All votes with their numbers as a document."""
    blocks: list[Block] = [Rows(place_rows(found))]
    if not found.votes:
        blocks.append(Line(_("Er is nog geen uitslag bekendgemaakt.")))
    for vote in found.votes:
        blocks += [Head(1, said.asked(vote)), *on_vote(vote, named=False)]
        if vote.sums:
            blocks.append(_sums(vote))
    return _report(found, _("Uitslagenlijst %(meeting)s", meeting=found.place.title), _("Uitslagenlijst"), blocks)


def _report(found: Decisions, title: str, foot: str, blocks: Sequence[Block]) -> Report:
    place = found.place
    closing = Line(
        _(
            "Gemaakt uit wat op de site bekendgemaakt is. Wat nog niet bekendgemaakt is, staat er niet in; de site is "
            "leidend. Een teken dat dit lettertype niet heeft, staat als ▯."
        ),
        quiet=True,
    )
    return Report(title, place.association, place.title, foot, locale(), place.example, [*blocks, closing])


def place_rows(found: Decisions) -> list[tuple[str, str]]:
    """Which meeting it is, as names with their words."""
    place = found.place
    rows = [(_("Vereniging"), place.association), (_("Vergadering"), place.title),
            (_("Wanneer"), words.clock(place.starts_at))]  # fmt: skip
    return [*rows, (_("Waar"), place.place)] if place.place else rows


def item_name(item: Item) -> str:
    """'3. Resoluties', or what the texts under no item are called."""
    return f"{item.number}. {item.title}" if item.number else str(_("Andere stukken"))


def on_text(text: Text) -> list[Block]:
    """A text with what was decided on it and on its amendments."""
    blocks: list[Block] = [Head(2, f"{said.name_of(text)}: {text.title}"), Line(said.sentence(text), strong=True)]
    facts = [(_("Ingediend door"), said.by_whom(text))]
    if text.advice:
        facts.append((_("Preadvies"), str(words.ADVICE[text.advice])))
    if text.note:
        facts.append((_("Toelichting"), text.note))
    facts.append((_("Tekst"), str(_("versie %(number)s", number=text.version))))
    blocks.append(Rows(facts))
    for one in text.amendments:
        blocks += [Head(3, f"{said.name_of(one)}: {one.title}"), Line(said.sentence(one), strong=True)]
        about = [(_("Ingediend door"), said.by_whom(one))]
        if one.advice:
            about.append((_("Preadvies"), str(words.ADVICE[one.advice])))
        if one.note:
            about.append((_("Toelichting"), one.note))
        blocks.append(Rows(about))
        for vote in one.votes:
            blocks += on_vote(vote)
    for vote in text.votes:
        blocks += on_vote(vote)
    return blocks


def on_vote(vote: Vote, *, named: bool = True) -> list[Block]:
    """A vote with its outcome and its arithmetic."""
    lines: list[Block] = [Line(said.asked(vote))] if named else []
    lines += [Line(one) for one in said.told(vote)]
    if vote.arithmetic and not vote.void:
        lines.append(Line(" ".join(vote.arithmetic), quiet=True))
    return lines


def _sums(vote: Vote) -> Grid:
    rows = [*vote.sums, *([vote.not_cast] if vote.not_cast else [])]
    return Grid(
        (_("Keuze"), _("Stemmen"), _("Gemeenten"), _("Aandeel")),
        [(one.label, _number(one.votes), _number(one.members), one.percentage or "") for one in rows],
        frozenset({1, 2, 3}),
    )


def _number(value: int | None) -> str:
    return "" if value is None else grouped(value, locale())


# --- For spreadsheets and programs


def decided_table(found: Decisions) -> Table:
    """A row for each text, amendment and motion."""
    table: Table = [
        (_("Agendapunt"), _("Soort"), _("Code"), _("Titel"), _("Ingediend door"), _("Preadvies"), _("Besluit"),
         _("Besluit in een zin"), _("Stemmingen"), _("Uitslag"), _("Toelichting"), _("Op stuk"), _("Versie"),
         _("Voorbeeld"))
    ]  # fmt: skip
    for item in found.items:
        for text in item.texts:
            mine: list[Text | Submitted] = [text, *text.amendments]
            table += [_decided(found, item, text, one) for one in mine]
    return table


def _decided(found: Decisions, item: Item, text: Text, one: Text | Submitted) -> Sequence[object]:
    own, kind = isinstance(one, Text), _("Amendement") if isinstance(one, Submitted) else str(words.KINDS[one.kind])
    return (
        item.number,
        kind,
        one.code if isinstance(one, Text) else one.label,
        one.title,
        said.by_whom(one),
        str(words.ADVICE[one.advice]) if one.advice else "",
        str(said.WORDS[one.decision]),
        said.sentence(one),
        ", ".join(str(vote.number) for vote in one.votes),
        " ".join(line for vote in one.votes for line in said.told(vote)),
        one.note,
        "" if own else text.code,
        text.version,
        words.example(found.place.example),
    )


def votes_table(found: Decisions) -> Table:
    """A row for each vote; what was not counted is empty, and not 0."""
    table: Table = [
        (_("Stemming"), _("Vraag"), _("Op stuk"), _("Wijze"), _("Stand"), _("Uitslag"), _("Uitslag in een zin"),
         _("Voor (stemmen)"), _("Tegen (stemmen)"), _("Onthouding (stemmen)"), _("Niet gestemd (stemmen)"),
         _("Voor (gemeenten)"), _("Tegen (gemeenten)"), _("Onthouding (gemeenten)"), _("Niet gestemd (gemeenten)"),
         _("Grondslag"), _("Voor, deel van de grondslag"), _("Nodig"), _("Tegen, aangetekend"), _("Reden ongeldig"),
         _("Herhaling van"), _("Herhaald als"), _("Geopend"), _("Gesloten"), _("Bekendgemaakt"), _("Voorbeeld"))
    ]  # fmt: skip
    table += [_voted(found, vote) for vote in found.votes]
    return table


def _voted(found: Decisions, vote: Vote) -> Sequence[object]:
    sums = [sum_of(vote, choice) for choice in (Choice.FOR, Choice.AGAINST, Choice.ABSTAIN)]
    missed, first = vote.not_cast, sums[0]
    return (
        vote.number,
        vote.title,
        vote.subject,
        said.way_of(vote),
        _("ongeldig verklaard") if vote.void else _("bekendgemaakt"),
        verdict_word(vote.verdict, locale()) if vote.verdict else "",
        vote.sentence,
        *(one.votes if one else None for one in sums),
        missed.votes if missed else None,
        *(one.members if one else None for one in sums),
        missed.members if missed else None,
        vote.base,
        first.share if first else None,
        vote.threshold,
        said.noted(vote),
        vote.void_reason,
        vote.puts_again,
        vote.put_again,
        vote.opened_at,
        vote.closed_at,
        vote.published_at,
        words.example(found.place.example),
    )


def options_table(found: Decisions) -> Table:
    """A row for each option of each vote: for and against too."""
    mark = words.example(found.place.example)
    table: Table = [(_("Stemming"), _("Vraag"), _("Keuze"), _("Stemmen"), _("Gemeenten"), _("Aandeel"), _("Voorbeeld"))]
    for vote in found.votes:
        rows: list[Sum] = [*vote.sums, *([vote.not_cast] if vote.not_cast else [])]
        table += [(vote.number, vote.title, one.label, one.votes, one.members, one.share, mark) for one in rows]
    return table


def decisions_xlsx(found: Decisions) -> bytes:
    """What was decided, and the votes, as a workbook."""
    return _book(found, _("Besluitenlijst"), [(_("Besluiten"), decided_table(found)), *_sheets(found)])


def results_xlsx(found: Decisions) -> bytes:
    """The votes as a workbook."""
    return _book(found, _("Uitslagenlijst"), _sheets(found))


def _sheets(found: Decisions) -> list[tuple[str, Table]]:
    return [(_("Stemmingen"), votes_table(found)), (_("Keuzes"), options_table(found))]


def _book(found: Decisions, title: str, sheets: Iterable[tuple[str, Table]]) -> bytes:
    made = [xlsx.Sheet(name, [str(cell) for cell in table[0]], table[1:]) for name, table in sheets]
    return xlsx.make(made, title=f"{title} {found.place.title}", author=found.place.association)


def decisions_csv(found: Decisions) -> bytes:
    """What was decided, as CSV."""
    return csv_bytes(_plain(decided_table(found)))


def results_csv(found: Decisions) -> bytes:
    """The votes, as CSV."""
    return csv_bytes(_plain(votes_table(found)))


def _plain(table: Table) -> Table:
    return [["" if cell is None else _spelled(cell) for cell in row] for row in table]


def to_json(found: Decisions) -> bytes:
    """All of it, as data (docs/formats.md)."""
    texts = {one.code: one for one in found.texts}
    data = _data(found)
    for item in data["items"]:
        for text in item["texts"]:
            one = texts[text["code"]]
            text["sentence"] = said.sentence(one)
            for row, amendment in zip(text["amendments"], one.amendments, strict=True):
                row["sentence"] = said.sentence(amendment)
    data = {"example": found.place.example, **data}
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()


def _data(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name.replace("_", "-"): _data(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple | list):
        return [_data(one) for one in value]
    return _spelled(value)


def _spelled(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value if value is None or isinstance(value, str | int | bool) else str(value)


PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MIMETYPES = {"pdf": PDF, "docx": DOCX, "xlsx": XLSX, "csv": "text/csv", "json": "application/json"}
#: What makes each form of the two lists.
DECISIONS: dict[str, Callable[[Decisions], bytes]] = {
    "pdf": lambda found: report.to_pdf(decision_list(found)),
    "docx": lambda found: report.to_docx(decision_list(found)),
    "xlsx": decisions_xlsx,
    "csv": decisions_csv,
    "json": to_json,
}
RESULTS: dict[str, Callable[[Decisions], bytes]] = {
    "pdf": lambda found: report.to_pdf(result_list(found)),
    "docx": lambda found: report.to_docx(result_list(found)),
    "xlsx": results_xlsx,
    "csv": results_csv,
    "json": to_json,
}
