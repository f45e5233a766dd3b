"""Why a rule of decision or a question with options is impossible: a sentence for each reason."""

from typing import Any

from flask_babel import lazy_gettext as _

from vng_alv.domain.options import OptionFault
from vng_alv.domain.rulebook import RuleFault

#: Why a rule of decision cannot be.
RULE_FAULTS: dict[RuleFault, Any] = {
    RuleFault.FRACTION: _("Een breuk ligt tussen 1/1000 en 1, met hele getallen tot en met 1000."),
    RuleFault.NEVER: _("Meer dan alles kan nooit. Kies ‘ten minste’."),
    RuleFault.LESS_THAN_HALF: _("Minder dan de helft kan niet: dan wordt iets aangenomen terwijl er meer tegen zijn."),
    RuleFault.SAME_MEASURE: _("De tweede drempel telt op dezelfde manier als de eerste. Kies er een naar stemgewicht "
                              "en een naar aantal leden."),
    RuleFault.TIE: _("Staken kan alleen bij één drempel: meer dan de helft van wie voor of tegen stemde."),
    RuleFault.QUORUM_BASE: _("Een quorum is een deel van alle leden of van wie aanwezig is."),
    RuleFault.QUORUM_OF_ITSELF: _("Een quorum van aanwezigen onder de aanwezigen is er altijd. Kies een ander."),
    RuleFault.NOBODY_PRESENT: _("In een schriftelijke ronde is niemand aanwezig. Kies een regel zonder aanwezigen."),
}  # fmt: skip

#: Why a question with options cannot be put.
OPTION_FAULTS: dict[OptionFault, Any] = {
    OptionFault.TOO_FEW: _("Er zijn ten minste twee mogelijkheden nodig. Bij één kandidaat stemt u voor of tegen."),
    OptionFault.TOO_MANY: _("Er zijn te veel mogelijkheden voor één stembiljet."),
    OptionFault.TWICE: _("Twee mogelijkheden heten hetzelfde. Maak het verschil zichtbaar."),
    OptionFault.SEATS: _("Er moeten meer kandidaten dan plaatsen zijn: anders valt er niets te kiezen."),
    OptionFault.NOBODY_PRESENT: _("In een schriftelijke ronde is niemand aanwezig. Kies een regel zonder aanwezigen."),
}
