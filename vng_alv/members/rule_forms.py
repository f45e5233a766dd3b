"""What is filled in to make a rule of decision, and the words that belong to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.validators import Optional as MayBeEmpty

from vng_alv.domain.majority import Base, Comparison, Measure, Quorum, Rule, Taking, Threshold, Tie
from vng_alv.domain.rulebook import LARGEST
from vng_alv.domain.sentences import threshold
from vng_alv.members import rules
from vng_alv.members.forms import tidy
from vng_alv.members.models import DecisionRule
from vng_alv.members.rules import MAX_NAME
from vng_alv.web import BaseForm, locale, no_controls

COMPARISONS: dict[Comparison, Any] = {Comparison.MORE_THAN: _("meer dan"), Comparison.AT_LEAST: _("ten minste")}
BASES: dict[Base, Any] = {
    Base.FOR_AGAINST: _("wie voor of tegen stemde"),
    Base.VALID: _("wie stemde, onthouding ook"),
    Base.PRESENT: _("wie aanwezig is"),
    Base.ELECTORATE: _("alle leden"),
}
MEASURES: dict[Measure, Any] = {Measure.WEIGHT: _("naar stemgewicht"), Measure.MEMBERS: _("naar aantal leden")}
TAKINGS: dict[Taking, Any] = {Taking.VOTED: _("heeft gestemd"), Taking.PRESENT: _("is aanwezig")}
TIES: dict[Tie, Any] = {Tie.REJECTED: _("verworpen"), Tie.TIED: _("gestaakt: er komt een nieuwe stemming")}


def _choice(label: Any, words: dict[Any, Any]) -> SelectField:
    choices = [SelectChoice(key.value, text) for key, text in words.items()]
    return SelectField(label, [InputRequired(_("Kies een van de mogelijkheden."))], choices=choices)


def _fraction(label: Any, *, needed: bool = True) -> IntegerField:
    missing = InputRequired(_("Vul een heel getal in.")) if needed else MayBeEmpty()
    return IntegerField(label, [missing, NumberRange(1, LARGEST, _("Vul een heel getal in van 1 tot en met 1000."))])


def decision_words(own: Sequence[DecisionRule], known: Mapping[str, Rule] | None = None) -> dict[str, str]:
    """Every rule that can be chosen (or those that are ``known`` where it is), by its stored name: in words, the
    association's ``own`` with their name before it."""
    names = {one.id.hex: one.name for one in own}
    words = {key: threshold(rule, locale()) for key, rule in (known or rules.known_rules(own)).items()}
    return {key: f"{names[key]}: {text}" if key in names else text[0].upper() + text[1:] for key, text in words.items()}


class RuleForm(BaseForm):
    """One rule: a threshold, perhaps a second one, perhaps a quorum."""

    name = StringField(
        _("Naam"), [DataRequired(_("Vul de naam in.")), Length(max=MAX_NAME), no_controls], filters=[tidy],
        description=_("Zo staat de regel in de lijst, bijvoorbeeld: benoemingen."),
    )  # fmt: skip
    comparison = _choice(_("Nodig is"), COMPARISONS)
    numerator = _fraction(_("Teller"))
    denominator = _fraction(_("Noemer"))
    base = _choice(_("van"), BASES)
    measure = _choice(_("geteld"), MEASURES)
    tie = _choice(_("Evenveel voor als tegen is"), TIES)
    second = BooleanField(_("Ook een drempel naar het andere: aantal leden, of stemgewicht"))
    second_comparison = _choice(_("Nodig is ook"), COMPARISONS)
    second_numerator = _fraction(_("Teller van de tweede drempel"), needed=False)
    second_denominator = _fraction(_("Noemer van de tweede drempel"), needed=False)
    second_base = _choice(_("van"), BASES)
    quorum = BooleanField(_("Alleen geldig met een quorum"))
    quorum_comparison = _choice(_("Quorum"), COMPARISONS)
    quorum_numerator = _fraction(_("Teller van het quorum"), needed=False)
    quorum_denominator = _fraction(_("Noemer van het quorum"), needed=False)
    quorum_base = _choice(_("van"), {base: BASES[base] for base in (Base.ELECTORATE, Base.PRESENT)})
    quorum_measure = _choice(_("geteld"), MEASURES)
    taking = _choice(_("Meetellen doet wie"), TAKINGS)

    def validate(self, extra_validators: Any = None) -> bool:
        """A part that is asked for has a fraction."""
        fine = bool(super().validate(extra_validators))
        for wanted, part in ((self.second, "second"), (self.quorum, "quorum")):
            for field in (self[f"{part}_numerator"], self[f"{part}_denominator"]):
                if wanted.data and field.data is None and not field.errors:
                    field.errors = [str(_("Vul een heel getal in."))]
                    fine = False
        return fine

    def rule(self) -> Rule:
        """The rule as it was filled in; whether it can be is for ``domain.rulebook.faults``."""
        measure = Measure(self.measure.data)
        other = Measure.MEMBERS if measure is Measure.WEIGHT else Measure.WEIGHT
        first = Threshold(
            Comparison(self.comparison.data), self.numerator.data, self.denominator.data, Base(self.base.data), measure
        )
        second = Threshold(
            Comparison(self.second_comparison.data), self.second_numerator.data, self.second_denominator.data,
            Base(self.second_base.data), other,
        ) if self.second.data else None  # fmt: skip
        quorum = Quorum(
            Comparison(self.quorum_comparison.data), self.quorum_numerator.data, self.quorum_denominator.data,
            Taking(self.taking.data), Base(self.quorum_base.data), Measure(self.quorum_measure.data),
        ) if self.quorum.data else None  # fmt: skip
        return Rule(first, second, quorum, Tie(self.tie.data))
