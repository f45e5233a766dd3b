"""Each refusal as a person reads it."""

from typing import Any

from flask_babel import lazy_gettext as _

from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused

SENTENCES: dict[Refusal, Any] = {
    Refusal.ROUND_NOT_OPEN: _("Deze stemming is niet (meer) open. Uw stem is hier niet vastgelegd."),
    Refusal.NOT_ON_ROLL: _("Uw gemeente staat niet op de stemlijst van deze stemming."),
    Refusal.NOT_HOLDER: _("U heeft de stemkaart van deze gemeente niet. Alleen wie de stemkaart heeft, kan stemmen."),
    Refusal.UNKNOWN_CHOICE: _("Kies voor, tegen of onthouding."),
    Refusal.NOTHING_CHOSEN: _("U heeft nog niets gekozen."),
    Refusal.KEY_REUSED: _(
        "Dit formulier is al verstuurd, met andere keuzes. De eerste keuzes zijn vastgelegd. "
        "Wilt u ze veranderen, open dan uw stembiljet opnieuw."
    ),
    Refusal.ROUND_STATE: _("Dat kan nu niet met stemming %(number)s. Iemand anders was misschien net voor u."),
    Refusal.NO_ELECTORATE: _("Er zijn geen stemgerechtigde leden. Importeer eerst het ledenbestand."),
    Refusal.NOT_PUBLISHED_TEXT: _("Er is nog geen tekst gepubliceerd. Publiceer eerst een versie."),
    Refusal.CLOCK_IN_PAST: _("Dat moment is al voorbij. Kies een later moment."),
    Refusal.CONSULTATION_CLOSED: _("De consultatie is gesloten. Uw tekst staat hieronder nog; u kunt die kopiëren."),
    Refusal.CONSULTATION_EXISTS: _("Over dit stuk is al een consultatie geopend."),
    Refusal.ALREADY_SENT: _("Deze reactie is al verstuurd namens uw gemeente."),
    Refusal.NOTHING_TO_SEND: _("Er is nog geen concept om te versturen."),
    Refusal.EMPTY_TEXT: _("Er staat nog geen tekst."),
    Refusal.EDITED_MEANWHILE: _(
        "Een collega heeft deze tekst intussen gewijzigd (%(name)s). Uw tekst staat hieronder nog. "
        "Neem over wat u wilt houden en bewaar opnieuw."
    ),
    Refusal.NOT_ALLOWED: _("U mag dit niet doen."),
    Refusal.EMAIL_TAKEN: _("Er is al iemand met het e-mailadres %(email)s."),
    Refusal.INVITATION_INVALID: _("Deze uitnodiging is gebruikt of verlopen. Vraag het secretariaat om een nieuwe."),
    Refusal.PASSKEY_REFUSED: _("Dat lukte niet met deze passkey. Er is niets gewijzigd. Probeer het nog een keer."),
    Refusal.PASSKEY_TAKEN: _("Deze passkey is al in gebruik. Er is niets gewijzigd. Kies een ander apparaat."),
    Refusal.CODE_REFUSED: _(
        "Deze code klopt niet, of is al gebruikt. Wacht op de volgende code in uw app en vul die in. "
        "Klopt hij weer niet, kijk dan of de klok van uw telefoon gelijk loopt."
    ),
    Refusal.LAST_FACTOR: _(
        "Dit is uw enige tweede stap en die heeft u nodig. Voeg eerst een andere toe. Er is niets gewijzigd."
    ),
    Refusal.NO_FACTOR: _("Er is geen tweede stap. Er is niets gewijzigd."),
    Refusal.TWO_PEOPLE: _("Hier zijn twee mensen voor nodig: iemand anders van het secretariaat bevestigt dit."),
    Refusal.RESET_ASKED: _("Dit is voor deze persoon al gevraagd. Het wacht op bevestiging door een ander."),
    Refusal.RESET_OVER: _("Dit verzoek is al afgehandeld. Er is nu niets gewijzigd."),
    Refusal.LINK_INVALID: _("Deze link is gebruikt of verlopen. Vraag een nieuwe aan."),
    Refusal.NOT_YOURSELF: _("Dit kunt u niet bij uzelf doen. Vraag het een collega."),
    Refusal.STILL_NEEDED: _(
        "%(name)s heeft nog een stemkaart van een komende vergadering, of wacht op een nieuwe tweede stap. "
        "Rond dat eerst af; er is niets gewist."
    ),
    Refusal.NO_OFFICE: _("%(person)s heeft bij %(member)s geen functie die de stemkaart mag hebben."),
    Refusal.LAST_SECRETARY: _(
        "Daarna zou niemand meer voor %(member)s kunnen regelen wie er stemt. Geef eerst iemand anders de functie "
        "van gemeentesecretaris of griffier, of bel het secretariaat. Er is niets gewijzigd."
    ),
    Refusal.NO_HOLDER: _("Niemand heeft nu de stemkaart van %(member)s. Er is niets gewijzigd."),
    Refusal.PROXY_GIVEN: _(
        "%(member)s heeft voor deze vergadering een volmacht gegeven. Neem die eerst terug. Er is niets gewijzigd."
    ),
    Refusal.PROXIES_OFF: _("Deze vereniging kent geen volmachten. Er is niets gewijzigd."),
    Refusal.PROXY_ONESELF: _("Een gemeente kan zichzelf geen volmacht geven. Kies een andere gemeente."),
    Refusal.PROXY_NO_MEMBER: _("Een van beide gemeenten is op de dag van de vergadering geen lid."),
    Refusal.PROXY_TWICE: _("%(member)s heeft al een volmacht gegeven. Neem die eerst terug. Er is niets gewijzigd."),
    Refusal.PROXY_CHAIN: _(
        "Een volmacht kan niet worden doorgegeven: wie er een gaf kan er geen krijgen, en wie er een kreeg kan er "
        "geen geven. Er is niets gewijzigd."
    ),
    Refusal.PROXY_FULL: _("%(receiver)s stemt al voor het hoogste aantal andere gemeenten. Kies een andere gemeente."),
    Refusal.NO_PROXY: _("%(member)s heeft voor deze vergadering geen volmacht gegeven. Er is niets gewijzigd."),
    Refusal.WEIGHT_RULE: _("Deze regel voor het stemgewicht kan niet: %(fields)s."),
    Refusal.CODE_TAKEN: _("De code %(code)s is al in gebruik."),
    Refusal.TOO_LARGE: _("Dit is te groot om te verwerken."),
    Refusal.NOT_TEXT: _("Dit bestand kunnen we niet lezen. Is het een CSV-, XLSX- of Markdown-bestand?"),
    Refusal.IMPORT_STALE: _(
        "Het ledenbestand is veranderd sinds u dit overzicht zag. Er is niets gewijzigd; kijk opnieuw."
    ),
}  # fmt: skip


def sentence(refused: Refused) -> str:
    """A refusal as a person reads it."""
    return str(SENTENCES[refused.refusal]) % {key: str(value) for key, value in refused.facts.items()}
