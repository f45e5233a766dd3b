"""What a person fills in about the register and the association, and the words that belong to it."""

import re
from collections.abc import Callable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import FileField, HiddenField, IntegerField, RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation, ValidationError

from vng_alv.domain.majority import RULES
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.numbers import grouped
from vng_alv.domain.weights import Rounding, WeightRule
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

RULE_WORDS: dict[str, Any] = {
    "simple": _("Meer dan de helft van de stemmen voor en tegen"),
    "two_thirds": _("Ten minste twee derde van de stemmen voor en tegen"),
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
}


class ImportForm(BaseForm):
    """A file with members."""

    file = FileField(
        _("Bestand"),
        [InputRequired(_("Kies een bestand."))],
        description=_("CSV of Excel (.xlsx), met vier kolommen: code, naam, provincie en inwoners."),
        render_kw={"accept": ".csv,.txt,.xlsx,text/csv"},
    )


class ApplyForm(BaseForm):
    """Agreement with the changes that were shown; ``seen`` says which ones those were."""

    seen = HiddenField(validators=[Length(max=64)])


def _between(lowest: int, highest: int) -> Callable[[Any, Any], None]:
    """A validator: a whole number from ``lowest`` to ``highest``, with one message for whatever else was typed."""

    def check(_form: Any, field: Any) -> None:
        if field.data is None or not lowest <= field.data <= highest:
            field.errors = []
            low, high = grouped(lowest, locale()), grouped(highest, locale())
            raise StopValidation(gettext("Vul een heel getal in van %(low)s tot en met %(high)s.", low=low, high=high))

    check.field_flags = {"required": True}  # type: ignore[attr-defined]
    return check


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
    divisor = _number(
        _("Inwoners voor één stem"), 1, 10_000_000, _("Een gemeente heeft één stem voor zoveel inwoners.")
    )
    rounding = RadioField(_("Afronding"), choices=[SelectChoice(key.value, words) for key, words in ROUNDINGS.items()])
    floor = _number(_("Ten minste"), 0, 1_000_000, _("Zoveel stemmen heeft ook de kleinste gemeente."))
    cap = _number(_("Ten hoogste"), 1, 1_000_000, _("Meer stemmen heeft ook de grootste gemeente niet."))
    rule = RadioField(
        _("Wanneer is een voorstel aangenomen?"),
        choices=[SelectChoice(name, RULE_WORDS[name]) for name in RULES],
        description=_("Geldt voor nieuwe stemmingen. Een statutenwijziging vraagt altijd ten minste twee derde."),
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

    def validate_cap(self, field: Any) -> None:
        """The most is not less than the least."""
        if self.floor.data is not None and field.data is not None and field.data < self.floor.data:
            raise ValidationError(str(_("Dit moet ten minste zoveel zijn als het minimum hierboven.")))

    def weight_rule(self) -> WeightRule:
        """The rule as it was filled in."""
        return WeightRule(self.divisor.data, Rounding(self.rounding.data), self.floor.data, self.cap.data)

    def values(self) -> dict[str, Any]:
        """The settings by the name of their column."""
        return {
            "name": self.name.data.strip(),
            "phone": self.phone.data.strip(),
            "divisor": self.divisor.data,
            "rounding": Rounding(self.rounding.data),
            "floor": self.floor.data,
            "cap": self.cap.data,
            "rule": self.rule.data,
            "invitation_days": self.invitation_days.data,
            "proxies_per_member": self.proxies_per_member.data,
        }
