"""What a list of decisions must say of a meeting, worked out from the log alone: nothing here asks the code that makes
the list, its sentences or its sums. For what the acted afternoon does: ordinary majorities, no quorum, no secret votes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from lxml import html  # type: ignore[import-untyped]
from sqlalchemy import select

from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Member
from vng_alv.voting.models import Result, Round

HALF = "meer dan de helft van de stemmen voor en tegen"
CHOICES = ("for", "against", "abstain")
KINDS = {"resolution": "Resolutie", "motion": "Motie", "proposal": "Voorstel"}
NEEDED = {
    "majority": "meer dan de helft van de uitgebrachte stemmen zonder onthoudingen, anders een herstemming; bij gelijke"
    " stemmen beslist het lot",
    "most": "de meeste stemmen; bij gelijke stemmen beslist het lot",
}


@dataclass
class Asked:
    """A question that was put to the vote, with what the log has about it."""

    number: int
    title: str
    kind: str
    #: '6. Resolutie', 'Resolutie R1', the title of that text, and 'AM1' or ''.
    item: str
    text: str
    text_title: str
    amendment: str
    #: What each act in the log says, and the number of its entry.
    acts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    at: dict[str, int] = field(default_factory=dict)
    #: The question that puts this one again, and the one that this puts again.
    again: "Asked | None" = None
    puts: "Asked | None" = None

    @property
    def void(self) -> bool:
        """Whether it was declared void."""
        return "round.annul" in self.acts

    @property
    def verdict(self) -> str:
        """The verdict that was pronounced."""
        return str(self.acts["round.publish"]["verdict"])

    @property
    def sums(self) -> dict[str, int]:
        """The votes for each choice as they were pronounced; none of what was adopted by acclamation."""
        said = self.acts["round.publish"]
        if "options" in said:
            return dict(said["options"]["weight"])
        return dict(zip(CHOICES, said["weight"], strict=True)) if "weight" in said else {}


def asked_in(meeting_code: str) -> list[Asked]:
    """The questions of a meeting, by number. What was pronounced is held against the results here."""
    with db.transaction(write=False):
        meeting = db.session.scalars(select(Meeting.id).where(Meeting.code == meeting_code)).one()
        rounds = db.session.scalars(select(Round).where(Round.meeting_id == meeting).order_by(Round.number)).all()
        found = {f"round:{one.id}": _asked(one) for one in rounds}
        log = select(AuditEntry).where(AuditEntry.subject.in_(found)).order_by(AuditEntry.id)
        for entry in db.session.scalars(log):
            found[entry.subject].acts[entry.act] = entry.data
            found[entry.subject].at[entry.act] = entry.id
        for result in db.session.scalars(select(Result).where(Result.round_id.in_([one.id for one in rounds]))):
            one = found[f"round:{result.round_id}"]
            kept = result.options["weight"] if result.options else {c: getattr(result, f"weight_{c}") for c in CHOICES}
            assert (result.verdict, kept) == (one.verdict, one.sums or dict.fromkeys(CHOICES, 0)), one.title
    for void in (one for one in found.values() if one.void):
        for one in found.values():
            if (one.title, one.text) == (void.title, void.text) and one.at["round.prepare"] > void.at["round.annul"]:
                void.again, one.puts = one, void
    return list(found.values())


def _asked(one: Round) -> Asked:
    assert one.proposal and one.proposal.agenda_item and one.version  # noqa: PT018
    item, name = one.proposal.agenda_item, f"{KINDS[one.proposal.kind]} {one.proposal.code}"
    label = one.amendment.submission.label if one.amendment else ""
    return Asked(one.number, one.title, one.kind.value, f"{item.number}. {item.title}", name, one.version.title, label)


def _noted(one: Asked) -> list[str]:
    """The names of the members that had it noted that they are against."""
    codes = one.acts["round.publish"].get("noted", ())
    with db.transaction(write=False):
        return [db.session.scalars(select(Member.name).where(Member.code == code)).one() for code in codes]


# --- In words


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _share(part: int, whole: int) -> str:
    return str((Decimal(100 * part) / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)).replace(".", ",") + "%"


def outcome(one: Asked) -> str:
    """The outcome of a vote in one sentence; the verdict is worked out from the sums again."""
    said = one.acts["round.publish"]
    if "noted" in said:
        names = _noted(one)
        assert len(names) > 1
        return f"Aangenomen bij acclamatie, {len(names)} leden lieten tegen aantekenen: {', '.join(names)}."
    return _elected(one) if "options" in said else _carried(one)


def _carried(one: Asked) -> str:
    votes, against, _abstained = one.sums.values()
    base = votes + against
    assert one.verdict == ("adopted" if 2 * votes > base else "rejected")
    word = "aangenomen" if one.verdict == "adopted" else "verworpen"
    share, of = f"{_share(votes, base)} voor", f"{_number(votes)} van de {_number(base)} stemmen voor en tegen"
    if one.kind == "advice":
        assert one.verdict == "adopted"
        return f"Preadvies ‘ontraden’ {word} met {share} ({of}): de motie wordt verworpen. Nodig was {HALF}."
    return f"{word.capitalize()} met {share}: {of}. Nodig was {HALF}."


def _elected(one: Asked) -> str:
    rule = one.acts["round.open"]["rule"]["winning"]
    names = dict(enumerate(one.acts["round.prepare"]["options"], 1))
    votes = {int(key): number for key, number in one.sums.items() if key != "abstain"}
    base = sum(votes.values())
    # A run-off keeps the keys of the first vote, and its options are named in that order.
    got = sorted(zip(votes.values(), names.values(), strict=True), reverse=True)
    best = [f"{name} ({_share(n, base)}: {_number(n)} van de {_number(base)} stemmen)" for n, name in got]
    if rule == "majority":
        assert (2 * got[0][0] > base, one.verdict) == (False, "run_off")
        return (
            f"Nog geen keuze heeft meer dan de helft. Herstemming tussen {best[0]} en {best[1]}. Nodig: {NEEDED[rule]}."
        )
    assert (got[0][0] > got[1][0], one.verdict) == (True, "chosen")
    return f"Gekozen: {best[0]}. Nodig: {NEEDED[rule]}."


def lines(one: Asked, asked: Sequence[Asked]) -> list[str]:
    """All that stands under a vote, without its arithmetic."""
    head = f"Stemming {one.number}: {one.title}"
    if one.void:
        reason = one.acts["round.annul"]["reason"]
        assert reason == one.acts["round.dispute"]["reason"]
        assert one.again
        return [
            head,
            f"Deze stemming is ongeldig verklaard. Reden: {reason}",
            f"De vraag is opnieuw in stemming gebracht: stemming {one.again.number}.",
            f"Eerder bekendgemaakt: {outcome(one)}",
        ]
    said = [head]
    if one.puts:
        said.append(f"Dit is de herhaling van stemming {one.puts.number}, die ongeldig is verklaard.")
    said.append(outcome(one))
    if one.kind == "whole" and (gone := _rejected_sections(one, asked)):
        said.append(f"Zonder de verworpen onderdelen: {'; '.join(title.replace('. ', ' ', 1) for title in gone)}.")
    return said


def _rejected_sections(whole: Asked, asked: Sequence[Asked]) -> list[str]:
    same = [one for one in asked if one.text == whole.text and one.kind == "section"]
    return [one.title for one in same if one.verdict == "rejected"]


def decisions(asked: Sequence[Asked]) -> dict[str, str]:
    """What was decided on each text and amendment in a sentence, by what stands above it."""
    valid: dict[tuple[str, str], list[Asked]] = {}
    for one in asked:
        if not one.void:
            key = (
                (f"Amendement {one.amendment}", one.title)
                if one.amendment
                else (one.text, f"{one.text}: {one.text_title}")
            )
            valid.setdefault(key, []).append(one)
    changed = {one.text for one in asked if one.amendment and one.verdict == "adopted"}
    return {heading: name + _decision(votes, amended=name in changed) for (name, heading), votes in valid.items()}


def _decision(votes: Iterable[Asked], *, amended: bool) -> str:
    by_kind: dict[str, list[str]] = {}
    for one in votes:
        by_kind.setdefault(one.kind, []).append(one.verdict)
    sections = by_kind.get("section", [])
    if "candidates" in by_kind:
        assert by_kind["candidates"] == ["run_off", "chosen"]
        return ": er is gekozen."
    if "advice" in by_kind:
        assert by_kind["advice"] == ["adopted"]
        return " is verworpen."
    if "whole" not in by_kind and sections:
        assert sorted(sections) == ["adopted", "rejected"]
        return " is voor een deel aangenomen."
    (verdict,) = by_kind.get("whole") or by_kind["amendment"]
    if verdict == "rejected":
        return " is verworpen."
    return " is gewijzigd aangenomen." if amended or "rejected" in sections else " is aangenomen."


# --- What the list says


def facts(one: Asked) -> dict[str, Any]:
    """What the list as data has to say of a vote."""
    return {
        "item": one.item,
        "title": one.title,
        "verdict": one.verdict,
        "sentence": outcome(one),
        "votes": one.sums,
        "noted-against": _noted(one),
        "void": one.void,
        "void-reason": one.acts.get("round.annul", {}).get("reason", ""),
        "puts-again": one.puts.number if one.puts else None,
        "put-again": one.again.number if one.again else None,
    }


def facts_of(item: str, vote: Mapping[str, Any]) -> dict[str, Any]:
    """What it does say."""
    same = ("title", "verdict", "sentence", "noted-against", "void", "void-reason", "puts-again", "put-again")
    votes = {one["key"]: one["votes"] for one in vote["sums"]}
    return {"item": item, "votes": votes, **{key: vote[key] for key in same}}


@dataclass
class Page:
    """A list of decisions as people read it."""

    #: The lines under each vote, by number, with the item of the agenda that it stands under.
    votes: dict[int, tuple[str, list[str]]]
    #: What was decided, by the heading above it.
    decisions: dict[str, str]


def read_page(text: str) -> Page:
    """The list on a page; the arithmetic, which is told quietly, is left out."""
    found = Page({}, {})
    for section in html.fromstring(text).xpath("//main//section[starts-with(@aria-labelledby, 'punt-')]"):
        item = _words(section.xpath(".//h2")[0])
        for block in section.xpath(".//*[contains(@class, 'alv-decided__vote')]"):
            said = [_words(line) for line in block.xpath("./p[not(contains(@class, 'alv-quiet'))]")]
            found.votes[int(block.get("id").rpartition("-")[2])] = (item, said)
        for heading in section.xpath(".//h3 | .//h4"):
            found.decisions[_words(heading)] = _words(heading.xpath("following-sibling::p[1]/strong")[0])
    return found


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())
