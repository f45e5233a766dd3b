"""Each refusal as a person reads it."""

from typing import Any

from flask_babel import lazy_gettext as _

from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.faults import OPTION_FAULTS, RULE_FAULTS

SENTENCES: dict[Refusal, Any] = {
    Refusal.ROUND_NOT_OPEN: _("Deze stemming is niet (meer) open. Uw stem is hier niet vastgelegd."),
    Refusal.NOT_ON_ROLL: _("Uw gemeente staat niet op de stemlijst van deze stemming."),
    Refusal.NOT_HOLDER: _("U heeft de stemkaart van deze gemeente niet. Alleen wie de stemkaart heeft, kan stemmen."),
    Refusal.UNKNOWN_CHOICE: _("Kies een van de antwoorden die bij de vraag staan."),
    Refusal.TOO_MANY_OPTIONS: _("U koos er te veel. Kies er ten hoogste %(most)s."),
    Refusal.ABSTAINS_AND_CHOOSES: _("Kies een antwoord, of onthouding, maar niet allebei."),
    Refusal.VOTES_LEFT: _("Verdeel precies al uw stemmen: samen %(votes)s, in hele getallen."),
    Refusal.NOTHING_CHOSEN: _("U heeft nog niets gekozen."),
    Refusal.KEY_REUSED: _(
        "Dit formulier is al verstuurd, met andere keuzes. De eerste keuzes zijn vastgelegd. "
        "Wilt u ze veranderen, open dan uw stembiljet opnieuw."
    ),
    Refusal.ROUND_STATE: _("Dat kan nu niet met stemming %(number)s. Iemand anders was misschien net voor u."),
    Refusal.NO_ELECTORATE: _("Er zijn geen stemgerechtigde leden. Importeer eerst het ledenbestand."),
    Refusal.NOT_PUBLISHED_TEXT: _("Er is nog geen tekst gepubliceerd. Publiceer eerst een versie."),
    Refusal.DISPUTE_ASKED: _(
        "Er is al gevraagd om stemming %(number)s ongeldig te verklaren. Dat wacht op een tweede persoon."
    ),
    Refusal.CLOCK_IN_PAST: _("Dat moment is al voorbij. Kies een later moment."),
    Refusal.CLOCK_RAN_OUT: _("De tijd van deze stemming is al om. Verlengen kan niet meer. Er is niets gewijzigd."),
    Refusal.CLOSES_FIRST: _("De stemming zou sluiten voordat zij opent. Kies een later moment van sluiten."),
    Refusal.NOT_LATER: _(
        "Een stemming die open is, kan alleen later sluiten dan is aangekondigd, niet eerder. Er is niets gewijzigd."
    ),
    Refusal.NO_END: _("Een ledenraadpleging sluit op een aangekondigd moment. Kies wanneer de stemming sluit."),
    Refusal.TOO_EARLY: _(
        "Dat is te vroeg. Bij een ledenvergadering mag pas worden gestemd op de dag zelf, of zoveel dagen ervoor als "
        "de regels van de vereniging toestaan (ten hoogste 30)."
    ),
    Refusal.HAS_END: _(
        "Een ledenraadpleging sluit vanzelf, op het moment dat is aangekondigd. Eerder sluiten kan niet."
    ),
    Refusal.OPTIONS_IMPOSSIBLE: _("Deze vraag kan zo niet worden gesteld. %(faults)s"),
    Refusal.NO_RUN_OFF: _("Na stemming %(number)s is geen herstemming nodig, of die staat al klaar."),
    Refusal.ANNOUNCEMENT_TEXT: _("Schrijf een mededeling op één regel, van ten hoogste %(most)s tekens."),
    Refusal.ANNOUNCEMENT_TIME: _("Een mededeling blijft een heel aantal minuten staan, van 1 tot en met %(longest)s."),
    Refusal.NO_LOTS: _("Kies precies zoveel namen als er geloot zijn (%(left)s), uit wie evenveel stemmen kreeg."),
    Refusal.LOTS_DRAWN: _("De loting na stemming %(number)s is al vastgelegd. Er is niets gewijzigd."),
    Refusal.NOT_ON_PERSONS: _("Alleen een stemming over personen kan geheim zijn."),
    Refusal.TELLERS_MISSING: _(
        "Deze geheime stemming kan pas open als twee leden van de stemcommissie elk een sleutel hebben gegeven."
    ),
    Refusal.NO_PUBLIC_KEY: _(
        "Dit is geen openbare sleutel. Die begint met age1 en is 62 tekens lang. Plak er precies één."
    ),
    Refusal.PRIVATE_KEY_GIVEN: _(
        "Dit is uw geheime sleutel. Die mag niemand zien, ook deze site nu niet. Maak een nieuw paar sleutels, en geef "
        "hier alleen de openbare sleutel, die begint met age1."
    ),
    Refusal.TELLERS_DIFFER: _(
        "De twee sleutels moeten van twee verschillende leden van de stemcommissie zijn. Twee anderen gaven al een "
        "sleutel, of dit is de sleutel van de ander."
    ),
    Refusal.NO_PRIVATE_KEY: _(
        "Hierin staat niet precies één geheime sleutel. Die begint met AGE-SECRET-KEY-1. Er is niets gewijzigd."
    ),
    Refusal.WRONG_KEY: _(
        "Dit is niet de geheime sleutel die hoort bij de openbare sleutel die u voor deze stemming gaf. Er is niets "
        "gewijzigd."
    ),
    Refusal.OTHER_TELLER_FIRST: _("Eerst opent %(name)s de buitenste enveloppen. Daarna bent u aan de beurt."),
    Refusal.NUMBERS_WITHHELD: _(
        "De aantallen van stemming %(number)s zouden verraden wie wat koos. Zij blijven geheim. Bevestig dat u alleen "
        "bekendmaakt wie er is gekozen."
    ),
    Refusal.PERIOD: _("Een ledenraadpleging duurt tot een later moment dan haar begin. Kies wanneer zij eindigt."),
    Refusal.CHAIR_PRONOUNCES: _(
        "Alleen bij een ledenraadpleging kan de uitslag vanzelf bekend worden. Anders maakt de voorzitter die bekend."
    ),
    Refusal.AGENDA_CHANGED: _(
        "Iemand anders heeft het draaiboek intussen gewijzigd. Er is nu niets veranderd; hieronder ziet u hoe het is. "
        "Doe het zo nodig opnieuw."
    ),
    Refusal.ITEM_NAMED: _("Het agendapunt ‘%(title)s’ houdt deze naam: daaronder staat de verantwoording van moties."),
    Refusal.ITEM_IN_USE: _(
        "Aan het agendapunt ‘%(title)s’ hangen stukken of moties. Zet die eerst bij een ander agendapunt."
    ),
    Refusal.ITEM_CURRENT: _("Het agendapunt ‘%(title)s’ is nu aan de orde. Kies eerst een ander punt."),
    Refusal.NOT_RUNNING: _("Dit kan alleen op de dag van de vergadering."),
    Refusal.BLOCK_TOO_SMALL: _("Kruis ten minste twee stemmingen aan. Samen zijn zij een blok."),
    Refusal.PREPARING_CLOSED: _(
        "Deze stemming is gesloten. Het stemadvies kan niet meer veranderen. Uw tekst staat hieronder nog; u kunt die "
        "kopiëren."
    ),
    Refusal.QUESTION_GONE: _(
        "Een vraag waar u bij typte, wordt intussen niet meer zo gesteld. Uw tekst staat hieronder nog; u kunt die "
        "kopiëren. Bewaar daarna opnieuw."
    ),
    Refusal.REASON_TOO_LONG: _("Deze reden is te lang. Ten hoogste %(most)s tekens. Kort de tekst in."),
    Refusal.BY_ACCLAMATION: _("Dit wordt bij acclamatie beslist. Er worden geen stemmen uitgebracht of geteld."),
    Refusal.ACCLAMATION_WRITTEN: _(
        "Bij een ledenraadpleging komt niemand bij elkaar. Bij acclamatie beslissen kan hier dus niet."
    ),
    Refusal.ACCLAMATION_RULE: _(
        "Bij acclamatie kan alleen wat met de gewone meerderheid van de vereniging wordt besloten, zonder quorum. "
        "Voor een statutenwijziging, of een strengere regel, moeten de stemmen worden geteld."
    ),
    Refusal.ACCLAMATION_CLOCK: _(
        "Bij acclamatie vraagt de voorzitter het aan de zaal. Dat kan niet vanzelf op een gepland moment openen of "
        "sluiten."
    ),
    Refusal.ACCLAMATION_PRONOUNCED: _(
        "Bij acclamatie sluit de voorzitter door uit te spreken dat het is aangenomen, of door een gewone stemming te "
        "houden."
    ),
    Refusal.NOTE_ADVISORY: _(
        "Een lid met adviserende stem kan geen stem tegen laten aantekenen: die stem telt niet mee in het besluit."
    ),
    Refusal.NO_ADVICE: _(
        "Het bestuur heeft over deze motie geen preadvies gepubliceerd waarover kan worden gestemd: overnemen, "
        "ontraden of aanhouden."
    ),
    Refusal.ADVICE_IN_PARTS: _(
        "Over deze motie wordt in delen gestemd. Over het preadvies op het geheel kan dan niet worden gestemd."
    ),
    Refusal.ADVICE_FIRST: _(
        "De vergadering stemt eerst over het preadvies: %(titles)s. Daarna kan de motie zelf in stemming komen, als "
        "zij dan nog voorligt. Of schrap eerst die stemming."
    ),
    Refusal.MOTION_FIRST: _(
        "De motie zelf staat al in de planning of in stemming: %(titles)s. Over het preadvies kan dan niet worden "
        "gestemd. Neem die stemming eerst terug, of wacht op de uitslag."
    ),
    Refusal.AMENDMENTS_FIRST: _(
        "Eerst de amendementen: de uitslag van %(titles)s is nog niet bekend. Breng die eerst in stemming, of schrap "
        "die stemming."
    ),
    Refusal.MERGE_FIRST: _(
        "Aangenomen, maar nog niet in de tekst verwerkt: %(titles)s. Verwerk dat eerst en publiceer de nieuwe versie."
    ),
    Refusal.SECTIONS_FIRST: _(
        "Eerst de onderdelen, dan het geheel. Aantal onderdelen waarvan de uitslag nog niet bekend is: %(count)s."
    ),
    Refusal.ORDER_OVER: _(
        "Hierover kan nu niet worden gestemd: over %(titles)s is al gestemd, of wordt gestemd. Verklaar die stemming "
        "eerst ongeldig als het over moet."
    ),
    Refusal.AMENDMENTS_COLLIDE: _(
        "%(labels)s veranderen dezelfde woorden. Breng ze één voor één in stemming, in de volgorde van de lijst: "
        "eerst %(first)s."
    ),
    Refusal.AMENDMENT_UNFIT: _(
        "Past niet meer op de tekst zoals die nu is: %(labels)s. Laat het vervallen, of breng het toch in stemming. "
        "Dat kan bij de volgorde van de amendementen."
    ),
    Refusal.AMENDMENT_FITS: _("%(label)s past op de tekst. Alleen wat niet meer past, kan hier vervallen."),
    Refusal.AMENDMENT_ASKED: _(
        "De stemming over dit amendement is al geopend. Het kan niet meer veranderen. Er is niets gewijzigd."
    ),
    Refusal.TEXT_ASKED: _(
        "Er wordt nu gestemd over %(title)s. Publiceer een nieuwe versie pas als de uitslag bekend is. "
        "Er is niets gepubliceerd."
    ),
    Refusal.CONSULTATION_CLOSED: _("De consultatie is gesloten. Uw tekst staat hieronder nog; u kunt die kopiëren."),
    Refusal.REMINDING_OVER: _("De termijn is voorbij. Er is niemand herinnerd."),
    Refusal.CONSULTATION_EXISTS: _("Over dit stuk is al een consultatie geopend."),
    Refusal.NOTHING_TO_SEND: _("Er is nog geen concept om te versturen."),
    Refusal.NOTHING_SENT: _("Uw gemeente heeft nu niets verstuurd. Er is dus niets om in te trekken."),
    Refusal.ONLY_ATTACHMENTS: _(
        "Een bijlage gaat mee met een reactie. Schrijf er ten minste één zin bij, bijvoorbeeld bij het geheel."
    ),
    Refusal.EMPTY_FILE: _("Dit bestand is leeg. Er is niets toegevoegd."),
    Refusal.FILE_TOO_LARGE: _("Dit bestand is te groot. Een bijlage mag ten hoogste 10 MB zijn."),
    Refusal.TOO_MANY_FILES: _("Er zijn al 5 bijlagen, en meer kan niet. Verwijder er eerst een."),
    Refusal.SAME_FILE: _("Dit bestand staat al bij uw reactie. Er is niets toegevoegd."),
    Refusal.FILE_KIND: _("Dit bestand kan niet mee. Een bijlage is een PDF of een Word-bestand (.docx)."),
    Refusal.FILE_ACTIVE: _(
        "In deze PDF zit een script, een opdracht of een ander bestand. Zo'n bijlage kan niet mee. "
        "Druk het document opnieuw af naar PDF en kies dat bestand."
    ),
    Refusal.CONVENED: _("Deze vergadering is al opgeroepen. Er is niets verstuurd."),
    Refusal.CONVOCATION_LATE: _(
        "Tussen de convocatie en de vergadering liggen ten minste %(days)s dagen. Dat lukt niet meer. "
        "Kruis aan dat u haar toch verstuurt, of verzet de vergadering."
    ),
    Refusal.EMPTY_AGENDA: _("De agenda is nog leeg. Zet eerst de agendapunten erop."),
    Refusal.SAME_DOCUMENT: _("Dit bestand staat al bij deze vergadering. Er is niets toegevoegd."),
    Refusal.DOCUMENT_PUBLIC: _("Dit document is al openbaar. U kunt het alleen nog intrekken, met een reden."),
    Refusal.DOCUMENT_NOT_PUBLIC: _("Dit document is niet openbaar, of al ingetrokken. Er is niets gewijzigd."),
    Refusal.EMPTY_TEXT: _("Er staat nog geen tekst."),
    Refusal.EDITED_MEANWHILE: _(
        "Een collega heeft deze tekst intussen gewijzigd (%(name)s). Uw tekst staat hieronder nog. "
        "Neem over wat u wilt houden en bewaar opnieuw."
    ),
    Refusal.NOTHING_TICKED: _("U heeft nog geen reactie aangevinkt. Er is niets gewijzigd."),
    Refusal.NO_THEME: _("Kies een thema, of vul de naam van een nieuw thema in. Er is niets gewijzigd."),
    Refusal.NO_OUTCOME: _("Kies bij een antwoord ook wat er met de reacties is gedaan."),
    Refusal.THEME_NOT_EMPTY: _("Onder dit thema staan nog reacties. Haal die er eerst uit, of voeg het thema samen."),
    Refusal.THEME_TAKEN: _("Er is al een thema met deze naam. Kies een andere naam, of voeg de thema's samen."),
    Refusal.SAME_THEME: _("Kies een ander thema om mee samen te voegen."),
    Refusal.REACTION_REPLACED: _(
        "%(name)s heeft deze reactie intussen vervangen. Uw antwoord is niet bewaard, maar staat nog in het veld. "
        "Lees de nieuwe tekst, pas uw antwoord aan als dat nodig is en bewaar opnieuw."
    ),
    Refusal.REACTIONS_CHANGED: _(
        "Intussen vervangen of ingetrokken: de reactie van %(names)s. Er is niets gewijzigd. Wat u koos en typte, "
        "staat er nog. Lees wat er nu staat, pas aan wat nodig is en probeer het opnieuw."
    ),
    Refusal.ALREADY_SUBMITTED: _("Dit is al ingediend. Uw tekst staat hieronder nog; u kunt die kopiëren."),
    Refusal.EMPTY_SUBMISSION: _("Er is nog niets om in te dienen: vul eerst een titel in, en wat u wilt."),
    Refusal.SUBMITTING_CLOSED: _(
        "De termijn is voorbij. Uw tekst staat hieronder nog; u kunt die kopiëren. Het secretariaat kan een te laat "
        "amendement nog innemen, met een reden. Bel het secretariaat."
    ),
    Refusal.MEETING_HELD: _(
        "Deze vergadering is geweest. Indienen, wijzigen of intrekken kan niet meer. Er is niets gewijzigd."
    ),
    Refusal.LATE_WITHOUT_REASON: _("De termijn is voorbij. Schrijf erbij waarom dit niet eerder kon."),
    Refusal.TOO_FEW_SUBMITTERS: _(
        "Er doen nog te weinig gemeenten mee. Nodig: %(needed)s naast uw eigen gemeente; nu: %(joined)s."
    ),
    Refusal.SUBMISSION_STATE: _("Dat kan nu niet meer. Iemand anders was misschien net voor u. Er is niets gewijzigd."),
    Refusal.VOTE_OPENED: _(
        "De stemming hierover is al geopend. De motie kan niet meer veranderen. Er is niets gewijzigd."
    ),
    Refusal.MERGE_OPEN: _("%(name)s verwerkt al amendementen in dit stuk. Ga daar verder, of stop dat werk eerst."),
    Refusal.MERGE_EMPTY: _("Kies ten minste één amendement dat past. Er is niets gewijzigd."),
    Refusal.MERGE_OUTDATED: _(
        "Er is intussen een nieuwe versie gepubliceerd, of over een van deze amendementen is anders besloten. Uw "
        "keuzes staan er nog, om na te lezen. Stop dit werk en begin opnieuw."
    ),
    Refusal.MERGE_OPEN_CHOICES: _("Nog niet alles is gekozen, bij onderdeel %(numbers)s. Er is niets gepubliceerd."),
    Refusal.MERGE_OVER: _("Dit werk is al afgerond of gestopt. Er is niets gewijzigd."),
    Refusal.PARTS: _("Verdeel de besluiten over ten minste twee delen. Elk besluit hoort bij één deel."),
    Refusal.FOLLOW_UP: _(
        "Verantwoording hoort bij een motie die is aangenomen of overgenomen. Van afgedaan kan zij alleen terug naar "
        "in uitvoering. Er is niets gewijzigd."
    ),
    Refusal.NOTHING_CHANGED: _(
        "Er is nog niets gewijzigd: uw tekst is gelijk aan die van het stuk. Wijzig een onderdeel, of voeg er een toe."
    ),
    Refusal.NO_AMENDMENTS: _(
        "Een motie krijgt geen amendementen: alleen de indieners wijzigen haar. Er is niets gewijzigd."
    ),
    Refusal.NO_HEADING: _("Een onderdeel heeft een kop nodig. Vul die in, of kies: dit onderdeel schrappen."),
    Refusal.NOT_CONFIRMED: _(
        "Van onderdeel %(numbers)s is nog niet bevestigd welk eerder onderdeel het voortzet. Kies dat eerst."
    ),
    Refusal.CHOSEN_TWICE: _(
        "Twee onderdelen kunnen niet hetzelfde eerdere onderdeel voortzetten: %(numbers)s. Er is niets gewijzigd."
    ),
    Refusal.DRAFT_STALE: _(
        "De tekst is intussen door iemand anders gewijzigd. Er is niets bewaard. Uw tekst staat hieronder nog."
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
    Refusal.TWO_PEOPLE: _("Hier zijn twee mensen voor nodig: iemand anders bevestigt dit."),
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
    Refusal.LAST_MANAGER: _(
        "%(name)s is de laatste die personen kan beheren. Geef eerst iemand anders de rol secretariaat of beheerder. "
        "Er is niets gewijzigd."
    ),
    Refusal.AUDITOR_CHANGES_NOTHING: _(
        "Een controleur wijzigt niets. Deze rol gaat niet samen met een rol waarmee iemand wel iets kan wijzigen. "
        "Er is niets gewijzigd."
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
    Refusal.RULE_IMPOSSIBLE: _("Deze besluitregel kan niet. %(faults)s"),
    Refusal.RULE_IN_USE: _("De regel %(name)s is nu de regel van de vereniging. Kies daar eerst een andere."),
    Refusal.NAME_TAKEN: _("De naam %(name)s is al in gebruik."),
    Refusal.NO_MEMBER_TICKED: _("Kruis eerst een of meer gemeenten aan."),
    Refusal.PAPER_SEALED: _("Een geheime stemming gaat niet op papier: dan leest een ander wat een gemeente koos."),
    Refusal.PAPER_NOT_HERE: _("Deze stemming gaat niet op papier of bij handopsteken."),
    Refusal.PAPER_NOT_CHOSEN: _("Kies eerst of er op papier of bij handopsteken wordt gestemd."),
    Refusal.PAPER_OTHERS: _("Twee anderen lazen deze stem verschillend. Zij kijken samen, en kiezen opnieuw."),
    Refusal.PAPER_VOTED: _(
        "%(member)s heeft in deze stemming al een stem. Er is niets vastgelegd. Kijk welke stem moet tellen; alleen "
        "wie daarvoor uitdrukkelijk kiest, vervangt de stem die er is."
    ),
    Refusal.PAPER_WAITS: _(
        "Er wachten nog %(number)s ingevoerde stemmen op een tweede persoon, of op overleg. Maak die eerst af, of trek "
        "ze in. De stemming is nog open."
    ),
    Refusal.NOBODY_GATHERS: _("Bij een ledenraadpleging komt niemand bij elkaar. Aanmelden hoeft niet."),
    Refusal.MEETING_OVER: _("Deze vergadering is geweest. Aanmelden kan niet meer."),
    Refusal.GUESTS: _(
        "Vul het aantal gasten in als een heel getal van 0 tot en met %(most)s. Alleen wie naar de zaal komt, neemt "
        "gasten mee."
    ),
    Refusal.DOOR_MOVED: _("Iemand anders was net voor u. Er is niets gewijzigd; kijk hoe het er nu voor staat."),
    Refusal.CODE_TAKEN: _("De code %(code)s is al in gebruik."),
    Refusal.TOO_LARGE: _("Dit is te groot om te verwerken."),
    Refusal.NOT_TEXT: _("Dit bestand kunnen we niet lezen. Is het een CSV-, XLSX- of Markdown-bestand?"),
    Refusal.IMPORT_STALE: _(
        "Het ledenbestand is veranderd sinds u dit overzicht zag. Er is niets gewijzigd; kijk opnieuw."
    ),
    Refusal.NOT_DOCUMENT: _(
        "Dit bestand kunnen we niet lezen. Kies een Word-document (.docx), een OpenDocument-tekst (.odt), een PDF of "
        "een Markdown-bestand (.md of .txt). Een ouder Word-bestand (.doc) bewaart u eerst als .docx."
    ),
    Refusal.DOCUMENT_TOO_LARGE: _(
        "Dit bestand is groter dan %(megabytes)s MB. Haal grote afbeeldingen weg en probeer het opnieuw."
    ),
    Refusal.UNPACKED_TOO_LARGE: _(
        "Uitgepakt is dit bestand te groot: meer dan %(megabytes)s MB, of vreemd ingepakt. "
        "Haal grote afbeeldingen en tabellen weg en bewaar het opnieuw."
    ),
    Refusal.DOCUMENT_TOO_COMPLEX: _(
        "Dit document heeft te veel alinea's, tabellen of lagen om te lezen. Zet de tekst zelf in een nieuw document."
    ),
    Refusal.TOO_MANY_PAGES: _("Deze PDF heeft meer dan %(pages)s bladzijden. Kies het bestand met alleen dit stuk."),
    Refusal.DOCUMENT_LOCKED: _(
        "Dit bestand is beveiligd met een wachtwoord. Bewaar het zonder wachtwoord en kies het opnieuw."
    ),
    Refusal.DOCUMENT_HAS_MACROS: _(
        "In dit bestand zitten macro's. Dat nemen we niet aan. Bewaar het als gewoon document (.docx of .odt)."
    ),
    Refusal.DOCUMENT_POINTS_OUTSIDE: _(
        "Dit bestand verwijst naar gegevens van buiten het document. Dat nemen we niet aan. Bewaar het opnieuw in uw "
        "tekstverwerker."
    ),
    Refusal.DOCUMENT_DAMAGED: _(
        "Dit bestand is beschadigd of niet af. Open het in uw tekstverwerker, bewaar het opnieuw en kies het nog een "
        "keer."
    ),
    Refusal.PDF_WITHOUT_TEXT: _(
        "In deze PDF staat geen tekst; het is waarschijnlijk een scan. Kies het document waar de PDF van is gemaakt, "
        "of plak de tekst."
    ),
    Refusal.READING_TOOK_TOO_LONG: _(
        "Het lezen van dit bestand duurde te lang en is gestopt. Probeer het met een eenvoudiger document, of plak de "
        "tekst."
    ),
    Refusal.NO_SIGNING_KEY: _(
        "We kunnen nu niets ondertekenen: de sleutel ontbreekt. Uitgebrachte stemmen staan vast. Bel het secretariaat."
    ),
    Refusal.NOT_SEALED: _("De uitslag wordt nu verzegeld. Probeer het over een paar tellen opnieuw."),
    Refusal.SAME_SIGNING_KEY: _(
        "Deze sleutel is al gebruikt. Zet eerst een nieuwe sleutel in SIGNING_KEY. Er is niets gewijzigd."
    ),
    Refusal.NO_RECEIPT_GIVEN: _("Vul een code in, plak een stembewijs, of kies een bestand."),
    Refusal.NOT_A_CODE: _(
        "Dit is geen code van een stembewijs. Een code heeft 16 letters en cijfers, zoals 7K2M-Q9RT-HX4W-3BCD. "
        "Kijk de code na."
    ),
    Refusal.NOT_A_RECEIPT: _(
        "Dit is geen stembewijs zoals wij het maken. Kies het bestand zoals u het heeft gedownload, of plak de hele "
        "inhoud ervan."
    ),
    Refusal.READERS_BUSY: _("Er worden nu andere bestanden gelezen. Probeer het over een halve minuut opnieuw."),
}  # fmt: skip


def sentence(refused: Refused) -> str:
    """A refusal as a person reads it."""
    return str(SENTENCES[refused.refusal]) % {key: _said(value) for key, value in refused.facts.items()}


def _said(fact: object) -> str:
    """A fact in words: what makes a rule of decision or a question impossible has a sentence for each."""
    words: dict[Any, Any] = {**RULE_FAULTS, **OPTION_FAULTS}
    return " ".join(str(words[one]) for one in fact) if isinstance(fact, list) else str(fact)
