"""What a person types to sign in, and to accept an invitation."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import DataRequired, Length, ValidationError

from vng_alv.accounts.service import MIN_PASSWORD
from vng_alv.web import BaseForm, no_controls

NEEDED_EMAIL = _("Vul uw e-mailadres in.")
NEEDED_PASSWORD = _("Vul uw wachtwoord in.")
#: Long enough for every pass phrase, short enough that hashing one stays cheap.
MAX_PASSWORD = 1_000


class SignInForm(BaseForm):
    """Address and password; ``next`` is the page that the person came for."""

    email = EmailField(
        _("E-mailadres"),
        [DataRequired(NEEDED_EMAIL), Length(max=254, message=_("Dit adres is te lang.")), no_controls],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _("Wachtwoord"),
        [DataRequired(NEEDED_PASSWORD), Length(max=MAX_PASSWORD, message=_("Dit wachtwoord is te lang."))],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()


class AcceptForm(BaseForm):
    """The password of a new account, typed twice. ``address`` is the person's own, which is no password."""

    password = PasswordField(
        _("Kies een wachtwoord"),
        [DataRequired(_("Kies een wachtwoord."))],
        description=_("Ten minste 12 tekens. Een paar woorden achter elkaar is goed en makkelijk te onthouden."),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _("Het wachtwoord nog een keer"),
        [DataRequired(_("Vul het wachtwoord nog een keer in."))],
        render_kw={"autocomplete": "new-password"},
    )

    def __init__(self, address: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.address = address

    def validate_password(self, field: Any) -> None:
        """Long enough to be guessed by nobody, and not what everybody knows."""
        password = field.data or ""
        if len(password) < MIN_PASSWORD:
            raise ValidationError(str(_("Dit wachtwoord is te kort. Gebruik ten minste 12 tekens.")))
        if len(password) > MAX_PASSWORD:
            raise ValidationError(str(_("Dit wachtwoord is te lang.")))
        if password.strip().lower() == self.address:
            raise ValidationError(str(_("Uw e-mailadres kan niet uw wachtwoord zijn.")))
        if len(set(password)) < 4:
            raise ValidationError(str(_("Dit wachtwoord is te eenvoudig. Gebruik meer verschillende tekens.")))

    def validate_again(self, field: Any) -> None:
        """The same twice."""
        if field.data != self.password.data:
            raise ValidationError(str(_("Dit is niet hetzelfde wachtwoord. Vul ze allebei opnieuw in.")))
