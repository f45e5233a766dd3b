"""The console of the chair and the secretariat: one next step, and everything around the rounds of a meeting."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from wtforms import IntegerField, TextAreaField, TimeField
from wtforms.validators import DataRequired, Length, NumberRange, ValidationError
from wtforms.validators import Optional as MayBeEmpty

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.clock import day_of, moment_of
from vng_alv.domain.majority import RULES, Rule
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import RoundState
from vng_alv.domain.sentences import threshold
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.forms import NEEDED, tidy
from vng_alv.meetings.models import Mandate, Meeting
from vng_alv.meetings.queries import get_meeting, holders
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import get_proposal, proposals_of, published
from vng_alv.refusals import sentence
from vng_alv.voting import service
from vng_alv.voting.models import Round
from vng_alv.voting.queries import get_round, not_voted, results_of, rounds_of
from vng_alv.voting.summary import Summary, summaries, verdict_of
from vng_alv.web import UNSAFE, BaseForm, locale, page

blueprint = Blueprint("console", __name__)

CONSOLE = "/secretariaat/vergaderingen/<meeting_code>"


class ClockForm(BaseForm):
    """When an opened round closes by itself, if at all."""

    minutes = IntegerField(lazy_gettext("Sluit vanzelf na (minuten)"), [MayBeEmpty(), NumberRange(1, 1440)])
    clock = TimeField(lazy_gettext("of om (tijd)"), [MayBeEmpty()])

    def validate_clock(self, field: Any) -> None:
        """One of both."""
        if field.data and self.minutes.data:
            raise ValidationError(_("Kies een aantal minuten of een tijd, niet allebei."))

    def closes_at(self) -> datetime | None:
        """The announced moment, or None for a round that is closed by hand."""
        now = db.now()
        if self.minutes.data:
            return now + timedelta(minutes=self.minutes.data)
        return moment_of(day_of(now), self.clock.data) if self.clock.data else None


class ReasonForm(BaseForm):
    """Why a round is void."""

    reason = TextAreaField(lazy_gettext("Reden"), [DataRequired(NEEDED), Length(max=2_000)], filters=[tidy])


@dataclass(frozen=True)
class Row:
    """A round on the console."""

    round: Round
    summary: Summary
    #: The name of its rule in ``RULES``.
    rule: str
    #: The outcome in a sentence, for those who may know it.
    verdict: str


@dataclass(frozen=True)
class Absent:
    """A member that has not voted in anything that is open, and whom to call."""

    name: str
    weight: int
    mandate: Mandate | None


def tells_refusals(act: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """What an act refuses stands on the console, with everything as it is then."""

    @wraps(act)
    def view(meeting_code: str, **values: int) -> ResponseReturnValue:
        try:
            return act(meeting_code, **values)
        except Refused as refused:
            return _console(meeting_code, refused)

    return view


@blueprint.get(CONSOLE)
@requires(Permission.SECRETARIAT)
def show(meeting_code: str) -> ResponseReturnValue:
    """Where the meeting stands, and the next step."""
    return _console(meeting_code)


@blueprint.post(CONSOLE + "/voorbereiden")
@requires(Permission.RUN_ROUNDS)
@tells_refusals
def prepare(meeting_code: str) -> ResponseReturnValue:
    """Make the rounds for a text."""
    meeting = get_meeting(meeting_code)
    made = service.prepare(get_proposal(meeting.id, request.form.get("proposal", "")), actor())
    return _done(meeting, ngettext("Eén stemming staat klaar.", "%(num)s stemmingen staan klaar.", len(made)) if made
                 else _("Alle stemmingen over dit stuk waren er al."))  # fmt: skip


@blueprint.post(CONSOLE + "/regels")
@requires(Permission.RUN_ROUNDS)
@tells_refusals
def rules(meeting_code: str) -> ResponseReturnValue:
    """Keep the rules that were chosen for rounds in preparation."""
    meeting = get_meeting(meeting_code)
    _change_rules(rounds_of(meeting.id))
    return _done(meeting, _("De regels zijn bewaard."))


@blueprint.post(CONSOLE + "/openen")
@requires(Permission.RUN_ROUNDS, fresh=True)
def open_rounds(meeting_code: str) -> ResponseReturnValue:
    """Open the chosen rounds together, with the rules as they stand on the page."""
    meeting, form = get_meeting(meeting_code), ClockForm()
    if not form.sent():
        return _console(meeting_code, form=form)
    try:
        chosen = _chosen(meeting)
        _change_rules(chosen)
        service.open_rounds([r.id for r in chosen], actor(), closes_at=form.closes_at())
    except Refused as refused:  # with the form as it was filled in
        return _console(meeting_code, refused, form)
    return _done(meeting, ngettext("De stemming is open.", "%(num)s stemmingen zijn open.", len(chosen)))


@blueprint.post(CONSOLE + "/sluiten")
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def close(meeting_code: str) -> ResponseReturnValue:
    """Close the chosen rounds; while members are missing, only after a look at who they are."""
    meeting = get_meeting(meeting_code)
    chosen = _chosen(meeting)
    missing = _absent(meeting, chosen) if "sure" not in request.form else []
    if missing and all(r.state is RoundState.OPEN for r in chosen):
        return page("console/close.html", meeting=meeting, chosen=chosen, missing=missing)
    service.close([r.id for r in chosen], actor())
    return _done(meeting, ngettext("De stemming is gesloten en wordt geteld.",
                                   "%(num)s stemmingen zijn gesloten en worden geteld.", len(chosen)))  # fmt: skip


@blueprint.post(CONSOLE + "/bekendmaken")
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def publish(meeting_code: str) -> ResponseReturnValue:
    """Pronounce the outcomes of the chosen rounds."""
    meeting = get_meeting(meeting_code)
    chosen = _chosen(meeting)
    service.publish([r.id for r in chosen], actor())
    return _done(meeting, ngettext("De uitslag is bekendgemaakt.", "%(num)s uitslagen zijn bekendgemaakt.",
                                   len(chosen)))  # fmt: skip


@blueprint.route(CONSOLE + "/stemmingen/<int:number>/ongeldig", methods=["GET", "POST"])
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def annul(meeting_code: str, number: int) -> ResponseReturnValue:
    """Declare a round void, with the reason that everybody reads."""
    meeting = get_meeting(meeting_code)
    found, form = get_round(meeting.id, number), ReasonForm()
    if form.sent():
        service.annul(found, form.reason.data, actor())
        return _done(meeting, _("Stemming %(number)s is ongeldig verklaard. U kunt de vraag opnieuw in stemming "
                                "brengen.", number=number))  # fmt: skip
    return page("console/annul.html", 422 if request.method in UNSAFE else 200, meeting=meeting, round=found, form=form)


def _done(meeting: Meeting, words: str) -> ResponseReturnValue:
    flash(words, "ok")
    return redirect(url_for(".show", meeting_code=meeting.code), 303)


def _chosen(meeting: Meeting) -> list[Round]:
    """The rounds that were ticked, by number. Raises ``Refused(NOTHING_CHOSEN)`` or ``Missing``."""
    numbers = _ticked()
    chosen = [r for r in rounds_of(meeting.id) if r.number in numbers]
    if len(chosen) != len(numbers):
        raise Missing("round")
    if not chosen:
        raise Refused(Refusal.NOTHING_CHOSEN)
    return chosen


def _ticked() -> set[int]:
    return {int(n) if n.isascii() and n.isdigit() and len(n) < 10 else 0 for n in request.form.getlist("round")}


def _change_rules(found: Sequence[Round]) -> None:
    for one in found:
        wanted = request.form.get(f"rule-{one.number}")
        if wanted in RULES and wanted != _rule_name(one):
            service.change_rule(one, wanted, actor())


def _rule_name(found: Round) -> str:
    rule = Rule.from_data(found.rule)
    return next((name for name, known in RULES.items() if known == rule), "")


def _absent(meeting: Meeting, rounds: Sequence[Round]) -> list[Absent]:
    running = [r.id for r in rounds if r.state is RoundState.OPEN]
    if not running:
        return []
    held = holders(meeting.id)
    return [Absent(name, weight, held.get(key)) for key, _code, name, weight in not_voted(running)]


def _rows(rounds: Sequence[Round]) -> list[Row]:
    """Every round with what may be shown of it; before publication the verdict is for those who run the rounds."""
    knows = actor().may(Permission.RUN_ROUNDS)
    counted = [r.id for r in rounds if r.state is RoundState.COUNTED and knows]
    results = results_of(counted) if counted else {}
    return [
        Row(
            one,
            summary,
            _rule_name(one),
            summary.sentence or (verdict_of(one, results[one.id], locale()) if one.id in results else ""),
        )
        for one, summary in zip(rounds, summaries(list(rounds), locale()), strict=True)
    ]


def _to_prepare(proposals: Sequence[Proposal], rounds: Sequence[Round]) -> list[Proposal]:
    """The texts that can be put to the vote and, as a whole, are not yet."""
    asked: set[uuid.UUID] = {
        r.proposal_id for r in rounds if r.section_id is None and r.state is not RoundState.ANNULLED
    }
    void = {r.proposal_id for r in rounds if r.state is RoundState.ANNULLED and not _asked_again(r, rounds)}
    return [p for p in proposals if published(p) and (p.id not in asked or p.id in void)]


def _asked_again(void: Round, rounds: Sequence[Round]) -> bool:
    return any(
        r.proposal_id == void.proposal_id and r.section_id == void.section_id and r.state is not RoundState.ANNULLED
        for r in rounds
    )


def _first_text(drafts: Sequence[Row]) -> list[Row]:
    """Of the rounds in preparation, those on the text that comes first."""
    return [row for row in drafts if row.round.proposal_id == drafts[0].round.proposal_id]


def _console(meeting_code: str, refused: Refused | None = None, form: ClockForm | None = None) -> ResponseReturnValue:
    """The console as it is now; what was refused is undone first, and told."""
    status = 200
    if request.method in UNSAFE:
        db.rollback()
        status = refused.status if refused else 422
    meeting = get_meeting(meeting_code)
    rounds, proposals = rounds_of(meeting.id), proposals_of(meeting.id)
    rows = _rows(rounds)
    groups = {state.value: [row for row in rows if row.round.state is state] for state in RoundState}
    problem = sentence(refused) if refused else ""
    if isinstance(refused, Conflict) and refused.refusal is Refusal.ROUND_STATE:
        problem += " " + _("Er is niets gewijzigd; hieronder ziet u hoe het er nu voor staat.")
    return page(
        "console/show.html",
        status,
        meeting=meeting,
        groups=groups,
        first=_first_text(groups["draft"]),
        missing=_absent(meeting, rounds),
        to_prepare=_to_prepare(proposals, rounds),
        proposals=proposals,
        rules={name: threshold(rule, locale()) for name, rule in RULES.items()},
        form=form or ClockForm(),
        ticked=_ticked() if form else set(),
        problem=problem,
    )
