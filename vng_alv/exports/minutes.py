"""The draft minutes of a meeting: who was there, and what was decided, with room for what only people heard."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from vng_alv import db
from vng_alv.domain.clock import AMSTERDAM
from vng_alv.domain.numbers import grouped
from vng_alv.exports import report
from vng_alv.exports.decision_papers import item_name, on_text, place_rows
from vng_alv.exports.decisions import Decisions
from vng_alv.exports.report import Block, Grid, Head, Line, Prose, Report, Rows
from vng_alv.meetings.models import Attendance, Meeting, Proxy
from vng_alv.members.models import Member
from vng_alv.members.queries import get_association
from vng_alv.voting.models import Ballot, RollEntry, Round
from vng_alv.web import locale


@dataclass(frozen=True)
class Stay:
    """A member in the hall, from when until when (None: until the end)."""

    name: str
    votes: int
    advisory: bool
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Hall:
    """Who took part: stays by name and moment, members that voted without having been in the hall, and proxies that
    stood at the end (from, to)."""

    stays: tuple[Stay, ...]
    elsewhere: tuple[str, ...]
    proxies: tuple[tuple[str, str], ...]

    def totals(self) -> tuple[int, int]:
        """How many members were there at any moment, and with how many votes; without advisory ones."""
        once = {stay.name: stay.votes for stay in self.stays if not stay.advisory}
        return len(once), sum(once.values())


def hall_of(meeting: Meeting) -> Hall:
    """Who took part in a meeting, in a fixed number of statements."""
    rolls, rule = _roll_votes(meeting.id), get_association().weight_rule
    rows = db.session.execute(
        select(Member, Attendance.since, Attendance.until)
        .join(Attendance, Attendance.member_id == Member.id)
        .where(Attendance.meeting_id == meeting.id)
        .order_by(Member.name, Member.code, Attendance.since)
    ).all()
    stays = [
        Stay(member.name, rolls.get(member.id, member.votes(rule)), member.advisory, since, until)
        for member, since, until in rows
    ]
    here = {member.id for member, _since, _until in rows}
    voted = db.session.scalars(
        select(Member)
        .where(
            select(Ballot.member_id)
            .join(Round, Round.id == Ballot.round_id)
            .where(Ballot.member_id == Member.id, Round.meeting_id == meeting.id, ~Round.rehearsal)
            .exists()
        )
        .order_by(Member.name, Member.code)
    )
    elsewhere = tuple(member.name for member in voted if member.id not in here)
    giver, taker = aliased(Member), aliased(Member)
    proxies = db.session.execute(
        select(giver.name, taker.name)
        .select_from(Proxy)
        .join(giver, giver.id == Proxy.member_id)
        .join(taker, taker.id == Proxy.to_member_id)
        .where(Proxy.meeting_id == meeting.id, Proxy.until.is_(None))
        .order_by(giver.name, giver.code)
    )
    return Hall(tuple(stays), elsewhere, tuple((row[0], row[1]) for row in proxies))


def _roll_votes(meeting_id: uuid.UUID) -> Mapping[uuid.UUID, int]:
    """What each member weighed in the votes of a meeting; the register may have changed since."""
    rows = db.session.execute(
        select(RollEntry.member_id, func.max(RollEntry.weight))
        .join(Round, Round.id == RollEntry.round_id)
        .where(Round.meeting_id == meeting_id, ~Round.rehearsal)
        .group_by(RollEntry.member_id)
    )
    return {row[0]: row[1] for row in rows}


def draft_minutes(found: Decisions, hall: Hall) -> Report:
    """The draft; what stands between brackets is to be filled in by hand."""
    blocks: list[Block] = [
        Line(
            _(
                "Dit concept is gemaakt uit wat op de site is vastgelegd. Wat tussen vierkante haken staat, vult u "
                "zelf aan."
            ),
            quiet=True,
        ),
        Rows(place_rows(found)),
        Head(1, _("Opening")),
        Line(_("[Naam], voorzitter, opent de vergadering om [tijd].")),
        Head(1, _("Aanwezigheid")),
        *_attendance(hall),
    ]
    for item in found.items:
        blocks.append(Head(1, item_name(item)))
        if item.note:
            blocks.append(Prose(item.note))
        blocks.append(Line(_("[Verslag van dit agendapunt.]")))
        for text in item.texts:
            blocks += on_text(text)
    blocks += [
        Head(1, _("Mededelingen")),
        Line(_("[Mededelingen van de voorzitter.]")),
        Head(1, _("Sluiting")),
        Line(_("De voorzitter sluit de vergadering om [tijd].")),
    ]
    place, title = found.place, _("Notulen %(meeting)s", meeting=found.place.title)
    return Report(
        title, place.association, place.title, _("Notulen"), locale(), place.example, blocks, mark=_("concept")
    )


def _attendance(hall: Hall) -> Sequence[Block]:
    members, votes = hall.totals()
    number = grouped(votes, locale())
    blocks: list[Block] = []
    if hall.stays:
        said = ngettext(
            "In de zaal was één lid, met %(votes)s stemmen.", "In de zaal waren %(num)s leden, met %(votes)s stemmen.",
            members, votes=number,
        )  # fmt: skip
        rows = [
            (_("%(member)s (adviserend)", member=one.name) if one.advisory else one.name,
             grouped(one.votes, locale()), _clock(one.since), _clock(one.until) if one.until else "")
            for one in hall.stays
        ]  # fmt: skip
        header = (_("Gemeente"), _("Stemmen"), _("Aangekomen"), _("Vertrokken"))
        blocks += [Line(said), Grid(header, rows, frozenset({1}))]
    else:
        blocks.append(Line(_("Op de site is van geen lid vastgelegd dat het in de zaal was.")))
    if hall.elsewhere:
        said = ngettext(
            "Eén lid stemde zonder in de zaal te zijn aangemeld: %(names)s.",
            "%(num)s leden stemden zonder in de zaal te zijn aangemeld: %(names)s.",
            len(hall.elsewhere), names=", ".join(hall.elsewhere),
        )  # fmt: skip
        blocks.append(Line(said))
    for giver, taker in hall.proxies:
        blocks.append(Line(_("%(member)s gaf een volmacht aan %(receiver)s.", member=giver, receiver=taker)))
    return blocks


def _clock(moment: datetime) -> str:
    return moment.astimezone(AMSTERDAM).strftime("%H:%M")


#: What makes each form of the draft.
DRAFTS = {"pdf": report.to_pdf, "docx": report.to_docx}
