"""What a person types about their own account: another password, another address."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired, Length, Regexp, ValidationError

from vng_alv.accounts.service import EMAIL
from vng_alv.identity.forms import MAX_PASSWORD, NEEDED_EMAIL, AcceptForm
from vng_alv.web import BaseForm, no_controls


def _tidy(text: str | None) -> str:
    return (text or "").strip()


class AddressForm(BaseForm):
    """One mail address."""

    email = EmailField(
        _("E-mailadres"),
        [
            DataRequired(NEEDED_EMAIL),
            Length(max=254, message=_("Dit adres is te lang.")),
            no_controls,
            Regexp(EMAIL.pattern + r"\Z", message=_("Dit is geen e-mailadres, zoals naam@gemeente.nl.")),
        ],
        filters=[_tidy],
        render_kw={"autocomplete": "email"},
    )


class NewAddressForm(AddressForm):
    """Another address than the one that somebody has."""

    def __init__(self, own: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.own = own

    def validate_email(self, field: Any) -> None:
        """Not the one that there is."""
        if (field.data or "").lower() == self.own:
            raise ValidationError(str(_("Dit is uw adres al.")))


class ChangePasswordForm(AcceptForm):
    """Another password, and the one that there is."""

    current = PasswordField(
        _("Uw wachtwoord van nu"),
        [
            DataRequired(_("Vul uw wachtwoord van nu in.")),
            Length(max=MAX_PASSWORD, message=_("Dit wachtwoord is te lang.")),
        ],
        render_kw={"autocomplete": "current-password"},
    )
