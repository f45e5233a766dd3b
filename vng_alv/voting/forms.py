"""What a person brings to have a receipt checked, and the words for what is found."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import FileField, TextAreaField
from wtforms.validators import Length

from vng_alv.domain.receipt_files import MAX_BYTES, Fate
from vng_alv.web import BaseForm

#: The parts of a receipt, as a person calls them; those of a vote stand after the number of its round.
PARTS: dict[str, Any] = {
    "about": _("de uitleg"),
    "algorithm": _("de manier van ondertekenen"),
    "key": _("het nummer van de sleutel"),
    "signature": _("de handtekening"),
    "format": _("de soort"),
    "code": _("de code"),
    "meeting": _("de vergadering"),
    "member": _("de gemeente"),
    "through": _("wie met volmacht stemde"),
    "cast-at": _("het moment van stemmen"),
    "example": _("of dit een voorbeeld is"),
    "votes": _("de stemmen"),
    "round": _("het nummer van de stemming"),
    "rehearsal": _("of dit een proefstemming is"),
    "title": _("de vraag"),
    "weight": _("het aantal stemmen"),
    "vote": _("de keuze"),
    "text-sha256": _("het kenmerk van de tekst"),
    "rule-sha256": _("het kenmerk van de regel"),
    "sealed-sha256": _("het kenmerk van de verzegelde stem"),
}

FATES: dict[Fate, Any] = {
    Fate.IN_LIST: _("Deze stem staat zo in de bekendgemaakte lijst."),
    Fate.REPLACED: _("De gemeente stemde later opnieuw. Die latere stem staat in de lijst en telt."),
    Fate.NOT_PUBLISHED: _("De uitslag is nog niet bekendgemaakt. Kijk daarna of deze stem in de lijst staat."),
    Fate.ANNULLED: _("Deze stemming is ongeldig verklaard. Geen enkele stem telt mee."),
    Fate.REHEARSAL: _("Dit was een proefstemming, om te oefenen. Deze stem telt nergens mee; er komt geen uitslag."),
    Fate.DIFFERS: _("De bekendgemaakte lijst zegt iets anders. Dat mag niet kunnen. Meld het bij het secretariaat."),
    Fate.ABSENT: _("Deze stem is hier niet vastgelegd. Dat mag niet kunnen. Meld het bij het secretariaat."),
}


class CheckForm(BaseForm):
    """A code, the content of a file, or the file itself."""

    text = TextAreaField(
        _("Code of inhoud van het stembewijs"),
        [Length(max=MAX_BYTES, message=_("Dit is te lang voor een stembewijs."))],
        description=_("Typ of plak de code, of plak alles wat in het bestand staat."),
        render_kw={"rows": 4, "spellcheck": "false", "autocomplete": "off"},
    )
    file = FileField(
        _("Bestand met het stembewijs"), description=_("Het bestand dat u bij uw stembewijs kunt downloaden.")
    )


def part(field: str) -> str:
    """A field of a file in words: ``votes[3].weight`` is 'het aantal stemmen, bij stemming 3'."""
    name = field.rpartition(".")[2]
    number = field.partition("[")[2].partition("]")[0]
    if not number or field.startswith("receipt."):
        return str(PARTS.get(name, name))
    if name.endswith("]"):
        return str(_("de stem bij stemming %(number)s", number=number))
    return str(_("%(part)s, bij stemming %(number)s", part=PARTS.get(name, name), number=number))
