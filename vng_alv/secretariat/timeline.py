"""The timeline of a meeting and its checklist: what is due when, what is done, and the way to what is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from vng_alv import db
from vng_alv.access import access_of, actor, requires
from vng_alv.consultation.queries import consultations_of
from vng_alv.convening.queries import find_convocation
from vng_alv.domain.clock import day_of, moment_of
from vng_alv.domain.convening import days_needed, last_day
from vng_alv.domain.deadlines import deadline
from vng_alv.domain.permissions import Permission
from vng_alv.domain.phases import PHASE_OF, HandItem, Limits, Phase, Span, spans
from vng_alv.domain.rounds import IN_PREPARATION, UNDER_WAY
from vng_alv.domain.timing import early_voting_from
from vng_alv.errors import Missing
from vng_alv.meetings import checklist
from vng_alv.meetings.checklist import ChecklistTick
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.models import Association
from vng_alv.members.queries import get_association
from vng_alv.motions.queries import standing
from vng_alv.proposals.models import Proposal, ProposalKind
from vng_alv.proposals.queries import proposals_of, published
from vng_alv.secretariat import queries
from vng_alv.secretariat.console import CONSOLE
from vng_alv.secretariat.copying import blueprint
from vng_alv.secretariat.next_step import to_prepare
from vng_alv.secretariat.waiting import left_at
from vng_alv.submissions.queries import closes_at
from vng_alv.voting.order import texts_with_waiting
from vng_alv.voting.queries import rehearsals_of, rounds_of
from vng_alv.web import page

__all__ = ["blueprint"]

HERE = CONSOLE + "/tijdlijn"

PHASES: dict[Phase, Any] = {
    Phase.PREPARATION: lazy_gettext("Voorbereiding"),
    Phase.CONSULTATION: lazy_gettext("Consultatie"),
    Phase.AMENDMENTS: lazy_gettext("Amendementen en moties"),
    Phase.CONVOCATION: lazy_gettext("Oproeping"),
    Phase.PAPERS: lazy_gettext("Stukken"),
    Phase.EARLY: lazy_gettext("Vooraf stemmen"),
    Phase.MEETING: lazy_gettext("Vergadering"),
    Phase.AFTER: lazy_gettext("Afronding"),
}

BY_HAND: dict[HandItem, Any] = {
    HandItem.HALL: lazy_gettext("Zaal, geluid en schermen zijn besproken"),
    HandItem.COMMITTEE: lazy_gettext("Leden voor de notulencommissie zijn gevraagd"),
    HandItem.PAPERS_SENT: lazy_gettext("De leden weten dat de stukken er zijn"),
    HandItem.DEVICES: lazy_gettext("Wifi en apparaten in de zaal zijn nagekeken"),
    HandItem.MINUTES: lazy_gettext("De notulen zijn opgesteld"),
}


@dataclass(frozen=True)
class Check:
    """Something to be done, which the data tell, or which a person ticked."""

    words: str
    done: bool
    #: Where it is done; empty for what is done outside this site, or where this person may not go.
    href: str = ""
    item: HandItem | None = None
    tick: ChecklistTick | None = None


@blueprint.get(HERE)
@requires(Permission.READ_MEETINGS)
def timeline(meeting_code: str) -> ResponseReturnValue:
    """All phases with their days, and what is done of each."""
    meeting, now = get_meeting(meeting_code), db.now()
    texts = proposals_of(meeting.id)
    found = spans(_limits(meeting, texts, get_association()), now)
    checks = _checks(meeting, texts)
    parts: list[tuple[Span, Sequence[Check]]] = [(one, checks.get(one.phase, ())) for one in found]
    return page("running/timeline.html", meeting=meeting, parts=parts, words=PHASES)


@blueprint.post(HERE)
@requires(Permission.MANAGE_MEETINGS)
def tick(meeting_code: str) -> ResponseReturnValue:
    """Tick something, or take the tick away."""
    meeting = get_meeting(meeting_code)
    item = next((one for one in HandItem if one.value == request.form.get("punt")), None)
    if item is None:
        raise Missing("item")
    done = request.form.get("klaar") == "1"
    checklist.tick(meeting, item, actor(), done=done)
    flash(
        _("Afgevinkt: %(what)s.", what=BY_HAND[item])
        if done
        else _("Het vinkje is weg: %(what)s.", what=BY_HAND[item]),
        "ok",
    )
    return redirect(url_for(".timeline", meeting_code=meeting.code, _anchor=f"punt-{item.value}"), 303)


def _limits(meeting: Meeting, texts: Sequence[Proposal], association: Association) -> Limits:
    def before(days: int) -> datetime:
        return deadline(meeting.starts_at, days, association.amendment_clock)

    days = association.early_voting_days
    needed = days_needed(
        association.convocation_days, changes_statutes=any(one.kind is ProposalKind.STATUTES for one in texts)
    )
    return Limits(
        created_at=meeting.created_at,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        consultations=[(one.opened_at, one.closes_at) for one in consultations_of([p.id for p in texts])],
        amendments_until=closes_at(meeting, association),
        convocation_until=moment_of(last_day(meeting.starts_at, needed), time(23, 59)),
        papers_until=before(association.papers_days),
        early_from=early_voting_from(meeting.starts_at, days) if days and not meeting.is_written else None,
    )


def _checks(meeting: Meeting, texts: Sequence[Proposal]) -> dict[Phase, list[Check]]:
    """What is to be done in each phase: first what the data tell."""
    rounds, left = rounds_of(meeting.id), left_at(meeting)
    untimed = sum(one.minutes is None for one in meeting.agenda)
    concept = sum(published(one) is None for one in texts)
    loose = sum(one.agenda_item_id is None for one in texts)
    members = queries.delegates(meeting.id, day_of(db.now()))
    without = sum(mandate is None for _member, mandate in members)
    unprepared = len(to_prepare(texts, rounds, standing([p.id for p in texts]), texts_with_waiting(meeting.id)))
    ready = sum(one.state in IN_PREPARATION for one in rounds)
    running = sum(one.state in UNDER_WAY for one in rounds)
    order, console = _href("running.show", meeting), _href("console.show", meeting)
    found: dict[Phase, list[Check]] = {
        Phase.PREPARATION: [
            Check(_("De agenda is gevuld"), bool(meeting.agenda), order),
            Check(_left(_("Elk agendapunt heeft een duur"), untimed), bool(meeting.agenda) and not untimed, order),
        ],
        Phase.CONSULTATION: [
            Check(_left(_("Elke reactie is beantwoord"), left.unanswered), not left.unanswered, _show(meeting))
        ],
        Phase.AMENDMENTS: [
            Check(
                _left(_("Elk amendement en elke motie heeft een preadvies"), left.unadvised),
                not left.unadvised,
                _href("submissions.advice_list", meeting),
            )
        ],
        Phase.CONVOCATION: [
            Check(
                _("De oproeping is verstuurd"),
                find_convocation(meeting.id) is not None,
                _href("convening.prepare", meeting),
            )
        ],
        Phase.PAPERS: [
            Check(_left(_("Elk stuk is gepubliceerd"), concept), bool(texts) and not concept, _show(meeting)),
            Check(_left(_("Elk stuk staat bij een agendapunt"), loose), bool(texts) and not loose, order),
        ],
        Phase.MEETING: [
            Check(
                _left(_("Elke gemeente heeft een stemkaart gegeven"), without),
                bool(members) and not without,
                _href("secretariat.mandates", meeting),
            ),
            Check(
                _left(_("Over elk stuk staat een stemming klaar"), unprepared), bool(rounds) and not unprepared, order
            ),
            Check(_("Er is geoefend met een proefstemming"), bool(rehearsals_of(meeting.id)), console),
        ],
        Phase.AFTER: [
            Check(_left(_("Elke uitslag is bekend"), ready + running), bool(rounds) and not (ready + running), console),
            Check(_left(_("Aangenomen amendementen zijn verwerkt"), left.unmerged), not left.unmerged, _show(meeting)),
        ],
    }
    ticks = checklist.ticks_of(meeting.id)
    for item, phase in PHASE_OF.items():
        mark = ticks.get(item)
        found.setdefault(phase, []).append(Check(str(BY_HAND[item]), mark is not None, "", item, mark))
    return found


def _left(words: str, number: int) -> str:
    """What is to be done, with how many are left."""
    left = _("nog %(count)s", count=number)
    return f"{words} ({left})" if number else words


def _show(meeting: Meeting) -> str:
    return url_for("meetings.show", meeting_code=meeting.code, _anchor="agenda")


def _href(endpoint: str, meeting: Meeting) -> str:
    """The way there, for whoever may go."""
    asked = access_of(endpoint)
    may = isinstance(asked, Permission) and actor().may(asked)
    return url_for(endpoint, meeting_code=meeting.code) if may else ""
