"""What the secretariat fills in about people, and the words for roles, notices and acts."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput

from vng_alv.domain.mandates import MANDATE_OFFICES, OfficeKind
from vng_alv.domain.permissions import Role
from vng_alv.meetings.models import Meeting
from vng_alv.members.forms import OFFICES, InvitedForm, tidy
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
    NoticeKind.CO_SUBMITTER_ASKED: _("Gevraagd om mee in te dienen"),
    NoticeKind.CONVOCATION: _("Convocatie"),
    NoticeKind.SUPPLEMENT: _("Nazending"),
    NoticeKind.SUBMISSION_NEWS: _("Nieuws over amendement of motie"),
    NoticeKind.MANDATE_GIVEN: _("Stemkaart gekregen"),
    NoticeKind.MANDATE_ENDED: _("Stemkaart beëindigd"),
    NoticeKind.RESET_PASSWORD: _("Nieuw wachtwoord"),
    NoticeKind.LEAVE_ADDRESS: _("Ander e-mailadres, aan het oude adres"),
    NoticeKind.TAKE_ADDRESS: _("Ander e-mailadres, aan het nieuwe adres"),
    NoticeKind.SIGN_IN_CHANGED: _("Manier van inloggen of rollen gewijzigd"),
    NoticeKind.NEW_DEVICE: _("Ingelogd met een nieuw apparaat"),
    NoticeKind.CONSULTATION_OPENED: _("Consultatie geopend"),
    NoticeKind.REACTION_REMINDER: _("Herinnering: nog te reageren"),
    NoticeKind.MANDATE_REMINDER: _("Herinnering: nog geen afgevaardigde"),
    NoticeKind.VOTE_OPENED: _("Stemming geopend"),
    NoticeKind.VOTE_REMINDER: _("Herinnering: nog te stemmen"),
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
    "rule.make": _("Besluitregel gemaakt"),
    "rule.remove": _("Besluitregel verwijderd"),
    "attendance.arrive": _("Gemeente aangemeld als aanwezig"),
    "attendance.leave": _("Gemeente afgemeld"),
    "meeting.say": _("Mededeling op alle schermen gezet"),
    "meeting.unsay": _("Mededeling ingetrokken"),
    "attendance.register": _("Komst van een gemeente doorgegeven"),
    "attendance.undo": _("Aanmelding of vertrek teruggedraaid"),
    "office.give": _("Functie gegeven"),
    "office.end": _("Functie beëindigd"),
    "people.import": _("Personen uitgenodigd uit een bestand"),
    "table.export": _("Tabel met persoonsgegevens gedownload"),
    "notices.resend": _("Mislukte mail opnieuw verstuurd"),
    "people.remind": _("Herinnering aan uitnodigingen gestuurd"),
    "person.create": _("Persoon gemaakt"),
    "person.invite": _("Persoon uitgenodigd"),
    "person.accept": _("Uitnodiging geaccepteerd"),
    "person.password": _("Wachtwoord gewijzigd"),
    "person.disable": _("Account uitgezet"),
    "person.enable": _("Account weer aangezet"),
    "person.erase": _("Persoonsgegevens gewist"),
    "password.ask": _("Nieuw wachtwoord aangevraagd"),
    "address.ask": _("Ander e-mailadres aangevraagd"),
    "person.address": _("E-mailadres gewijzigd"),
    "identity.link": _("Inloggen via een organisatie gekoppeld"),
    "identity.unlink": _("Inloggen via een organisatie losgekoppeld"),
    "role.grant": _("Rol gegeven"),
    "role.revoke": _("Rol weggenomen"),
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
    "meeting.convene": _("Vergadering opgeroepen"),
    "meeting.supplement": _("Nazending aangekondigd"),
    "document.add": _("Document toegevoegd"),
    "document.publish": _("Document openbaar gemaakt"),
    "document.remove": _("Document weggehaald"),
    "document.withdraw": _("Document ingetrokken"),
    "meeting.archive": _("Archief van een vergadering aangevraagd"),
    "meeting.archived": _("Archief van een vergadering gemaakt"),
    "meeting.copy": _("Vergadering gemaakt naar een eerdere"),
    "agenda.add": _("Agendapunt toegevoegd"),
    "agenda.change": _("Agendapunt gewijzigd"),
    "agenda.move": _("Agendapunt verplaatst"),
    "agenda.remove": _("Agendapunt verwijderd"),
    "agenda.current": _("Agendapunt aan de orde gesteld"),
    "checklist.tick": _("Punt van de checklist afgevinkt"),
    "checklist.untick": _("Vinkje van de checklist weggehaald"),
    "block.make": _("Stemmingen tot een blok gemaakt"),
    "block.end": _("Blok van stemmingen opgeheven"),
    "mandate.give": _("Stemkaart gegeven"),
    "mandate.end": _("Stemkaart beëindigd"),
    "mandate.remind": _("Herinnering gestuurd: nog geen afgevaardigde"),
    "mandate.give_all": _("Alle stemkaarten gegeven"),
    "proxy.give": _("Volmacht gegeven"),
    "proxy.end": _("Volmacht teruggenomen"),
    "proposal.create": _("Stuk gemaakt"),
    "proposal.place": _("Stuk op de agenda geplaatst"),
    "version.import": _("Tekst geïmporteerd"),
    "version.correct": _("Ingelezen tekst verbeterd"),
    "version.recognise": _("Onderdelen van een nieuwe versie herkend"),
    "version.publish": _("Tekst gepubliceerd"),
    "merge.start": _("Begonnen amendementen te verwerken"),
    "merge.finish": _("Amendementen verwerkt in een nieuwe versie"),
    "merge.abandon": _("Gestopt met amendementen verwerken"),
    "amendment.order": _("Volgorde van de amendementen gewijzigd"),
    "amendment.carry": _("Amendement op de nieuwe tekst gezet"),
    "amendment.adapt": _("Amendement aangepast aan de nieuwe tekst"),
    "amendment.begin": _("Amendement begonnen, als concept"),
    "amendment.change": _("Amendement gewijzigd"),
    "amendment.discard": _("Concept van een amendement weggegooid"),
    "amendment.submit": _("Amendement ingediend"),
    "amendment.offer_late": _("Te laat amendement aan het secretariaat voorgelegd"),
    "amendment.ask_along": _("Gemeente gevraagd om een amendement mee in te dienen"),
    "amendment.joined": _("Gemeente dient een amendement mee in"),
    "amendment.declined": _("Gemeente dient een amendement niet mee in"),
    "amendment.left": _("Gemeente dient een amendement niet meer mee in"),
    "amendment.withdrawn": _("Amendement ingetrokken"),
    "amendment.taken_over": _("Amendement overgenomen door het bestuur"),
    "amendment.adopted": _("Amendement aangenomen"),
    "amendment.rejected": _("Amendement verworpen"),
    "amendment.held_over": _("Amendement aangehouden"),
    "amendment.lapsed": _("Amendement vervallen"),
    "amendment.merged": _("Amendement verwerkt in de tekst"),
    "amendment.submitted": _("Amendement ligt weer voor"),
    "motion.begin": _("Motie begonnen, als concept"),
    "motion.change": _("Motie gewijzigd"),
    "motion.discard": _("Concept van een motie weggegooid"),
    "motion.submit": _("Motie ingediend"),
    "motion.of_text": _("Motie van het secretariaat aangenomen en opgenomen in de verantwoording"),
    "motion.ask_along": _("Gemeente gevraagd om een motie mee in te dienen"),
    "motion.joined": _("Gemeente dient een motie mee in"),
    "motion.declined": _("Gemeente dient een motie niet mee in"),
    "motion.left": _("Gemeente dient een motie niet meer mee in"),
    "motion.withdrawn": _("Motie ingetrokken"),
    "motion.taken_over": _("Motie overgenomen door het bestuur"),
    "motion.adopted": _("Motie aangenomen"),
    "motion.rejected": _("Motie verworpen"),
    "motion.held_over": _("Motie aangehouden"),
    "motion.lapsed": _("Motie vervallen"),
    "motion.submitted": _("Motie ligt weer voor"),
    "motion.follow_up": _("Stand van zaken van een motie gemeld"),
    "motion.account": _("Verantwoording van moties op de agenda gezet"),
    "advice.publish": _("Preadvies gepubliceerd"),
    "advice.discard": _("Concept van een preadvies weggegooid"),
    "meeting.deadline": _("Termijn voor indienen gezet"),
    "advice.give": _("Advies gegeven"),
    "consultation.open": _("Consultatie geopend"),
    "consultation.deadline": _("Einde van de consultatie gewijzigd"),
    "consultation.remind": _("Herinnering gestuurd: nog te reageren"),
    "comments.send": _("Reactie verstuurd namens een gemeente"),
    "comments.withdraw": _("Reactie ingetrokken namens een gemeente"),
    "comment.answer": _("Reactie beantwoord"),
    "theme.make": _("Thema gemaakt"),
    "theme.change": _("Thema of antwoord bij een thema gewijzigd"),
    "theme.group": _("Reacties onder een thema gezet"),
    "theme.ungroup": _("Reacties uit een thema gehaald"),
    "theme.move": _("Volgorde van de thema's gewijzigd"),
    "theme.merge": _("Thema's samengevoegd"),
    "theme.delete": _("Thema verwijderd"),
    "round.prepare": _("Stemming klaargezet"),
    "round.schedule": _("Opening van een stemming gepland"),
    "round.unschedule": _("Geplande opening teruggenomen"),
    "round.missed": _("Geplande stemming ging niet open"),
    "round.extend": _("Stemming verlengd"),
    "round.rehearse": _("Proefstemming gemaakt"),
    "round.remind": _("Herinnering gestuurd: nog te stemmen"),
    "round.open": _("Stemming geopend"),
    "round.close": _("Stemming gesloten"),
    "round.count": _("Stemming geteld"),
    "round.publish": _("Uitslag bekendgemaakt"),
    "round.annul": _("Stemming ongeldig verklaard"),
    "round.dispute": _("Gevraagd om een stemming ongeldig te verklaren"),
    "round.undispute": _("Verzoek om een stemming ongeldig te verklaren is weg"),
    "round.lots": _("Loting vastgelegd"),
    "minutes.publish": _("Notulen gepubliceerd"),
    "teller.key": _("Sleutel voor een geheime stemming gegeven"),
    "teller.key_gone": _("Sleutel voor een geheime stemming weggehaald"),
    "teller.open": _("Enveloppen van een geheime stemming geopend"),
    "round.rule": _("Regel van een stemming gewijzigd"),
    "round.way": _("Manier van beslissen gewijzigd: stemmen, of bij acclamatie"),
    "round.note": _("Aangetekend dat een gemeente tegen is"),
    "round.unnote": _("Aantekening dat een gemeente tegen is teruggenomen"),
    "ballot.cast": _("Stem uitgebracht"),
    "ballot.read": _("Stem van papier of handen ingevoerd door één persoon"),
    "ballot.unread": _("Ingevoerde stem ingetrokken"),
    "ballot.paper": _("Stem op papier of bij handopsteken vastgelegd door twee personen"),
    "round.paper": _("Stemming ook op papier of bij handopsteken"),
    "intended_vote.prepare": _("Stemadvies voorbereid, door mensen van de gemeente zelf"),
    "signing_key.make": _("Nieuwe sleutel voor stembewijzen"),
}


def as_option(member: Member) -> str:
    """A member as the list of suggestions spells it."""
    return f"{member.name} ({member.code})"


def _roles_field(label: Any) -> SelectMultipleField:
    return SelectMultipleField(
        label,
        choices=[SelectChoice(role.value, words) for role, words in ROLES.items()],
        option_widget=CheckboxInput(),
        description=_("Een controleur wijzigt niets, en heeft dus geen rol waarmee dat wel kan."),
    )


class RolesForm(BaseForm):
    """The roles of somebody in the association."""

    roles = _roles_field(_("Rollen bij de vereniging"))
    #: What the page showed: what somebody else changed meanwhile is not changed back.
    shown = HiddenField()

    def give(self) -> frozenset[Role]:
        """The roles that were ticked."""
        return self._ticked() - self._shown()

    def take(self) -> frozenset[Role]:
        """The roles that are ticked no more."""
        return self._shown() - self._ticked()

    def _ticked(self) -> frozenset[Role]:
        return frozenset(Role(role) for role in self.roles.data or ())

    def _shown(self) -> frozenset[Role]:
        return frozenset(role for role in Role if role.value in (self.shown.data or "").split())


class InviteForm(InvitedForm):
    """A person, where they work, and what they may do."""

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
    roles = _roles_field(_("Rol bij de vereniging (hoeft niet)"))

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
