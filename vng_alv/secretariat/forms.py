"""What the secretariat fills in about people, and the words for roles, notices and acts."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import EmailField, RadioField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length, Regexp, ValidationError
from wtforms.widgets import CheckboxInput

from vng_alv.domain.mandates import MANDATE_OFFICES, OfficeKind
from vng_alv.domain.permissions import Role
from vng_alv.meetings.models import Meeting
from vng_alv.members.forms import ADDRESS, OFFICES
from vng_alv.members.models import Member
from vng_alv.notifications.models import NoticeKind, NoticeState
from vng_alv.secretariat.service import Invitee
from vng_alv.web import BaseForm, no_controls

ROLES: dict[Role, Any] = {
    Role.SECRETARIAT: _("secretariaat"),
    Role.CHAIR: _("voorzitter"),
    Role.BOARD: _("bestuurslid"),
    Role.RAPPORTEUR: _("rapporteur"),
    Role.TELLER: _("lid van de stemcommissie"),
    Role.AUDITOR: _("controleur"),
    Role.ADMINISTRATOR: _("beheerder"),
}

NOTICE_KINDS: dict[NoticeKind, Any] = {
    NoticeKind.INVITATION: _("Uitnodiging"),
    NoticeKind.INVITATION_REMINDER: _("Herinnering aan een uitnodiging"),
    NoticeKind.OFFICE_GIVEN: _("Functie gekregen"),
    NoticeKind.MANDATE_GIVEN: _("Stemkaart gekregen"),
    NoticeKind.MANDATE_ENDED: _("Stemkaart beëindigd"),
    NoticeKind.RESET_PASSWORD: _("Nieuw wachtwoord"),
    NoticeKind.LEAVE_ADDRESS: _("Ander e-mailadres, aan het oude adres"),
    NoticeKind.TAKE_ADDRESS: _("Ander e-mailadres, aan het nieuwe adres"),
    NoticeKind.SIGN_IN_CHANGED: _("Manier van inloggen gewijzigd"),
    NoticeKind.NEW_DEVICE: _("Ingelogd met een nieuw apparaat"),
    NoticeKind.CONSULTATION_OPENED: _("Consultatie geopend"),
    NoticeKind.VOTE_OPENED: _("Stemming geopend"),
    NoticeKind.RECEIPT: _("Stembewijs"),
    NoticeKind.RESULT: _("Uitslag"),
}

NOTICE_STATES: dict[NoticeState, Any] = {
    NoticeState.QUEUED: _("wacht op verzending"),
    NoticeState.SENT: _("verzonden"),
    NoticeState.FAILED: _("niet gelukt"),
}

#: The acts of the log in words; an act without words is shown as its code.
ACTS: dict[str, Any] = {
    "association.create": _("Vereniging ingericht"),
    "association.change": _("Regels van de vereniging gewijzigd"),
    "register.import": _("Ledenbestand geïmporteerd"),
    "office.give": _("Functie gegeven"),
    "office.end": _("Functie beëindigd"),
    "people.import": _("Personen uitgenodigd uit een bestand"),
    "people.remind": _("Herinnering aan uitnodigingen gestuurd"),
    "person.create": _("Persoon gemaakt"),
    "person.invite": _("Persoon uitgenodigd"),
    "person.accept": _("Uitnodiging aangenomen"),
    "person.password": _("Wachtwoord gewijzigd"),
    "person.disable": _("Account uitgezet"),
    "person.enable": _("Account weer aangezet"),
    "person.erase": _("Persoonsgegevens gewist"),
    "password.ask": _("Nieuw wachtwoord aangevraagd"),
    "address.ask": _("Ander e-mailadres aangevraagd"),
    "person.address": _("E-mailadres gewijzigd"),
    "identity.link": _("Inloggen via een organisatie gekoppeld"),
    "role.grant": _("Rol gegeven"),
    "session.start": _("Ingelogd"),
    "session.end": _("Uitgelogd"),
    "session.end_others": _("Alle andere apparaten uitgelogd"),
    "session.end_all": _("Overal uitgelogd door het secretariaat"),
    "session.refuse": _("Inloggen geweigerd"),
    "factor.add": _("Tweede stap toegevoegd"),
    "factor.remove": _("Tweede stap verwijderd"),
    "factor.codes": _("Nieuwe herstelcodes gemaakt"),
    "factor.use": _("Herstelcode gebruikt"),
    "factor.refuse": _("Tweede stap geweigerd"),
    "factor.reset_ask": _("Gevraagd om een tweede stap weg te halen"),
    "factor.reset": _("Tweede stap weggehaald door twee mensen"),
    "factor.reset_withdraw": _("Verzoek om een tweede stap weg te halen ingetrokken"),
    "meeting.create": _("Vergadering gemaakt"),
    "agenda.add": _("Agendapunt toegevoegd"),
    "mandate.give": _("Stemkaart gegeven"),
    "mandate.end": _("Stemkaart beëindigd"),
    "mandate.give_all": _("Alle stemkaarten gegeven"),
    "proxy.give": _("Volmacht gegeven"),
    "proxy.end": _("Volmacht teruggenomen"),
    "proposal.create": _("Stuk gemaakt"),
    "version.import": _("Tekst geïmporteerd"),
    "version.publish": _("Tekst gepubliceerd"),
    "advice.give": _("Advies gegeven"),
    "consultation.open": _("Consultatie geopend"),
    "consultation.deadline": _("Einde van de consultatie gewijzigd"),
    "comments.send": _("Reactie verstuurd namens een gemeente"),
    "comment.answer": _("Reactie beantwoord"),
    "round.prepare": _("Stemming klaargezet"),
    "round.open": _("Stemming geopend"),
    "round.close": _("Stemming gesloten"),
    "round.count": _("Stemming geteld"),
    "round.publish": _("Uitslag bekendgemaakt"),
    "round.annul": _("Stemming ongeldig verklaard"),
    "round.rule": _("Regel van een stemming gewijzigd"),
    "ballot.cast": _("Stem uitgebracht"),
}


def tidy(text: str | None) -> str:
    """Typed text without the spaces around it."""
    return (text or "").strip()


def as_option(member: Member) -> str:
    """A member as the list of suggestions spells it."""
    return f"{member.name} ({member.code})"


class InviteForm(BaseForm):
    """A person, where they work, and what they may do."""

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
    phone = StringField(
        _("Telefoon"),
        [Length(max=40, message=_("Dit nummer is te lang.")), no_controls],
        filters=[tidy],
        description=_("Zo kunt u de persoon bellen tijdens een stemming."),
        render_kw={"type": "tel", "autocomplete": "off"},
    )
    locale = RadioField(
        _("Taal van de mails"),
        choices=[SelectChoice("nl", "Nederlands"), SelectChoice("en", "English")],
        default="nl",
    )
    member = StringField(
        _("Gemeente"),
        [Length(max=240), no_controls],
        filters=[tidy],
        description=_("Typ de naam of de code. Laat dit leeg voor een medewerker van de vereniging."),
        render_kw={"list": "gemeenten", "autocomplete": "off"},
    )
    office = SelectField(
        _("Functie bij die gemeente"),
        choices=[SelectChoice("", _("Geen")), *(SelectChoice(kind.value, words) for kind, words in OFFICES.items())],
        description=_("Een ambtenaar kan meelezen en reageren, maar heeft geen stemkaart."),
    )
    meeting = SelectField(
        _("Stemkaart voor vergadering"),
        description=_(
            "Wie de stemkaart heeft, stemt daar namens de gemeente. Wie de stemkaart nu heeft, is die dan kwijt."
        ),
    )
    roles = SelectMultipleField(
        _("Rol bij de vereniging (hoeft niet)"),
        choices=[SelectChoice(role.value, words) for role, words in ROLES.items()],
        option_widget=CheckboxInput(),
    )

    def __init__(self, members: Sequence[Member], meetings: Sequence[Meeting], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.members, self.meetings = members, {meeting.code: meeting for meeting in meetings}
        self.meeting.choices = [SelectChoice("", str(_("Geen"))), *(SelectChoice(m.code, m.title) for m in meetings)]
        found = self.find_member()
        if found:
            self.member.data = as_option(found)

    def find_member(self) -> Member | None:
        """The member that was typed: by code, by name, or as the list spells it."""
        typed = self.member.data.lower()
        for member in self.members:
            if typed and typed in {member.code.lower(), member.name.lower(), as_option(member).lower()}:
                return member
        return None

    def validate_member(self, field: Any) -> None:
        """A member that there is; and somebody is of a member, of the association, or of both."""
        if field.data and self.find_member() is None:
            raise ValidationError(str(_("Deze gemeente staat niet in het ledenbestand. Kies er een uit de lijst.")))
        if not field.data and not self.roles.data:
            raise ValidationError(str(_("Kies een gemeente, of hieronder een rol bij de vereniging.")))

    def validate_office(self, field: Any) -> None:
        """An office belongs to a member, and the other way round."""
        if self.member.data and not field.data:
            raise ValidationError(str(_("Kies de functie bij deze gemeente.")))
        if field.data and not self.member.data:
            raise ValidationError(str(_("Kies ook de gemeente, of kies hier: Geen.")))

    def validate_meeting(self, field: Any) -> None:
        """A mandate goes to an office that may hold it."""
        asked = field.data and (self.office.data or not self.member.data)
        if asked and self.office.data not in MANDATE_OFFICES:
            raise ValidationError(str(_("Met deze functie kan iemand geen stemkaart hebben.")))

    def invitee(self) -> Invitee:
        """Who was filled in."""
        return Invitee(
            name=self.name.data,
            email=self.email.data,
            phone=self.phone.data,
            locale=self.locale.data,
            roles=frozenset(Role(role) for role in self.roles.data or ()),
            member=self.find_member(),
            office=OfficeKind(self.office.data) if self.office.data else None,
            meeting=self.meetings.get(self.meeting.data),
        )
