"""The console of the chair and the secretariat: one next step, and everything around the rounds of a meeting."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext
from wtforms import IntegerField, TimeField
from wtforms.validators import NumberRange, ValidationError
from wtforms.validators import Optional as MayBeEmpty

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.clock import day_of, moment_of
from vng_alv.domain.majority import Rule, Verdict
from vng_alv.domain.options import read_rule
from vng_alv.domain.permissions import Permission
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.rounds import IN_PREPARATION, RoundState, Way
from vng_alv.errors import Conflict, Missing, Refused
from vng_alv.meetings.models import Meeting
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.rule_forms import decision_words
from vng_alv.members.rules import own_rules
from vng_alv.motions.queries import standing
from vng_alv.proposals.models import ProposalKind
from vng_alv.proposals.queries import get_proposal, proposals_of, published
from vng_alv.refusals import sentence
from vng_alv.secretariat.absent import absent
from vng_alv.secretariat.next_step import next_text, to_prepare, votes_from
from vng_alv.secretariat.presence import presence_at
from vng_alv.voting import acclamation, choosing, service
from vng_alv.voting.advised import votable
from vng_alv.voting.disputing import disputes_at
from vng_alv.voting.models import Round
from vng_alv.voting.noted import put_to_hall
from vng_alv.voting.order import texts_with_waiting
from vng_alv.voting.queries import rehearsals_of, results_of, rounds_of, turnouts
from vng_alv.voting.rules import offered
from vng_alv.voting.secret_queries import keys_waited_for
from vng_alv.voting.summary import Summary, summaries, verdict_of
from vng_alv.web import UNSAFE, BaseForm, locale, page

blueprint = Blueprint("console", __name__)

#: Kinds of text that a question with options can be put on.
CHOICES_ON = {ProposalKind.PROPOSAL, ProposalKind.RESOLUTION}

CONSOLE = "/secretariaat/vergaderingen/<meeting_code>"


#: Why the clock did not open what was planned.
MISSED: dict[Refusal, Any] = {
    Refusal.SUBMISSION_STATE: lazy_gettext("De motie ligt niet meer voor."),
    Refusal.NO_ELECTORATE: lazy_gettext("Er waren geen stemgerechtigde leden."),
    Refusal.TOO_EARLY: lazy_gettext("Op dat moment mocht er nog niet worden gestemd."),
    Refusal.TELLERS_MISSING: lazy_gettext("Toen waren er nog geen twee sleutels van leden van de stemcommissie."),
    Refusal.CLOSES_FIRST: lazy_gettext("Het moment van sluiten was toen al voorbij."),
    Refusal.NO_END: lazy_gettext("Er was geen moment van sluiten."),
    Refusal.NO_ADVICE: lazy_gettext("Er was geen preadvies meer waarover kon worden gestemd."),
    Refusal.ADVICE_FIRST: lazy_gettext("Er stond een stemming over het preadvies klaar, of die was nog niet bekend."),
    Refusal.MOTION_FIRST: lazy_gettext("Er stond een stemming over de motie zelf klaar, of die was nog niet bekend."),
    Refusal.AMENDMENTS_FIRST: lazy_gettext("Van een amendement was de uitslag nog niet bekend."),
    Refusal.MERGE_FIRST: lazy_gettext("Een aangenomen amendement was nog niet in de tekst verwerkt."),
    Refusal.SECTIONS_FIRST: lazy_gettext("Van een onderdeel was de uitslag nog niet bekend."),
    Refusal.ORDER_OVER: lazy_gettext("Er werd al gestemd over wat hierna komt."),
    Refusal.AMENDMENTS_COLLIDE: lazy_gettext("Een ander amendement op dezelfde woorden ging voor."),
    Refusal.AMENDMENT_UNFIT: lazy_gettext("Het amendement paste niet meer op de tekst."),
}


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


@dataclass(frozen=True)
class Row:
    """A round on the console."""

    round: Round
    summary: Summary
    #: The name of its rule among those that can be chosen; empty for one that no longer can.
    rule: str
    #: The outcome in a sentence, for those who may know it.
    verdict: str
    #: Why the clock did not open it at the moment that was planned.
    missed: str
    #: Whether its numbers would tell who chose what in secret, and so are not pronounced.
    withheld: bool


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
    return done(meeting, ngettext("Eén stemming staat klaar.", "%(num)s stemmingen staan klaar.", len(made)) if made
                 else _("Alle stemmingen over dit stuk waren er al."))  # fmt: skip


@blueprint.post(CONSOLE + "/regels")
@requires(Permission.RUN_ROUNDS)
@tells_refusals
def rules(meeting_code: str) -> ResponseReturnValue:
    """Keep the rules that were chosen for rounds in preparation."""
    meeting = get_meeting(meeting_code)
    change_rules(meeting, rounds_of(meeting.id))
    return done(meeting, _("De regels zijn bewaard."))


@blueprint.post(CONSOLE + "/openen")
@requires(Permission.RUN_ROUNDS, fresh=True)
def open_rounds(meeting_code: str) -> ResponseReturnValue:
    """Open the chosen rounds together, with the rules as they stand on the page."""
    meeting, form = get_meeting(meeting_code), ClockForm()
    if not form.sent():
        return _console(meeting_code, form=form)
    try:
        chosen = chosen_rounds(meeting)
        change_rules(meeting, chosen)
        keys, anyway = [r.id for r in chosen], "anyway" in request.form
        service.open_rounds(keys, actor(), closes_at=form.closes_at(), anyway=anyway)
    except Refused as refused:  # with the form as it was filled in
        return _console(meeting_code, refused, form)
    if all(one.is_acclaimed for one in chosen):
        return done(meeting, _("Leg het nu aan de zaal voor. Er worden geen stemmen geteld."))
    return done(meeting, ngettext("De stemming is open.", "%(num)s stemmingen zijn open.", len(chosen)))


@blueprint.post(CONSOLE + "/sluiten")
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def close(meeting_code: str) -> ResponseReturnValue:
    """Close the chosen rounds; while members are missing, only after a look at who they are."""
    meeting = get_meeting(meeting_code)
    chosen = chosen_rounds(meeting)
    votes = [r for r in chosen if not r.rehearsal]
    missing = absent(meeting, votes, actor()) if "sure" not in request.form else []
    if missing and all(r.state is RoundState.OPEN for r in chosen):
        return page("console/close.html", meeting=meeting, chosen=chosen, missing=missing)
    service.close([r.id for r in chosen], actor())
    if all(one.secret for one in chosen):
        return done(meeting, _("De stemming is gesloten en wacht op de tellers, die de enveloppen openen."))
    return done(meeting, ngettext("De stemming is gesloten en wordt geteld.",
                                   "%(num)s stemmingen zijn gesloten en worden geteld.", len(chosen)))  # fmt: skip


@blueprint.post(CONSOLE + "/bekendmaken")
@requires(Permission.RUN_ROUNDS, fresh=True)
@tells_refusals
def publish(meeting_code: str) -> ResponseReturnValue:
    """Pronounce the outcomes of the chosen rounds."""
    meeting = get_meeting(meeting_code)
    chosen = chosen_rounds(meeting)
    service.publish([r.id for r in chosen], actor(), without_numbers="without_numbers" in request.form)
    return done(meeting, ngettext("De uitslag is bekendgemaakt.", "%(num)s uitslagen zijn bekendgemaakt.",
                                   len(chosen)))  # fmt: skip


def done(meeting: Meeting, words: str) -> ResponseReturnValue:
    """Back to the console, with what was done."""
    flash(words, "ok")
    return redirect(url_for(".show", meeting_code=meeting.code), 303)


def chosen_rounds(meeting: Meeting) -> list[Round]:
    """The rounds that were ticked, by number, rehearsals after them. Raises ``Refused(NOTHING_CHOSEN)`` or
    ``Missing``."""
    labels = _ticked()
    chosen = [r for r in (*rounds_of(meeting.id), *rehearsals_of(meeting.id)) if r.label in labels]
    if len(chosen) != len(labels):
        raise Missing("round")
    if not chosen:
        raise Refused(Refusal.NOTHING_CHOSEN)
    return chosen


def _ticked() -> set[str]:
    return set(request.form.getlist("round"))


def change_rules(meeting: Meeting, found: Sequence[Round]) -> None:
    """Keep the rules that the form chose for these rounds, and whether they are decided by acclamation."""
    known = offered(meeting.kind)
    for one in found:
        way = request.form.get(f"way-{one.number}")
        if way == Way.BALLOTS:  # first: another rule may ask for it
            acclamation.choose(one, Way.BALLOTS, actor())
        wanted = request.form.get(f"rule-{one.number}")
        if wanted in known and wanted != _rule_name(one, known):
            service.change_rule(one, wanted, actor())
        if way == Way.ACCLAMATION:
            acclamation.choose(one, Way.ACCLAMATION, actor())


def _rule_name(found: Round, known: Mapping[str, Rule]) -> str:
    rule = read_rule(found.rule)
    return next((name for name, one in known.items() if one == rule), "")


def _rows(rounds: Sequence[Round], known: Mapping[str, Rule]) -> list[Row]:
    """Every round with what may be shown of it; before publication the verdict is for those who run the rounds."""
    knows = actor().may(Permission.RUN_ROUNDS)
    counted = [r.id for r in rounds if r.state is RoundState.COUNTED and knows]
    results = results_of(counted) if counted else {}
    return [
        Row(
            one,
            summary,
            _rule_name(one, known),
            summary.sentence or (verdict_of(one, results[one.id], locale()) if one.id in results else ""),
            str(MISSED[Refusal(one.not_opened)]) if one.not_opened else "",
            one.id in results and results[one.id].withheld,
        )
        for one, summary in zip(rounds, summaries(list(rounds), locale()), strict=True)
    ]


def _to_put_again(row: Row, rounds: Sequence[Round]) -> bool:
    """Whether votes were even on options, the rule asks for a new vote, and none is there."""
    asked = row.round
    if not asked.options or row.summary.verdict is not Verdict.TIED:
        return False
    later = [r for r in rounds if r.number > asked.number and r.proposal_id == asked.proposal_id and r.options]
    return all(one.state is RoundState.ANNULLED for one in later)


def _console(meeting_code: str, refused: Refused | None = None, form: ClockForm | None = None) -> ResponseReturnValue:
    """The console as it is now; what was refused is undone first, and told."""
    status = 200
    if request.method in UNSAFE:
        db.rollback()
        status = refused.status if refused else 422
    meeting = get_meeting(meeting_code)
    rounds, proposals = rounds_of(meeting.id), proposals_of(meeting.id)
    own, rehearsals = own_rules(), rehearsals_of(meeting.id)
    known = offered(meeting.kind, own)
    motions, waiting = standing([p.id for p in proposals]), texts_with_waiting(meeting.id)
    rows, ahead = _rows(rounds, known), next_text(rounds, proposals, motions)
    asked = [r for r in rounds if r.is_acclaimed and r.state is RoundState.OPEN]
    groups = {
        state.value: [row for row in rows if row.round.state is state and row.round not in asked]
        for state in RoundState
    }
    needs = choosing.needs([row.round for row in groups["published"]])
    problem = sentence(refused) if refused else ""
    if isinstance(refused, Conflict) and refused.refusal is Refusal.ROUND_STATE:
        problem += " " + _("Er is niets gewijzigd; hieronder ziet u hoe het er nu voor staat.")
    return page(
        "console/show.html",
        status,
        meeting=meeting,
        groups=groups,
        rehearsals=rehearsals,
        turnouts=turnouts([one.id for one in rehearsals]) if rehearsals else {},
        first=[row for row in groups["draft"] if ahead and row.round.number in ahead.numbers],
        ahead=ahead,
        not_before=votes_from(meeting),
        needs=needs,
        todo=[row for row in groups["published"] if row.round.id in needs],
        tied=[row for row in groups["published"] if _to_put_again(row, rounds)],
        askable=[p for p in proposals if p.kind in CHOICES_ON and published(p)],
        hall=put_to_hall(asked) if asked else [],
        on_advice=votable(proposals, rounds),
        keys=keys_waited_for(rounds),
        missing=absent(meeting, rounds, actor()),
        presence=None if meeting.is_written else presence_at(meeting, rounds, locale()),
        to_prepare=to_prepare(proposals, rounds, motions, waiting),
        waiting=waiting,
        ordered=[
            p
            for p in proposals
            if any(r.proposal_id == p.id and r.amendment_id and r.state in IN_PREPARATION for r in rounds)
        ],
        proposals=proposals,
        rules=decision_words(own, known),
        form=form or ClockForm(),
        ticked=_ticked() if form else set[str](),
        problem=problem,
        disputes=disputes_at(meeting.id),
        me=actor().id,
    )
