"""What a person fills in about the register and the association, and the words that belong to it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, StopValidation, ValidationError

from vng_alv.domain.band_lines import LineFault, read_bands, write_bands
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.numbers import grouped
from vng_alv.domain.timing import EARLIEST
from vng_alv.domain.weight_words import fault_words
from vng_alv.domain.weights import MAX_VOTES, Band, Bands, Fixed, Formula, Rounding, WeightKind, WeightRule
from vng_alv.members.models import Association
from vng_alv.web import BaseForm, locale, no_controls

#: An address as browsers and mail servers take it.
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+\Z", re.ASCII | re.IGNORECASE)

OFFICES: dict[OfficeKind, Any] = {
    OfficeKind.MAYOR: _("burgemeester"),
    OfficeKind.ALDERMAN: _("wethouder"),
    OfficeKind.COUNCILLOR: _("raadslid"),
    OfficeKind.SECRETARY: _("gemeentesecretaris"),
    OfficeKind.CLERK: _("griffier"),
    OfficeKind.OFFICIAL: _("ambtenaar"),
}

ROUNDINGS: dict[Rounding, Any] = {
    Rounding.DOWN: _("Naar beneden: een deel telt niet mee"),
    Rounding.HALF_UP: _("Naar het dichtste getal: vanaf de helft telt een deel mee"),
    Rounding.UP: _("Naar boven: elk deel telt als een hele stem"),
}

WEIGHT_KINDS: dict[WeightKind, Any] = {
    WeightKind.FORMULA: _("Een formule: één stem per zoveel inwoners"),
    WeightKind.BANDS: _("Een tabel met klassen: het aantal stemmen hangt af van de klasse"),
    WeightKind.FIXED: _("Vaste aantallen: elk lid evenveel, of een eigen aantal in het ledenbestand"),
}

#: What is wrong with a row of an import, by the code of its fault.
FAULTS: dict[str, Any] = {
    "empty_file": _("Het bestand is leeg."),
    "no_rows": _("Onder de kopregel staan geen gemeenten."),
    "no_column_code": _("De kolom met de gemeentecode ontbreekt. Noem die kolom: code."),
    "no_column_name": _("De kolom met de naam ontbreekt. Noem die kolom: naam."),
    "no_column_province": _("De kolom met de provincie ontbreekt. Noem die kolom: provincie."),
    "no_column_population": _("De kolom met het aantal inwoners ontbreekt. Noem die kolom: inwoners."),
    "code_missing": _("De gemeentecode ontbreekt."),
    "code_strange": _("Deze gemeentecode kan niet. Een code heeft alleen letters en cijfers, ten hoogste 20."),
    "code_twice": _("Deze gemeentecode staat er al. Tussen haakjes staat in welke rij."),
    "name_missing": _("De naam ontbreekt."),
    "name_strange": _("Deze naam is te lang, of er staan vreemde tekens in."),
    "province_missing": _("De provincie ontbreekt."),
    "province_strange": _("Deze provincie is te lang, of er staan vreemde tekens in."),
    "population_missing": _("Het aantal inwoners ontbreekt."),
    "population_negative": _("Het aantal inwoners kan niet kleiner zijn dan 0."),
    "population_strange": _("Dit is geen heel aantal inwoners."),
    "votes_strange": _("Dit is geen heel aantal stemmen van 0 tot en met 1.000.000."),
    "advisory_strange": _("Schrijf hier ja of nee: heeft deze gemeente een adviserende stem?"),
    "valid_from_strange": _("Dit is geen dag. Schrijf die als 2027-01-31 of als 31-1-2027."),
    "valid_until_strange": _("Dit is geen dag. Schrijf die als 2027-01-31 of als 31-1-2027."),
    "valid_until_early": _("De dag bij tot moet na de dag bij vanaf komen."),
}


def tidy(text: str | None) -> str:
    """Typed text without the spaces around it."""
    return (text or "").strip()


class InvitedForm(BaseForm):
    """Who gets an invitation."""

    name = StringField(
        _("Naam"),
        [DataRequired(_("Vul de naam in.")), Length(max=200, message=_("Deze naam is te lang.")), no_controls],
        filters=[tidy],
        render_kw={"autocomplete": "off"},
    )
    email = EmailField(
        _("E-mailadres"),
        [
            DataRequired(_("Vul het e-mailadres in.")),
            Length(max=254, message=_("Dit adres is te lang.")),
            no_controls,
            Regexp(ADDRESS, message=_("Dit is geen e-mailadres, zoals naam@gemeente.nl.")),
        ],
        filters=[tidy],
        description=_("Hierheen gaat de uitnodiging."),
        render_kw={"autocomplete": "off"},
    )


class ImportForm(BaseForm):
    """A file with members."""

    file = FileField(
        _("Bestand"),
        [InputRequired(_("Kies een bestand."))],
        description=_(
            "CSV of Excel (.xlsx), met vier kolommen: code, naam, provincie en inwoners. "
            "Mag ook: stemmen, adviserend, vanaf en tot."
        ),
        render_kw={"accept": ".csv,.txt,.xlsx,text/csv"},
    )


class ApplyForm(BaseForm):
    """Agreement with the changes that were shown; ``seen`` says which ones those were."""

    seen = HiddenField(validators=[Length(max=64)])


def _between(lowest: int, highest: int, *, required: bool = True) -> Callable[[Any, Any], None]:
    """A validator: a whole number from ``lowest`` to ``highest``, with one message for whatever else was typed."""

    def check(_form: Any, field: Any) -> None:
        if field.data is None or not lowest <= field.data <= highest:
            field.errors = []
            low, high = grouped(lowest, locale()), grouped(highest, locale())
            raise StopValidation(gettext("Vul een heel getal in van %(low)s tot en met %(high)s.", low=low, high=high))

    check.field_flags = {"required": True} if required else {}  # type: ignore[attr-defined]
    return check


def _line_sentence(fault: LineFault) -> str:
    """A fault of the table of bands, with its line and what stands there."""
    what = fault_words(fault.what, locale())
    if not fault.line:
        return what[0].upper() + what[1:] + "."
    return str(gettext("Regel %(line)s (%(text)s): %(what)s.", line=fault.line, text=fault.text[:60], what=what))


def _number(label: Any, lowest: int, highest: int, hint: Any) -> IntegerField:
    return IntegerField(label, [_between(lowest, highest)], description=hint, render_kw={"inputmode": "numeric"})


class SettingsForm(BaseForm):
    """The association's rules and how it is reached."""

    name = StringField(_("Naam van de vereniging"), [DataRequired(_("Vul de naam in.")), Length(max=200), no_controls])
    phone = StringField(
        _("Telefoonnummer van het secretariaat"),
        [DataRequired(_("Vul het telefoonnummer in.")), Length(max=40), no_controls],
        description=_("Staat onder elke bladzijde en in elke mail."),
        render_kw={"type": "tel"},
    )
    weight_kind = RadioField(
        _("Hoe krijgt een gemeente haar stemmen?"),
        choices=[SelectChoice(key.value, words) for key, words in WEIGHT_KINDS.items()],
    )
    divisor = _number(
        _("Inwoners voor één stem"), 1, 10_000_000, _("Een gemeente heeft één stem voor zoveel inwoners.")
    )
    rounding = RadioField(_("Afronding"), choices=[SelectChoice(key.value, words) for key, words in ROUNDINGS.items()])
    floor = _number(_("Ten minste"), 0, 1_000_000, _("Zoveel stemmen heeft ook de kleinste gemeente."))
    cap = IntegerField(
        _("Ten hoogste"),
        [Optional(), _between(1, MAX_VOTES, required=False)],
        description=_("Meer stemmen heeft ook de grootste gemeente niet. Zonder getal is er geen hoogste aantal."),
        render_kw={"inputmode": "numeric"},
    )
    band_lines = TextAreaField(
        _("Klassen"),
        [Length(max=5_000, message=_("Deze tekst is te lang."))],
        description=_(
            "Elke klasse op een eigen regel: vanaf hoeveel inwoners; hoeveel stemmen. Bijvoorbeeld: 200.001; 5. "
            "De eerste klasse begint bij 0, en de laatste heeft geen einde."
        ),
        render_kw={"rows": 8, "spellcheck": "false"},
    )
    fixed_votes = _number(
        _("Stemmen van elk lid"),
        0,
        MAX_VOTES,
        _("Een gemeente met een eigen aantal in het ledenbestand (kolom stemmen) houdt dat aantal."),
    )
    rule = RadioField(_("Wanneer is een voorstel aangenomen?"), description=_("Geldt voor nieuwe stemmingen."))
    statute_rule = RadioField(
        _("Wanneer is een wijziging van de statuten aangenomen?"),
        description=_("De wet vraagt ten minste twee derde, tenzij de statuten iets anders zeggen."),
    )
    invitation_days = _number(
        _("Dagen dat een uitnodiging geldt"), 1, 90, _("Daarna werkt de link in de mail niet meer.")
    )

    proxies_per_member = _number(
        _("Volmachten"),
        0,
        1_000,
        _("Voor zoveel andere gemeenten mag één gemeente stemmen. Bij 0 kent de vereniging geen volmachten."),
    )

    amendment_days = _number(
        _("Werkdagen voor de vergadering"),
        0,
        60,
        _("Zoveel werkdagen voor de vergadering sluit het indienen. Weekend en feestdagen tellen niet mee."),
    )
    amendment_clock = TimeField(
        _("Uur van sluiten"), [InputRequired(_("Vul dit in."))], description=_("Nederlandse tijd, bijvoorbeeld 12:00.")
    )
    co_submitters = _number(
        _("Mede-indieners"),
        0,
        400,
        _("Zoveel andere gemeenten moeten een amendement of motie mee indienen. Bij 0 mag een gemeente het alleen."),
    )

    convocation_days = _number(
        _("Oproepen (dagen)"),
        0,
        60,
        _(
            "Zoveel dagen liggen er ten minste tussen de convocatie en de vergadering. De dag van versturen en die van "
            "de vergadering tellen niet mee. Neem over wat uw statuten zeggen."
        ),
    )
    papers_days = _number(
        _("Stukken (werkdagen voor de vergadering)"), 0, 120, _("Dan hebben de leden uiterlijk alle stukken.")
    )

    early_voting_days = _number(
        _("Vooraf stemmen (dagen)"),
        0,
        EARLIEST,
        _(
            "Zoveel dagen voor een ledenvergadering mag al elektronisch worden gestemd, als de statuten dat toestaan. "
            "De wet laat ten hoogste 30 dagen toe. Bij 0 kan het pas op de dag zelf."
        ),
    )

    divides_votes = BooleanField(
        _("Gemeenten mogen hun stemmen verdelen"),
        description=_(
            "Dan kan een gemeente bijvoorbeeld 40 stemmen voor en 35 tegen uitbrengen. Niet bij een regel die leden "
            "telt, en niet bij een vraag met meer plaatsen. Staat dit uit, dan gaan alle stemmen naar één antwoord."
        ),
    )

    def __init__(self, rules: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for field in (self.rule, self.statute_rule):
            field.choices = [SelectChoice(name, words) for name, words in rules.items()]

    def validate_cap(self, field: Any) -> None:
        """The most is not less than the least."""
        if self.floor.data is not None and field.data is not None and field.data < self.floor.data:
            raise ValidationError(str(_("Dit moet ten minste zoveel zijn als het minimum hierboven.")))

    def validate_band_lines(self, field: Any) -> None:
        """Every line is right; there need to be none unless bands are what counts."""
        _bands, faults = read_bands(field.data or "")
        if (field.data or "").strip() or self.weight_kind.data == WeightKind.BANDS:
            field.errors.extend(map(_line_sentence, faults))

    @classmethod
    def of(cls, association: Association, rules: Mapping[str, str]) -> "SettingsForm":
        """The form with what counts now; ``rules`` are those to choose from, with their words."""
        bands = Bands(tuple(Band(lower, votes) for lower, votes in association.bands))
        return cls(rules, obj=association, band_lines=write_bands(bands, locale()))

    def bands(self) -> Bands:
        """The table as it was typed."""
        return read_bands(self.band_lines.data or "")[0]

    def weight_rule(self) -> WeightRule:
        """The rule as it was filled in."""
        match WeightKind(self.weight_kind.data):
            case WeightKind.FORMULA:
                return Formula(self.divisor.data, Rounding(self.rounding.data), self.floor.data, self.cap.data)
            case WeightKind.BANDS:
                return self.bands()
            case WeightKind.FIXED:
                return Fixed(self.fixed_votes.data)

    def values(self) -> dict[str, Any]:
        """The settings by the name of their column."""
        return {
            "name": self.name.data.strip(),
            "phone": self.phone.data.strip(),
            "weight_kind": WeightKind(self.weight_kind.data),
            "bands": [[band.lower, band.votes] for band in self.bands().table],
            "fixed_votes": self.fixed_votes.data,
            "divisor": self.divisor.data,
            "rounding": Rounding(self.rounding.data),
            "floor": self.floor.data,
            "cap": self.cap.data,
            "rule": self.rule.data,
            "statute_rule": self.statute_rule.data,
            "invitation_days": self.invitation_days.data,
            "proxies_per_member": self.proxies_per_member.data,
            "amendment_days": self.amendment_days.data,
            "amendment_clock": self.amendment_clock.data,
            "co_submitters": self.co_submitters.data,
            "convocation_days": self.convocation_days.data,
            "papers_days": self.papers_days.data,
            "early_voting_days": self.early_voting_days.data,
            "divides_votes": self.divides_votes.data,
        }
