"""Questions with options, on the blueprint of the console: several texts, candidates, a run-off, and lots."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import (
    BooleanField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError
from wtforms.validators import Optional as MayBeEmpty
from wtforms.widgets import CheckboxInput, RadioInput

from vng_alv import db
from vng_alv.access import actor, requires
from vng_alv.domain.ballots import MAX_OPTIONS
from vng_alv.domain.options import Even, OptionRule, Winning
from vng_alv.domain.permissions import Permission
from vng_alv.domain.rounds import WITH_OPTIONS, RoundKind
from vng_alv.errors import Missing, Refused
from vng_alv.meetings.forms import NEEDED, tidy
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals.queries import get_proposal
from vng_alv.secretariat import ways
from vng_alv.secretariat.console import CONSOLE, blueprint, done, tells_refusals
from vng_alv.voting import choosing
from vng_alv.voting.choosing import Option
from vng_alv.voting.queries import get_round
from vng_alv.web import UNSAFE, BaseForm, no_controls, page

__all__ = ["blueprint", "ways"]

ROUND = CONSOLE + "/stemmingen/<int:number>"
#: Characters of an option's title and words; texts that one question offers.
MAX_TITLE, MAX_BODY, TEXTS = 200, 20_000, 3

WINNING: dict[Winning, Any] = {
    Winning.MAJORITY: lazy_gettext(
        "Met meer dan de helft van de stemmen; anders is er een herstemming tussen de eerste twee"
    ),
    Winning.MOST: lazy_gettext("Met de meeste stemmen, ook als dat minder dan de helft is"),
}
EVEN: dict[Even, Any] = {
    Even.LOTS: lazy_gettext("Het lot, dat de voorzitter trekt"),
    Even.AGAIN: lazy_gettext("Een nieuwe stemming"),
}


def _title(n: int) -> StringField:
    checks = [DataRequired(NEEDED) if n < TEXTS else MayBeEmpty(), Length(max=MAX_TITLE), no_controls]
    return StringField(lazy_gettext("Titel van tekst %(number)s", number=n), checks, filters=[tidy])


def _body(n: int) -> TextAreaField:
    words, how = lazy_gettext("Tekst %(number)s", number=n), lazy_gettext("Opmaak mag, met Markdown.")
    return TextAreaField(words, [Length(max=MAX_BODY)], filters=[tidy], description=how, render_kw={"rows": 5})


def _one_of(label: Any, words: dict[Any, Any], usual: str) -> RadioField:
    choices = [SelectChoice(key.value, text) for key, text in words.items()]
    return RadioField(label, [InputRequired(NEEDED)], choices=choices, default=usual)


class TextsForm(BaseForm):
    """Two or three texts of which at most one is chosen."""

    question = StringField(
        lazy_gettext("Vraag"), [DataRequired(NEEDED), Length(max=MAX_TITLE), no_controls], filters=[tidy],
        description=lazy_gettext("Bijvoorbeeld: Welke verdeelsleutel krijgt het fonds?"),
    )  # fmt: skip
    title_1, body_1, title_2, body_2, title_3, body_3 = _title(1), _body(1), _title(2), _body(2), _title(3), _body(3)
    winning = _one_of(lazy_gettext("Wanneer is iets of iemand gekozen?"), WINNING, Winning.MAJORITY)
    even = _one_of(lazy_gettext("Wat beslist bij gelijke stemmen?"), EVEN, Even.AGAIN)

    def validate_body_3(self, field: Any) -> None:
        """Words without a title cannot be chosen."""
        if field.data and not self.title_3.data:
            raise ValidationError(_("Geef ook de derde tekst een titel, of maak de tekst leeg."))

    def options(self) -> list[Option]:
        """The texts that have a title."""
        found = ((self[f"title_{n}"].data, self[f"body_{n}"].data) for n in range(1, TEXTS + 1))
        return [Option(title, body or "") for title, body in found if title]

    def rule(self) -> OptionRule:
        """How it is decided; 'none of these' is always an answer."""
        return OptionRule(Winning(self.winning.data), Even(self.even.data), 1, True)


class CandidatesForm(BaseForm):
    """Candidates for one or more seats."""

    question = StringField(
        lazy_gettext("Vraag"), [DataRequired(NEEDED), Length(max=MAX_TITLE), no_controls], filters=[tidy],
        description=lazy_gettext("Bijvoorbeeld: Wie wordt lid van de commissie Financiën?"),
    )  # fmt: skip
    candidates = TextAreaField(
        lazy_gettext("Kandidaten"), [DataRequired(NEEDED), Length(max=MAX_OPTIONS * (MAX_TITLE + 2))], filters=[tidy],
        description=lazy_gettext("Zet elke kandidaat op een eigen regel. Zo staan zij op het stembiljet."),
        render_kw={"rows": 6},
    )  # fmt: skip
    seats = IntegerField(
        lazy_gettext("Aantal plaatsen"),
        [InputRequired(NEEDED), NumberRange(1, MAX_OPTIONS, lazy_gettext("Vul een heel getal in, 1 of meer."))],
        default=1, description=lazy_gettext("Op zoveel kandidaten kan een gemeente stemmen."),
    )  # fmt: skip
    winning = _one_of(lazy_gettext("Wanneer is iets of iemand gekozen?"), WINNING, Winning.MAJORITY)
    even = _one_of(lazy_gettext("Wat beslist bij gelijke stemmen?"), EVEN, Even.LOTS)

    secret = BooleanField(
        lazy_gettext("Geheime stemming"), default=True,
        description=lazy_gettext(
            "Over personen wordt meestal geheim gestemd. Twee leden van de stemcommissie geven dan eerst een sleutel."
        ),
    )  # fmt: skip

    def validate_candidates(self, field: Any) -> None:
        """Each line is a name, not a story."""
        if any(len(one.title) > MAX_TITLE for one in self.options()):
            raise ValidationError(
                _("Een van de regels is te lang. Een naam heeft ten hoogste %(most)s tekens.", most=MAX_TITLE)
            )

    def options(self) -> list[Option]:
        """The candidates, without empty lines."""
        lines = (line.strip() for line in (self.candidates.data or "").splitlines())
        return [Option(line) for line in lines if line]

    def rule(self) -> OptionRule:
        """How it is decided."""
        return OptionRule(Winning(self.winning.data), Even(self.even.data), self.seats.data)


class LotsForm(BaseForm):
    """For whom lots fell."""

    drawn = SelectMultipleField(lazy_gettext("Het lot viel op"))


FORMS: dict[str, tuple[RoundKind, type[TextsForm] | type[CandidatesForm]]] = {
    "teksten": (RoundKind.TEXTS, TextsForm),
    "kandidaten": (RoundKind.CANDIDATES, CandidatesForm),
}


@blueprint.route(CONSOLE + "/stukken/<proposal_code>/keuze/<answers>", methods=["GET", "POST"])
@requires(Permission.RUN_ROUNDS)
def ask_options(meeting_code: str, proposal_code: str, answers: str) -> ResponseReturnValue:
    """Make a question with options on a text; of a void one the page begins with what it asked."""
    meeting = get_meeting(meeting_code)
    proposal = get_proposal(meeting.id, proposal_code)
    if answers not in FORMS:
        raise Missing("kind")
    kind, made_with = FORMS[answers]
    form = made_with(data=_as_asked(meeting.id, request.args.get("als", "")))
    if form.sent():
        try:
            made = choosing.ask(proposal, kind, form.question.data, form.options(), form.rule(), actor(),
                                secret=isinstance(form, CandidatesForm) and form.secret.data)  # fmt: skip
        except Refused as refused:
            db.rollback()
            form.refuse(refused)
        else:
            return done(meeting, _("Stemming %(number)s staat klaar: %(title)s", number=made.number, title=made.title))
    status = 422 if request.method in UNSAFE else 200
    meeting = get_meeting(meeting_code)
    proposal = get_proposal(meeting.id, proposal_code)
    return page(
        "console/options.html", status, meeting=meeting, proposal=proposal, answers=answers, form=form, texts=TEXTS
    )


def _as_asked(meeting_id: Any, number: str) -> dict[str, Any]:
    if not (number.isascii() and number.isdigit() and len(number) < 6):
        return {}
    before = get_round(meeting_id, int(number))
    if before.kind not in WITH_OPTIONS:
        return {}
    rule = OptionRule.from_data(before.rule)
    found: dict[str, Any] = {"question": before.title, "winning": rule.winning, "even": rule.even, "seats": rule.seats}
    found["secret"] = before.secret
    found["candidates"] = "\n".join(one["title"] for one in before.options)
    for n, one in enumerate(before.options, 1):
        found |= {f"title_{n}": one["title"], f"body_{n}": one["body"]}
    return found


@blueprint.post(ROUND + "/herstemming")
@requires(Permission.RUN_ROUNDS)
@tells_refusals
def hold_run_off(meeting_code: str, number: int) -> ResponseReturnValue:
    """Make the run-off after an outcome that was pronounced."""
    meeting = get_meeting(meeting_code)
    made = choosing.hold_run_off(get_round(meeting.id, number), actor())
    return done(meeting, _("De herstemming staat klaar: stemming %(number)s.", number=made.number))


@blueprint.route(ROUND + "/loting", methods=["GET", "POST"])
@requires(Permission.RUN_ROUNDS, fresh=True)
def draw_lots(meeting_code: str, number: int) -> ResponseReturnValue:
    """Keep for whom lots fell, or let the site draw."""
    meeting = get_meeting(meeting_code)
    found = get_round(meeting.id, number)
    shown = choosing.elected(found)
    if shown is None or not shown.outcome.even:
        raise Missing("lots")
    form = LotsForm()
    form.drawn.choices = [SelectChoice(key, found.titles[key]) for key in shown.outcome.even]
    form.drawn.option_widget = CheckboxInput() if shown.outcome.left > 1 else RadioInput()
    if form.sent():
        try:
            choosing.draw_lots(found, None if "site" in request.form else form.drawn.data, actor())
        except Refused as refused:
            db.rollback()
            form.refuse(refused)
        else:
            return done(meeting, _("De loting is vastgelegd. Iedereen ziet nu wie is gekozen."))
    meeting = get_meeting(meeting_code)
    found = get_round(meeting.id, number)
    status = 422 if request.method in UNSAFE else 200
    return page("console/lots.html", status, meeting=meeting, round=found, form=form, left=shown.outcome.left)
