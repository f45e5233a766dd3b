"""What a person types to sign in, and to accept an invitation."""

from typing import Any, ClassVar

from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from vng_alv.accounts.models import Person
from vng_alv.accounts.service import MIN_PASSWORD
from vng_alv.accounts.strength import easily_guessed
from vng_alv.members.queries import find_association, offices_of
from vng_alv.web import BaseForm, no_controls

NEEDED_EMAIL = _("Vul uw e-mailadres in.")
NEEDED_PASSWORD = _("Vul uw wachtwoord in.")
GUESSED = _(
    "Dit wachtwoord is makkelijk te raden. Kies een paar woorden die niets met u of met elkaar te maken hebben."
)
#: Long enough for every pass phrase, short enough that hashing one stays cheap.
MAX_PASSWORD = 1_000


class SignInForm(BaseForm):
    """Address and password; ``next`` is the page that the person came for."""

    email = EmailField(
        _("E-mailadres"),
        [DataRequired(NEEDED_EMAIL), Length(max=254, message=_("Dit adres is te lang.")), no_controls],
        render_kw={"autocomplete": "username webauthn"},
    )
    password = PasswordField(
        _("Wachtwoord"),
        [DataRequired(NEEDED_PASSWORD), Length(max=MAX_PASSWORD, message=_("Dit wachtwoord is te lang."))],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


_CODE_KEYS = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}


class _Asked:
    """Marks a field that is asked for, in a form that can be sent in another way too."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        """Nothing is wrong with an empty one here."""


class PasskeyForm(BaseForm):
    """The answer of a passkey, which a script put here; ``next`` is the page that the person came for."""

    passkey = HiddenField()
    next = HiddenField()


class ConfirmForm(BaseForm):
    """A fresh second step, beside the fields of the form that needs it; never filled in again."""

    stap_code = StringField(
        _("Code"),
        [_Asked()],
        description=_("De 6 cijfers uit uw app, of een van uw herstelcodes."),
        render_kw=_CODE_KEYS,
    )
    stap_passkey = HiddenField()

    def __init__(self) -> None:
        super().__init__()
        self.stap_code.data = self.stap_passkey.data = ""


class SecondStepForm(BaseForm):
    """A second step at signing in: a code, or the answer of a passkey."""

    code = StringField(
        _("Code"),
        [_Asked(), Length(max=100, message=_("Deze code is te lang."))],
        description=_("De 6 cijfers uit uw app, of een van uw herstelcodes."),
        render_kw=_CODE_KEYS,
    )
    passkey = HiddenField()

    def validate_code(self, field: Any) -> None:
        """One of both."""
        if not (field.data or "").strip() and not self.passkey.data:
            raise ValidationError(str(_("Vul de code in.")))


class AppForm(BaseForm):
    """The first code of a new app, as proof that it works."""

    code = StringField(
        _("Code uit de app"),
        [
            DataRequired(_("Vul de code in die uw app nu laat zien.")),
            Length(max=100, message=_("Deze code is te lang.")),
        ],
        description=_("6 cijfers. Uw app laat elke halve minuut een nieuwe code zien."),
        render_kw={**_CODE_KEYS, "inputmode": "numeric"},
    )
    next = HiddenField()


class NewPasskeyForm(PasskeyForm):
    """A new passkey, with what its owner calls it."""

    name = StringField(
        _("Naam van deze passkey"),
        [Length(max=100, message=_("Deze naam is te lang.")), no_controls],
        description=_("Zo herkent u hem later, bijvoorbeeld: mijn telefoon."),
        render_kw={"autocomplete": "off"},
    )


class AcceptForm(BaseForm):
    """A new password, typed twice; what anybody knows of the ``person`` whose it will be is no password."""

    password = PasswordField(
        _("Kies een wachtwoord"),
        [DataRequired(_("Vul een wachtwoord in."))],
        description=_("Ten minste 12 tekens. Een paar woorden achter elkaar is goed en makkelijk te onthouden."),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _("Het wachtwoord nog een keer"),
        [DataRequired(_("Vul het wachtwoord nog een keer in."))],
        render_kw={"autocomplete": "new-password"},
    )

    def __init__(self, person: Person, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.person = person

    def _known(self) -> list[str]:
        """What somebody who guesses knows of the person: names and addresses, of their municipalities too."""
        association = find_association()
        members = [office.member.name for office in offices_of(self.person.id)]
        return [self.person.email, self.person.name, *members, *([association.name] if association else [])]

    def validate_password(self, field: Any) -> None:
        """Long enough to be guessed by nobody, and not what everybody knows."""
        password = field.data or ""
        if len(password) < MIN_PASSWORD:
            raise ValidationError(str(_("Dit wachtwoord is te kort. Gebruik ten minste 12 tekens.")))
        if len(password) > MAX_PASSWORD:
            raise ValidationError(str(_("Dit wachtwoord is te lang.")))
        if password.strip().lower() == self.person.email:
            raise ValidationError(str(_("Uw e-mailadres kan niet uw wachtwoord zijn.")))
        if easily_guessed(password, self._known()):
            raise ValidationError(str(GUESSED))

    def validate_again(self, field: Any) -> None:
        """The same twice."""
        if field.data != self.password.data:
            raise ValidationError(str(_("Dit is niet hetzelfde wachtwoord. Vul ze allebei opnieuw in.")))
